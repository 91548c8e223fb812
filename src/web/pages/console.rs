//! The console's certificate: what is in use and why, a trial with its time, and the ways back.

use super::trial::{duration, mistakes};
use crate::web::form::Fields;
use crate::web::in_use::{ChangeError, OnTrial};
use crate::web::layout::{Fact, Layout};
use crate::web::reply::{Outcome, page, refreshed, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::console::Fingerprints;
use signet_app::console::{Back, Standing};
use signet_domain::invalid::Mistakes;
use signet_domain::time;

#[derive(Template)]
#[template(path = "console.html")]
struct Console {
    layout: Layout,
    mistakes: Mistakes,
    told: Option<&'static str>,
    trial: Option<Trial>,
    facts: Vec<Fact>,
    fingerprints: Fingerprints,
    attention: Option<(String, String)>,
    ways: Vec<Way>,
}

struct Trial {
    csr: String,
    left: String,
    /// Whether the visitor's browser has met the certificate.
    greeted: bool,
}

struct Way {
    to: &'static str,
    label: &'static str,
    hint: String,
}

/// Seconds between two looks at a trial's time. A page that came by an old connection looks again at once: it comes back by
/// a new handshake.
const LOOK: u64 = 15;

/// The page; while a trial is on it reloads itself.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    draw(context, StatusCode::OK, Mistakes::none())
}

/// Keeps the certificate that is on trial.
pub fn confirm(context: &RequestContext<'_>, fields: Fields) -> Outcome {
    fields.finish()?;
    let web = context.web;
    match web.in_use.confirm(&web.services, context.handshake, context.by, context.now) {
        Ok(()) => Ok(see_other("/console?told=confirmed")),
        Err(error @ (ChangeError::OldConnection | ChangeError::NoTrial | ChangeError::Overtaken)) => {
            draw(context, StatusCode::CONFLICT, mistakes(error.refusal()?))
        }
        Err(error) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, mistakes(error.refusal()?)),
    }
}

/// Ends a trial, or goes back to another certificate.
pub fn back(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let to = fields.text("to");
    fields.finish()?;
    let web = context.web;
    if to == TRIAL {
        // One that has ended by itself meanwhile is as good.
        web.in_use.end_trial(&web.services, context.by);
        return Ok(see_other("/console?told=ended"));
    }
    let gone = Back::parse(&to)
        .map_err(|invalid| ChangeError::Below(signet_app::CreateError::Refused(invalid.into())))
        .and_then(|to| web.in_use.back(&web.services, to, context.by));
    match gone {
        Ok(()) => Ok(see_other("/console?told=back")),
        Err(error) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, mistakes(error.refusal()?)),
    }
}

/// The form's word for the end of a trial.
const TRIAL: &str = "trial";

fn draw(context: &RequestContext<'_>, status: StatusCode, mistakes: Mistakes) -> Outcome {
    let web = context.web;
    let trial = web.in_use.trial(context.handshake, context.now);
    let standing = web.services.console.standing(&web.in_use.certificate())?;
    let title = "The console's certificate";
    let template = Console {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        mistakes,
        told: if trial.is_some() { None } else { told(context.param("told")) },
        facts: facts(&standing),
        attention: standing.attention(),
        fingerprints: standing.fingerprints,
        ways: if trial.is_some() { Vec::new() } else { ways(context) },
        trial: trial.as_ref().map(|OnTrial { csr, left, greeted }| Trial {
            csr: csr.to_string(),
            left: duration(left.as_secs()),
            greeted: *greeted,
        }),
    };
    let reply = page(status, &template)?;
    match trial {
        Some(trial) if status == StatusCode::OK => {
            let again = if trial.greeted { LOOK.min(trial.left.as_secs() + 1) } else { 1 };
            Ok(refreshed(reply, again, "/console"))
        }
        _ => Ok(reply),
    }
}

fn told(what: &str) -> Option<&'static str> {
    match what {
        "confirmed" => Some("The certificate is kept: it stays in use after a restart, too."),
        "ended" => Some("The trial has ended; the certificate of before is in use again."),
        "back" => Some("The change is made: this is the certificate that visitors see from now on."),
        _ => None,
    }
}

fn facts(standing: &Standing) -> Vec<Fact> {
    vec![
        Fact::new("In use", standing.why.told()),
        Fact::new("Issued by", standing.issuer.clone()),
        Fact::new("Names", standing.names.join("\n")),
        Fact::new("Valid", format!("{} to {}", time::shown(standing.from), time::shown(standing.until))),
    ]
}

fn ways(context: &RequestContext<'_>) -> Vec<Way> {
    let way = |(to, standing): (Back, Option<Standing>)| Way {
        to: to.word(),
        label: match to {
            Back::Former => "Go back to the former certificate",
            Back::Own => "Go back to the console's own certificate",
        },
        hint: standing.map_or_else(
            || "A new key and certificate are made on this device; browsers warn once.".to_owned(),
            |standing| format!("It is {}; valid until {}.", standing.why.told(), time::shown(standing.until)),
        ),
    };
    context.web.services.console.ways_back().into_iter().map(way).collect()
}
