//! Why a certificate with its key is not taken: one variant a cause, and its words.

use crate::answer::AnswerError;
use crate::import::ImportRefusal;
use crate::keyfile::KeyFileError;
use crate::keyfile::kind::Kind;
use crate::pkcs12::Pkcs12Refusal;
use signet_domain::invalid::{Invalid, quoted};

const CERTIFICATE: &str = "certificate";
const KEY: &str = "private_key";

/// One reason for which a certificate with its key is refused. [`CertifiedKeyRefusal::invalid`] gives its field and words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertifiedKeyRefusal {
    /// The certificates, or that there are none.
    #[error(transparent)]
    Certificate(#[from] AnswerError),
    /// The key file.
    #[error(transparent)]
    Key(#[from] ImportRefusal),
    /// The PKCS#12 file.
    #[error(transparent)]
    Pkcs12(#[from] Pkcs12Refusal),
    /// Certificates and no key.
    #[error("there is no private key")]
    NoKey,
    /// A key and no certificate.
    #[error("there is no certificate")]
    NoCertificate,
    /// Two keys that are not the same.
    #[error("there are several private keys")]
    SeveralKeys,
    /// Two PKCS#12 files that are not the same.
    #[error("there are two PKCS#12 files")]
    SeveralPkcs12,
    /// None of the certificates has the key; the first one's subject, and the two kinds of key.
    #[error("the private key is not the certificate's")]
    KeyOfAnotherCertificate {
        /// Of the first certificate, as it is called in a sentence.
        subject: String,
        /// The kind of that one's key.
        certified: String,
        /// The kind of the private key.
        key: String,
    },
}

impl From<KeyFileError> for CertifiedKeyRefusal {
    fn from(error: KeyFileError) -> Self {
        Self::Key(error.into())
    }
}

impl CertifiedKeyRefusal {
    /// The refusal as the form's field, the rule and the way out.
    pub fn invalid(&self) -> Invalid {
        match self {
            // The key in the same file is no reason to hand it in without.
            Self::Certificate(AnswerError::NotAnAnswer(kind @ (Kind::OpenSshKey | Kind::PuttyKey | Kind::TpmKey))) => {
                ImportRefusal::NotAKey(*kind).invalid()
            }
            Self::Certificate(AnswerError::NotAnAnswer(Kind::JavaKeyStore)) => Invalid::new(
                CERTIFICATE,
                "This is a Java key store, which is not read here.",
                "Convert it with keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 and hand in NEW.p12.",
            ),
            Self::Certificate(error) => error.invalid(CERTIFICATE),
            Self::Key(error) => key(error),
            Self::Pkcs12(error) => error.invalid(CERTIFICATE, |error| key(&error.clone().into())),
            Self::NoKey => Invalid::new(
                KEY,
                "There is a certificate, but no private key.",
                "Hand in the key that the certificate was made with. A certificate whose request is here needs no key: give it on that request’s page.",
            ),
            Self::NoCertificate => Invalid::new(
                CERTIFICATE,
                "There is a private key, but no certificate.",
                "Hand in the certificate, too: .pem, .crt, .cer or .p7b. Without one, make a request or import one.",
            ),
            Self::SeveralKeys => Invalid::new(
                KEY,
                "There are several private keys.",
                "Hand in the one key that belongs to the certificate.",
            ),
            Self::SeveralPkcs12 => Invalid::new(
                CERTIFICATE,
                "There are two PKCS#12 files, and they are not the same.",
                "Hand in one of them.",
            ),
            Self::KeyOfAnotherCertificate { subject, certified, key } => Invalid::new(
                KEY,
                if certified == key {
                    format!(
                        "The private key does not belong to the certificate for {}, which has another key of the same kind.",
                        quoted(subject)
                    )
                } else {
                    format!(
                        "The private key does not belong to the certificate for {}: the certificate’s key is {certified}, and this one is {key}.",
                        quoted(subject)
                    )
                },
                "Hand in the key that the certificate was made with, or the certificate of this key.",
            ),
        }
    }
}

/// What a request's import says of its key, without a word of the request.
fn key(error: &ImportRefusal) -> Invalid {
    let Invalid { field, what, fix, .. } = error.invalid();
    let fix = match error {
        ImportRefusal::TwoKeys => "Leave the one that belongs to the certificate.".to_owned(),
        ImportRefusal::NotAKey(Kind::Certificate | Kind::Pkcs12 | Kind::Pkcs7) => {
            "It goes into the certificate’s own field.".to_owned()
        }
        ImportRefusal::NotAKey(Kind::TpmKey) => "Make a new request here, whose key is made here, too.".to_owned(),
        ImportRefusal::Key(KeyFileError::NoPassphrase) => "Enter the key file’s passphrase.".to_owned(),
        ImportRefusal::Key(KeyFileError::NotEncrypted) => "Leave the passphrase empty.".to_owned(),
        ImportRefusal::Key(KeyFileError::RsaTooShort(_) | KeyFileError::RsaTooLong(_) | KeyFileError::RsaExponent) => {
            "Make a new request here; a certificate for it replaces this one.".to_owned()
        }
        _ => fix,
    };
    Invalid::new(field, what, fix)
}
