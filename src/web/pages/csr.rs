//! Edit CSR: everything decoded from the request itself; its name and note; its downloads.

use crate::web::correction::Pressed;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::pages::csrs::tone;
use crate::web::reply::{Outcome, attachment, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::CreateError;
use signet_app::host::host_name;
use signet_app::qr::Qr;
use signet_app::requests::cli_equivalent;
use signet_app::requests::content::{Content, Row, Unread};
use signet_domain::hex::colons;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::note::Note;
use signet_domain::san::San;
use signet_domain::supersedes::SAME_KEY_MEANING;
use signet_domain::time;
use signet_pki::inspect::FoundExtension;
use signet_pki::pgp_words::fingerprint_words;

#[derive(Template)]
#[template(path = "csr.html")]
struct Csr {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    told: Option<&'static str>,
    damage: Option<Unread>,
    shown: Option<Shown>,
    exportable: bool,
    clonable: bool,
    /// How its way to other services is called; none where nothing is set up.
    deploy: Option<&'static str>,
    deployed: bool,
    /// Why it cannot be renewed here; none where it can.
    not_renewable: Option<String>,
    supersedes: Option<String>,
    superseded_by: Option<String>,
    /// The successor is answered: this one is history.
    is_replaced: bool,
    is_answered: bool,
    same_key_meaning: &'static str,
    typed_name: String,
    typed_note: String,
}

struct Shown {
    device: Option<String>,
    subject: Vec<Fact>,
    names: Vec<Name>,
    names_critical: bool,
    extensions: Vec<FoundExtension>,
    attributes: Vec<Fact>,
    key: Vec<Fact>,
    spki_sha256: Vec<String>,
    csr_sha256: Vec<String>,
    words: Vec<&'static str>,
    qr: Option<Qr>,
    pem: String,
    /// The certificate that answers it; empty until there is one.
    certificate: Vec<Fact>,
    state: &'static str,
    tone: &'static str,
    command: Option<String>,
    openssl: Option<String>,
}

/// A name, and how people read it where that differs.
struct Name {
    name: String,
    unicode: Option<String>,
}

struct Typed {
    name: String,
    note: String,
}

/// The page.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    let row = context.web.services.catalog.csr(name)?;
    draw(context, StatusCode::OK, row, None, Mistakes::none())
}

/// Renames, and writes the note.
pub fn post(context: &RequestContext<'_>, name: &CsrName, mut fields: Fields) -> Outcome {
    let mut typed = Typed { name: fields.text("name"), note: Note::lines(&fields.text("note")) };
    let pressed = Pressed::read(&mut fields);
    fields.finish()?;
    let services = &context.web.services;
    let row = services.catalog.csr(name)?;
    services.catalog.may_change(name)?;
    let mut mistakes = Mistakes::none();
    if let Some(pressed) = pressed {
        let refused = CsrName::parse(&typed.name).err().map(Mistakes::from).unwrap_or_default();
        pressed.correct(&mut typed.name, &refused);
        return draw(context, StatusCode::OK, row, Some(typed), mistakes);
    }
    let new = mistakes.keep(CsrName::parse(&typed.name));
    // A note that was written under older rules and is sent back as it was keeps nobody from renaming.
    let kept = row.content.as_ref().map_or("", |content| content.record.note.as_str());
    let note = match typed.note == Note::lines(kept) {
        true => None,
        false => mistakes.keep(Note::parse(&typed.note)),
    };
    let (Some(new), true) = (new, mistakes.is_empty()) else {
        return draw(context, StatusCode::UNPROCESSABLE_ENTITY, row, Some(typed), mistakes);
    };
    if let (Some(note), Ok(_)) = (&note, &row.content) {
        services.requests.set_note(name, note, context.by)?;
    }
    if new == *name {
        return Ok(see_other(&format!("/csrs/{name}?told=changed")));
    }
    match services.requests.rename(name, &new, context.by) {
        Ok(()) => Ok(see_other(&format!("/csrs/{new}?told=renamed"))),
        Err(CreateError::Refused(mistakes)) => {
            draw(context, StatusCode::UNPROCESSABLE_ENTITY, row, Some(typed), mistakes)
        }
        Err(CreateError::App(error)) => Err(error.into()),
    }
}

/// The request as a file, `NAME.csr`.
pub fn download(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    let content = context.web.services.catalog.readable(name)?;
    let file = format!("{name}.csr");
    match context.param("format") {
        "der" => Ok(attachment(&file, "application/pkcs10", content.der)),
        "" | "pem" => Ok(attachment(&file, "application/x-pem-file", content.pem().into_bytes())),
        _ => Err(WebError::BadRequest("The format is pem or der.")),
    }
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    row: Row,
    typed: Option<Typed>,
    mistakes: Mistakes,
) -> Outcome {
    let title = format!("Edit CSR: {}", row.name);
    let (damage, content) = match &row.content {
        Ok(content) => (None, Some(content)),
        Err(why) => (Some(why.clone()), None),
    };
    let kept = || Typed {
        name: row.name.to_string(),
        note: content.map(|content| content.record.note.clone()).unwrap_or_default(),
    };
    let Typed { name: typed_name, note: typed_note } = typed.unwrap_or_else(kept);
    let relatives =
        content.map(|content| context.web.services.catalog.relatives(&content.record)).transpose()?.unwrap_or_default();
    let answers = content.map(|content| context.web.services.renewals.answers(&row.name, content));
    let template = Csr {
        not_renewable: match answers {
            Some(Err(AppError::NotRenewable { reason, .. })) => Some(reason),
            _ => None,
        },
        supersedes: relatives.supersedes.map(|old| old.to_string()),
        is_replaced: relatives.superseded_by.as_ref().is_some_and(|new| new.answered),
        superseded_by: relatives.superseded_by.map(|new| new.name.to_string()),
        is_answered: content.is_some_and(Content::is_answered),
        same_key_meaning: SAME_KEY_MEANING,
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        mistakes,
        name: row.name.to_string(),
        told: told(context.param("told")),
        damage,
        shown: content.map(|content| shown(context, &row.name, content)),
        exportable: content
            .is_some_and(|content| context.web.services.config.policy.may_export(content.record.has_factory_key())),
        clonable: content.is_some_and(|content| content.record.asked.is_some()),
        deploy: content.map(|content| deploy_hint(context, &row.name, content)).transpose()?.flatten(),
        deployed: content.is_some_and(|content| content.record.deploy),
        typed_name,
        typed_note,
    };
    page(status, &template)
}

/// What the link to the page of other services says.
fn deploy_hint(
    context: &RequestContext<'_>,
    name: &CsrName,
    content: &Content,
) -> Result<Option<&'static str>, WebError> {
    if content.record.deploy {
        return Ok(Some("Other services of this device may have its certificate and key: see which, or stop it."));
    }
    if content.certificates.is_empty() || context.web.services.deploy.offer(name, &content.record)?.is_none() {
        return Ok(None);
    }
    Ok(Some("Lets other services of this device use this certificate; asks for the password."))
}

fn told(what: &str) -> Option<&'static str> {
    match what {
        "saved" => Some(
            "The request is saved. Download it and send it to your certificate authority; the private key stays here.",
        ),
        "with-certificate" => {
            Some("The certificate and its private key are imported. The request below was made from the certificate.")
        }
        "imported" => Some("The request and its private key are imported."),
        "changed" => Some("The changes are saved."),
        "deployed" => Some("The certificate and its key are being handed to the other services, within a minute."),
        "deploy-stopped" => Some("The copies of the other services are being taken away, within a minute."),
        "renamed" => Some("The request has its new name."),
        "answered" => {
            Some("The certificate is kept. Download it with its chain where it is to be used; the private key is here.")
        }
        "same" => Some("This very certificate is kept already: nothing has changed."),
        _ => None,
    }
}

fn shown(context: &RequestContext<'_>, name: &CsrName, content: &Content) -> Shown {
    let asked = cli_equivalent::asked_request(name, content, &context.web.services.config.policy);
    let request = &content.request;
    let record = &content.record;
    let mut key = vec![
        Fact::new("Key", request.key.label.clone()),
        Fact::new("Signature", request.signature.label.clone()),
        Fact::new("Origin", record.origin_in_words()),
        Fact::new("Created", time::shown(record.created)),
    ];
    if let Some(days) = record.lifetime {
        key.push(Fact::new("Lifetime", format!("{days} days wished for; the request itself carries none")));
    }
    let subject = |list: &[signet_pki::inspect::FoundAttribute]| {
        list.iter().map(|part| Fact::new(part.label.clone(), part.value.clone())).collect()
    };
    let (san, extensions): (Vec<_>, Vec<_>) =
        request.extensions.iter().cloned().partition(|extension| extension.oid == SAN_OID);
    let now = context.web.services.clock.now();
    let spki = pieces(&request.spki_sha256);
    Shown {
        device: device(context),
        subject: subject(&request.subject),
        names: request.san.iter().map(|name| Name { name: name.clone(), unicode: unicode(name) }).collect(),
        names_critical: san.iter().any(|extension| extension.critical),
        extensions,
        attributes: subject(&request.attributes),
        key,
        qr: Qr::of(&spki.concat()),
        spki_sha256: spki,
        csr_sha256: pieces(&request.csr_sha256),
        words: fingerprint_words(&request.spki_sha256),
        pem: content.pem(),
        certificate: content.answer_facts(now).into_iter().map(|(label, value)| Fact::new(label, value)).collect(),
        state: content.state(now),
        tone: tone(content.state(now)),
        command: record.asked.as_ref().and_then(|asked| cli_equivalent::command(name.as_str(), asked)),
        openssl: asked.and_then(|request| cli_equivalent::openssl_text(&request).ok()),
    }
}

/// The extension that the page's own section of names stands for (RFC 5280, 4.2.1.6).
const SAN_OID: &str = "2.5.29.17";

/// How people read an internationalised name.
fn unicode(name: &str) -> Option<String> {
    match San::parse(name) {
        Ok(San::Dns(dns)) => dns.unicode(),
        _ => None,
    }
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
