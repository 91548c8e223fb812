//! Keys, signatures, requests and certificates as bytes. No files, no HTTP.

pub mod age;
pub mod algorithm;
pub mod answer;
mod asn1;
mod ber;
pub mod ca;
pub mod certificate;
pub mod certified_key;
pub mod chain;
pub mod csr_attributes;
mod curve;
pub mod digest;
pub mod error;
pub mod export;
pub mod generate;
pub mod identity;
pub mod import;
pub mod inspect;
pub mod key_error;
pub mod key_kind;
pub mod keyfile;
mod messages;
mod ml_dsa;
pub mod openssl;
pub mod pem;
pub mod pgp_words;
pub mod pkcs12;
mod pkcs12_kdf;
pub mod private_key;
pub mod public_key;
pub mod request;
mod roots;
mod rsa_numbers;
pub mod scheme;
pub mod serving;
pub mod sign;
#[cfg(test)]
mod tests;
pub mod verify;

pub use messages::NEW_CERTIFICATE;
