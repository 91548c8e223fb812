//! The inputs of `tests/cases` as this crate reads them; its README says where each comes from.

use crate::answer::{AnswerError, read_answer, read_usable};
use crate::certificate::{Certificate, CertificateError, Fault};
use crate::chain::{End, chain};
use crate::import::{ImportRefusal, Imported, Source, import, read_key, read_request, refused};
use crate::inspect::inspect;
use crate::keyfile::KeyFileError;
use crate::pem;
use signet_domain::secret::Secret;

pub(crate) fn case(name: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/cases/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn imported(request: &str, key: &str, passphrase: Option<&str>) -> Result<Imported, ImportRefusal> {
    let (request, key) = (case(request), case(key));
    let file = |bytes| Source { paste: None, file: Some(bytes) };
    let passphrase = passphrase.map(|text| Secret::from(text.to_owned()));
    import(file(&request), file(&key), passphrase.as_ref(), passphrase.as_ref())
}

/// The certificates of an answer, the leaf first.
fn split(name: &str) -> (Certificate, Vec<Certificate>) {
    let mut all = read_answer(&case(name)).expect("an answer");
    let leaf = all.remove(0);
    (leaf, all)
}

#[test]
fn a_passphrase_file_of_windows_has_no_byte_order_mark_in_its_text() {
    assert_eq!(pem::decoded(&case("passphrase-bom.txt")).expect("text").as_str(), "geheim-lang-genug\r\n");
}

#[test]
fn an_empty_passphrase_opens_a_key_that_was_encrypted_with_one() {
    assert!(imported("leaf.csr", "empty-passphrase.key", Some("")).is_ok());
    let refusal = imported("leaf.csr", "empty-passphrase.key", Some("another")).err();
    assert_eq!(refusal, Some(ImportRefusal::Key(KeyFileError::WrongPassphrase)));
}

#[test]
fn a_key_out_of_json_with_escaped_slashes_is_read() {
    assert!(imported("k-json.csr", "k-json-escaped-slashes.json", None).is_ok());
}

#[test]
fn the_complete_path_wins_over_the_one_that_dead_ends() {
    let (leaf, others) = split("a-cross-signed.pem");
    let chain = chain(leaf, others).expect("a chain");
    let names: Vec<String> = chain.certificates.iter().map(Certificate::subject_short).collect();
    assert_eq!((names, chain.end), (vec!["nas.example.org".into(), "Test CA".into(), "Old Root".into()], End::Root));
    assert_eq!(chain.spare.len(), 1);
}

#[test]
fn a_certificate_with_its_issuers_name_has_a_missing_issuer_and_no_damage() {
    let (leaf, _) = split("same-name.leaf.pem");
    let open = chain(leaf, vec![]).expect("a chain");
    assert!(matches!(open.end, End::Missing { ref issuer, .. } if issuer == "nas.example"), "{:?}", open.end);
    let (leaf, others) = split("same-name.both.pem");
    let whole = chain(leaf, others).expect("a chain");
    assert_eq!((whole.certificates.len(), whole.end), (2, End::Root));
}

#[test]
fn two_san_extensions_are_refused_by_their_rule() {
    let why = CertificateError::Fault(Fault::Repeated("Subject Alternative Names".to_owned()));
    let answer = read_usable(&case("a-two-san-extensions.pem")).expect("the CA's own is whole");
    assert_eq!(answer.unread[0].error, AnswerError::Damaged { place: 1, of: 2, why });
    let said = answer.unread[0].error.invalid("certificate");
    assert!(said.what.contains("twice, which RFC 5280 4.2 forbids") && said.fix.starts_with("Ask the CA"), "{said:?}");
}

#[test]
fn a_time_with_a_fraction_is_refused_by_its_rule() {
    let answer = read_usable(&case("a-time-with-fraction.pem")).expect("the CA's own is whole");
    let said = answer.unread[0].error.invalid("certificate");
    let expected = "Certificate 1 of 2 has a time with a fraction of a second, which RFC 5280 4.1.2.5.2 forbids.";
    assert_eq!((said.what.as_str(), answer.unread[0].subject.as_deref()), (expected, Some("nas.example.org")));
    assert!(said.fix.starts_with("Ask the CA"), "{}", said.fix);
}

#[test]
fn a_root_with_two_algorithms_does_not_refuse_the_leaf() {
    let answer = read_usable(&case("no-null-in-root.both.pem")).expect("the leaf is whole");
    assert_eq!(answer.certificates.len(), 1);
    assert_eq!(answer.unread[0].subject.as_deref(), Some("OD Root"));
    let said = answer.unread[0].error.invalid("certificate").what;
    assert_eq!(said, "Certificate 2 of 2 names two different signature algorithms, which RFC 5280 4.1.1.2 forbids.");
    assert!(read_usable(&case("no-null-in-root.root.pem")).is_err(), "alone it is nothing");
}

#[test]
fn a_key_is_the_same_whatever_form_its_point_has() {
    let request = read_request(Source { paste: None, file: Some(&case("compressed.csr")) }).expect("a request");
    let request = inspect(request.der()).expect("a request");
    let (answer, _) = split("compressed.answer.pem");
    assert_ne!(request.spki_sha256, answer.spki_sha256);
    assert_eq!(request.key_sha256, answer.key_sha256);
    assert!(imported("compressed.csr", "leaf.key", None).is_ok());
}

#[test]
fn a_challenge_password_of_any_string_type_is_read_and_not_shown() {
    let der = imported("r-attribute-universalstring.csr", "base.key", None).expect("imported").request;
    let read = inspect(&der).expect("a request");
    assert_eq!(read.san, ["DNS:nas.example.org"]);
    assert_eq!(read.attributes.iter().map(|it| it.value.as_str()).collect::<Vec<_>>(), ["(not shown)"]);
}

#[test]
fn an_ed25519_key_of_ring_is_read() {
    assert!(imported("k-ring-ed25519.csr", "k-ring-ed25519.key", None).is_ok());
}

#[test]
fn a_short_rsa_key_is_refused_once_and_at_the_key() {
    let request = read_request(Source { paste: Some(&case("rsa1000.csr")), file: None }).err();
    let key = read_key(Source { paste: Some(&case("rsa1000.key")), file: None }, None, None).err();
    assert_eq!(request, Some(ImportRefusal::RequestRsaLength(1000)));
    let said = refused(request, key);
    let said: Vec<_> = said.iter().map(|it| (it.field, it.what.as_str())).collect();
    assert_eq!(said, [("private_key", "The private key is RSA with 1000 bits; the minimum is 1024.")]);
}

#[test]
fn der_that_an_editor_ended_is_read() {
    assert!(imported("leaf.csr", "newline.key.der", None).is_ok());
}

#[test]
fn a_label_that_commands_a_terminal_is_escaped() {
    let said =
        read_request(Source { paste: None, file: Some(&case("escape-label.csr")) }).err().expect("refused").invalid();
    assert!(said.what.contains("\\u{1b}[2J") && !said.what.contains('\u{1b}'), "{}", said.what);
}
