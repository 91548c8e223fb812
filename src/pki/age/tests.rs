//! Files of every length are read back, and none that was changed, cut or is for another passphrase.

use super::payload::{CHUNK, NONCE, TAG};
use super::*;
use std::io::Read;

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// Opened often: with so little work for the passphrase that its derivation takes no time.
fn sealed(plain: &[u8]) -> Vec<u8> {
    let mut file = seal_with(2, Vec::new(), &secret("correct horse")).unwrap();
    file.write_all(plain).unwrap();
    file.finish().unwrap()
}

fn opened(file: &[u8], passphrase: &str) -> Result<Vec<u8>, AgeError> {
    let mut plain = Vec::new();
    let mut file = open(file, &secret(passphrase))?;
    file.read_to_end(&mut plain).map_err(|error| match error.downcast::<AgeError>() {
        Ok(error) => error,
        Err(error) => AgeError::Io(error),
    })?;
    Ok(plain)
}

#[test]
fn every_length_is_read_back_and_a_cut_file_is_told() {
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5] {
        let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let file = sealed(&plain);
        assert!(opened(&file, "correct horse").unwrap() == plain, "{length}");
        let header = file.windows(4).position(|part| part == b"\n---").unwrap() + 49;
        let chunks = length.div_ceil(CHUNK).max(1);
        assert_eq!(file.len(), header + NONCE + length + chunks * TAG, "{length}");
        // Where a chunk ends, a shorter file would look whole, were the last one not marked.
        if chunks > 1 {
            let cut = header + NONCE + (chunks - 1) * (CHUNK + TAG);
            assert!(matches!(opened(&file[..cut], "correct horse"), Err(AgeError::Cut)), "{length}");
        }
        for cut in [0, 10, header - 1, header + NONCE - 1, file.len() - 1] {
            let error = opened(&file[..cut], "correct horse").unwrap_err();
            assert!(matches!(error, AgeError::NotAge | AgeError::Cut | AgeError::Damaged), "{length} {cut}: {error}");
        }
        let longer = [&file[..], b"x"].concat();
        assert!(opened(&longer, "correct horse").is_err(), "{length}");
    }
}

#[test]
fn another_passphrase_opens_nothing_and_no_byte_may_change() {
    let file = sealed(b"a few words");
    assert!(matches!(opened(&file, "correct house"), Err(AgeError::Passphrase)));
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(opened(&changed, "correct horse").is_err(), "byte {at}");
    }
}

#[test]
fn what_costs_too_much_or_is_no_such_file_is_refused_before_any_work() {
    let file = String::from_utf8_lossy(&seal(Vec::new(), &secret("x")).unwrap().finish().unwrap()).into_owned();
    let head = file.split("\n---").next().unwrap();
    for (from, to, wanted) in [
        ("age-encryption.org/v1", "age-encryption.org/v2", "a version"),
        ("age-encryption.org/v1", "-----BEGIN", "not encrypted in the format"),
        ("-> scrypt", "-> X25519", "not encrypted by a passphrase"),
        (" 15\n", " 19\n", "work factor of 19"),
        (" 15\n", " 999999999\n", "work factor of 999999999"),
        (" 15\n", " 015\n", "header is damaged"),
        (" 15\n", " -1\n", "header is damaged"),
        (" 15\n", " 15 1\n", "header is damaged"),
        (" 15\n", "\n", "header is damaged"),
    ] {
        let text = format!("{}\n--- {}\n", head, "A".repeat(43)).replacen(from, to, 1);
        let error = opened(text.as_bytes(), "correct horse").unwrap_err().to_string();
        assert!(error.contains(wanted), "{to}: {error}");
    }
    assert!(matches!(opened(&[b'a'; 100_000], "x"), Err(AgeError::NotAge)));
    assert!(matches!(opened(b"", "x"), Err(AgeError::NotAge)));
}

#[test]
fn an_empty_chunk_ends_only_an_empty_file() {
    let mut file = seal(Vec::new(), &secret("correct horse")).unwrap();
    file.write_all(&[7; CHUNK]).unwrap();
    file.chunk(false).unwrap();
    let file = file.finish().unwrap();
    assert!(matches!(opened(&file, "correct horse"), Err(AgeError::Damaged)));
}

#[test]
fn nothing_is_read_after_a_chunk_that_was_changed() {
    let mut file = sealed(&[7; 3 * CHUNK]);
    let middle = file.len() - CHUNK - TAG - 1;
    file[middle] ^= 1;
    let mut file = open(file.as_slice(), &secret("correct horse")).unwrap();
    let mut plain = [0; CHUNK];
    file.read_exact(&mut plain).unwrap();
    for _ in 0..3 {
        assert!(file.read(&mut plain).is_err());
    }
}
