//! The wizard's order: which step may open, where a form leads, and the draft on its way through the cookies.

pub mod certificate;
pub mod confirm;
pub mod constraints;
pub mod facts;
pub mod fields;
pub mod frame;
pub mod import;
pub mod name_and_type;
pub mod options;
pub mod preset;
pub mod progress;
pub mod renew;
pub mod signer;
pub mod subject;

use crate::web::draft_cookie::{self, Brought, TooLarge};
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::messages::wizard as say;
use crate::web::pages::Notice;
use crate::web::reply::{Outcome, Reply, page, see_other, with};
use crate::web::request_context::RequestContext;
use crate::web::router::step_path;
use askama::Template;
use frame::Frame;
use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use signet_app::random;
use signet_app::requests::key_queue::Slow;
use signet_domain::draft::{CheckedDraft, Draft, DraftId, Rules};
use signet_domain::name::CsrName;
use signet_domain::step::{Step, Walk};
use signet_pki::ca::CaReader;

/// Where a step's form leads.
#[derive(Debug, Clone, Copy)]
pub struct Go {
    /// The form's step.
    pub step: Step,
    /// The Back button was pressed.
    pub back: bool,
    /// The step was opened by a Change link of the Confirm page.
    pub returning: bool,
}

/// A new draft, or the question what becomes of the unfinished one.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    match context.draft() {
        Brought::Draft(draft) if draft.name_and_type.is_some() => {
            let draft = checked(context, *draft);
            let on = step_path(first_missing(context, &draft));
            let name = draft.typed().name_and_type.as_ref().map(|answers| answers.name.clone()).unwrap_or_default();
            page(StatusCode::OK, &Unfinished { layout: context.layout("A request is unfinished"), name, on })
        }
        Brought::Stale => start(context, "?told=stale"),
        _ => start(context, if context.param("told") == "stale" { "?told=stale" } else { "" }),
    }
}

/// Starts over.
pub fn post(context: &RequestContext<'_>, fields: Fields) -> Outcome {
    fields.finish()?;
    start(context, "")
}

/// The wizard opened with another CSR's answers.
pub fn clone(context: &RequestContext<'_>, name: &CsrName, fields: Fields) -> Outcome {
    fields.finish()?;
    let content = context.web.services.catalog.readable(name)?;
    let asked = content.record.asked.ok_or(WebError::NotFound)?;
    let draft = checked(context, Draft::from_asked(DraftId::from_bytes(random::bytes()?), &asked));
    begin_key(context, &draft);
    let too_large = |TooLarge| WebError::BadRequest(say::TOO_LONG);
    carry(context, draft.typed(), see_other("/wizard/identity?told=cloned"))?.map_err(too_large)
}

#[derive(Template)]
#[template(path = "wizard/unfinished.html")]
struct Unfinished {
    layout: crate::web::layout::Layout,
    name: String,
    on: &'static str,
}

fn start(context: &RequestContext<'_>, query: &str) -> Outcome {
    let draft = Draft::new(DraftId::from_bytes(random::bytes()?));
    let too_large = |TooLarge| WebError::BadRequest(say::TOO_LONG);
    carry(context, &draft, see_other(&format!("/wizard/identity{query}")))?.map_err(too_large)
}

/// A step's page, if it may open.
pub fn step_get(context: &RequestContext<'_>, step: Step) -> Outcome {
    let draft = match context.draft() {
        Brought::Draft(draft) => checked(context, *draft),
        Brought::Nothing => return Ok(see_other("/wizard")),
        Brought::Stale => return Ok(see_other("/wizard?told=stale")),
    };
    if let Err(right) = may_open(context, &draft, step) {
        return Ok(see_other(step_path(right)));
    }
    match step {
        Step::NameAndType => name_and_type::get(context, &draft),
        Step::Options => options::get(context, &draft),
        Step::Subject => subject::get(context, &draft),
        Step::Constraints => constraints::get(context, &draft),
        Step::Import => import::get(context, &draft),
        Step::Certificate => certificate::get(context, &draft),
        Step::Confirm => confirm::get(context, &draft),
    }
}

/// A step's form.
pub fn step_post(context: &RequestContext<'_>, step: Step, mut fields: Fields) -> Outcome {
    let posted = DraftId::parse(&fields.text("draft")).map_err(|_| WebError::BadRequest(say::NO_DRAFT))?;
    let go = Go { step, back: fields.button("back"), returning: context.param("return") == "confirm" };
    fields.button("next");
    let save = fields.button("save");
    if let Some(name) = context.web.services.catalog.saved_from(&posted)? {
        if step == Step::Confirm && save {
            return Ok(with_all(see_other(&format!("/csrs/{name}?told=saved")), draft_cookie::clear(context.site)));
        }
        return finished(context, &name);
    }
    let draft = match context.draft() {
        Brought::Draft(draft) if draft.id == posted => checked(context, *draft),
        Brought::Draft(draft) => return other_draft(context, *draft),
        Brought::Nothing | Brought::Stale => return Ok(see_other("/wizard?told=stale")),
    };
    if let Err(right) = may_open(context, &draft, step) {
        return Ok(see_other(step_path(right)));
    }
    match step {
        Step::NameAndType => name_and_type::post(context, draft, fields, go),
        Step::Options => options::post(context, draft, fields, go),
        Step::Subject => subject::post(context, draft, fields, go),
        Step::Constraints => constraints::post(context, draft, fields, go),
        Step::Import => import::post(context, draft, fields, go),
        Step::Certificate => certificate::post(context, draft, fields, go),
        Step::Confirm => confirm::post(context, draft, fields, go, save),
    }
}

fn finished(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    let notice = Notice::new(
        context.layout(say::ALREADY_SAVED),
        say::already_saved(name.as_str()),
        say::ALREADY_SAVED_FIX.to_owned(),
        vec![(format!("/csrs/{name}"), "Open the request"), ("/wizard".to_owned(), "Start a new request")],
    );
    page(StatusCode::CONFLICT, &notice)
}

fn other_draft(context: &RequestContext<'_>, draft: Draft) -> Outcome {
    let on = step_path(first_missing(context, &checked(context, draft)));
    let notice = Notice::new(
        context.layout(say::ANOTHER_STARTED),
        say::ANOTHER_STARTED_WHAT.to_owned(),
        say::ANOTHER_STARTED_FIX.to_owned(),
        vec![(on.to_owned(), "Continue"), ("/csrs".to_owned(), "Back to requests")],
    );
    page(StatusCode::CONFLICT, &notice)
}

/// A key that takes long is begun as soon as it is known which; other answers give it up.
fn begin_key(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) {
    let services = &context.web.services;
    let (slow, draft) = (draft.options().and_then(|options| Slow::of(options.key)), draft.typed());
    match slow {
        Some(slow) if !draft.is_import() && !draft.keeps_key() => {
            services.key_queue.begin(&draft.id, slow, context.now)
        }
        _ => services.key_queue.give_up(&draft.id),
    }
}

/// The first step that is missing; Confirm when nothing is.
pub fn first_missing(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Step {
    draft.first_missing(import_waits(context, draft))
}

/// True when what is imported is held, with its key.
fn import_waits(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> bool {
    let (services, id) = (&context.web.services, &draft.typed().id);
    match draft.typed().walk() {
        Walk::Certificate => services.certified.waits(id, context.now),
        Walk::New | Walk::Import => services.imports.waits(id, context.now),
    }
}

fn may_open(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, step: Step) -> Result<(), Step> {
    draft.may_open(step, import_waits(context, draft))
}

/// The draft with its values: the only place in the wizard where the answers that a browser brought back are parsed.
fn checked<'a>(context: &RequestContext<'a>, draft: Draft) -> CheckedDraft<'a> {
    CheckedDraft::new(draft, Rules { policy: &context.web.services.config.policy, ca: &CaReader })
}

/// The step was left by Back or accepted: keeps the draft and shows the way.
pub fn leave(
    context: &RequestContext<'_>,
    draft: &CheckedDraft<'_>,
    go: Go,
) -> Result<Result<Reply, TooLarge>, WebError> {
    let to = if go.back {
        go.step.previous(draft.typed().walk()).unwrap_or(Step::NameAndType)
    } else if go.returning || (draft.typed().cloned && go.step == Step::NameAndType) {
        first_missing(context, draft)
    } else {
        go.step.next(draft.typed().walk()).unwrap_or(Step::Confirm)
    };
    carry(context, draft.typed(), see_other(step_path(to)))
}

/// The reply with the draft in its cookies.
pub fn carry(context: &RequestContext<'_>, draft: &Draft, reply: Reply) -> Result<Result<Reply, TooLarge>, WebError> {
    let cookies = draft_cookie::write(draft, context.site, &context.web.seal, context.generation())?;
    Ok(cookies.map(|cookies| with_all(reply, cookies)))
}

fn with_all(reply: Reply, cookies: Vec<String>) -> Reply {
    cookies.iter().fold(reply, |reply, cookie| with(reply, SET_COOKIE, cookie))
}

/// What a step's page is drawn with.
pub fn frame(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, step: Step) -> Frame {
    Frame::new(
        draft.typed(),
        step,
        first_missing(context, draft),
        context.param("return") == "confirm",
        context.param("told"),
    )
}
