//! Step 2 of an import: the request and its private key, pasted or as files.

use super::{Go, frame, frame::Frame, leave};
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::{Fields, holds_private_key};
use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page, retry_after};
use crate::web::visit::Visit;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::derivations::COME_BACK;
use signet_app::requests::import::{Given, NotHeld};
use signet_domain::draft::Draft;
use signet_domain::invalid::Mistakes;
use signet_domain::secret::Secret;
use signet_domain::step::Step;
use signet_pki::import::Source;

#[derive(Template)]
#[template(path = "wizard/import.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    signing_request: String,
    key_waits: bool,
}

fn draw(
    visit: &Visit<'_>,
    status: StatusCode,
    draft: &CheckedDraft<'_>,
    signing_request: String,
    mistakes: Mistakes,
) -> Outcome {
    let title = Step::Import.title();
    let template = Page {
        layout: if mistakes.is_empty() { visit.layout(title) } else { visit.error_layout(title) },
        frame: frame(visit, draft, Step::Import),
        mistakes,
        signing_request,
        key_waits: visit.web.services.imports.key_waits(&draft.id, visit.now),
    };
    page(status, &template)
}

/// The page; the request that is held comes back as text.
pub fn get(visit: &Visit<'_>, draft: &Draft) -> Outcome {
    let held = visit.web.services.imports.pem(&draft.id, visit.now).unwrap_or_default();
    draw(visit, StatusCode::OK, draft, held, Mistakes::none())
}

/// Takes request and key.
pub fn post(visit: &Visit<'_>, draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let request_text = fields.text("signing_request");
    let request_file = fields.file("signing_request_file");
    let key_text = fields.secret("private_key");
    let key_file = fields.file("private_key_file");
    let passphrase = fields.secret("passphrase");
    let confirm = fields.secret("passphrase_confirm");
    fields.finish()?;
    let pasted = |text: &'_ str| (!text.trim().is_empty()).then_some(());
    let secret = |text: &str| (!text.is_empty()).then(|| Secret::from(text.to_owned()));
    let given = Given {
        request: Source {
            paste: pasted(&request_text).map(|()| request_text.as_bytes()),
            file: request_file.as_ref().map(Secret::expose_secret),
        },
        key: Source {
            paste: pasted(&key_text).map(|()| key_text.as_bytes()),
            file: key_file.as_ref().map(Secret::expose_secret),
        },
        passphrase: secret(&passphrase),
        confirm: secret(&confirm),
    };
    let checked = visit.web.services.imports.hold(&draft.id, &given, visit.now);
    if let (Err(NotHeld { mistakes, busy }), false) = (checked, go.back) {
        let text = shown(visit, &draft, request_text, request_file.as_ref());
        return if busy {
            let page = draw(visit, StatusCode::TOO_MANY_REQUESTS, &draft, text, mistakes)?;
            Ok(retry_after(page, COME_BACK))
        } else {
            draw(visit, StatusCode::UNPROCESSABLE_ENTITY, &draft, text, mistakes)
        };
    }
    leave(visit, &draft, go)?.map_err(|TooLarge| WebError::BadRequest("The draft does not fit."))
}

/// What the field holds after a mistake: what was typed, else the request that could be read from the file.
fn shown(visit: &Visit<'_>, draft: &CheckedDraft<'_>, typed: String, file: Option<&Secret>) -> String {
    if !typed.trim().is_empty() && !holds_private_key(&typed) {
        return typed;
    }
    let read = visit.web.services.imports.pem(&draft.id, visit.now);
    let text =
        || std::str::from_utf8(file?.expose_secret()).ok().filter(|text| !holds_private_key(text)).map(str::to_owned);
    read.or_else(text).unwrap_or_default()
}
