//! Setup codes for the label printer alone: sealed by HPKE (RFC 9180, DHKEM(X25519), HKDF-SHA256, AES-256-GCM) to a key whose
//! private half no station and no server has.
//!
//! Keys are what `openssl genpkey -algorithm X25519` and `openssl pkey -pubout` write. What is sealed is bound to the unit's id.

use der::Decode;
use der::asn1::OctetStringRef;
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256 as SUITE;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke, HpkePrivateKey, HpkePublicKey};
use serde::Serialize;
use signet_app::provision::line::Line;
use signet_domain::invalid::Invalid;
use signet_domain::secret::Secret;
use signet_domain::visible;
use std::path::Path;
use zeroize::Zeroizing;

/// What the key is used for, as HPKE has it.
const INFO: &[u8] = b"signet setup code 1";
/// id-X25519 (RFC 8410).
const X25519: pkcs8::ObjectIdentifier = pkcs8::ObjectIdentifier::new_unwrap("1.3.101.110");
/// Bytes of a public key and of an encapsulated one.
const KEY: usize = 32;
/// The largest file of a key, bytes.
const MOST: u64 = 16 * 1024;

/// The key that stations seal to.
#[derive(Debug, Clone)]
pub struct PublicKey {
    key: Vec<u8>,
    /// SHA-256 of it.
    pub id: Vec<u8>,
}

/// The label printer's key.
pub struct PrivateKey(HpkePrivateKey);

/// What is sealed: what a label has.
#[derive(Serialize)]
struct Label<'a> {
    serial: &'a str,
    model: Option<&'a str>,
    hostname: Option<&'a str>,
    setup_code: &'a str,
    spki_sha256: &'a str,
}

/// A sealed code.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// [`PublicKey::id`].
    pub to: Vec<u8>,
    /// The encapsulated key, then the ciphertext.
    pub bytes: Vec<u8>,
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Invalid> {
    use std::io::Read;
    let mut text = Zeroizing::new(Vec::new());
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut text));
    read.map(|_| text).map_err(|error| {
        Invalid::new(
            "labels_key",
            format!("{} cannot be read: {error}.", visible::path(path)),
            "Check the path and who may read it.",
        )
    })
}

fn decoded(text: &[u8], label: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (found, der) = pem_rfc7468::decode_vec(text).ok()?;
    let der = Zeroizing::new(der);
    (found == label).then_some(der)
}

impl PublicKey {
    /// Reads a public key, PEM.
    pub fn read(path: &Path) -> Result<Self, Invalid> {
        Self::parse(&read(path)?).ok_or_else(|| {
            Invalid::new(
                "labels_key",
                format!("{} is not a public key for X25519, in PEM.", visible::path(path)),
                "Make it from the label printer's key: openssl pkey -in labels.key -pubout -out labels.pub",
            )
        })
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let der = decoded(text, "PUBLIC KEY")?;
        let spki = spki::SubjectPublicKeyInfoRef::from_der(&der).ok()?;
        let key = spki.subject_public_key.as_bytes().filter(|key| key.len() == KEY)?;
        (spki.algorithm.oid == X25519).then(|| Self { key: key.to_vec(), id: digest(key) })
    }

    /// Seals what a label needs of a line.
    pub fn seal(&self, unit: &str, line: &Line) -> Option<Sealed> {
        let label = Label {
            serial: &line.serial,
            model: line.model.as_deref(),
            hostname: line.hostname.as_deref(),
            setup_code: &line.setup_code,
            spki_sha256: &line.spki_sha256,
        };
        let text = Zeroizing::new(serde_json::to_vec(&label).ok()?);
        let (EncapsulatedSecret(mut bytes), ciphertext) =
            SUITE.seal(INFO, unit.as_bytes(), &text, &HpkePublicKey(self.key.clone())).ok()?;
        bytes.extend_from_slice(&ciphertext);
        Some(Sealed { to: self.id.clone(), bytes })
    }
}

impl PrivateKey {
    /// Reads a private key, PEM (PKCS#8).
    pub fn read(path: &Path) -> Result<Self, Invalid> {
        Self::parse(&read(path)?).ok_or_else(|| {
            Invalid::new(
                "labels_key",
                format!("{} is not a private key for X25519, in PEM without a passphrase.", visible::path(path)),
                "Make one: openssl genpkey -algorithm X25519 -out labels.key",
            )
        })
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let der = decoded(text, "PRIVATE KEY")?;
        let info = pkcs8::PrivateKeyInfoRef::from_der(&der).ok()?;
        let key = <&OctetStringRef>::from_der(info.private_key.as_bytes()).ok()?;
        (info.algorithm.oid == X25519 && key.as_bytes().len() == KEY)
            .then(|| Self(HpkePrivateKey::from(key.as_bytes().to_vec())))
    }

    /// Opens a sealed code; none with another key, for another unit, or where a byte has changed.
    pub fn open(&self, unit: &str, sealed: &[u8]) -> Option<Secret> {
        let (key, ciphertext) = sealed.split_at_checked(KEY)?;
        let text = SUITE.open(&EncapsulatedSecret(key.to_vec()), INFO, unit.as_bytes(), ciphertext, &self.0).ok()?;
        Some(Secret::new(text))
    }
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    // As `openssl genpkey -algorithm X25519` and `openssl pkey -pubout` wrote them.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIHCbmtM4DyvfFsvnxmH/9yQl7Vs+zFJcZDJDKGtUYdNp\n-----END PRIVATE KEY-----\n";

    fn line() -> Line {
        Line {
            serial: "A1".into(),
            model: None,
            hostname: None,
            mac: None,
            setup_code: "ABCD-EFGH".into(),
            certificate_sha256: String::new(),
            spki_sha256: String::new(),
            csrs: Vec::new(),
            software: String::new(),
            again: false,
        }
    }

    #[test]
    fn a_code_opens_with_its_key_and_for_its_unit_alone() {
        let (public, private) = SUITE.generate_key_pair().unwrap();
        let public = PublicKey { id: digest(&public.0), key: public.0 };
        let sealed = public.seal("unit-1", &line()).unwrap();
        let private = PrivateKey(private);
        let opened = private.open("unit-1", &sealed.bytes).unwrap();
        assert!(String::from_utf8_lossy(opened.expose_secret()).contains("ABCD-EFGH"));
        assert!(private.open("unit-2", &sealed.bytes).is_none());
        assert!(PrivateKey::parse(PRIVATE.as_bytes()).unwrap().open("unit-1", &sealed.bytes).is_none());
        let mut changed = sealed.bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(private.open("unit-1", &changed).is_none());
        assert!(private.open("unit-1", b"short").is_none());
        assert_ne!(public.seal("unit-1", &line()).unwrap().bytes, sealed.bytes, "two are never the same");
    }

    #[test]
    fn other_files_are_no_keys() {
        for text in ["", "x", PRIVATE] {
            assert!(PublicKey::parse(text.as_bytes()).is_none());
        }
        assert!(PrivateKey::parse(PRIVATE.replace("PRIVATE", "PUBLIC").as_bytes()).is_none());
    }
}
