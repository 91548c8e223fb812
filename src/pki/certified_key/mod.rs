//! A certificate with its private key, as people have them: two files, one PEM file in any order, or PKCS#12.
//!
//! Each thing is recognised by its structure, in whichever field it was given; certificates are put together and exactly one key must
//! be among all that was given. The request that such a certificate could have come from is made in [`request`]. This
//! module knows the form's fields, but no form, no page and no store.

mod error;
mod request;
#[cfg(test)]
mod tests;

pub use error::CertifiedKeyRefusal;
pub use request::request_of;

use super::answer::{self, AnswerError, Unread, may_hold};
use super::asn1;
use super::certificate::Certificate;
use super::import::{ImportRefusal, Source, named_curve};
use super::keyfile::kind::Kind;
use super::keyfile::{self, KeyFile};
use super::pem::{self, MAX_INPUT, PemError};
use super::pkcs12::read::{self as pkcs12, Pkcs12File};
use super::private_key::PrivateKey;
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

/// What was given, nothing opened yet.
#[derive(Default)]
pub struct Found {
    certificates: Vec<Certificate>,
    unread: Vec<Unread>,
    key: Option<KeyFile>,
    pkcs12: Option<Pkcs12File>,
}

/// A key and the certificates that came with it, of which at least one has this key.
pub struct CertifiedKey {
    /// The private key.
    pub key: PrivateKey,
    /// All certificates that can be read.
    pub certificates: Vec<Certificate>,
    /// Those that cannot.
    pub unread: Vec<Unread>,
}

/// Files whose form and cost are accepted: nothing of the cost was paid yet.
pub struct Opening<'a> {
    found: &'a Found,
    key: Option<keyfile::Opening<'a>>,
    pkcs12: Option<pkcs12::Opening<'a>>,
}

/// The field that something was given in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Certificate,
    Key,
}

/// Finds certificates and key in what was given.
///
/// # Errors
/// The [`CertifiedKeyRefusal`]s that need no passphrase.
pub fn find(certificate: Source<'_>, key: Source<'_>) -> Result<Found, CertifiedKeyRefusal> {
    let mut found = Found::default();
    for (field, source) in [(Field::Certificate, certificate), (Field::Key, key)] {
        for bytes in [source.paste, source.file].into_iter().flatten() {
            found.add(bytes, field)?;
        }
    }
    if found.pkcs12.is_some() {
        return Ok(found);
    }
    match (found.certificates.is_empty(), found.key.is_some()) {
        (true, true) => Err(CertifiedKeyRefusal::NoCertificate),
        (true, false) => Err(AnswerError::Empty.into()),
        (false, false) => Err(CertifiedKeyRefusal::NoKey),
        (false, true) => Ok(found),
    }
}

/// Whether a file is PKCS#12, which has to be opened before anything can be said of it.
pub fn is_pkcs12(bytes: &[u8]) -> bool {
    let bytes = asn1::without_padding(bytes);
    Kind::of_der(bytes) == Kind::Pkcs12 || pkcs12_of_text(&text(bytes)).is_some()
}

/// Whether there is a private key in a file that should hold certificates alone.
pub fn holds_key(bytes: &[u8]) -> bool {
    let bytes = asn1::without_padding(bytes);
    match Kind::of_der(bytes) {
        Kind::Pkcs12 | Kind::PrivateKey => true,
        Kind::Unknown => pkcs12_of_text(&text(bytes)).is_some() || answer::holds_key(&text(bytes)),
        _ => false,
    }
}

impl Found {
    /// Whether the certificates may be in a PKCS#12 file, which has to be opened first.
    pub fn has_pkcs12(&self) -> bool {
        self.pkcs12.is_some()
    }

    /// Whether a passphrase is of use.
    pub fn is_encrypted(&self) -> bool {
        self.pkcs12.is_some() || self.key.as_ref().is_some_and(KeyFile::is_encrypted)
    }

    /// Goes on up to where it costs. An empty passphrase beside a plain key counts as none.
    ///
    /// # Errors
    /// As [`find`], and what is known before anything is derived.
    pub fn opening<'a>(&'a self, passphrase: Option<&'a Secret>) -> Result<Opening<'a>, CertifiedKeyRefusal> {
        let pkcs12 = self.pkcs12.as_ref().map(|file| file.opening(passphrase)).transpose()?;
        let for_key =
            |key: &KeyFile| passphrase.filter(|it| key.is_encrypted() || !(it.is_empty() || pkcs12.is_some()));
        let key = self.key.as_ref().map(|key| key.opening(for_key(key))).transpose()?;
        Ok(Opening { found: self, key, pkcs12 })
    }

    fn add(&mut self, bytes: &[u8], field: Field) -> Result<(), CertifiedKeyRefusal> {
        if is_blank(bytes) {
            return Ok(());
        }
        if bytes.len() > MAX_INPUT {
            return Err(match field {
                Field::Certificate => AnswerError::TooLarge(bytes.len()).into(),
                Field::Key => ImportRefusal::KeyTooLarge.into(),
            });
        }
        let bytes = asn1::without_padding(bytes);
        match Kind::of_der(bytes) {
            Kind::Pkcs12 => self.add_pkcs12(bytes),
            Kind::PrivateKey => self.add_key(KeyFile::from_der(Zeroizing::new(bytes.to_vec()))),
            Kind::Certificate | Kind::Pkcs7 => self.add_certificates(bytes),
            Kind::Unknown => self.add_text(bytes, field),
            other => Err(something_else(other, field)),
        }
    }

    /// PEM blocks of any kind, or base64 alone; what is neither is refused at its field.
    fn add_text(&mut self, bytes: &[u8], field: Field) -> Result<(), CertifiedKeyRefusal> {
        let text = text(bytes);
        if let Some(file) = pkcs12_of_text(&text) {
            return self.add_pkcs12(&file);
        }
        let damaged = |error: PemError| match field {
            Field::Certificate => CertifiedKeyRefusal::from(AnswerError::Pem(error)),
            Field::Key => ImportRefusal::KeyPem(error).into(),
        };
        let blocks = pem::scan(&text).map_err(damaged)?;
        let curve = named_curve(&blocks);
        let mut has_key = false;
        for block in &blocks {
            match Kind::of_label(&block.label) {
                Kind::PrivateKey => {
                    let key = KeyFile::from_pem(block, curve).map_err(ImportRefusal::KeyPem)?;
                    if !matches!(key.kind(), Kind::PrivateKey | Kind::Unknown) {
                        return Err(ImportRefusal::NotAKey(key.kind()).into());
                    }
                    self.add_key(key)?;
                    has_key = true;
                }
                // Keys as well, in forms that are not read.
                kind @ (Kind::OpenSshKey | Kind::TpmKey) => return Err(ImportRefusal::NotAKey(kind).into()),
                _ => {}
            }
        }
        if blocks.iter().any(|block| may_hold(&block.label)) {
            return self.add_certificates(bytes);
        }
        if has_key {
            return Ok(());
        }
        let mut kinds = blocks.iter().map(|block| Kind::of_label(&block.label));
        match (kinds.find(|kind| !matches!(kind, Kind::Unknown | Kind::Parameters)), field) {
            (Some(kind), _) => Err(something_else(kind, field)),
            // A certificate in base64 without borders, and what is not a certificate in the words of its field.
            (None, Field::Certificate) => self.add_certificates(bytes),
            (None, Field::Key) => Err(something_else(Kind::of_text(&text), field)),
        }
    }

    fn add_pkcs12(&mut self, bytes: &[u8]) -> Result<(), CertifiedKeyRefusal> {
        let file = Pkcs12File::read(bytes)?;
        if self.pkcs12.as_ref().is_some_and(|other| *other != file) {
            return Err(CertifiedKeyRefusal::SeveralPkcs12);
        }
        self.pkcs12 = Some(file);
        Ok(())
    }

    fn add_key(&mut self, key: KeyFile) -> Result<(), CertifiedKeyRefusal> {
        if self.key.as_ref().is_some_and(|other| *other != key) {
            return Err(CertifiedKeyRefusal::SeveralKeys);
        }
        self.key = Some(key);
        Ok(())
    }

    fn add_certificates(&mut self, bytes: &[u8]) -> Result<(), CertifiedKeyRefusal> {
        let answer = answer::read_beside_key(bytes)?;
        for certificate in answer.certificates {
            if !self.certificates.contains(&certificate) {
                self.certificates.push(certificate);
            }
        }
        self.unread.extend(answer.unread);
        Ok(())
    }
}

impl Opening<'_> {
    /// True where a key is derived from the passphrase, which may take seconds.
    pub fn derives(&self) -> bool {
        self.pkcs12.is_some() || self.key.as_ref().is_some_and(keyfile::Opening::derives)
    }

    /// Bytes that the derivations need, one after the other.
    pub fn memory(&self) -> usize {
        let of_key = self.key.as_ref().map_or(0, keyfile::Opening::memory);
        of_key.max(self.pkcs12.as_ref().map_or(0, pkcs12::Opening::memory))
    }

    /// The key, and the certificates of which one is its own.
    ///
    /// # Errors
    /// Every [`CertifiedKeyRefusal`].
    pub fn open(self) -> Result<CertifiedKey, CertifiedKeyRefusal> {
        let mut certificates = self.found.certificates.clone();
        let mut unread = self.found.unread.clone();
        let mut key = None;
        if let Some(file) = self.pkcs12 {
            let opened = file.open()?;
            key = opened.key;
            if !opened.certificates.is_empty() {
                let answer = answer::of_certificates(&opened.certificates)?;
                let new: Vec<_> = answer.certificates.into_iter().filter(|it| !certificates.contains(it)).collect();
                certificates.extend(new);
                unread.extend(answer.unread);
            }
        }
        if let Some(opening) = self.key {
            let other = opening.open()?;
            if key.as_ref().is_some_and(|key: &PrivateKey| key.public_key() != other.public_key()) {
                return Err(CertifiedKeyRefusal::SeveralKeys);
            }
            key = Some(other);
        }
        let key = key.ok_or(CertifiedKeyRefusal::NoKey)?;
        let Some(first) = certificates.first() else { return Err(CertifiedKeyRefusal::NoCertificate) };
        if !certificates.iter().any(|certificate| certificate.has_key(key.spki_der())) {
            // The device's own rather than a CA's.
            let named = certificates.iter().find(|certificate| !certificate.may_issue()).unwrap_or(first);
            return Err(CertifiedKeyRefusal::KeyOfAnotherCertificate {
                subject: named.subject_short(),
                certified: named.key.label.clone(),
                key: key.kind().label(),
            });
        }
        Ok(CertifiedKey { key, certificates, unread })
    }
}

/// The refusal of something that is neither.
fn something_else(kind: Kind, field: Field) -> CertifiedKeyRefusal {
    match field {
        Field::Certificate => AnswerError::NotAnAnswer(kind).into(),
        Field::Key => ImportRefusal::NotAKey(kind).into(),
    }
}

fn text(bytes: &[u8]) -> Zeroizing<String> {
    pem::unescaped(&pem::text_of(bytes))
}

/// A PKCS#12 file as text: PEM, as GnuTLS writes it, or base64 alone, as clouds hand it out.
fn pkcs12_of_text(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let blocks = pem::scan(text).ok()?;
    let der = match blocks.iter().find(|block| Kind::of_label(&block.label) == Kind::Pkcs12) {
        Some(block) => block.der().ok()?,
        None if blocks.is_empty() => answer::base64(text)??,
        None => return None,
    };
    (Kind::of_der(&der) == Kind::Pkcs12).then_some(der)
}

/// A text field with nothing in it, a file field without a file.
fn is_blank(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).iter().all(u8::is_ascii_whitespace)
}
