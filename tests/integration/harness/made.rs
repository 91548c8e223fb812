//! Keys and requests that were made elsewhere: by OpenSSL, for imports.

use super::openssl::openssl;
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder of files that vanish with it.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A file with this content.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// A new key as PKCS#8 PEM; `algorithm` is what `openssl genpkey -algorithm` takes, with its options.
pub fn key(algorithm: &str) -> Vec<u8> {
    openssl(&format!("genpkey -quiet -algorithm {algorithm}"), b"")
}

/// A new EC key by its curve's name.
pub fn ec_key(curve: &str) -> Vec<u8> {
    key(&format!("EC -pkeyopt ec_paramgen_curve:{curve}"))
}

/// A new RSA key.
pub fn rsa_key(bits: u32) -> Vec<u8> {
    key(&format!("RSA -pkeyopt rsa_keygen_bits:{bits}"))
}

/// A request for a key (PEM), as `openssl req` writes it with these options.
pub fn request(key: &[u8], options: &str) -> Vec<u8> {
    let folder = Folder::new();
    let key = folder.file("key", key);
    openssl(&format!("req -new -key {} -subj /C=DE/CN=nas.local {options}", key.display()), b"")
}

/// A request's own bytes.
pub fn der(request: &[u8]) -> Vec<u8> {
    openssl("req -outform DER", request)
}
