//! A CSR as JSON (SPEC 8), for `csr list`, `show` and `create` with `--json`.

use crate::app::below::{RequestedExtensions, TypedSubject};
use crate::app::catalog::Row;
use crate::app::random::hex;
use crate::app::renewal::family::Family;
use crate::domain::record::Origin;
use serde::Serialize;

/// One record. A damaged one has its name, its state and the reason only.
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
}

impl JsonRecord {
    /// The record of a row, which stands among others.
    pub fn of(row: &Row, family: &Family) -> Self {
        let name = row.name.to_string();
        let relatives = row.content.as_ref().map(|content| family.relatives(&content.record)).unwrap_or_default();
        match &row.content {
            Err(reason) => Self { name, state: "damaged", reason: Some(reason.clone()), content: None },
            Ok(content) => Self {
                name,
                state: "ready",
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
                    spki_sha256: hex(&content.request.spki_sha256),
                    csr_sha256: hex(&content.request.csr_sha256),
                    pem: content.pem(),
                }),
            },
        }
    }

    /// One line of JSON.
    pub fn to_line(&self) -> String {
        // Strings, numbers and lists: serialisation has nothing to fail at.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}
