//! The answer that a CSR holds: its certificates as PEM, and its facts for people.

use crate::requests::content::Content;
use crate::validity::Validity;
use jiff::Timestamp;
use signet_domain::hex::colons;
use signet_domain::time;
use signet_pki::certificate::Certificate;
use signet_pki::chain::{End, chain};
use signet_pki::pem;

impl Content {
    /// The certificate of this key as PEM; empty for an unanswered CSR.
    pub fn certificate_pem(&self) -> String {
        self.certificates.first().map(|der| certificate_pem(der)).unwrap_or_default()
    }

    /// The certificate and those above it, in their order, as PEM.
    pub fn chain_pem(&self) -> String {
        chain_pem(&self.certificates)
    }

    /// What the answer says, a line of label and value each; what cannot be read is said, too.
    pub fn answer_facts(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let certificate = match self.certificate() {
            None => return Vec::new(),
            Some(Err(error)) => return vec![("Certificate", format!("cannot be read: {error}"))],
            Some(Ok(certificate)) => certificate,
        };
        let mut facts = facts(&certificate, now);
        if let Some(answered) = self.record.answered {
            facts.push(("Added", time::shown(answered)));
        }
        let above = self.certificates.iter().skip(1).map(|der| match Certificate::read(der) {
            Ok(certificate) => certificate.subject_short(),
            Err(error) => error.to_string(),
        });
        let above: Vec<String> = above.collect();
        if !above.is_empty() {
            facts.push(("Chain", above.join("\n")));
        }
        if let Some((issuer, at)) = self.missing_issuer(certificate) {
            let where_it_is = if at.is_empty() { String::new() } else { format!(", available at {}", at.join(" or ")) };
            facts.push(("Missing issuer", issuer + &where_it_is));
        }
        facts
    }

    /// The issuer whose certificate did not come with this one, and where it can be had; none for a chain that is whole.
    pub fn missing_issuer(&self, certificate: Certificate) -> Option<(String, Vec<String>)> {
        let above = self.certificates.iter().skip(1).filter_map(|der| Certificate::read(der).ok());
        match chain(certificate, above.collect()).ok()?.end {
            End::Missing { issuer, at } => Some((issuer, at)),
            End::Root | End::Loop { .. } => None,
        }
    }
}

/// What a certificate says of itself.
pub fn facts(certificate: &Certificate, now: Timestamp) -> Vec<(&'static str, String)> {
    let validity = Validity::of(certificate);
    vec![
        ("Issued by", certificate.issuer_short.clone()),
        ("Valid from", time::shown(validity.begins)),
        ("Valid until", format!("{} ({})", validity.until(), validity.left(now))),
        ("Certified names", certificate.san.join("\n")),
        ("Serial number", certificate.serial.clone()),
        ("Certificate SHA-256", colons(&certificate.sha256)),
    ]
}

/// Certificates one behind the other as PEM.
pub fn chain_pem(certificates: &[Vec<u8>]) -> String {
    certificates.iter().map(|der| certificate_pem(der)).collect()
}

fn certificate_pem(der: &[u8]) -> String {
    pem::encode("CERTIFICATE", der).to_string()
}
