//! What a stored CSR holds, decoded. There is no key in it; a damaged file is a row of its own and hides no other.

use crate::Failure;
use crate::validity::Validity;
use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_domain::record::Record;
use signet_pki::certificate::{Certificate, CertificateError};
use signet_pki::inspect::{Inspected, inspect};
use signet_pki::pem;
use signet_store::{Damage, Entry, StoredCsr};

/// One CSR of the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name.
    pub name: CsrName,
    /// What is in it, or why it cannot be read.
    pub content: Result<Content, Unread>,
}

/// Why a CSR cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// A newer version wrote it, or this user may not read it: nothing is changed about it.
    #[error("{0}")]
    LeftAlone(Damage),
    /// Its file is damaged. Its owner may give it another name, and may delete it.
    #[error("{0}")]
    Damaged(String),
}

impl Unread {
    /// Its word in the list and in JSON, where a readable one has [`Content::state`].
    pub fn state(&self) -> &'static str {
        match self {
            Self::LeftAlone(_) => "unreadable",
            Self::Damaged(_) => "damaged",
        }
    }

    /// As the error of a CSR that was asked for by name.
    pub(crate) fn of(self, name: &CsrName) -> Failure {
        let name = name.to_string();
        match self {
            Self::LeftAlone(why) => Failure::LeftAlone { name, why },
            Self::Damaged(reason) => Failure::Damaged { name, reason },
        }
    }
}

/// A CSR that can be read.
#[derive(Debug, Clone)]
pub struct Content {
    /// What is kept beside the request.
    pub record: Record,
    /// The request's own bytes.
    pub der: Vec<u8>,
    /// What they say.
    pub request: Inspected,
    /// The CA's answer, DER, the one of this key first; none until it was taken.
    pub certificates: Vec<Vec<u8>>,
}

impl Content {
    /// The request as PEM.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der).to_string()
    }

    /// True once the CA's answer was taken.
    pub fn is_answered(&self) -> bool {
        !self.certificates.is_empty()
    }

    /// The certificate of this key, read anew; none for an unanswered CSR.
    pub fn certificate(&self) -> Option<Result<Certificate, CertificateError>> {
        self.certificates.first().map(|der| Certificate::read(der))
    }

    /// When the certificate holds; none without one, or where it cannot be read.
    pub fn validity(&self) -> Option<Validity> {
        self.certificate()?.ok().map(|certificate| Validity::of(&certificate))
    }

    /// docs/reference.md's word for it: `ready` until it is answered, then `answered`, `due` or `expired`.
    pub fn state(&self, now: Timestamp) -> &'static str {
        match self.validity() {
            Some(validity) => validity.state(now),
            None if self.is_answered() => "answered",
            None => "ready",
        }
    }
}

pub(crate) fn row(Entry { name, content }: Entry) -> Row {
    let unread = |damage: Damage| {
        if damage.is_left_alone() { Unread::LeftAlone(damage) } else { Unread::Damaged(damage.to_string()) }
    };
    let content = content.map_err(unread).and_then(|StoredCsr { record, request, certificates }| {
        let decoded =
            inspect(&request).map_err(|error| Unread::Damaged(format!("the request cannot be decoded: {error}")))?;
        Ok(Content { record, der: request, request: decoded, certificates })
    });
    Row { name, content }
}
