//! What a certificate says, as values.

use crate::inspect::{
    COMMON_NAME, FoundAttribute, FoundExtension, KeyFacts, RequestedExtensions, SignatureFacts, first,
};
use crate::ml_dsa;
use crate::public_key::PublicKey;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use der::asn1::ObjectIdentifier;
use jiff::Timestamp;
use signet_domain::answer::Terms;
use signet_domain::extensions::KeyUsageBit;
use signet_domain::{hex, visible};

/// Organization.
const ORGANIZATION: &str = "2.5.4.10";

/// Everything that a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The bytes as they came.
    pub der: Vec<u8>,
    /// 1 to 3; the first has no extensions.
    pub version: u8,
    /// The subject in one line, such as `CN=nas.local, C=NL`; empty where there is none.
    pub subject: String,
    /// The subject's parts in their own order.
    pub subject_parts: Vec<FoundAttribute>,
    /// DER of the subject.
    pub subject_der: Vec<u8>,
    /// The first common name of the subject.
    pub common_name: Option<String>,
    /// The issuer in one line.
    pub issuer: String,
    /// The issuer's parts in their own order.
    pub issuer_parts: Vec<FoundAttribute>,
    /// DER of the issuer.
    pub issuer_der: Vec<u8>,
    /// The issuer's common name, else its organization, else all of it.
    pub issuer_short: String,
    /// What is unusual about the serial number, as the end of a sentence; RFC 5280 4.1.2.2 forbids it.
    pub odd_serial: Option<&'static str>,
    /// In hex with colons, as `openssl x509 -serial` has it but for those.
    pub serial: String,
    /// The first second in which it is valid.
    pub not_before: Timestamp,
    /// The last second in which it is valid; [`Timestamp::MAX`] for what lies behind that, such as year 9999's last day.
    pub not_after: Timestamp,
    /// True for 9999-12-31 23:59:59: no end, says RFC 5280 4.1.2.5.
    pub endless: bool,
    /// The subject alternative names, such as `DNS:nas.local`.
    pub san: Vec<String>,
    /// The extensions in their order, to be read by a person.
    pub extensions: Vec<FoundExtension>,
    /// The same as values.
    pub stated: RequestedExtensions,
    /// Basic Constraints say so. A root of version 1 cannot say it: see [`Certificate::may_issue`].
    pub is_ca: bool,
    /// The bits that are set; empty where the extension is missing.
    pub key_usage: Vec<KeyUsageBit>,
    /// Such as `SERVER_AUTH`, unknown ones dotted; empty where the extension is missing.
    pub extended_key_usage: Vec<String>,
    /// Subject key identifier, in hex with colons.
    pub subject_key_id: Option<String>,
    /// Key identifier of the authority key identifier, in hex with colons.
    pub authority_key_id: Option<String>,
    /// Names of critical extensions that no common program knows, so that all refuse the certificate.
    pub unknown_critical: Vec<String>,
    /// Where the issuer's certificate can be had, `http` or `https`, at most eight (RFC 5280 4.2.2.1).
    pub ca_issuers: Vec<String>,
    /// The public key.
    pub key: KeyFacts,
    /// How it was signed.
    pub signature: SignatureFacts,
    /// DER of the `SubjectPublicKeyInfo`, as it is in the certificate.
    pub spki: Vec<u8>,
    /// SHA-256 of [`Certificate::spki`].
    pub spki_sha256: [u8; 32],
    /// SHA-256 of the key however it is encoded: equal for two encodings of one key.
    pub key_sha256: [u8; 32],
    /// SHA-256 of the whole: the fingerprint.
    pub sha256: [u8; 32],
    /// Issuer and subject are the same name. Whether it signed itself is for [`Certificate::is_signed_by`].
    pub self_issued: bool,
}

impl Certificate {
    /// True when this certificate has the same public key, whichever way a CA wrote it down again.
    pub fn has_key(&self, spki: &[u8]) -> bool {
        let keys = (PublicKey::from_spki(&self.spki), PublicKey::from_spki(spki));
        self.spki == spki || matches!(keys, (Ok(ours), Ok(theirs)) if ours == theirs)
    }

    /// Whether it may sign certificates: Basic Constraints and Key Usage allow it. A self-issued certificate without Basic
    /// Constraints may too: roots of version 1 have none, and nobody checks a root that is trusted.
    pub fn may_issue(&self) -> bool {
        let constraints = self.stated.basic_constraints.as_ref().map_or(self.self_issued, |said| said.ca);
        let usage = self.stated.key_usage.as_ref().is_none_or(|said| said.bits.contains(&KeyUsageBit::KeyCertSign));
        constraints && usage
    }

    /// Whether its issuer signed it with ML-DSA.
    pub fn is_signed_with_ml_dsa(&self) -> bool {
        ObjectIdentifier::new(&self.signature.oid).is_ok_and(|oid| ml_dsa::of_oid(oid).is_some())
    }

    /// Its name in ARI (RFC 9773, section 4.1); none without an authority key identifier.
    pub fn ari_name(&self) -> Option<String> {
        ari_name(self.authority_key_id.as_deref()?, &self.serial)
    }

    /// The subject for a sentence: its common name, else its organization, else all of it.
    pub fn subject_short(&self) -> String {
        short(&self.subject_parts, &self.subject)
    }

    /// Days from the first second to the last, to the nearest: 90 for a CA that counts a second less. None without end.
    pub fn lifetime_days(&self) -> Option<u32> {
        (!self.endless).then(|| signet_domain::answer::lifetime_days(self.not_before, self.not_after))
    }

    /// What it grants, to be held against what was asked ([`crate::inspect::Inspected::terms`]).
    pub fn terms(&self) -> Terms {
        crate::inspect::terms(&self.subject_parts, &self.stated, self.lifetime_days())
    }
}

/// A common name, else an organization, else the whole line; bounded, since it is put into sentences.
pub(super) fn short(parts: &[FoundAttribute], line: &str) -> String {
    let named = first(parts, COMMON_NAME).or_else(|| first(parts, ORGANIZATION)).filter(|name| !name.is_empty());
    match named {
        Some(name) => visible::line(&name),
        None if line.is_empty() => "(no name)".to_owned(),
        None => visible::line(line),
    }
}

/// Both as the content of their DER, in base64url; given in hex with colons, the serial number without a zero in front.
fn ari_name(key_id: &str, serial: &str) -> Option<String> {
    let bytes = |text: &str| hex::decode(&text.replace(':', "")).filter(|bytes| !bytes.is_empty());
    let (key_id, mut serial) = (bytes(key_id)?, bytes(serial)?);
    // A number whose first bit is set would be negative without it.
    if serial.first().is_some_and(|first| first & 0x80 != 0) {
        serial.insert(0, 0);
    }
    Some(format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(key_id), BASE64_URL_SAFE_NO_PAD.encode(serial)))
}

#[cfg(test)]
mod tests {
    use super::ari_name;

    #[test]
    fn the_name_in_ari_is_that_of_the_standards_example() {
        let key_id = "69:88:5B:6B:87:46:40:41:E1:B3:7B:84:7B:A0:AE:2C:DE:01:C8:D4";
        assert_eq!(ari_name(key_id, "87:65:43:21").unwrap(), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
        assert_eq!(ari_name("01", "7F").unwrap(), "AQ.fw");
        assert_eq!(ari_name("", "7F"), None);
    }
}
