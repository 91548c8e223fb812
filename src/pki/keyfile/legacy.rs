//! OpenSSL's traditional encryption of PEM keys (`Proc-Type: 4,ENCRYPTED`), read and never written.
//!
//! The key comes from one round of MD5, as OpenSSL's EVP_BytesToKey(3) defines it for PEM: count 1, the salt the
//! first eight bytes of the initialisation vector, `D_i = MD5(D_(i-1) || passphrase || salt)`
//! (<https://docs.openssl.org/3.0/man3/EVP_BytesToKey/>, <https://docs.openssl.org/3.0/man3/PEM_read_bio_PrivateKey/>,
//! "PEM encryption format"). It is weak, and it is what the key files of twenty years have.

use super::cipher::{Cipher, CipherError};
use md5::{Digest, Md5};
use signet_domain::hex;
use signet_domain::invalid::shortened;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of the initialisation vector that salt the passphrase.
const SALT: usize = 8;

/// The cipher and its initialisation vector: the header `DEK-Info: AES-256-CBC,00112233...`.
pub(crate) struct DekInfo {
    cipher: Cipher,
    iv: Vec<u8>,
}

/// What is wrong with a `DEK-Info` header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DekInfoError {
    /// A cipher that is not read here.
    #[error("the cipher {0} is not supported")]
    Cipher(String),
    /// No initialisation vector, or not as long as the cipher's block, or not hexadecimal.
    #[error("the initialisation vector in DEK-Info is damaged")]
    Iv,
}

impl DekInfo {
    /// Reads the header's value.
    pub(crate) fn parse(value: &str) -> Result<Self, DekInfoError> {
        let (name, iv) = value.split_once(',').unwrap_or((value, ""));
        let cipher = match name.trim().to_ascii_uppercase().as_str() {
            "AES-128-CBC" => Cipher::Aes128,
            "AES-192-CBC" => Cipher::Aes192,
            "AES-256-CBC" => Cipher::Aes256,
            "DES-EDE3-CBC" => Cipher::DesEde3,
            other => return Err(DekInfoError::Cipher(shortened(other))),
        };
        let iv = hex::decode(iv.trim()).filter(|iv| iv.len() == cipher.block_len()).ok_or(DekInfoError::Iv)?;
        Ok(Self { cipher, iv })
    }

    /// Opens the body of the PEM block.
    pub(crate) fn decrypt(&self, passphrase: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        let salt: Vec<u8> = self.iv.iter().copied().take(SALT).collect();
        let key = bytes_to_key(passphrase, &salt);
        let key = key.get(..self.cipher.key_len()).ok_or(CipherError::Length)?;
        self.cipher.decrypt(key, &self.iv, sealed)
    }
}

/// EVP_BytesToKey(3) with MD5 and count 1: two digests are enough for the longest key.
fn bytes_to_key(passphrase: &[u8], salt: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(Cipher::MAX_KEY));
    let mut digest = Zeroizing::new([0; 16]);
    while key.len() < Cipher::MAX_KEY {
        let mut md5 = Md5::new();
        if !key.is_empty() {
            md5.update(digest.as_slice());
        }
        md5.update(passphrase);
        md5.update(salt);
        let mut output = md5.finalize();
        digest.copy_from_slice(&output);
        output.as_mut_slice().zeroize();
        key.extend_from_slice(digest.as_slice());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn derives_the_key_that_openssl_derives() {
        for (cipher, key_len) in [("aes-128-cbc", 16), ("aes-192-cbc", 24), ("aes-256-cbc", 32), ("des-ede3-cbc", 24)] {
            let printed = Command::new("openssl")
                .args([
                    "enc",
                    &format!("-{cipher}"),
                    "-md",
                    "md5",
                    "-S",
                    "0011223344556677",
                    "-k",
                    "a passphrase",
                    "-P",
                ])
                .output()
                .unwrap();
            let printed = String::from_utf8(printed.stdout).unwrap();
            let expected = printed.lines().find_map(|line| line.strip_prefix("key=")).unwrap();
            let key = bytes_to_key(b"a passphrase", &hex::decode("0011223344556677").unwrap());
            assert_eq!(key[..key_len], hex::decode(expected).unwrap(), "{cipher}");
        }
    }

    #[test]
    fn tells_a_foreign_cipher_from_a_damaged_vector() {
        let refused = |value| DekInfo::parse(value).err();
        assert_eq!(refused("DES-CBC,0011223344556677"), Some(DekInfoError::Cipher("DES-CBC".to_owned())));
        for damaged in
            ["AES-128-CBC", "AES-128-CBC,0011", "DES-EDE3-CBC,zzzzzzzzzzzzzzzz", "DES-EDE3-CBC,001122334455667"]
        {
            assert_eq!(refused(damaged), Some(DekInfoError::Iv), "{damaged}");
        }
        assert!(refused("des-ede3-cbc, 0011223344556677").is_none());
    }
}
