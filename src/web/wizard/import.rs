//! Step 2 of an import: the request and its private key, pasted or as files; or the passphrase alone, where the key waits
//! for it.

use super::{Go, frame, frame::Frame, leave};
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::{Fields, holds_private_key};
use crate::web::layout::Layout;
use crate::web::messages::wizard as say;
use crate::web::reply::{Outcome, page, retry_after};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::derivations::COME_BACK;
use signet_app::requests::import::{Given, NotHeld};
use signet_domain::draft::CheckedDraft;
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
    /// The passphrase is all that is missing.
    wants_passphrase: bool,
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    draft: &CheckedDraft<'_>,
    signing_request: String,
    mistakes: Mistakes,
) -> Outcome {
    let title = Step::Import.title();
    let (imports, id) = (&context.web.services.imports, &draft.typed().id);
    let wants_passphrase = imports.wants_passphrase(id, context.now);
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        frame: frame(context, draft, Step::Import),
        mistakes,
        // There it is only another one that is entered.
        signing_request: if wants_passphrase { String::new() } else { signing_request },
        key_waits: imports.key_waits(id, context.now),
        wants_passphrase,
    };
    page(status, &template)
}

/// The page; the request that is held comes back as text.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    let held = context.web.services.imports.pem(&draft.typed().id, context.now).unwrap_or_default();
    draw(context, StatusCode::OK, draft, held, Mistakes::none())
}

/// Takes request and key.
pub fn post(context: &RequestContext<'_>, draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let request_text = fields.text("signing_request");
    let request_file = fields.file("signing_request_file");
    let key_text = fields.secret("private_key");
    let key_file = fields.file("private_key_file");
    let passphrase = fields.secret("passphrase");
    let confirm = fields.secret("passphrase_confirm");
    let is_empty = fields.checkbox("passphrase_empty")?;
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
        // What is entered is not empty, whatever the box says.
        passphrase: secret(&passphrase).or(is_empty.then(|| Secret::new(Vec::new()))),
        confirm: secret(&confirm),
    };
    let checked = context.web.services.imports.hold(&draft.typed().id, &given, context.now);
    if let (Err(NotHeld { mistakes, busy }), false) = (checked, go.back) {
        let text = shown(context, &draft, request_text, request_file.as_ref());
        return if busy {
            let page = draw(context, StatusCode::TOO_MANY_REQUESTS, &draft, text, mistakes)?;
            Ok(retry_after(page, COME_BACK))
        } else {
            draw(context, StatusCode::UNPROCESSABLE_ENTITY, &draft, text, mistakes)
        };
    }
    leave(context, &draft, go)?.map_err(|TooLarge| WebError::BadRequest(say::TOO_LONG))
}

/// What the field holds after a mistake: what was typed, else the request that could be read from the file.
fn shown(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, typed: String, file: Option<&Secret>) -> String {
    if !typed.trim().is_empty() && !holds_private_key(&typed) {
        return typed;
    }
    let read = context.web.services.imports.pem(&draft.typed().id, context.now);
    let text =
        || std::str::from_utf8(file?.expose_secret()).ok().filter(|text| !holds_private_key(text)).map(str::to_owned);
    read.or_else(text).unwrap_or_default()
}
