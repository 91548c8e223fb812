//! Random values from the kernel by way of aws-lc, and the setup code's alphabet.

use crate::Failure;
use aws_lc_rs::rand;
use signet_domain::hex;
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

/// `N` random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Failure::Randomness)?;
    Ok(bytes)
}

/// True when the kernel's generator has been seeded: before that, whoever asks it waits.
pub fn is_ready() -> bool {
    !matches!(
        rustix::rand::getrandom(&mut [0; 1], rustix::rand::GetRandomFlags::NONBLOCK),
        Err(rustix::io::Errno::AGAIN)
    )
}

/// Waits until the kernel's generator has been seeded.
pub fn wait_until_ready() {
    while rustix::rand::getrandom(&mut [0; 1], rustix::rand::GetRandomFlags::empty()) == Err(rustix::io::Errno::INTR) {}
}

/// 32 lower-case hex digits, random: names a draft or a record.
pub fn id() -> Result<String, Failure> {
    Ok(hex::lower(&bytes::<16>()?))
}

/// The setup code's symbols: capitals and digits without `0 O 1 I L`, which a label's reader takes for each other.
const SYMBOLS: &[u8; 31] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";

/// 16 symbols in groups of four: 79 bits.
pub fn setup_code() -> Result<Secret, Failure> {
    let mut code = Zeroizing::new(Vec::with_capacity(19));
    let mut drawn = 0;
    while drawn < 16 {
        let [byte] = bytes::<1>()?;
        // 248 is 8 times 31: a byte above it would favour the first symbols.
        if byte >= 248 {
            continue;
        }
        if drawn > 0 && drawn % 4 == 0 {
            code.push(b'-');
        }
        code.extend(SYMBOLS.get(usize::from(byte % 31)));
        drawn += 1;
    }
    Ok(Secret::new(code.to_vec()))
}

/// A code as it is compared: capitals, without spaces and dashes.
pub fn normalised_code(typed: &str) -> Secret {
    let kept = typed.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
    Secret::new(kept.map(|byte| byte.to_ascii_uppercase()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_setup_code_is_four_groups_of_four_from_the_alphabet() {
        let code = setup_code().unwrap();
        let text = std::str::from_utf8(code.expose_secret()).unwrap();
        assert_eq!(text.len(), 19);
        for group in text.split('-') {
            assert_eq!(group.len(), 4);
            assert!(group.bytes().all(|byte| SYMBOLS.contains(&byte)));
        }
    }

    #[test]
    fn a_hundred_thousand_setup_codes_have_no_repeat() {
        let codes: HashSet<Vec<u8>> = (0..100_000).map(|_| setup_code().unwrap().expose_secret().to_vec()).collect();
        assert_eq!(codes.len(), 100_000);
    }

    #[test]
    fn a_setup_code_is_compared_without_case_spaces_and_dashes() {
        assert_eq!(normalised_code(" abcd-EFGH jkmn ").expose_secret(), b"ABCDEFGHJKMN");
    }
}
