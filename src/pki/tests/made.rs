//! Certificates and requests put together byte by byte, for what no program makes.

use crate::asn1::push_header;
use crate::private_key::PrivateKey;
use crate::sign::sign;
use crate::tests::request::p256;
use signet_domain::key_spec::Digest;

pub(crate) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut made = Vec::new();
    push_header(tag, content.len(), &mut made);
    made.extend(content);
    made
}

/// DER of an object identifier from dots.
pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    tlv(6, &[der::asn1::ObjectIdentifier::new_unwrap(dotted).as_bytes()])
}

/// A name of one attribute, its value with the tag of a string type.
pub(crate) fn name(attribute: &str, tag: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&tlv(0x31, &[&tlv(0x30, &[&oid(attribute), &tlv(tag, &[value])])])])
}

/// A certificate that a test changes where it wants to; its key signed it.
pub(crate) struct Made {
    pub(crate) key: PrivateKey,
    /// As the field has it: 2 for version 3; none where it is not written.
    pub(crate) version: Option<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) extensions: Vec<Vec<u8>>,
}

impl Made {
    pub(crate) fn new() -> Self {
        Self {
            key: p256(),
            version: Some(2),
            serial: vec![0x2a],
            subject: name("2.5.4.3", 12, b"nas.example.org"),
            not_before: tlv(0x17, &[b"260101000000Z"]),
            not_after: tlv(0x17, &[b"270101000000Z"]),
            extensions: vec![san("nas.example.org")],
        }
    }

    pub(crate) fn der(&self) -> Vec<u8> {
        let version = self.version.map(|version| tlv(0xa0, &[&[2, 1, version]])).unwrap_or_default();
        let extensions = self.extensions.concat();
        let extensions = if extensions.is_empty() { Vec::new() } else { tlv(0xa3, &[&tlv(0x30, &[&extensions])]) };
        let tbs = tlv(
            0x30,
            &[
                &version,
                &tlv(2, &[&self.serial]),
                &algorithm(),
                &self.subject,
                &tlv(0x30, &[&self.not_before, &self.not_after]),
                &self.subject,
                self.key.spki_der(),
                &extensions,
            ],
        );
        signed(&self.key, &tbs)
    }
}

/// A request with this version and these attributes, each a whole `Attribute`.
pub(crate) fn request(version: u8, subject: &[u8], attributes: &[Vec<u8>]) -> Vec<u8> {
    let key = p256();
    let info = tlv(0x30, &[&[2, 1, version], subject, key.spki_der(), &tlv(0xa0, &[&attributes.concat()])]);
    signed(&key, &info)
}

pub(crate) fn attribute(kind: &str, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&oid(kind), &tlv(0x31, &[value])])
}

pub(crate) fn extension(kind: &str, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&oid(kind), &tlv(4, &[value])])
}

pub(crate) fn san(host: &str) -> Vec<u8> {
    extension("2.5.29.17", &tlv(0x30, &[&tlv(0x82, &[host.as_bytes()])]))
}

fn algorithm() -> Vec<u8> {
    tlv(0x30, &[&oid("1.2.840.10045.4.3.2")])
}

fn signed(key: &PrivateKey, content: &[u8]) -> Vec<u8> {
    let signature = sign(key, Some(Digest::Sha256), content).expect("a signature");
    tlv(0x30, &[content, &algorithm(), &tlv(3, &[&[0], &signature])])
}
