//! OpenSSL's opinion.

use super::console::run;
use std::process::Command;

/// What `openssl` writes; its arguments are parted by blanks.
pub fn openssl(arguments: &str, input: &[u8]) -> Vec<u8> {
    let ran = run(Command::new("openssl").args(arguments.split_whitespace()), input);
    assert_eq!(ran.code, 0, "openssl {arguments}: {}", ran.err);
    ran.out
}

/// The same as text.
pub fn openssl_text(arguments: &str, input: &[u8]) -> String {
    String::from_utf8(openssl(arguments, input)).unwrap()
}

/// Fails unless the request's signature verifies. The exit code of OpenSSL 3.0 says nothing about it.
pub fn verifies(request: &[u8]) {
    let form = if request.starts_with(b"0") { "DER" } else { "PEM" };
    let ran = run(Command::new("openssl").args(["req", "-verify", "-noout", "-inform", form]), request);
    assert!(ran.code == 0 && ran.err.contains("verify OK"), "{}", ran.err);
}

/// The public key that a private key makes, as DER; the key is checked too.
pub fn public_of_key(key: &[u8], passphrase: Option<&str>) -> Vec<u8> {
    let passphrase = format!("pass:{}", passphrase.unwrap_or("none was asked for"));
    let ran = run(Command::new("openssl").args(["pkey", "-pubout", "-outform", "DER", "-passin", &passphrase]), key);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

/// The public key of a request, as DER.
pub fn public_of_request(request: &[u8]) -> Vec<u8> {
    let pem = openssl("req -noout -pubkey", request);
    openssl("pkey -pubin -outform DER", &pem)
}
