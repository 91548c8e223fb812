//! The words for every refusal: field, what is wrong, what to do. No two causes share them.
//!
//! Commands are given as they are typed; `FILE`, `COPY` and `NEW.pem` stand for the reader's own files.

use super::refusal::ImportRefusal;
use crate::keyfile::kind::Kind;
use crate::keyfile::{KeyFileError, MAX_RSA_BITS, MIN_RSA_BITS};
use crate::pem::PemError;
use signet_domain::invalid::Invalid;

const REQUEST: &str = "signing_request";
const KEY: &str = "private_key";
const PASSPHRASE: &str = "passphrase";

const BY_OPENSSL: &str =
    "Convert it with openssl pkcs8 -topk8 -in FILE -out NEW.pem -v2 aes-256-cbc -iter 600000 and use NEW.pem.";
/// Only a file that OpenSSL refuses, too.
const BY_PYTHON: &str = "OpenSSL cannot open it either. Python can convert it, with its package cryptography: python3 -c \"from cryptography.hazmat.primitives.serialization import *; from getpass import getpass; p = getpass().encode(); k = load_pem_private_key(open('FILE', 'rb').read(), p); open('NEW.pem', 'wb').write(k.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(p)))\" asks for the passphrase and writes NEW.pem.";

impl ImportRefusal {
    /// The refusal as the form's field, the rule and the way out.
    pub fn invalid(&self) -> Invalid {
        match self {
            Self::NoRequest => Invalid::new(
                REQUEST,
                "The request is missing.",
                "Paste it or choose its file. As text it begins with -----BEGIN CERTIFICATE REQUEST-----.",
            ),
            Self::RequestTooLarge => Invalid::new(
                REQUEST,
                "The certificate request is larger than 256 KiB.",
                "Use the request alone: it has a few KiB.",
            ),
            Self::RequestPem(error) => pem(REQUEST, "certificate request", error),
            Self::NotARequest(kind) => not_a_request(*kind),
            Self::TwoRequests => Invalid::new(
                REQUEST,
                "The file or text contains two certificate requests.",
                "Remove one of them: a request is imported together with its private key.",
            ),
            Self::RequestsDiffer => Invalid::new(
                REQUEST,
                "The pasted certificate request is not the one in the file.",
                "Clear the text field, or choose no file.",
            ),
            Self::RequestDamaged(part) => Invalid::new(
                REQUEST,
                format!("The certificate request is damaged: its {part} cannot be read."),
                "Copy it again from where it was made.",
            ),
            Self::RequestAlgorithm(name) => Invalid::new(
                REQUEST,
                format!("The certificate request has an unsupported signature: {name}."),
                "Make a request that is signed with SHA-1 or SHA-2.",
            ),
            Self::RequestExplicitCurve => Invalid::new(
                REQUEST,
                "The certificate request describes its elliptic curve by numbers, not by name.",
                "Convert the key with openssl ec -in FILE -param_enc named_curve -out NEW.pem and make a new request.",
            ),
            Self::RequestRsaLength(bits) => Invalid::new(
                REQUEST,
                if *bits < MIN_RSA_BITS {
                    format!("The certificate request has an RSA key of {bits} bits; the minimum is {MIN_RSA_BITS}.")
                } else {
                    format!("The certificate request has an RSA key of {bits} bits; the maximum is {MAX_RSA_BITS}.")
                },
                "Make a key of 2048 to 4096 bits and a new request with it.",
            ),
            Self::RequestRsaExponent => Invalid::new(
                REQUEST,
                "The certificate request has an RSA key whose public exponent is even, 1 or too long.",
                "Make a key with the usual exponent, 65537, and a new request with it.",
            ),
            Self::RequestKeyAlgorithm(name) => Invalid::new(
                REQUEST,
                format!("The certificate request has an unsupported kind of key: {name}."),
                "Make a request with RSA, Ed25519 or a supported elliptic curve, such as SECP384R1.",
            ),
            Self::SignatureDamaged => Invalid::new(
                REQUEST,
                "The certificate request's own signature does not verify: the request was changed after it was signed.",
                "Copy it again from where it was made; openssl req -verify -noout -in FILE must say OK.",
            ),
            Self::NoKey => Invalid::new(
                KEY,
                "The private key is missing.",
                "Paste it or choose its file. As text it begins with a line such as -----BEGIN PRIVATE KEY-----.",
            ),
            Self::KeyTooLarge => {
                Invalid::new(KEY, "The private key is larger than 256 KiB.", "Use the key alone: it has a few KiB.")
            }
            Self::KeyPem(error) => pem(KEY, "private key", error),
            Self::NotAKey(kind) => not_a_key(*kind),
            Self::TwoKeys => Invalid::new(
                KEY,
                "The file or text contains two private keys.",
                "Keep only the one that the request was made with.",
            ),
            Self::KeysDiffer => Invalid::new(
                KEY,
                "The pasted private key is not the one in the file.",
                "Clear the text field, or choose no file.",
            ),
            Self::PassphrasesDiffer => Invalid::new(
                "passphrase_confirm",
                "The two passphrases differ.",
                "Enter the same passphrase in both fields, or leave the second one empty.",
            ),
            Self::Key(error) => key_file(error),
            Self::KeyOfAnotherRequest => Invalid::new(
                KEY,
                "The private key belongs to another request: its public key is not the one in this request.",
                "Use the key that this request was made with.",
            ),
        }
    }
}

/// The same causes have words of their own for each field, since `thing` names it.
fn pem(field: &'static str, thing: &str, error: &PemError) -> Invalid {
    let what = match error {
        PemError::NoEnd { label } => format!("The {thing} is cut off: the line -----END {label}----- is missing."),
        PemError::NoBegin { label } => format!("The {thing} lacks its first line, -----BEGIN {label}-----."),
        PemError::LabelsDiffer { begin, end } => {
            format!("The {thing} begins as {begin} and ends as {end}: a part is missing.")
        }
        PemError::Dashes => format!("The {thing} has a BEGIN or END line without its five dashes on each side."),
        PemError::Empty { label } => format!("The {thing} is empty between the lines of {label}."),
        PemError::Base64 { label } => {
            format!("The {thing}'s text is damaged: characters of {label} are missing or do not belong there.")
        }
    };
    Invalid::new(
        field,
        what,
        format!("Copy the whole {thing} again, from its first dash to its last, or choose its file."),
    )
}

fn not_a_request(kind: Kind) -> Invalid {
    let what = match kind.name() {
        Some(name) => format!("This is {name}, not a certificate request."),
        None => "This is not a certificate request: it is neither PEM nor DER of one.".to_owned(),
    };
    let fix = match kind {
        Kind::PrivateKey | Kind::TpmKey | Kind::OpenSshKey | Kind::PuttyKey => {
            "The private key has its own field. The request begins with -----BEGIN CERTIFICATE REQUEST-----."
        }
        Kind::Certificate | Kind::Pkcs12 => {
            "Use the request that the certificate was made from (PKCS#10, .csr or .req). To import a certificate with its key, choose that type in the first step, or run signet csr import with --certificate or --pkcs12."
        }
        _ => "Use a PKCS#10 request (.csr, .req). It begins with -----BEGIN CERTIFICATE REQUEST-----.",
    };
    Invalid::new(REQUEST, what, fix)
}

fn not_a_key(kind: Kind) -> Invalid {
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
            "Extract the key with openssl pkcs12 -legacy -in FILE -nocerts -out NEW.pem. To import it with its certificate, choose that type in the first step, or run signet csr import --pkcs12."
        }
        Kind::JavaKeyStore => {
            "Convert it with keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12, then extract the key with openssl pkcs12 -in NEW.p12 -nocerts -out NEW.pem."
        }
        Kind::PublicKey | Kind::SshPublicKey => {
            "The private key is in another file, made together with the public one."
        }
        Kind::Certificate => "The private key is in its own file, often named .key. A certificate never contains it.",
        Kind::Request => {
            "The request has its own field. The private key is in the file that was made together with it."
        }
        _ => "Use a key as PKCS#8, PKCS#1 or SEC1. It begins with a line such as -----BEGIN PRIVATE KEY-----.",
    };
    Invalid::new(KEY, what, fix)
}

fn key_file(error: &KeyFileError) -> Invalid {
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
            format!("Opening the private key takes too much work: {cost}."),
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
            "Use an RSA key, an Ed25519 key or a key on a supported elliptic curve, such as SECP384R1.",
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
        KeyFileError::Damaged(reason) => Invalid::new(
            KEY,
            format!("The private key is damaged: {reason}."),
            "Copy the key file again from where it was made.",
        ),
    }
}
