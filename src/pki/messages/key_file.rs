//! Private keys in files and texts.

use super::pem;
use crate::keyfile::kind::Kind;
use crate::keyfile::{KeyFileError, MAX_RSA_BITS, MIN_RSA_BITS};
use crate::pem::PemError;
use signet_domain::invalid::Invalid;

const KEY: &str = "private_key";
const PASSPHRASE: &str = "passphrase";

const BY_OPENSSL: &str =
    "Convert it with openssl pkcs8 -topk8 -in FILE -out NEW.pem -v2 aes-256-cbc -iter 600000 and use NEW.pem.";
/// Only a file that OpenSSL refuses, too.
const BY_PYTHON: &str = "OpenSSL cannot open it either. Python can convert it, with its package cryptography: python3 -c \"from cryptography.hazmat.primitives.serialization import *; from getpass import getpass; p = getpass().encode(); f = open('FILE', 'rb').read(); k = (load_pem_private_key if b'-----BEGIN' in f else load_der_private_key)(f, p); open('NEW.pem', 'wb').write(k.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(p)))\" asks for the passphrase and writes NEW.pem.";

pub(super) fn missing() -> Invalid {
    Invalid::new(
        KEY,
        "The private key is missing.",
        "Give it as text or as a file. As text it begins with a line such as -----BEGIN PRIVATE KEY-----.",
    )
}

pub(super) fn too_large() -> Invalid {
    Invalid::new(KEY, "The private key is larger than 256 KiB.", "Give only the key, which has a few KiB.")
}

pub(super) fn damaged_pem(error: &PemError) -> Invalid {
    Invalid::new(KEY, pem::damaged("private key", error), pem::copy_again("private key"))
}

pub(super) fn several() -> Invalid {
    Invalid::new(
        KEY,
        "The file or text contains two private keys.",
        "Keep only the one that the request was made with.",
    )
}

pub(super) fn text_and_file_differ() -> Invalid {
    Invalid::new(KEY, "The private key given as text is not the one in the file.", "Give only one of the two keys.")
}

pub(super) fn passphrases_differ() -> Invalid {
    Invalid::new(
        "passphrase_confirm",
        "The two passphrases differ.",
        "Enter the same passphrase twice, or leave the second one empty.",
    )
}

pub(super) fn of_another_request() -> Invalid {
    Invalid::new(
        KEY,
        "The private key belongs to another request: its public key is not the one in this request.",
        "Use the key that this request was made with.",
    )
}

pub(super) fn not_a_key(kind: Kind) -> Invalid {
    let what = match kind.name() {
        Some(name) if kind == Kind::TpmKey => {
            format!("This is {name}: only the machine with that TPM can use it.")
        }
        Some(name) if matches!(kind, Kind::OpenSshKey | Kind::PuttyKey) => {
            format!("This is {name}, which TLS programs do not read.")
        }
        Some(name) => format!("This is {name}, not a private key as PEM or DER."),
        None => "This is not a private key: it is neither PEM nor DER of one.".to_owned(),
    };
    let fix = match kind {
        Kind::OpenSshKey => {
            "Convert a copy of it with ssh-keygen -p -m PKCS8 -f COPY, which rewrites that file in place (an Ed25519 key needs OpenSSH 10.1)."
        }
        Kind::TpmKey => "Make a new request here, with a new key.",
        Kind::PuttyKey => "Convert it with puttygen FILE -O private-openssh -o NEW.pem.",
        Kind::Pkcs12 => {
            "Extract the key with `openssl pkcs12 -legacy -in FILE -nocerts -out NEW.pem`. To import it with its certificate, choose the type “Certificate with its key”, or run `signet csr import --pkcs12`."
        }
        Kind::JavaKeyStore => {
            "Convert it with keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12, then extract the key with openssl pkcs12 -in NEW.p12 -nocerts -out NEW.pem."
        }
        Kind::PublicKey | Kind::SshPublicKey => {
            "Give the private key: it is in another file, made together with the public one."
        }
        Kind::Certificate => {
            "Give the private key: it is in its own file, often named .key, and never in a certificate."
        }
        Kind::Request => "Give the private key, too: it is in the file that was made together with the request.",
        _ => "Give a key as PKCS#8, PKCS#1 or SEC1. It begins with a line such as -----BEGIN PRIVATE KEY-----.",
    };
    Invalid::new(KEY, what, fix)
}

pub(super) fn refused(error: &KeyFileError) -> Invalid {
    match error {
        KeyFileError::NoPassphrase => Invalid::new(
            PASSPHRASE,
            "The private key is encrypted, and its passphrase is missing.",
            "Enter the passphrase of the key file.",
        ),
        KeyFileError::WrongPassphrase => Invalid::new(
            PASSPHRASE,
            "The passphrase does not open the private key.",
            "Enter it again. You can test it with openssl pkey -noout -in FILE.",
        ),
        KeyFileError::EmptyPassphrase => Invalid::new(
            PASSPHRASE,
            "The passphrase is empty, but the private key is encrypted with another one.",
            "Enter the passphrase of the key file.",
        ),
        KeyFileError::NotEncrypted => Invalid::new(
            PASSPHRASE,
            "There is a passphrase, but the private key is not encrypted.",
            "Leave the passphrase empty.",
        ),
        KeyFileError::Cost(cost) => Invalid::new(
            KEY,
            format!("Opening the private key needs too much work: {cost}."),
            if cost.is_opened_by_openssl() { BY_OPENSSL } else { BY_PYTHON },
        ),
        KeyFileError::Encryption(name) => Invalid::new(
            KEY,
            format!("The private key has an unsupported encryption: {name}."),
            "Encrypt it again with openssl pkey -aes256 -in FILE -out NEW.pem; old ciphers need -provider legacy -provider default.",
        ),
        KeyFileError::Algorithm(name) => Invalid::new(
            KEY,
            format!("The private key is of an unsupported kind: {name}."),
            "Use an RSA key, an Ed25519 key, an ML-DSA key or a key on a supported elliptic curve, such as SECP384R1.",
        ),
        KeyFileError::Curve(name) => Invalid::new(
            KEY,
            format!("The private key is on an unsupported elliptic curve: {name}."),
            "Use a supported curve, such as SECP256R1 or SECP384R1.",
        ),
        KeyFileError::ExplicitCurve => Invalid::new(
            KEY,
            "The private key describes its elliptic curve by numbers, not by name.",
            "Convert it with openssl ec -in FILE -param_enc named_curve -out NEW.pem.",
        ),
        KeyFileError::NoCurve => Invalid::new(
            KEY,
            "The private key does not say which elliptic curve it is on.",
            "Add its -----BEGIN EC PARAMETERS----- block.",
        ),
        KeyFileError::RsaTooShort(bits) => Invalid::new(
            KEY,
            format!("The private key is RSA with {bits} bits; the minimum is {MIN_RSA_BITS}."),
            "Make a new key of at least 2048 bits, and a new request with it.",
        ),
        KeyFileError::RsaTooLong(bits) => Invalid::new(
            KEY,
            format!("The private key is RSA with {bits} bits; the maximum is {MAX_RSA_BITS}."),
            "Make a new key of 2048 to 4096 bits, and a new request with it.",
        ),
        KeyFileError::RsaExponent => Invalid::new(
            KEY,
            "The private key is RSA with a public exponent that is even, 1 or too long.",
            "Make a new key with the usual exponent, 65537, and a new request with it.",
        ),
        KeyFileError::MlDsaForm => Invalid::new(
            KEY,
            "The ML-DSA private key is in a form from before RFC 9881: its seed or its expanded key is not marked as such.",
            "Export it again with a current version of the program that made it. OpenSSL 3.5 or later converts some of these forms: openssl pkey -in FILE -out NEW.pem.",
        ),
        KeyFileError::Damaged(reason) => Invalid::new(
            KEY,
            format!("The private key is damaged: {reason}."),
            "Copy the key file again from where it was made.",
        ),
    }
}
