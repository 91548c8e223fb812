//! ML-DSA as Python's `cryptography` sees it, which has OpenSSL's implementation and none of ours.

use super::console::{Console, run};
use super::made::Folder;
use super::python::python;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::path::Path;

/// The parameter sets with their object identifiers (RFC 9881 2).
pub const SETS: [(u32, &str); 3] =
    [(44, "2.16.840.1.101.3.4.3.17"), (65, "2.16.840.1.101.3.4.3.18"), (87, "2.16.840.1.101.3.4.3.19")];

/// Of everything that is encrypted.
pub const PASSPHRASE: &str = "correct horse";

/// What `ml_dsa.py` writes; it tells of its arguments.
pub fn second<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Vec<u8> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/ml_dsa.py");
    let ran = run(python().arg(script).args(arguments), b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

/// The same of what it says as JSON.
pub fn told<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Value {
    serde_json::from_slice(&second(arguments)).unwrap()
}

/// Fails unless a request, as the second parser reads it, has a key of that set and a signature of its own.
pub fn is_good(set: u32, oid: &str, read: &Value) {
    assert_eq!(read["valid"], true, "ML-DSA-{set}");
    assert_eq!(read["key"], json!({"type": format!("ML-DSA-{set}")}));
    assert_eq!(read["key_algorithm"], json!([oid, ""]), "parameters are absent (RFC 9881 2)");
    assert_eq!(read["signature_algorithm"], json!([oid, ""]));
    assert_eq!(read["digest"], Value::Null);
}

/// The key as the device gives it away, in a file: its path.
pub fn exported(console: &Console, folder: &Folder, name: &str) -> String {
    let key = console.run(["csr", "key", name, "--unencrypted"]).worked();
    path(folder, &format!("{name}.key"), key.as_bytes())
}

/// A file's path as text.
pub fn path(folder: &Folder, name: &str, content: &[u8]) -> String {
    folder.file(name, content).to_str().unwrap().to_owned()
}

/// A file with [`PASSPHRASE`].
pub fn passphrase(folder: &Folder) -> String {
    path(folder, "passphrase", format!("{PASSPHRASE}\n").as_bytes())
}

/// A certificate for a request of the console, signed by its own key, as PEM.
pub fn certified(console: &Console, folder: &Folder, name: &str) -> Vec<u8> {
    let request = path(folder, "request.pem", console.run(["csr", "export", name]).worked().as_bytes());
    second(["certify", &exported(console, folder, name), &request])
}
