//! Private keys as PEM: encrypted under a passphrase, or plain where that was asked for deliberately.

use super::error::PkiError;
use super::private_key::PrivateKey;
use aes::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use aws_lc_rs::pbkdf2;
use der::Encode;
use der::asn1::OctetStringRef;
use der::pem::{self, LineEnding};
use pkcs5::EncryptionScheme;
use pkcs5::pbes2::Parameters;
use pkcs8::EncryptedPrivateKeyInfoRef;
use signet_domain::secret::Secret;
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// Rounds of PBKDF2 with HMAC-SHA-256: what OWASP asks for
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#pbkdf2>).
pub const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(599_999);

/// `ENCRYPTED PRIVATE KEY`: PBES2 (RFC 8018) with PBKDF2-HMAC-SHA-256 and AES-256-CBC, which OpenSSL opens.
///
/// # Errors
/// [`PkiError::Randomness`] without salt; [`PkiError::Encoding`] for a passphrase or key that the formats cannot hold.
pub fn encrypt_pkcs8(key: &PrivateKey, passphrase: &Secret) -> Result<Zeroizing<String>, PkiError> {
    let (parameters, encrypted) = Sealing::new(passphrase)?.encrypt(key.pkcs8().expose_secret())?;
    let encrypted_data = OctetStringRef::new(&encrypted).map_err(PkiError::encoding("encrypted key"))?;
    let info = EncryptedPrivateKeyInfoRef { encryption_algorithm: EncryptionScheme::Pbes2(parameters), encrypted_data };
    let der = info.to_der().map_err(PkiError::encoding("encrypted key"))?;
    armoured("ENCRYPTED PRIVATE KEY", &der)
}

/// PBES2 with one key derived from a passphrase: what is sealed with it has the salt in common and vectors of its own, so
/// that a file with two encrypted parts costs its maker (and its reader, who may keep the key) one derivation.
pub(super) struct Sealing {
    salt: [u8; 16],
    key: Zeroizing<[u8; 32]>,
}

impl Sealing {
    /// Derives the key under a fresh salt, by [`ROUNDS`].
    pub(super) fn new(passphrase: &Secret) -> Result<Self, PkiError> {
        let salt = random()?;
        // aws-lc hashes in assembly; pkcs5 would derive the same key in portable code.
        let mut key = Zeroizing::new([0; 32]);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, passphrase.expose_secret(), key.as_mut_slice());
        Ok(Self { salt, key })
    }

    /// DER of the `AlgorithmIdentifier`, and the encrypted bytes.
    pub(super) fn seal(&self, plain: &[u8]) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), PkiError> {
        let (parameters, encrypted) = self.encrypt(plain)?;
        let scheme = EncryptionScheme::Pbes2(parameters);
        Ok((scheme.to_der().map_err(PkiError::encoding("encryption parameters"))?, encrypted))
    }

    fn encrypt(&self, plain: &[u8]) -> Result<(Parameters, Zeroizing<Vec<u8>>), PkiError> {
        let iv: [u8; 16] = random()?;
        // In place: room for one block of padding behind the bytes.
        let mut buffer = Zeroizing::new(vec![0; plain.len() + 16]);
        buffer.iter_mut().zip(plain).for_each(|(to, from)| *to = *from);
        let length = cbc::Encryptor::<aes::Aes256>::new((&*self.key).into(), (&iv).into())
            .encrypt_padded::<Pkcs7>(&mut buffer, plain.len())
            .map_err(|_| der::ErrorKind::Failed.into())
            .map_err(PkiError::encoding("encrypted key"))?
            .len();
        buffer.truncate(length);
        let parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS.get(), &self.salt, iv)
            .map_err(|_| der::ErrorKind::Failed.into())
            .map_err(PkiError::encoding("encryption parameters"))?;
        Ok((parameters, buffer))
    }
}

/// `PRIVATE KEY`: the key, readable by whoever has it.
pub fn plain_pkcs8_pem(key: &PrivateKey) -> Result<Zeroizing<String>, PkiError> {
    armoured("PRIVATE KEY", key.pkcs8().expose_secret())
}

fn armoured(label: &'static str, der: &[u8]) -> Result<Zeroizing<String>, PkiError> {
    let text = pem::encode_string(label, LineEnding::LF, der).map_err(der::Error::from);
    text.map(Zeroizing::new).map_err(PkiError::encoding(label))
}

fn random<const N: usize>() -> Result<[u8; N], PkiError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| PkiError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::generate;
    use crate::tests::openssl::{openssl, openssl_ok};
    use signet_domain::key_spec::{Curve, Digest, KeySpec, RsaBits};

    #[test]
    fn openssl_opens_an_encrypted_key_with_the_passphrase_alone() {
        for spec in [
            KeySpec::Ec(Curve::Secp384r1, Digest::Sha256),
            KeySpec::Ed25519,
            KeySpec::Rsa(RsaBits::B2048, Digest::Sha256),
        ] {
            let key = generate(spec).expect("a key");
            let pem = encrypt_pkcs8(&key, &Secret::from("correct horse ü".to_owned())).expect("encrypts");
            assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
            let opened =
                openssl_ok(&["pkey", "-passin", "pass:correct horse ü", "-pubout", "-outform", "DER"], pem.as_bytes());
            assert_eq!(opened, key.spki_der());
            assert!(!openssl(&["pkey", "-passin", "pass:wrong horse", "-noout"], pem.as_bytes()).ok);
        }
    }

    #[test]
    fn says_pbes2_with_600_000_rounds_of_sha_256_and_aes_256() {
        let key = generate(KeySpec::Ed25519).expect("a key");
        let pem = encrypt_pkcs8(&key, &Secret::from("a passphrase".to_owned())).expect("encrypts");
        let parsed = String::from_utf8(openssl_ok(&["asn1parse"], pem.as_bytes())).expect("text");
        for word in [":PBES2", ":PBKDF2", ":0927C0", ":hmacWithSHA256", ":aes-256-cbc"] {
            assert!(parsed.contains(word), "{word} in {parsed}");
        }
        let salt = parsed.lines().find(|line| line.contains("OCTET STRING")).expect("a salt");
        assert!(salt.contains("l=  16"), "{salt}");
    }

    #[test]
    fn two_exports_share_neither_salt_nor_vector() {
        let key = generate(KeySpec::Ed25519).expect("a key");
        let passphrase = Secret::from("a passphrase".to_owned());
        let (one, two) =
            (encrypt_pkcs8(&key, &passphrase).expect("one"), encrypt_pkcs8(&key, &passphrase).expect("two"));
        assert_ne!(one.lines().nth(1), two.lines().nth(1));
    }

    #[test]
    fn a_plain_key_is_pkcs8_pem() {
        let key = generate(KeySpec::Ed25519).expect("a key");
        let pem = plain_pkcs8_pem(&key).expect("encodes");
        assert_eq!(openssl_ok(&["pkey", "-outform", "DER"], pem.as_bytes()), key.pkcs8().expose_secret());
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    }
}
