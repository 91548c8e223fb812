//! A request as JSON (docs/reference.md): what is stored, what the certificate says, and what uses it.

use crate::cli::error::CliError;
use crate::cli::flags::flag_of;
use crate::cli::how::Change;
use jiff::Timestamp;
use serde::Serialize;
use signet_app::Services;
use signet_app::advice::Advice;
use signet_app::adviser::Adviser;
use signet_app::certificates::stored::chain_pem;
use signet_app::enroll::Enrollments;
use signet_app::requests::content::{Content, Row};
use signet_app::requests::lineage::Lineage;
use signet_app::uses::{User, Uses};
use signet_app::validity::Validity;
use signet_domain::hex;
use signet_domain::key_spec::{KeySpec, KeyValues};
use signet_domain::name::CsrName;
use signet_domain::record::Origin;
use signet_domain::renewal_window::Suggested;
use signet_pki::inspect::{RequestedExtensions, TypedSubject};

/// Makes records; reads once what all of them are compared with.
pub struct Records<'a> {
    enrollments: &'a Enrollments,
    now: Timestamp,
    adviser: Adviser<'a>,
    lineage: Lineage,
    uses: Uses,
}

/// One record. One that cannot be read has its name, its state and the reason only.
#[derive(Debug, Serialize)]
pub struct JsonRecord {
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
    name: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    content: Option<Readable>,
}

#[derive(Debug, Serialize)]
struct Readable {
    /// 32 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    origin: Origin,
    /// Imported with its certificate, which its request was made from.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    with_certificate: bool,
    /// RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<String>,
    subject: TypedSubject,
    san: Vec<String>,
    #[serde(flatten)]
    key: KeyValues,
    extensions: RequestedExtensions,
    /// Days; null for an import.
    lifetime: Option<u32>,
    /// The request that it renews or changes, while that one is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<String>,
    /// The request that renews or changes it: of several the one with a certificate, else the youngest.
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<String>,
    note: String,
    /// The owner allows other services to have it.
    deploy: bool,
    used_by: Vec<User>,
    advice: Vec<JsonAdvice>,
    /// Lower-case hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    spki_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    csr_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pem: Option<String>,
    /// Once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<JsonCertificate>,
}

/// Advises on the requests of this device.
pub fn adviser(services: &Services) -> Adviser<'_> {
    Adviser::new(&services.config.policy, &services.authorities, services.clock.today())
}

/// A piece of advice.
#[derive(Debug, Serialize)]
pub struct JsonAdvice {
    field: &'static str,
    text: String,
}

impl JsonAdvice {
    /// With the flag that it is about.
    pub fn of(advice: &Advice) -> Self {
        Self { field: flag_of(advice.field), text: advice.text.clone() }
    }
}

/// The certificate of a request.
#[derive(Debug, Serialize)]
struct JsonCertificate {
    subject: String,
    issuer: String,
    /// RFC 3339, UTC.
    not_before: String,
    not_after: String,
    /// Hex with colons.
    serial: String,
    /// Lower-case hex, as the request's own.
    sha256: String,
    san: Vec<String>,
    /// Whole days; negative once it has expired.
    days_left: i64,
    /// PEM: the certificate itself first, each signed by the next.
    chain: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_issuer: Option<JsonIssuer>,
    /// When the CA suggests to renew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested_window: Option<Suggested>,
}

/// A certificate that the chain lacks.
#[derive(Debug, Serialize)]
struct JsonIssuer {
    name: String,
    /// Where it can be had.
    urls: Vec<String>,
}

impl JsonCertificate {
    /// None without a certificate, and for one that cannot be read, which `check` tells.
    fn of(content: &Content, now: Timestamp, enrollments: &Enrollments) -> Option<Self> {
        let certificate = content.certificate()?.ok()?;
        let missing = content.missing_issuer(certificate.clone());
        Some(Self {
            days_left: Validity::of(&certificate).standing(now).days_left,
            not_before: certificate.not_before.to_string(),
            not_after: certificate.not_after.to_string(),
            sha256: hex::lower(&certificate.sha256),
            chain: content.certificates.iter().map(|der| chain_pem(std::slice::from_ref(der))).collect(),
            missing_issuer: missing.map(|(name, urls)| JsonIssuer { name, urls }),
            suggested_window: enrollments.suggested(content),
            subject: certificate.subject,
            issuer: certificate.issuer,
            serial: certificate.serial,
            san: certificate.san,
        })
    }
}

impl<'a> Records<'a> {
    /// Reads all requests, for what they replace.
    pub fn read(services: &'a Services) -> Result<Self, CliError> {
        Ok(Self { lineage: services.catalog.lineage()?, ..Self::alone(services) })
    }

    /// For a request that replaces none and is replaced by none: the others are not read.
    pub fn alone(services: &'a Services) -> Self {
        Self {
            enrollments: &services.enrollments,
            now: services.clock.now(),
            adviser: adviser(services),
            lineage: Lineage::default(),
            uses: Uses::of(&services.store, &services.config.services),
        }
    }

    /// The record of a request.
    pub fn of(&self, row: &Row) -> JsonRecord {
        let name = row.name.to_string();
        match &row.content {
            Err(why) => {
                JsonRecord { change: None, name, state: why.state(), reason: Some(why.to_string()), content: None }
            }
            Ok(content) => JsonRecord {
                change: None,
                name,
                state: content.state(self.now),
                reason: None,
                content: Some(self.readable(&row.name, content)),
            },
        }
    }

    /// The record of a request that would be made: what only a key of its own has is left out.
    pub fn of_preview(&self, name: &CsrName, content: &Content, key: KeySpec, supersedes: Option<&str>) -> JsonRecord {
        let made = self.readable(name, content);
        let content = Readable {
            id: None,
            created: None,
            spki_sha256: None,
            csr_sha256: None,
            pem: None,
            key: KeyValues::of(Some(key.kind()), key.digest()),
            supersedes: supersedes.map(str::to_owned),
            used_by: Vec::new(),
            ..made
        };
        JsonRecord { change: None, name: name.to_string(), state: "ready", reason: None, content: Some(content) }
    }

    fn readable(&self, name: &CsrName, content: &Content) -> Readable {
        let relatives = self.lineage.relatives(&content.record);
        Readable {
            id: Some(content.record.id.clone()),
            origin: content.record.origin,
            with_certificate: content.record.with_certificate,
            created: Some(content.record.created.to_string()),
            answered: content.record.answered.map(|at| at.to_string()),
            subject: content.request.typed_subject.clone(),
            san: content.request.san.clone(),
            key: KeyValues::of(content.request.key.kind, content.request.signature.digest),
            extensions: content.request.requested.clone(),
            lifetime: content.record.lifetime,
            supersedes: relatives.supersedes.map(|name| name.to_string()),
            superseded_by: relatives.superseded_by.map(|successor| successor.name.to_string()),
            note: content.record.note.clone(),
            deploy: content.record.deploy,
            used_by: self.uses.of_request(content),
            advice: self.adviser.of_stored(name, content).iter().map(JsonAdvice::of).collect(),
            spki_sha256: Some(hex::lower(&content.request.spki_sha256)),
            csr_sha256: Some(hex::lower(&content.request.csr_sha256)),
            pem: Some(content.pem()),
            certificate: JsonCertificate::of(content, self.now, self.enrollments),
        }
    }
}

impl JsonRecord {
    /// The same of a command that made it, or would.
    pub fn with(self, change: Change) -> Self {
        Self { change: Some(change), ..self }
    }
}
