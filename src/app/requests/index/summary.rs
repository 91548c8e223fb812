//! A CSR's line in memory: what the list shows of it and what search looks at.

use crate::requests::content::{Row, Unread};
use crate::validity::Validity;
use jiff::Timestamp;
use signet_domain::draft::DraftId;
use signet_domain::name::CsrName;
use signet_domain::record::Origin;
use signet_pki::digest::sha256;
use signet_store::FileState;

/// Names of one CSR that the list shows.
const NAMES: usize = 3;

/// One CSR of the list.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Its name.
    pub name: CsrName,
    /// What the list shows of it, or why it cannot be read.
    pub line: Result<Line, Unread>,
    pub(super) draft: Option<DraftId>,
    /// The record's id, and that of the one that it supersedes; empty where the record cannot be read.
    pub(super) id: Box<str>,
    pub(super) supersedes: Option<Box<str>>,
    /// SHA-256 of the request's public key however it is encoded; zeros where it cannot be read.
    pub(super) key: [u8; 32],
    pub(super) stamp: Option<FileState>,
    /// Name, subject, names and note in lower case, for search.
    pub(super) haystack: String,
}

/// A readable CSR's line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it comes from.
    pub origin: Origin,
    /// When it was saved.
    pub created: Timestamp,
    /// The common name; empty for none.
    pub common: String,
    /// The first names: the certificate's, once there is one, else those that are requested.
    pub names: Vec<String>,
    /// How many more there are.
    pub more: usize,
    /// Such as `RSA 2048`.
    pub key: String,
    /// Such as `SHA256`; none for a signature that has its own digest.
    pub digest: Option<&'static str>,
    /// The certificate that answers it, once there is one.
    pub answer: Option<Answered>,
}

impl Line {
    /// As [`crate::requests::content::Content::state`].
    pub fn state(&self, now: Timestamp) -> &'static str {
        match &self.answer {
            None => "ready",
            Some(Answered { validity: Some(validity), .. }) => validity.state(now),
            Some(Answered { validity: None, .. }) => "answered",
        }
    }
}

/// What the list shows of a certificate.
#[derive(Debug, Clone)]
pub struct Answered {
    /// When it holds; none for one that cannot be read.
    pub validity: Option<Validity>,
    /// SHA-256 of it.
    pub sha256: [u8; 32],
}

impl Summary {
    pub(super) fn of(row: &Row, stamp: Option<FileState>) -> Self {
        let name = row.name.clone();
        let mut haystack = name.folded();
        let content = match &row.content {
            Ok(content) => content,
            Err(reason) => {
                let line = Err(reason.clone());
                let (id, supersedes, key) = (Box::default(), None, [0; 32]);
                return Self { name, line, draft: None, id, supersedes, key, stamp, haystack };
            }
        };
        let record = &content.record;
        let request = &content.request;
        let common = request.common_name.clone().unwrap_or_default();
        for text in [common.as_str(), &content.record.note].into_iter().chain(request.san.iter().map(String::as_str)) {
            haystack.push('\n');
            haystack.push_str(&text.to_lowercase());
        }
        let certificate = content.certificate().and_then(Result::ok);
        for name in certificate.iter().flat_map(|certificate| &certificate.san) {
            if !request.san.contains(name) {
                haystack.push('\n');
                haystack.push_str(&name.to_lowercase());
            }
        }
        haystack.shrink_to_fit();
        let names = certificate.as_ref().map_or(&request.san, |certificate| &certificate.san);
        let answer = content
            .certificates
            .first()
            .map(|der| Answered { validity: certificate.as_ref().map(Validity::of), sha256: sha256(der) });
        let line = Line {
            origin: content.record.origin,
            created: content.record.created,
            common,
            names: names.iter().take(NAMES).cloned().collect(),
            more: names.len().saturating_sub(NAMES),
            key: request.key.label.clone(),
            digest: request.signature.digest.map(|digest| digest.value()),
            answer,
        };
        Self {
            name,
            line: Ok(line),
            draft: record.draft.clone(),
            id: record.id.as_str().into(),
            supersedes: record.supersedes.as_deref().map(Into::into),
            key: request.key_sha256,
            stamp,
            haystack,
        }
    }

    /// Its certificate; none before there is one.
    pub fn answer(&self) -> Option<&Answered> {
        self.line.as_ref().ok()?.answer.as_ref()
    }

    pub(super) fn validity(&self) -> Option<Validity> {
        self.answer()?.validity
    }
}
