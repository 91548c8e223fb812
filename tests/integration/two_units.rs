//! Two units from one build share no secret, and the binary holds none.

use crate::harness::console::{Console, PASSWORD};
use crate::harness::wizard;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes in a row that two units may share: less than half of any key, salt, hash or code.
const SHARED: usize = 12;

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// The secret bytes of a data directory, by name: keys whole, and each field of the others that is random.
fn secrets(data: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut secrets = BTreeMap::new();
    for (path, bytes) in files(data) {
        let name = path.strip_prefix(data).unwrap().to_string_lossy().into_owned();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("pem") => {
                let text = String::from_utf8(bytes).unwrap();
                let key = text.split("-----BEGIN PRIVATE KEY-----").nth(1).unwrap_or_else(|| panic!("{name}: no key"));
                let key = key.split("-----END").next().unwrap().split_whitespace().collect::<String>();
                let key = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, key).unwrap();
                // The head names the curve; behind it is the number, then the point.
                secrets.insert(name, key[40..].to_vec());
            }
            Some("key") => {
                secrets.insert(name, bytes);
            }
            Some("json") => {
                let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                for (field, value) in json.as_object().unwrap() {
                    if let Some(hash) = value.as_str().filter(|value| value.starts_with("$argon2id$")) {
                        for (part, text) in ["hash", "salt"].iter().zip(hash.rsplit('$')) {
                            secrets.insert(format!("{name} {field} {part}"), text.as_bytes().to_vec());
                        }
                    }
                }
            }
            _ => {}
        }
    }
    secrets
}

fn pieces(bytes: &[u8]) -> HashSet<&[u8]> {
    bytes.windows(SHARED).collect()
}

/// Whether any piece is somewhere in the binary, which is large: most places are passed over by their first two bytes.
fn has_a_piece(binary: &[u8], pieces: &HashSet<&[u8]>) -> bool {
    let mut begins = vec![false; 1 << 16];
    pieces.iter().for_each(|piece| begins[usize::from(u16::from_le_bytes([piece[0], piece[1]]))] = true);
    let begins_there = |window: &&[u8]| begins[usize::from(u16::from_le_bytes([window[0], window[1]]))];
    binary.windows(SHARED).filter(begins_there).any(|window| pieces.contains(window))
}

#[test]
fn two_units_from_one_build_share_no_secret_and_the_binary_holds_none() {
    let units: Vec<_> = (0..2)
        .map(|_| {
            let (console, mut browser) = Console::owned();
            wizard::make(&mut browser, "nas", "https-ecc");
            let mut secrets = secrets(&console.data());
            secrets.insert("setup code".to_owned(), console.said("Setup code").into_bytes());
            (console, secrets)
        })
        .collect();
    let [(_, one), (_, other)] = &units[..] else { unreachable!() };
    let expected = [
        "csrs/nas.pem",
        "factory/setup.json code_hash hash",
        "factory/setup.json code_hash salt",
        "identity.pem",
        "owner.json password_hash hash",
        "owner.json password_hash salt",
        "seal.key",
        "setup code",
    ];
    assert_eq!(one.keys().map(String::as_str).collect::<Vec<_>>(), expected);
    let binary = fs::read(env!("CARGO_BIN_EXE_signet")).unwrap();
    for (name, secret) in one {
        let secret = pieces(secret);
        assert!(secret.is_disjoint(&pieces(&other[name])), "both units have the same {name}");
        assert!(!has_a_piece(&binary, &secret), "the binary holds {name}");
    }
    assert!(!has_a_piece(&binary, &pieces(PASSWORD.as_bytes())));
}

#[test]
fn the_binary_holds_no_block_of_a_private_key() {
    let binary = fs::read(env!("CARGO_BIN_EXE_signet")).unwrap();
    let begin = b"PRIVATE KEY-----\n";
    let blocks = binary.windows(begin.len() + 16).filter(|window| {
        window.starts_with(begin)
            && window[begin.len()..].iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte))
    });
    assert_eq!(blocks.count(), 0);
    // DER: PKCS#8 version 0 or 1 with the algorithms that we make keys of, as whole keys have it.
    for (what, head) in [
        (
            "an Ed25519 key",
            [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20].as_slice(),
        ),
        (
            "a P-256 key",
            &[0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08],
        ),
        (
            "an RSA key",
            &[
                0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
                0x00, 0x04, 0x82,
            ],
        ),
    ] {
        for at in binary.windows(head.len()).enumerate().filter(|(_, window)| *window == head).map(|(at, _)| at) {
            // aws-lc and others keep such heads as templates; a key behind one would be random bytes, not more text or zeros.
            let behind = &binary[at + head.len()..at + head.len() + 32];
            let different: HashSet<u8> = behind.iter().copied().collect();
            println!("{what}: a template at {at}, {} different bytes behind it", different.len());
            assert!(different.len() < 24, "{what} at {at}");
        }
    }
}
