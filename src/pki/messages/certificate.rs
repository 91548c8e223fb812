//! Certificates that a CA sent.

use super::{counted, pem};
use crate::answer::{AnswerError, MAX_ANSWER, MAX_CERTIFICATES};
use crate::certificate::{CertificateError, MAX_CERTIFICATE};
use crate::keyfile::kind::Kind;
use signet_domain::invalid::Invalid;

/// What to do about a [`Fault`](crate::certificate::Fault).
pub const NEW_CERTIFICATE: &str =
    "Ask the CA for a new certificate that follows the rules; this one cannot be repaired.";

impl AnswerError {
    /// The refusal at the field where the certificate was given.
    pub fn invalid(&self, field: &'static str) -> Invalid {
        let (what, fix) = match self {
            Self::Empty => (
                "No certificate was given.".to_owned(),
                "Give what the CA sent, as text or as a file. As text it begins with -----BEGIN CERTIFICATE-----.",
            ),
            Self::NoContent => (
                "There are only zeros between the first and the last line of the certificate.".to_owned(),
                "Copy it again from where the CA shows it, or give its file.",
            ),
            Self::TooLarge(_) => (
                format!("The certificate file or text is larger than {} KiB.", MAX_ANSWER / 1024),
                "Give only the certificate and its chain, which have a few KiB.",
            ),
            Self::TooMany(count) => (
                format!("There are {count} certificates; at most {MAX_CERTIFICATES} are allowed."),
                "Give the certificate and its intermediates. A list of all CAs is not needed.",
            ),
            Self::PrivateKey(kind) => (
                format!("The file or text contains {}. It was not kept.", kind.name().unwrap_or("a private key")),
                "Give only the certificate: the key of a request is already here. To import a certificate together with its key, add an entry of the type “Certificate with its key”, or run `signet csr import --name NAME --certificate FILE`.",
            ),
            Self::NotAnAnswer(kind) => return something_else(field, *kind),
            Self::WebPage => (
                "This is a web page (HTML), not a certificate.".to_owned(),
                "Download the certificate as a file from the CA's website, or copy its text from -----BEGIN to the last dash.",
            ),
            Self::Pem(error) => {
                return Invalid::new(field, pem::damaged("certificate", error), pem::copy_again("certificate"));
            }
            Self::Base64 => (
                "The certificate's base64 text is damaged: characters are missing or do not belong there.".to_owned(),
                "Copy the whole text again, or give the certificate's file.",
            ),
            Self::CutOff { missing } => (
                format!("The certificate file is cut off: at least {} more should follow.", counted(*missing, "byte")),
                "Download it again, or copy it again to its end.",
            ),
            Self::Indefinite => (
                "This is a BER file whose end cannot be found: it is damaged or cut off.".to_owned(),
                "Download it again, or ask the CA for the certificate as PEM.",
            ),
            Self::Encrypted => (
                "This is an encrypted PKCS#7 message, which cannot be opened here.".to_owned(),
                "Decrypt it where it was received, or ask the CA for the certificate as PEM.",
            ),
            Self::NoCertificates => (
                "This PKCS#7 file (.p7b) contains no certificate.".to_owned(),
                "Ask the CA for the certificate with its chain, as PEM or as .p7b.",
            ),
            Self::Pkcs7Damaged => (
                "The PKCS#7 file (.p7b) is damaged.".to_owned(),
                "Download it again, or ask the CA for the certificate as PEM.",
            ),
            Self::Damaged { place, of, why } => {
                let which =
                    if *of == 1 { "The certificate".to_owned() } else { format!("Certificate {place} of {of}") };
                let what = match why {
                    CertificateError::TooLong(_) => {
                        format!("{which} is larger than {} KiB.", MAX_CERTIFICATE / 1024)
                    }
                    CertificateError::NotACertificate => format!("{which} is damaged: it cannot be read."),
                    CertificateError::Damaged(part) => format!("{which} is damaged: its {part} cannot be read."),
                    // No copy is better.
                    CertificateError::Fault(fault) => {
                        return Invalid::new(field, format!("{which} {fault}."), NEW_CERTIFICATE);
                    }
                };
                (what, "Copy or download it again. If that does not help, ask the CA for it.")
            }
        };
        Invalid::new(field, what, fix)
    }
}

fn something_else(field: &'static str, kind: Kind) -> Invalid {
    let what = match kind.name() {
        Some(name) => format!("This is {name}, not a certificate."),
        None => "This is not a certificate: it is neither PEM nor DER nor PKCS#7 of one.".to_owned(),
    };
    let fix = match kind {
        Kind::Request => {
            "Send the request to the CA, and give the certificate that comes back. It begins with -----BEGIN CERTIFICATE-----."
        }
        Kind::RevocationList => {
            "It lists certificates that a CA has revoked. Give the certificate that the CA issued to you."
        }
        Kind::TpmKey => "The key stays in its TPM. Give the certificate that the CA issued to you.",
        Kind::PublicKey | Kind::SshPublicKey => "A certificate contains the public key. Give what the CA sent.",
        Kind::Pkcs12 => {
            "It contains a private key of its own. Import both with `signet csr import --name NAME --pkcs12 FILE --passphrase-file PASSPHRASE`. For a request that is already here, extract the certificates with `openssl pkcs12 -legacy -in FILE -nokeys -out NEW.pem`."
        }
        Kind::JavaKeyStore => "Ask the CA for the certificate as PEM (.pem, .crt) or .p7b.",
        Kind::Pgp => "Give the X.509 certificate. It begins with -----BEGIN CERTIFICATE-----.",
        _ => "Give what the CA sent: .pem, .crt, .cer or .p7b. As text it begins with -----BEGIN CERTIFICATE-----.",
    };
    Invalid::new(field, what, fix)
}
