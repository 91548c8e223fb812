//! The key derivation of PKCS#12 (RFC 7292 appendix B): keys, initialisation vectors and MAC keys from a passphrase.
//!
//! The hash functions are the library's. What is encrypted or authenticated with the result is not known here.

use aws_lc_rs::digest::{self, Algorithm, Context};
use zeroize::Zeroizing;

/// What bytes are derived for (B.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A key of a cipher.
    Key = 1,
    /// Its initialisation vector.
    Iv = 2,
    /// A key of a MAC.
    Mac = 3,
}

/// A passphrase as it is hashed: UTF-16, big-endian, with its end (B.1).
#[derive(Clone)]
pub(crate) struct Characters(Zeroizing<Vec<u8>>);

impl Characters {
    /// The characters of a passphrase in UTF-8; none where it is not text.
    pub(crate) fn of(passphrase: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(passphrase).ok()?;
        // Reserved at once: a growing vector would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        text.encode_utf16().chain([0]).for_each(|unit| bytes.extend_from_slice(&unit.to_be_bytes()));
        Some(Self(bytes))
    }

    /// No character and no end: what some programs hash for "no passphrase", where others hash an empty one.
    pub(crate) fn none() -> Self {
        Self(Zeroizing::new(Vec::new()))
    }
}

/// How many hashes a derivation needs for each of its rounds.
pub(crate) fn hashes(hash: &Algorithm, length: usize) -> u64 {
    u64::try_from(length.div_ceil(hash.output_len())).unwrap_or(u64::MAX)
}

/// Fills `output` (B.2).
pub(crate) fn derive(
    hash: &'static Algorithm,
    purpose: Purpose,
    characters: &Characters,
    salt: &[u8],
    rounds: u32,
    output: &mut [u8],
) {
    let block = hash.block_len();
    let diversifier = vec![purpose as u8; block];
    let mut input = Zeroizing::new(Vec::with_capacity(salt.len() + characters.0.len() + 2 * block));
    for part in [salt, &characters.0] {
        input.extend(part.iter().cycle().take(part.len().div_ceil(block) * block));
    }
    for part in output.chunks_mut(hash.output_len()) {
        let mut context = Context::new(hash);
        context.update(&diversifier);
        context.update(&input);
        let mut hashed = Zeroizing::new(context.finish().as_ref().to_vec());
        for _ in 1..rounds {
            let next = digest::digest(hash, &hashed);
            hashed.copy_from_slice(next.as_ref());
        }
        part.iter_mut().zip(hashed.iter()).for_each(|(to, from)| *to = *from);
        let addend = Zeroizing::new(hashed.iter().copied().cycle().take(block).collect::<Vec<u8>>());
        input.chunks_mut(block).for_each(|number| add_and_one(number, &addend));
    }
}

/// Adds a number of as many bytes, and one; what does not fit is left out.
fn add_and_one(number: &mut [u8], addend: &[u8]) {
    let mut carry = 1;
    for (byte, more) in number.iter_mut().rev().zip(addend.iter().rev()) {
        let sum = u16::from(*byte) + u16::from(*more) + carry;
        let [high, low] = sum.to_be_bytes();
        (*byte, carry) = (low, u16::from(high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA512};
    use signet_domain::hex;

    fn derived(
        hash: &'static Algorithm,
        purpose: Purpose,
        text: &str,
        salt: &str,
        rounds: u32,
        length: usize,
    ) -> String {
        let mut output = vec![0; length];
        let characters = Characters::of(text.as_bytes()).unwrap();
        derive(hash, purpose, &characters, &hex::decode(salt).unwrap(), rounds, &mut output);
        hex::lower(&output)
    }

    /// The vectors that Bouncy Castle and other libraries test with.
    #[test]
    fn derives_what_others_derive() {
        let sha1 = &SHA1_FOR_LEGACY_USE_ONLY;
        for (purpose, text, salt, rounds, length, expected) in [
            (Purpose::Key, "smeg", "0a58cf64530d823f", 1, 24, "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"),
            (Purpose::Iv, "smeg", "0a58cf64530d823f", 1, 8, "79993dfe048d3b76"),
            (Purpose::Key, "smeg", "642b99ab44fb4b1f", 1, 24, "f3a95fec48d7711e985cfe67908c5ab79fa3d7c5caa5d966"),
            (Purpose::Iv, "smeg", "642b99ab44fb4b1f", 1, 8, "c0a38d64a79bea1d"),
            (Purpose::Mac, "smeg", "3d83c0e4546ac140", 1, 20, "8d967d88f6caa9d714800ab3d48051d63f73a312"),
            (Purpose::Key, "queeg", "05dec959acff72f7", 1000, 24, "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4"),
            (Purpose::Iv, "queeg", "05dec959acff72f7", 1000, 8, "11dedad7758d4860"),
            (Purpose::Mac, "queeg", "263216fcc2fab31c", 1000, 20, "5ec4c7a80df652294c3925b6489a7ab857c83476"),
        ] {
            assert_eq!(derived(sha1, purpose, text, salt, rounds, length), expected, "{purpose:?} {text} {salt}");
        }
    }

    #[test]
    fn counts_a_hash_for_each_block_of_output() {
        assert_eq!((hashes(&SHA1_FOR_LEGACY_USE_ONLY, 24), hashes(&SHA1_FOR_LEGACY_USE_ONLY, 8)), (2, 1));
        assert_eq!(hashes(&SHA512, 64), 1);
    }
}
