//! Requests that are imported with their keys.

use super::{key_file, pem};
use crate::import::ImportRefusal;
use crate::keyfile::kind::Kind;
use crate::keyfile::{MAX_RSA_BITS, MIN_RSA_BITS};
use signet_domain::invalid::Invalid;

const REQUEST: &str = "signing_request";

impl ImportRefusal {
    /// The refusal as the form's field, what is wrong and what to do.
    pub fn invalid(&self) -> Invalid {
        match self {
            Self::NoRequest => Invalid::new(
                REQUEST,
                "The request is missing.",
                "Give it as text or as a file. As text it begins with -----BEGIN CERTIFICATE REQUEST-----.",
            ),
            Self::RequestTooLarge => Invalid::new(
                REQUEST,
                "The certificate request is larger than 256 KiB.",
                "Give only the request, which has a few KiB.",
            ),
            Self::RequestPem(error) => Invalid::new(
                REQUEST,
                pem::damaged("certificate request", error),
                pem::copy_again("certificate request"),
            ),
            Self::NotARequest(kind) => not_a_request(*kind),
            Self::TwoRequests => Invalid::new(
                REQUEST,
                "The file or text contains two certificate requests.",
                "Remove one of them: a request is imported together with its private key.",
            ),
            Self::RequestsDiffer => Invalid::new(
                REQUEST,
                "The certificate request given as text is not the one in the file.",
                "Give only one of the two requests.",
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
                "Make a request with RSA, Ed25519, ML-DSA or a supported elliptic curve, such as SECP384R1.",
            ),
            Self::SignatureDamaged => Invalid::new(
                REQUEST,
                "The certificate request's own signature does not verify: the request was changed after it was signed.",
                "Copy it again from where it was made; openssl req -verify -noout -in FILE must say OK.",
            ),
            Self::NoKey => key_file::missing(),
            Self::KeyTooLarge => key_file::too_large(),
            Self::KeyPem(error) => key_file::damaged_pem(error),
            Self::NotAKey(kind) => key_file::not_a_key(*kind),
            Self::TwoKeys => key_file::several(),
            Self::KeysDiffer => key_file::text_and_file_differ(),
            Self::PassphrasesDiffer => key_file::passphrases_differ(),
            Self::Key(error) => key_file::refused(error),
            Self::KeyOfAnotherRequest => key_file::of_another_request(),
        }
    }
}

fn not_a_request(kind: Kind) -> Invalid {
    let what = match kind.name() {
        Some(name) => format!("This is {name}, not a certificate request."),
        None => "This is not a certificate request: it is neither PEM nor DER of one.".to_owned(),
    };
    let fix = match kind {
        Kind::PrivateKey | Kind::TpmKey | Kind::OpenSshKey | Kind::PuttyKey => {
            "Give the request here and the private key separately. The request begins with -----BEGIN CERTIFICATE REQUEST-----."
        }
        Kind::Certificate | Kind::Pkcs12 => {
            "Give the request that the certificate was made from (PKCS#10, .csr or .req). To import a certificate with its key, choose the type “Certificate with its key”, or run `signet csr import` with --certificate or --pkcs12."
        }
        _ => "Give a PKCS#10 request (.csr, .req). It begins with -----BEGIN CERTIFICATE REQUEST-----.",
    };
    Invalid::new(REQUEST, what, fix)
}
