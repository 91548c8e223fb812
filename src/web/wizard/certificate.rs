//! Step 2 of a certificate with its key: both in one file or in two, pasted or as files.

use super::{Go, frame, frame::Frame, leave};
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::{Fields, holds_private_key};
use crate::web::layout::{Fact, Layout};
use crate::web::messages::wizard as say;
use crate::web::reply::{Outcome, page, retry_after};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::certificates::Proposal;
use signet_app::certificates::certified::Given;
use signet_app::certificates::certified::certificate_gone;
use signet_app::requests::derivations::COME_BACK;
use signet_app::requests::import::NotHeld;
use signet_app::validity::Validity;
use signet_domain::draft::CheckedDraft;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_domain::step::Step;
use signet_pki::import::Source;

/// Only a defect shows it.
const MISSING: WebError = WebError::BadRequest(say::STEP_MISSING);

#[derive(Template)]
#[template(path = "wizard/certificate.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    certificate: String,
    /// Both are held.
    waits: bool,
    /// A file is held that lacks its passphrase.
    file_waits: bool,
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    draft: &CheckedDraft<'_>,
    certificate: String,
    mistakes: Mistakes,
) -> Outcome {
    let title = Step::Certificate.title();
    let (certified, id) = (&context.web.services.certified, &draft.typed().id);
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        frame: frame(context, draft, Step::Certificate),
        mistakes,
        certificate,
        waits: certified.waits(id, context.now),
        file_waits: certified.file_waits(id, context.now),
    };
    page(status, &template)
}

/// The page. What is held does not come back: it has a key beside it.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    draw(context, StatusCode::OK, draft, String::new(), Mistakes::none())
}

/// Takes certificate and key.
pub fn post(context: &RequestContext<'_>, draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let certificate_text = fields.secret("certificate");
    let certificate_file = fields.file("certificate_file");
    let key_text = fields.secret("private_key");
    let key_file = fields.file("private_key_file");
    let passphrase = fields.secret("passphrase");
    fields.finish()?;
    let pasted = |text: &'_ str| (!text.trim().is_empty()).then_some(());
    let given = Given {
        certificate: Source {
            paste: pasted(&certificate_text).map(|()| certificate_text.as_bytes()),
            file: certificate_file.as_ref().map(Secret::expose_secret),
        },
        key: Source {
            paste: pasted(&key_text).map(|()| key_text.as_bytes()),
            file: key_file.as_ref().map(Secret::expose_secret),
        },
        passphrase: (!passphrase.is_empty()).then(|| Secret::from(passphrase.to_string())),
    };
    let held = context.web.services.certified.hold(&draft.typed().id, name(&draft)?, &given, context.now)?;
    if let (Err(NotHeld { mistakes, busy }), false) = (held, go.back) {
        let text = shown(&certificate_text, certificate_file.as_ref());
        return if busy {
            let page = draw(context, StatusCode::TOO_MANY_REQUESTS, &draft, text, mistakes)?;
            Ok(retry_after(page, COME_BACK))
        } else {
            draw(context, StatusCode::UNPROCESSABLE_ENTITY, &draft, text, mistakes)
        };
    }
    leave(context, &draft, go)?.map_err(|TooLarge| WebError::BadRequest(say::TOO_LONG))
}

/// What is held, for the last step.
pub fn facts(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Result<(Vec<Fact>, Vec<String>), AppError> {
    let gone = || AppError::Rejected(certificate_gone().into());
    let name = draft.name_and_type().ok_or_else(gone)?;
    let waiting = context.web.services.certified.waiting(&draft.typed().id, &name.name, context.now)?;
    let proposal = waiting.ok_or_else(gone)?;
    let advice = proposal.advice.iter().map(|advice| advice.text.clone()).collect();
    Ok((facts_of(context, &proposal), advice))
}

fn facts_of(context: &RequestContext<'_>, proposal: &Proposal) -> Vec<Fact> {
    let now = context.web.services.clock.now();
    let request = &proposal.request.request;
    let subject: Vec<String> = request.subject.iter().map(|part| format!("{}={}", part.label, part.value)).collect();
    let mut facts = vec![
        Fact::new("Subject", subject.join("\n")),
        Fact::new("Subject Alternate Names", request.san.join("\n")),
        Fact::new("Key", request.key.label.clone()),
    ];
    if let Some(leaf) = proposal.chain.certificates.first() {
        let validity = Validity::of(leaf);
        facts.push(Fact::new("Issued by", leaf.issuer_short.clone()));
        facts.push(Fact::new("Valid until", format!("{} ({})", validity.until(), validity.left(now))));
    }
    let links = proposal.chain.certificates.iter().skip(1).map(|link| link.subject_short());
    facts.push(Fact::new("Chain", links.collect::<Vec<_>>().join("\n")));
    facts.push(Fact::new("Private Key", "held, and belongs to the certificate"));
    facts
}

/// The page opens only when step 1 is valid.
fn name<'a>(draft: &'a CheckedDraft<'_>) -> Result<&'a CsrName, WebError> {
    draft.name_and_type().map(|step| &step.name).ok_or(MISSING)
}

/// What the field holds after a mistake: what was typed, else the file's text; nothing that has a private key in it.
fn shown(typed: &str, file: Option<&Secret>) -> String {
    let text = match typed.trim() {
        "" => file.and_then(|file| std::str::from_utf8(file.expose_secret()).ok()).unwrap_or_default(),
        _ => typed,
    };
    if holds_private_key(text) { String::new() } else { text.to_owned() }
}
