//! Keys, signatures, requests and certificates as bytes. No files, no HTTP.

pub mod keyfile;
mod legacy;
pub mod pem;
