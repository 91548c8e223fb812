//! A request's page: its state and what is next; everything else folded; its name and note; its downloads.

mod decoded;
mod progress;
mod summary;

use crate::web::correction::Pressed;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::messages::done::to_request;
use crate::web::messages::enroll::state;
use crate::web::messages::forms as say;
use crate::web::reply::{Outcome, attachment, page, see_other};
use crate::web::request_context::RequestContext;
use crate::web::uses::Uses;
use askama::Template;
use decoded::Decoded;
use hyper::StatusCode;
use progress::{Known, Progress};
use signet_app::AppError;
use signet_app::Failure;
use signet_app::Services;
use signet_app::clock;
use signet_app::enroll::Status;
use signet_app::requests::content::{Content, Row, Unread};
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::note::Note;
use signet_domain::supersedes::SAME_KEY_MEANING;
use signet_domain::time;
use signet_pki::serving;
use summary::{Certified, Names};

#[derive(Template)]
#[template(path = "csr.html")]
struct Csr {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    told: Option<&'static str>,
    damage: Option<Unread>,
    shown: Option<Shown>,
    typed_name: String,
    typed_note: String,
    /// Name and note are open: there is something to correct, or a correction to save.
    is_edited: bool,
}

/// A request that can be read.
struct Shown {
    progress: Progress,
    names: Names,
    facts: Vec<Fact>,
    decoded: Decoded,
    certified: Option<Certified>,
    exportable: bool,
    clonable: bool,
    /// Other services of the device get it, or may.
    deploy: bool,
    deployed: bool,
    /// Why it cannot be renewed here; none where it can.
    not_renewable: Option<String>,
    /// The CA that it is renewed at automatically.
    renewed_at: Option<String>,
    /// The one that it replaces.
    replaces: Option<String>,
    same_key_meaning: &'static str,
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
        Err(AppError::Rejected(mistakes)) => {
            draw(context, StatusCode::UNPROCESSABLE_ENTITY, row, Some(typed), mistakes)
        }
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}

/// The request as a file, `NAME.csr`.
pub fn download(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    let content = context.web.services.catalog.readable(name)?;
    let file = format!("{name}.csr");
    match context.param("format") {
        "der" => Ok(attachment(&file, "application/pkcs10", content.der)),
        "" | "pem" => Ok(attachment(&file, "application/x-pem-file", content.pem().into_bytes())),
        _ => Err(WebError::BadRequest(say::FORMAT)),
    }
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    row: Row,
    typed: Option<Typed>,
    mistakes: Mistakes,
) -> Outcome {
    let title = row.name.to_string();
    let kept = || Typed {
        name: row.name.to_string(),
        note: row.content.as_ref().map(|content| content.record.note.clone()).unwrap_or_default(),
    };
    let is_edited = typed.is_some();
    let Typed { name: typed_name, note: typed_note } = typed.unwrap_or_else(kept);
    let (damage, shown) = match &row.content {
        Ok(content) => (None, Some(shown(context, &row.name, content)?)),
        Err(why) => (Some(why.clone()), None),
    };
    let template = Csr {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        mistakes,
        name: row.name.to_string(),
        told: to_request(context.param("told")),
        damage,
        shown,
        typed_name,
        typed_note,
        is_edited,
    };
    page(status, &template)
}

fn shown(context: &RequestContext<'_>, name: &CsrName, content: &Content) -> Result<Shown, WebError> {
    let services = &context.web.services;
    let now = services.clock.now();
    let relatives = services.catalog.relatives(&content.record)?;
    let uses = Uses::of(context, name, content)?;
    let not_renewable = match services.renewals.answers(name, content) {
        Err(Failure::NotRenewable { reason, .. }) => Some(reason),
        _ => None,
    };
    let certified = Certified::of(content, now);
    let mut facts = summary::facts(content, certified.as_ref(), &uses, now);
    facts.extend(services.enrollments.suggested(content).map(|window| {
        let (start, end) = (time::date(window.start), time::date(window.end));
        let fact = Fact::new("The CA suggests renewal", format!("between {start} and {end}"));
        fact.note(window.explanation.unwrap_or_else(|| format!("renewed on {}", time::date(window.moment))))
    }));
    facts.extend(ordered(services, name)?);
    let leaf = content.certificate().and_then(Result::ok);
    let order = if content.is_answered() { None } else { services.enrollments.status(name)? };
    let progress = Progress::of(Known {
        content,
        relatives: &relatives,
        uses: &uses,
        fits: !context.site.proxied && leaf.is_some_and(|leaf| serving::fits(leaf, now, clock::build_date()).is_ok()),
        renewable: not_renewable.is_none(),
        order: order.as_ref(),
        trial: services.config.trial_seconds,
        now,
    });
    Ok(Shown {
        progress,
        names: Names::of(content, certified.as_ref()),
        facts,
        decoded: Decoded::of(context, name, content),
        exportable: services.config.policy.may_export(content.record.has_factory_key()),
        clonable: content.record.asked.is_some(),
        deploy: uses.is_allowed || (uses.is_offered && content.is_answered()),
        deployed: uses.is_allowed,
        not_renewable,
        renewed_at: content.record.auto_renew.as_ref().map(|auto| auto.ca.clone()),
        replaces: relatives.supersedes.map(|old| old.to_string()),
        same_key_meaning: SAME_KEY_MEANING,
        certified,
    })
}

/// The order of its certificate, until that is kept.
fn ordered(services: &Services, name: &CsrName) -> Result<Option<Fact>, Failure> {
    let status = services.enrollments.status(name)?;
    let open = status.filter(|status| !matches!(status, Status::Ended(order) if order.failure.is_none()));
    Ok(open.map(|status| {
        let order = status.order();
        let fact = Fact::new("Order", format!("{}: {}", order.authority, state(&status)));
        match &order.failure {
            Some(failure) => fact.badge(failure.what.clone(), "bad"),
            None => fact,
        }
    }))
}
