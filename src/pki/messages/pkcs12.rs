//! PKCS#12 files.

use super::counted;
use crate::keyfile::KeyFileError;
use crate::pkcs12::Pkcs12Refusal;
use signet_domain::invalid::{Invalid, shortened};

/// The field of the passphrase.
const PASSPHRASE: &str = "passphrase";
/// Names of keys that a message shows.
const SHOWN: usize = 3;

/// What converts any file that OpenSSL reads.
const TO_PEM: &str =
    "Convert it with openssl pkcs12 -legacy -in FILE -aes256 -out NEW.pem and give NEW.pem, which contains the same.";

/// Only for a file that OpenSSL refuses, too. Python's package cryptography opens PKCS#12 by OpenSSL.
const NOT_BY_OPENSSL: &str =
    "OpenSSL cannot open it either. Export it again from where it was made, encrypted with PBKDF2 instead of scrypt.";

impl Pkcs12Refusal {
    /// The refusal; `field` is where the file was given. `key` has the words for the key inside, which the file's maker chose.
    pub fn invalid(&self, field: &'static str, key: impl FnOnce(&KeyFileError) -> Invalid) -> Invalid {
        let (field, what, fix) = match self {
            Self::CutOff { missing } => (
                field,
                format!("The PKCS#12 file is cut off: at least {} more should follow.", counted(*missing, "byte")),
                "Export or download it again.",
            ),
            Self::Damaged(part) => (
                field,
                format!("The PKCS#12 file is damaged: its {part} cannot be read."),
                "Export it again from where it was made.",
            ),
            Self::Signed => (
                field,
                "The PKCS#12 file is signed, not protected by a passphrase.".to_owned(),
                "Export it again, protected by a passphrase.",
            ),
            Self::NoMac => (
                field,
                "The PKCS#12 file has no integrity check (MAC), so changes to it cannot be detected.".to_owned(),
                "Export it again with one. If you trust it, convert it with openssl pkcs12 -legacy -in FILE -aes256 -out NEW.pem and give NEW.pem.",
            ),
            Self::UnknownMac(name) => {
                (field, format!("The PKCS#12 file has an unsupported integrity check: {name}."), TO_PEM)
            }
            Self::NoPassphrase => (
                PASSPHRASE,
                "The PKCS#12 file is encrypted, and no passphrase was given.".to_owned(),
                "Enter the passphrase that the file was made with.",
            ),
            Self::WrongPassphrase => (
                PASSPHRASE,
                "The passphrase does not open the PKCS#12 file.".to_owned(),
                "Enter it again. You can test it with openssl pkcs12 -legacy -noout -in FILE. A file that was changed does not open either.",
            ),
            Self::EmptyPassphrase => (
                PASSPHRASE,
                "The passphrase is empty, but the PKCS#12 file is encrypted with another one.".to_owned(),
                "Enter the file's passphrase. In a passphrase file it is the first line.",
            ),
            Self::Cost(cost) => (
                field,
                format!("Opening the PKCS#12 file needs too much work: {cost}."),
                if cost.is_opened_by_openssl() { TO_PEM } else { NOT_BY_OPENSSL },
            ),
            Self::Encryption(name) => {
                (field, format!("The PKCS#12 file has an unsupported encryption: {name}."), TO_PEM)
            }
            Self::Enveloped => (
                field,
                "A part of the PKCS#12 file is encrypted for a certificate, not with a passphrase.".to_owned(),
                "Export it again, encrypted with a passphrase.",
            ),
            Self::SeveralKeys(names) => (
                field,
                format!("The PKCS#12 file has several private keys{}.", listed(names)),
                "Export only the one that you want, for example with keytool -importkeystore -srckeystore FILE -srcalias NAME -destkeystore NEW.p12 -deststoretype PKCS12.",
            ),
            Self::KeyPassphrase => (
                PASSPHRASE,
                "The passphrase opens the PKCS#12 file, but the private key in it has another one.".to_owned(),
                "Give both the same one: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 asks for the key's own.",
            ),
            Self::Key(error) => return key(error),
        };
        Invalid::new(field, what, fix)
    }
}

/// `: a, b, c and 2 more`; nothing where the file names none.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| shortened(name)).collect();
    match names.len() - shown.len() {
        _ if shown.is_empty() => String::new(),
        0 => format!(": {}", shown.join(", ")),
        more => format!(": {} and {more} more", shown.join(", ")),
    }
}
