//! The words for every refusal of a PKCS#12 file: field, what is wrong, what to do. No two causes share them.
//!
//! Commands are given as they are typed; `FILE` and `NEW.pem` stand for the reader's own files.

use super::refusal::Pkcs12Refusal;
use crate::keyfile::KeyFileError;
use signet_domain::invalid::{Invalid, shortened};

/// The field of the passphrase.
const PASSPHRASE: &str = "passphrase";
/// Names of keys that a message shows.
const SHOWN: usize = 3;

/// What converts any file that OpenSSL reads.
const TO_PEM: &str =
    "Convert it with openssl pkcs12 -legacy -in FILE -aes256 -out NEW.pem and hand in NEW.pem, which holds the same.";

impl Pkcs12Refusal {
    /// The refusal; `field` is where the file was given. `key` has the words for the key inside, which the file's maker chose.
    pub fn invalid(&self, field: &'static str, key: impl FnOnce(&KeyFileError) -> Invalid) -> Invalid {
        let (field, what, fix) = match self {
            Self::CutOff { missing } => {
                let bytes = if *missing == 1 { "byte" } else { "bytes" };
                return Invalid::new(
                    field,
                    format!("The PKCS#12 file is cut off: at least {missing} more {bytes} should follow."),
                    "Export or download it again.",
                );
            }
            Self::Damaged(part) => {
                return Invalid::new(
                    field,
                    format!("The PKCS#12 file is damaged: its {part} cannot be read."),
                    "Export it again from where it was made.",
                );
            }
            Self::Signed => (
                field,
                "The PKCS#12 file is signed, not protected by a passphrase.".to_owned(),
                "Export it again, protected by a passphrase.",
            ),
            Self::NoMac => (
                field,
                "The PKCS#12 file has no integrity check (MAC), so that nobody can tell whether it was changed."
                    .to_owned(),
                "Export it again with one; or, if you trust it, convert it with openssl pkcs12 -legacy -in FILE -aes256 -out NEW.pem and hand in NEW.pem.",
            ),
            Self::UnknownMac(name) => {
                (field, format!("The PKCS#12 file has an integrity check that is not known here: {name}."), TO_PEM)
            }
            Self::NoPassphrase => (
                PASSPHRASE,
                "The PKCS#12 file is encrypted, and no passphrase was given.".to_owned(),
                "Enter the passphrase that the file was made with.",
            ),
            Self::WrongPassphrase => (
                PASSPHRASE,
                "The passphrase does not open the PKCS#12 file.".to_owned(),
                "Enter it again; openssl pkcs12 -legacy -noout -in FILE tells whether it is right. A file that was changed does not open either.",
            ),
            Self::EmptyPassphrase => (
                PASSPHRASE,
                "The passphrase is empty, and the PKCS#12 file is encrypted with another one.".to_owned(),
                "Write the file's passphrase into the first line of the passphrase file.",
            ),
            Self::Cost(cost) => {
                (field, format!("Opening the PKCS#12 file takes too much work: it asks for {cost}."), TO_PEM)
            }
            Self::Encryption(name) => {
                (field, format!("The PKCS#12 file is encrypted in a way that is not known here: {name}."), TO_PEM)
            }
            Self::Enveloped => (
                field,
                "A part of the PKCS#12 file is encrypted for a certificate, not under a passphrase.".to_owned(),
                "Export it again, encrypted under a passphrase.",
            ),
            Self::SeveralKeys(names) => (
                field,
                format!("The PKCS#12 file has several private keys{}.", listed(names)),
                "Export the one that you mean alone, such as with keytool -importkeystore -srckeystore FILE -srcalias NAME -destkeystore NEW.p12 -deststoretype PKCS12.",
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
