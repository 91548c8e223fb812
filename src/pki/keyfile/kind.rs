//! What a file or a text is, recognised by its structure, its PEM label or its first words.
//!
//! Only enough is read to give the thing its name: a refusal that says "this is a certificate" helps, "bad format"
//! does not. Whether the thing is sound is for others to say.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag};

/// What people give, wanted or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// PKCS#10 (RFC 2986).
    Request,
    /// X.509, also with OpenSSL's trust settings.
    Certificate,
    /// X.509 revocation list.
    RevocationList,
    /// SubjectPublicKeyInfo or PKCS#1 public key.
    PublicKey,
    /// A private key in a form of [`Form`].
    PrivateKey,
    /// A key that only one machine's TPM can use: `TSS2 PRIVATE KEY`, `TSS KEY BLOB` of old.
    TpmKey,
    /// `BEGIN OPENSSH PRIVATE KEY`.
    OpenSshKey,
    /// `ssh-rsa AAAA...`, or RFC 4716.
    SshPublicKey,
    /// `PuTTY-User-Key-File-2` or `-3`.
    PuttyKey,
    /// OpenPGP armor (RFC 9580 section 6).
    Pgp,
    /// PKCS#12, `.p12` or `.pfx` (RFC 7292).
    Pkcs12,
    /// PKCS#7 or CMS, `.p7b`.
    Pkcs7,
    /// Java's own key store.
    JavaKeyStore,
    /// JSON Web Key (RFC 7517).
    JsonWebKey,
    /// Parameters of EC, DSA or DH without a key.
    Parameters,
    /// None of these.
    Unknown,
}

/// The structures that hold a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// PrivateKeyInfo or OneAsymmetricKey (RFC 5958).
    Pkcs8,
    /// EncryptedPrivateKeyInfo (RFC 5958).
    EncryptedPkcs8,
    /// RSAPrivateKey (RFC 8017 A.1.2).
    Pkcs1,
    /// ECPrivateKey (RFC 5915).
    Sec1,
    /// OpenSSL's DSAPrivateKey.
    Dsa,
}

impl Kind {
    /// By structure.
    pub fn of_der(der: &[u8]) -> Self {
        // A Java key store opens with FEEDFEED; PKCS#12 may be BER of indefinite length (NSS and Java write that).
        match der {
            [0xfe, 0xed, 0xfe, 0xed, ..] => return Self::JavaKeyStore,
            [0x30, 0x80, 0x02, 0x01, 0x03, ..] => return Self::Pkcs12,
            _ if is_pkcs12(der) => return Self::Pkcs12,
            _ => {}
        }
        if Form::of(der).is_some() {
            return Self::PrivateKey;
        }
        let Some(elements) = elements(der) else {
            return if matches!(AnyRef::from_der(der), Ok(any) if any.header().tag() == Tag::ObjectIdentifier) {
                Self::Parameters
            } else {
                Self::Unknown
            };
        };
        match tags(&elements).as_slice() {
            [Tag::Integer, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence] => Self::Pkcs12,
            [Tag::Integer, Tag::Integer] | [Tag::Sequence, Tag::BitString] => Self::PublicKey,
            [Tag::Integer, Tag::Integer, Tag::Integer, ..] => Self::Parameters,
            [Tag::ObjectIdentifier, ..] if elements.first().is_some_and(is_tpm_key) => Self::TpmKey,
            [Tag::ObjectIdentifier, Tag::ContextSpecific { .. }] => Self::Pkcs7,
            [Tag::Sequence, Tag::Sequence, Tag::BitString] => signed(&elements),
            _ => Self::Unknown,
        }
    }

    /// By the label of a PEM block.
    pub fn of_label(label: &str) -> Self {
        match label {
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" | "CERTIFICATE SIGNING REQUEST" => Self::Request,
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "X509 CRL" => Self::RevocationList,
            "OPENSSH PRIVATE KEY" => Self::OpenSshKey,
            "TSS2 PRIVATE KEY" | "TSS2 KEY BLOB" | "TSS PRIVATE KEY" | "TSS KEY BLOB" => Self::TpmKey,
            "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => Self::Pkcs7,
            "PKCS12" => Self::Pkcs12,
            _ if label.starts_with("PGP ") => Self::Pgp,
            _ if label.ends_with("PRIVATE KEY") => Self::PrivateKey,
            _ if label.ends_with("PUBLIC KEY") => Self::PublicKey,
            _ if label.ends_with(" PARAMETERS") => Self::Parameters,
            _ => Self::Unknown,
        }
    }

    /// By the first words of a text that has no PEM block.
    pub fn of_text(text: &str) -> Self {
        let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        let starts = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
        if starts(&["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "---- BEGIN SSH2 PUBLIC KEY"]) {
            Self::SshPublicKey
        } else if starts(&["PuTTY-User-Key-File-"]) {
            Self::PuttyKey
        } else if starts(&["{"]) && text.contains("\"kty\"") {
            Self::JsonWebKey
        } else {
            Self::Unknown
        }
    }

    /// Its name with the article; nothing for [`Kind::Unknown`].
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Request => "a certificate request",
            Self::Certificate => "a certificate",
            Self::RevocationList => "a certificate revocation list",
            Self::PublicKey => "a public key",
            Self::PrivateKey => "a private key",
            Self::TpmKey => "a private key that is bound to a TPM",
            Self::OpenSshKey => "an OpenSSH private key",
            Self::SshPublicKey => "an SSH public key",
            Self::PuttyKey => "a PuTTY private key",
            Self::Pgp => "an OpenPGP key or message",
            Self::Pkcs12 => "a PKCS#12 file (.p12, .pfx)",
            Self::Pkcs7 => "a PKCS#7 file (.p7b)",
            Self::JavaKeyStore => "a Java key store",
            Self::JsonWebKey => "a JSON Web Key",
            Self::Parameters => "a set of key parameters",
            Self::Unknown => return None,
        })
    }
}

impl Form {
    /// The form that the outermost elements have.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        match tags(&elements(der)?).as_slice() {
            [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Some(Self::Pkcs8),
            [Tag::Integer, Tag::OctetString, ..] => Some(Self::Sec1),
            [Tag::Sequence, Tag::OctetString] => Some(Self::EncryptedPkcs8),
            [first @ .., Tag::Sequence] | first if first.len() == 9 && all_integers(first) => Some(Self::Pkcs1),
            six if six.len() == 6 && all_integers(six) => Some(Self::Dsa),
            _ => None,
        }
    }
}

/// Version 3 and a SEQUENCE (RFC 7292 4), also where the rest is cut off or has lengths that are not definite.
fn is_pkcs12(der: &[u8]) -> bool {
    let inside = match der {
        [0x30, 0x81, _, inside @ ..] | [0x30, 0x82, _, _, inside @ ..] | [0x30, 0x83, _, _, _, inside @ ..] => inside,
        _ => return false,
    };
    matches!(inside, [0x02, 0x01, 0x03, 0x30, ..])
}

/// A certificate, a request or a revocation list: an inner structure, an algorithm and a signature.
fn signed(outer: &[AnyRef<'_>]) -> Kind {
    let inner = outer.first().and_then(|inner| nested(*inner)).unwrap_or_default();
    match tags(&inner).as_slice() {
        [Tag::ContextSpecific { .. }, ..] => Kind::Certificate,
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::Sequence, ..] => Kind::Certificate,
        [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, ..]
        | [Tag::Sequence, Tag::Sequence, Tag::UtcTime | Tag::GeneralizedTime, ..] => Kind::RevocationList,
        [Tag::Integer, Tag::Sequence, Tag::Sequence, ..] => Kind::Request,
        _ => Kind::Unknown,
    }
}

/// The type of a TPMKey (draft-bottomley-tpm2-keys 3.1): an arc of the Trusted Computing Group.
fn is_tpm_key(kind: &AnyRef<'_>) -> bool {
    /// 2.23.133.10.1
    const TPM_KEYS: &[u8] = &[0x67, 0x81, 0x05, 0x0a, 0x01];
    kind.value().starts_with(TPM_KEYS)
}

/// The elements of a SEQUENCE that fills `der` to its end.
fn elements(der: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    nested(AnyRef::from_der(der).ok()?)
}

fn nested(any: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    /// No structure that is known here has more.
    const MOST: usize = 16;
    if any.header().tag() != Tag::Sequence {
        return None;
    }
    let mut reader = SliceReader::new(any.value()).ok()?;
    let mut elements = Vec::new();
    while !reader.is_finished() && elements.len() < MOST {
        elements.push(reader.decode().ok()?);
    }
    Some(elements)
}

fn tags(elements: &[AnyRef<'_>]) -> Vec<Tag> {
    elements.iter().map(|element| element.header().tag()).collect()
}

fn all_integers(tags: &[Tag]) -> bool {
    tags.iter().all(|tag| *tag == Tag::Integer)
}
