//! Certificates that are imported with their keys.

use crate::answer::AnswerError;
use crate::certified_key::CertifiedKeyRefusal;
use crate::import::ImportRefusal;
use crate::keyfile::KeyFileError;
use crate::keyfile::kind::Kind;
use signet_domain::invalid::{Invalid, quoted};

const CERTIFICATE: &str = "certificate";
const KEY: &str = "private_key";

impl CertifiedKeyRefusal {
    /// The refusal as the form's field, what is wrong and what to do.
    pub fn invalid(&self) -> Invalid {
        match self {
            // The key in the same file is no reason to give it without one.
            Self::Certificate(AnswerError::NotAnAnswer(kind @ (Kind::OpenSshKey | Kind::PuttyKey | Kind::TpmKey))) => {
                ImportRefusal::NotAKey(*kind).invalid()
            }
            Self::Certificate(AnswerError::NotAnAnswer(Kind::JavaKeyStore)) => Invalid::new(
                CERTIFICATE,
                "This is a Java key store, which cannot be read here.",
                "Convert it with keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 and give NEW.p12.",
            ),
            Self::Certificate(error) => error.invalid(CERTIFICATE),
            Self::Key(error) => key(error),
            Self::Pkcs12(error) => error.invalid(CERTIFICATE, |error| key(&error.clone().into())),
            Self::NoKey => Invalid::new(
                KEY,
                "There is a certificate, but no private key.",
                "Give the key that belongs to the certificate. A certificate whose request is already here needs no key: add it to its request.",
            ),
            Self::NoCertificate => Invalid::new(
                CERTIFICATE,
                "There is a private key, but no certificate.",
                "Give the certificate, too: .pem, .crt, .cer or .p7b. Without one, make a request or import one.",
            ),
            Self::SeveralKeys => Invalid::new(
                KEY,
                "There are several private keys.",
                "Give only the key that belongs to the certificate.",
            ),
            Self::SeveralPkcs12 => Invalid::new(
                CERTIFICATE,
                "There are two PKCS#12 files, and they are not the same.",
                "Give only one of them.",
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
                        "The private key does not belong to the certificate for {}: the certificate's key is {certified}, and this one is {key}.",
                        quoted(subject)
                    )
                },
                "Give the key that the certificate was made with, or the certificate of this key.",
            ),
        }
    }
}

/// What a request's import says of its key, without mentioning the request.
fn key(error: &ImportRefusal) -> Invalid {
    let Invalid { field, what, fix, .. } = error.invalid();
    let fix = match error {
        ImportRefusal::TwoKeys => "Keep only the one that belongs to the certificate.".to_owned(),
        ImportRefusal::NotAKey(Kind::Certificate | Kind::Pkcs12 | Kind::Pkcs7) => {
            "Give it as the certificate, and the private key separately.".to_owned()
        }
        ImportRefusal::NotAKey(Kind::TpmKey) => "Make a new request here, with a new key.".to_owned(),
        ImportRefusal::Key(KeyFileError::NoPassphrase) => "Enter the key file's passphrase.".to_owned(),
        ImportRefusal::Key(KeyFileError::NotEncrypted) => "Leave the passphrase empty.".to_owned(),
        ImportRefusal::Key(KeyFileError::RsaTooShort(_) | KeyFileError::RsaTooLong(_) | KeyFileError::RsaExponent) => {
            "Make a new request here; a certificate for it replaces this one.".to_owned()
        }
        _ => fix,
    };
    Invalid::new(field, what, fix)
}
