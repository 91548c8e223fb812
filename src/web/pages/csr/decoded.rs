//! Everything that a request says, decoded from its own bytes, for the folded parts of its page and for paper.

use crate::web::layout::Fact;
use crate::web::names::{Name, shown};
use crate::web::request_context::RequestContext;
use signet_app::data_flag::DataFlag;
use signet_app::host::host_name;
use signet_app::qr::Qr;
use signet_app::requests::cli_equivalent;
use signet_app::requests::content::Content;
use signet_domain::hex::colons;
use signet_domain::name::CsrName;
use signet_domain::time;
use signet_pki::inspect::{FoundAttribute, FoundExtension};
use signet_pki::pgp_words::fingerprint_words;

/// A request.
pub(super) struct Decoded {
    /// What this device is, for a sheet of paper.
    pub device: Option<String>,
    pub subject: Vec<Fact>,
    pub names: Vec<Name>,
    pub names_critical: bool,
    pub extensions: Vec<FoundExtension>,
    pub attributes: Vec<Fact>,
    pub key: Vec<Fact>,
    pub spki_sha256: Vec<String>,
    pub csr_sha256: Vec<String>,
    pub words: Vec<&'static str>,
    pub qr: Option<Qr>,
    pub pem: String,
    pub command: Option<String>,
    pub openssl: Option<String>,
}

/// The extension that the page's own section of names is for (RFC 5280, 4.2.1.6).
const SAN_OID: &str = "2.5.29.17";

impl Decoded {
    /// Of a request.
    pub(super) fn of(context: &RequestContext<'_>, name: &CsrName, content: &Content) -> Self {
        // How it was made matters until its certificate is there.
        let waits = content.certificates.is_empty();
        let config = &context.web.services.config;
        let policy = &config.policy;
        let asked = if waits { cli_equivalent::asked_request(name, content, policy) } else { None };
        let (request, record) = (&content.request, &content.record);
        let subject = |list: &[FoundAttribute]| {
            list.iter().map(|part| Fact::new(part.label.clone(), part.value.clone())).collect()
        };
        let (san, extensions): (Vec<_>, Vec<_>) =
            request.extensions.iter().cloned().partition(|extension| extension.oid == SAN_OID);
        let spki = pieces(&request.spki_sha256);
        let data = DataFlag::elsewhere(context.web.services.store.path());
        Self {
            device: device(context),
            subject: subject(&request.subject),
            names: request.san.iter().map(|name| shown(name)).collect(),
            names_critical: san.iter().any(|extension| extension.critical),
            extensions,
            attributes: subject(&request.attributes),
            key: key(content),
            qr: Qr::of(&spki.concat()),
            spki_sha256: spki,
            csr_sha256: pieces(&request.csr_sha256),
            words: fingerprint_words(&request.spki_sha256),
            pem: content.pem(),
            command: record
                .asked
                .as_ref()
                .filter(|_| waits)
                .and_then(|asked| cli_equivalent::command(name.as_str(), asked, &data, &config.subject_defaults)),
            openssl: asked.and_then(|request| cli_equivalent::openssl_text(&request).ok()),
        }
    }
}

fn key(content: &Content) -> Vec<Fact> {
    vec![
        Fact::new("Key", content.request.key.label.clone()),
        Fact::new("Signature", content.request.signature.label.clone()),
        Fact::new("Origin", content.record.origin_in_words()),
        Fact::new("Created", time::shown(content.record.created)),
    ]
}

/// What this device is, for a sheet of paper: what the factory wrote down, else its host name.
fn device(context: &RequestContext<'_>) -> Option<String> {
    let record = context.web.services.store.device().ok().flatten().unwrap_or_default();
    let serial = record.serial.map(|serial| format!("serial number {serial}"));
    let known: Vec<String> = [record.model, record.hostname.or_else(host_name), serial].into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.join(", "))
}

/// A fingerprint in pieces of eight bytes, between which a line may break.
fn pieces(bytes: &[u8]) -> Vec<String> {
    let mut pieces: Vec<String> = bytes.chunks(8).map(|piece| colons(piece) + ":").collect();
    if let Some(last) = pieces.last_mut() {
        last.pop();
    }
    pieces
}
