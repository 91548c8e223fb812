//! The words for every refusal of an answer: what is wrong, what to do. No two causes share them.

use super::{AnswerError, MAX_ANSWER, MAX_CERTIFICATES};
use crate::certificate::{CertificateError, MAX_CERTIFICATE};
use crate::keyfile::kind::Kind;
use crate::pem::PemError;
use signet_domain::invalid::Invalid;

/// What helps against a [`Fault`](crate::certificate::Fault).
pub const NEW_CERTIFICATE: &str =
    "Ask the CA for a new certificate that keeps to the rules; this one cannot be repaired.";

impl AnswerError {
    /// The refusal at the field where the answer was given.
    pub fn invalid(&self, field: &'static str) -> Invalid {
        let (what, fix) = match self {
            Self::Empty => (
                "No certificate was given.".to_owned(),
                "Give what the CA sent, as text or as a file; as text it begins with -----BEGIN CERTIFICATE-----.",
            ),
            Self::NoContent => (
                "There is nothing but zeros between the lines of the certificate.".to_owned(),
                "Copy it again from where the CA shows it, or choose its file.",
            ),
            Self::TooLarge(_) => (
                format!("The answer is larger than {} KiB.", MAX_ANSWER / 1024),
                "Hand in the certificate and its chain alone: they have a few KiB.",
            ),
            Self::TooMany(count) => (
                format!("There are {count} certificates in it; the most is {MAX_CERTIFICATES}."),
                "Hand in the certificate and the CA certificates above it; a list of all CAs is not needed.",
            ),
            Self::PrivateKey(kind) => (
                format!("There is {} in it. It was not kept.", kind.name().unwrap_or("a private key")),
                "Hand in the certificate alone: for a request that is here the key is here already. To import a certificate together with its key, add an entry of the type “Certificate with its key”, or run signet csr import --name NAME --certificate FILE.",
            ),
            Self::NotAnAnswer(kind) => return something_else(field, *kind),
            Self::WebPage => (
                "This is a web page, not a certificate.".to_owned(),
                "Download the certificate from that page as a file, or copy its text from -----BEGIN to the last dash.",
            ),
            Self::Pem(error) => {
                (pem(error), "Copy the whole answer again, from its first dash to its last, or choose its file.")
            }
            Self::Base64 => (
                "The certificate's text is damaged: it is base64 with signs that are missing or do not belong there."
                    .to_owned(),
                "Copy it again, whole, or choose its file.",
            ),
            Self::CutOff { missing } => (
                format!(
                    "The answer is cut off: at least {missing} more {} should follow.",
                    if *missing == 1 { "byte" } else { "bytes" }
                ),
                "Download it again, or copy it again to its end.",
            ),
            Self::Indefinite => (
                "This is a file in BER whose end cannot be found: it is damaged or cut off.".to_owned(),
                "Download it again, or ask the CA for the certificate as PEM.",
            ),
            Self::Encrypted => (
                "This is an encrypted message (PKCS#7), and no key here opens it.".to_owned(),
                "Decrypt it where it was received, or ask the CA for the certificate as PEM.",
            ),
            Self::NoCertificates => (
                "This PKCS#7 file (.p7b) has no certificate in it.".to_owned(),
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
                (
                    what,
                    "Copy it again from the CA's answer, or download it again; if that does not help, ask the CA for it.",
                )
            }
        };
        Invalid::new(field, what, fix)
    }
}

fn pem(error: &PemError) -> String {
    match error {
        PemError::NoEnd { label } => format!("The answer is cut off: the line -----END {label}----- is missing."),
        PemError::NoBegin { label } => format!("The answer lacks its first line, -----BEGIN {label}-----."),
        PemError::LabelsDiffer { begin, end } => {
            format!("The answer begins as {begin} and ends as {end}: a part is missing.")
        }
        PemError::Dashes => "The answer has a BEGIN or END line without its five dashes on each side.".to_owned(),
        PemError::Empty { label } => format!("The answer is empty between the lines of {label}."),
        PemError::Base64 { label } => {
            format!("The answer's text is damaged: characters of {label} are missing or do not belong there.")
        }
    }
}

fn something_else(field: &'static str, kind: Kind) -> Invalid {
    let what = match kind.name() {
        Some(name) => format!("This is {name}, not a certificate."),
        None => "This is not a certificate: it is neither PEM nor DER nor PKCS#7 of one.".to_owned(),
    };
    let fix = match kind {
        Kind::Request => {
            "The request goes to the CA; hand in what comes back, which begins with -----BEGIN CERTIFICATE-----."
        }
        Kind::RevocationList => {
            "It says which certificates a CA took back; hand in the certificate that the CA made for you."
        }
        Kind::TpmKey => "The key stays where it is; hand in the certificate that the CA made for you.",
        Kind::PublicKey | Kind::SshPublicKey => "A certificate has the public key in it; hand in what the CA sent.",
        Kind::Pkcs12 => {
            "Such a file holds a private key of its own. Import the two with signet csr import --name NAME --pkcs12 FILE --passphrase-file PASSPHRASE. For a request that is here, take the certificates out with openssl pkcs12 -legacy -in FILE -nokeys -out NEW.pem."
        }
        Kind::JavaKeyStore => "Ask the CA for the certificate as PEM (.pem, .crt) or .p7b.",
        Kind::Pgp => "Hand in the X.509 certificate; it begins with -----BEGIN CERTIFICATE-----.",
        _ => "Hand in what the CA sent: .pem, .crt, .cer or .p7b; as text it begins with -----BEGIN CERTIFICATE-----.",
    };
    Invalid::new(field, what, fix)
}
