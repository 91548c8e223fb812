//! A CSR as JSON (docs/reference.md), for `csr list`, `show` and `create` with `--json`.

use jiff::Timestamp;
use serde::Serialize;
use signet_app::certificates::stored::chain_pem;
use signet_app::requests::content::{Content, Row};
use signet_app::requests::lineage::Lineage;
use signet_app::validity::Validity;
use signet_domain::hex;
use signet_domain::record::Origin;
use signet_pki::inspect::{RequestedExtensions, TypedSubject};

/// One record. One that cannot be read has its name, its state and the reason only.
#[derive(Debug, Serialize)]
pub struct JsonRecord {
    name: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    content: Option<Readable>,
}

#[derive(Debug, Serialize)]
struct Readable {
    origin: Origin,
    /// RFC 3339, UTC.
    created: String,
    subject: TypedSubject,
    san: Vec<String>,
    key_type: Option<&'static str>,
    key_length: Option<u32>,
    ec_curve: Option<&'static str>,
    digest_algorithm: Option<&'static str>,
    extensions: RequestedExtensions,
    /// Days wished for; null for an import.
    lifetime: Option<u32>,
    /// The CSR that it renews or changes, while that one is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<String>,
    /// The CSR that renews or changes it: of several the answered one, else the youngest.
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<String>,
    note: String,
    /// Lower-case hex.
    spki_sha256: String,
    csr_sha256: String,
    pem: String,
    /// Once it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<JsonCertificate>,
}

/// The certificate that answers a CSR.
#[derive(Debug, Serialize)]
struct JsonCertificate {
    subject: String,
    issuer: String,
    /// RFC 3339, UTC.
    not_before: String,
    not_after: String,
    /// Hex with colons.
    serial: String,
    /// Lower-case hex, as the CSR's own.
    sha256: String,
    san: Vec<String>,
    /// Whole days; negative once it has ended.
    days_left: i64,
    /// PEM: the certificate itself first, each signed by the next.
    chain: Vec<String>,
}

impl JsonCertificate {
    /// None for an unanswered CSR, and for a certificate that cannot be read, which `check` tells.
    fn of(content: &Content, now: Timestamp) -> Option<Self> {
        let certificate = content.certificate()?.ok()?;
        Some(Self {
            days_left: Validity::of(&certificate).standing(now).days_left,
            not_before: certificate.not_before.to_string(),
            not_after: certificate.not_after.to_string(),
            sha256: hex::lower(&certificate.sha256),
            chain: content.certificates.iter().map(|der| chain_pem(std::slice::from_ref(der))).collect(),
            subject: certificate.subject,
            issuer: certificate.issuer,
            serial: certificate.serial,
            san: certificate.san,
        })
    }
}

impl JsonRecord {
    /// The record of a row among others, its state that of `now`.
    pub fn of(row: &Row, now: Timestamp, lineage: &Lineage) -> Self {
        let name = row.name.to_string();
        let relatives = row.content.as_ref().map(|content| lineage.relatives(&content.record)).unwrap_or_default();
        match &row.content {
            Err(why) => Self { name, state: why.state(), reason: Some(why.to_string()), content: None },
            Ok(content) => Self {
                name,
                state: content.state(now),
                reason: None,
                content: Some(Readable {
                    origin: content.record.origin,
                    created: content.record.created.to_string(),
                    subject: content.request.typed_subject.clone(),
                    san: content.request.san.clone(),
                    key_type: content.request.key.key_type(),
                    key_length: content.request.key.key_length(),
                    ec_curve: content.request.key.ec_curve(),
                    digest_algorithm: content.request.signature.digest.map(|digest| digest.value()),
                    extensions: content.request.requested.clone(),
                    lifetime: content.record.lifetime,
                    supersedes: relatives.supersedes.map(|name| name.to_string()),
                    superseded_by: relatives.superseded_by.map(|successor| successor.name.to_string()),
                    note: content.record.note.clone(),
                    spki_sha256: hex::lower(&content.request.spki_sha256),
                    csr_sha256: hex::lower(&content.request.csr_sha256),
                    pem: content.pem(),
                    certificate: JsonCertificate::of(content, now),
                }),
            },
        }
    }
}
