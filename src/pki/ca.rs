//! Reads what an Authority Key Identifier needs from a CA's certificate.
//!
//! It reads the certificate alone: whether anyone trusts the CA, and whether it is still valid, is not known here.

mod error;

use super::asn1;
use super::pem;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Tag, Tagged};
use error::CaError;
use signet_domain::extensions::{CaCertificate, IssuerSerial, ReadCa};
use signet_domain::invalid::shortened;

/// Reads a CA's certificate from PEM.
#[derive(Debug, Clone, Copy, Default)]
pub struct CaReader;

/// subjectKeyIdentifier, RFC 5280 4.2.1.2.
const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
/// basicConstraints, RFC 5280 4.2.1.9.
const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// The longest key identifier that is accepted.
const MAX_KEY_ID: usize = 64;

impl ReadCa for CaReader {
    fn read_ca(&self, pem: &str) -> Result<CaCertificate, String> {
        read(pem).map_err(|error| error.to_string())
    }
}

fn read(text: &str) -> Result<CaCertificate, CaError> {
    let blocks = pem::scan(text)?;
    let is_certificate = |label: &str| matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE");
    // Beside a certificate, too: what is accepted here is kept with what was typed, where no key belongs.
    if blocks.iter().any(|block| block.label.ends_with("PRIVATE KEY")) {
        return Err(CaError::PrivateKey);
    }
    let certificates: Vec<_> = blocks.iter().filter(|block| is_certificate(&block.label)).collect();
    match (certificates.as_slice(), blocks.first()) {
        ([certificate], _) => of_der(&certificate.der()?),
        ([], None) => Err(CaError::NotPem),
        ([], Some(block)) if block.label.ends_with("CERTIFICATE REQUEST") => Err(CaError::Request),
        ([], Some(block)) => Err(CaError::Other(shortened(&block.label))),
        (several, _) => Err(CaError::Several(several.len())),
    }
}

fn of_der(der: &[u8]) -> Result<CaCertificate, CaError> {
    facts(der).map_err(|_| CaError::Damaged)?.ok_or(CaError::NotCa)
}

/// None when the certificate says that it is not a CA's.
fn facts(der: &[u8]) -> der::Result<Option<CaCertificate>> {
    // OpenSSL's TRUSTED CERTIFICATE has its own trust settings behind the certificate.
    let certificate = asn1::elements(der)?;
    let certificate = asn1::sequence(*certificate.first().ok_or(der::ErrorKind::Failed)?)?;
    let fields = asn1::sequence(*certificate.first().ok_or(der::ErrorKind::Failed)?)?;
    // Before version 2 there is no [0] (RFC 5280 4.1): serial, signature, issuer, validity, subject, key, and what follows.
    let fields = match fields.split_first() {
        Some((version, rest)) if asn1::context(*version) == Some(0) => rest,
        _ => fields.as_slice(),
    };
    let &[serial, _signature, issuer, _validity, _subject, key, ref optional @ ..] = fields else {
        return Err(der::ErrorKind::Failed.into());
    };
    serial.tag().assert_eq(Tag::Integer)?;
    issuer.tag().assert_eq(Tag::Sequence)?;
    let (mut key_id, mut is_ca) = (None, true);
    for extension in extensions(optional)? {
        let (oid, value) = match *asn1::sequence(extension)?.as_slice() {
            [oid, .., value] => (asn1::oid(oid)?, AnyRef::from_der(value.value())?),
            _ => return Err(der::ErrorKind::Failed.into()),
        };
        match oid.as_str() {
            SUBJECT_KEY_IDENTIFIER => key_id = Some(value.value().to_vec()),
            BASIC_CONSTRAINTS => {
                let first = asn1::sequence(value)?.first().copied();
                is_ca = first.is_some_and(|ca| ca.tag() == Tag::Boolean && ca.value() != [0]);
            }
            _ => {}
        }
    }
    let key_id = match key_id {
        Some(id) if (1..=MAX_KEY_ID).contains(&id.len()) => id,
        Some(_) => return Err(der::ErrorKind::Failed.into()),
        None => key_hash(key)?,
    };
    let issued = IssuerSerial { issuer: asn1::bytes(issuer)?, serial: serial.value().to_vec() };
    Ok(is_ca.then_some(CaCertificate { key_id, issued }))
}

/// The extensions are under [3] (RFC 5280 4.1), if there are any.
fn extensions<'a>(optional: &[AnyRef<'a>]) -> der::Result<Vec<AnyRef<'a>>> {
    let Some(wrapped) = optional.iter().find(|field| asn1::context(**field) == Some(3)) else { return Ok(Vec::new()) };
    asn1::sequence(AnyRef::from_der(wrapped.value())?)
}

/// SHA-1 of the key's bits (RFC 5280 4.2.1.2, method 1): what CAs without an identifier are known by.
fn key_hash(spki: AnyRef<'_>) -> der::Result<Vec<u8>> {
    let key = asn1::sequence(spki)?.get(1).copied().ok_or(der::ErrorKind::Failed)?;
    let key: BitStringRef<'_> = key.decode_as()?;
    Ok(digest(&SHA1_FOR_LEGACY_USE_ONLY, key.raw_bytes()).as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::plain_pkcs8_pem;
    use crate::tests::openssl::{file, openssl_ok};
    use crate::tests::request::p256;
    use signet_domain::hex::colons;

    /// A self-signed certificate with these extensions.
    fn certificate(extensions: &[&str]) -> String {
        let key = plain_pkcs8_pem(&p256()).expect("a key");
        let (_guard, path) = file(key.as_bytes());
        let (_guard, config) = file(b"[req]\ndistinguished_name=dn\n[dn]\n");
        let (path, config) = (path.to_str().expect("plain"), config.to_str().expect("plain"));
        let mut arguments = vec!["req", "-x509", "-config", config, "-key", path, "-days", "30", "-utf8"];
        arguments.extend(["-subj", "/C=NL/O=Test Ümlaut/CN=Test CA", "-set_serial", "0x00f1020304050607"]);
        arguments.extend(extensions.iter().flat_map(|extension| ["-addext", extension]));
        String::from_utf8(openssl_ok(&arguments, b"")).expect("text")
    }

    fn openssl_says(certificate: &str, option: &str) -> String {
        String::from_utf8(openssl_ok(&["x509", "-noout", option], certificate.as_bytes())).expect("text")
    }

    #[test]
    fn reads_identifier_issuer_and_serial_as_openssl_does() {
        let pem = certificate(&["basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=hash"]);
        let ca = CaReader.read_ca(&format!("Subject: x\r\n\r\n  {}", pem.replace('\n', "\r\n"))).expect("a CA");
        let identifier = openssl_ok(&["x509", "-noout", "-ext", "subjectKeyIdentifier"], pem.as_bytes());
        assert!(String::from_utf8(identifier).expect("text").contains(&colons(&ca.key_id)));
        assert_eq!(ca.issued.serial, [0x00, 0xf1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(openssl_says(&pem, "-serial").trim(), "serial=F1020304050607");
        let issuer = crate::inspect::one_line_of(&ca.issued.issuer).expect("a name");
        assert_eq!(issuer, "C=NL, O=Test Ümlaut, CN=Test CA");
    }

    #[test]
    fn a_ca_without_an_identifier_is_known_by_its_keys_sha_1() {
        let pem = certificate(&["basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=none"]);
        let ca = CaReader.read_ca(&pem).expect("a CA");
        let spki = openssl_ok(&["pkey", "-pubin", "-outform", "DER"], openssl_says(&pem, "-pubkey").as_bytes());
        // An uncompressed point on P-256 is the last 65 bytes.
        let expected = openssl_ok(&["dgst", "-sha1", "-binary"], &spki[spki.len() - 65..]);
        assert_eq!(ca.key_id, expected);
    }

    #[test]
    fn says_what_the_text_is_instead() {
        let refusal = |text: &str| CaReader.read_ca(text).expect_err("no CA");
        let ca = certificate(&["basicConstraints=critical,CA:TRUE"]);
        assert_eq!(refusal(""), "There is no certificate in this text.");
        assert_eq!(refusal("AB:CD"), "There is no certificate in this text.");
        assert!(refusal(&format!("{ca}{ca}")).starts_with("There are 2 certificates"));
        assert!(refusal(&certificate(&["basicConstraints=CA:FALSE"])).starts_with("This is not a CA's certificate"));
        let key = plain_pkcs8_pem(&p256()).expect("a key");
        assert!(refusal(&key).starts_with("This contains a private key"));
        assert!(
            refusal(&format!("{ca}{}", *key)).starts_with("This contains a private key"),
            "beside a certificate, too"
        );
        let request = pem::encode("CERTIFICATE REQUEST", &[0x30, 0]);
        assert_eq!(refusal(&request), "This is a certificate signing request, not a certificate.");
        assert!(refusal(&pem::encode("CERTIFICATE", &[0x30, 0])).starts_with("The certificate is damaged"));
        assert!(refusal(&ca.replace("-----END", "-----")).starts_with("This is not a certificate in PEM form"));
        assert!(refusal(&pem::encode("PUBLIC KEY", &[0x30, 0])).contains("PUBLIC KEY"));
    }
}
