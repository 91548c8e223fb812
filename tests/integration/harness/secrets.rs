//! Looks for parts of secrets in whatever the console lets out: raw, as hex, as base64.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::HashMap;

/// Bytes of a part that is looked for. Twelve random bytes never stand anywhere by chance, and twelve are what a part of
/// sixteen bytes shows whole in base64, wherever it begins there.
const PART: usize = 12;

/// Every part of every secret, in each form.
#[derive(Default)]
pub struct Secrets(HashMap<Vec<u8>, String>);

impl Secrets {
    /// Adds a secret of at least [`PART`] bytes.
    pub fn add(&mut self, name: &str, secret: &[u8]) {
        assert!(secret.len() >= PART, "{name} is too short to be looked for");
        for part in secret.windows(PART) {
            let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
            let forms = [part.to_vec(), hex.into_bytes(), STANDARD_NO_PAD.encode(part).into_bytes()];
            for form in forms.into_iter().chain([URL_SAFE_NO_PAD.encode(part).into_bytes()]) {
                self.0.insert(form, name.to_owned());
            }
        }
    }

    /// The name of a secret of which a part stands in the bytes.
    pub fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        let readings =
            [bytes.to_vec(), bare(bytes), bare(&percent_encoding::percent_decode(bytes).collect::<Vec<_>>())];
        let lowered = |reading: &Vec<u8>| reading.to_ascii_lowercase();
        let hex = readings.iter().map(lowered).collect::<Vec<_>>();
        let lengths = [PART, PART / 3 * 4, 2 * PART];
        let all = readings.iter().chain(&hex);
        all.flat_map(|reading| lengths.map(|length| self.part_of(reading, length))).flatten().next()
    }

    fn part_of(&self, bytes: &[u8], length: usize) -> Option<&str> {
        bytes.windows(length).find_map(|window| self.0.get(window)).map(String::as_str)
    }
}

/// Without blanks, line ends (also literal ones) and the colons of hex pairs, which may stand between any two.
fn bare(bytes: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b':').collect();
    match std::str::from_utf8(&text) {
        Ok(text) => text.replace("\\r", "").replace("\\n", "").into_bytes(),
        Err(_) => text,
    }
}

#[test]
fn a_part_is_found_in_every_form() {
    let mut secrets = Secrets::default();
    let secret: Vec<u8> = (0_u8..64).map(|at| at.wrapping_mul(167).wrapping_add(13)).collect();
    secrets.add("a key", &secret);
    let pem = signet_pki::pem::encode("ANYTHING", &[b"before".as_slice(), &secret].concat()).to_string();
    let pairs: Vec<String> = secret[5..21].iter().map(|byte| format!("{byte:02X}")).collect();
    let encoded: String = pem.replace('\n', "%0D%0A").replace('+', "%2B").replace('/', "%2F");
    let leaks = [secret[20..36].to_vec(), pem.into_bytes(), pairs.join(":").into_bytes(), encoded.into_bytes()];
    for leak in leaks {
        assert_eq!(secrets.found_in(&leak), Some("a key"), "{}", String::from_utf8_lossy(&leak));
    }
    for start in 0..48 {
        let part = STANDARD_NO_PAD.encode([b"x".repeat(start % 3), secret[start..start + 16].to_vec()].concat());
        assert_eq!(secrets.found_in(part.as_bytes()), Some("a key"), "{start}");
    }
    assert_eq!(secrets.found_in(&b"nothing of it ".repeat(40)), None);
}
