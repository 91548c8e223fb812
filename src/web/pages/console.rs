//! The console's certificate: what is in use and why, a trial with its time, and the ways back.

use super::trial::mistakes;
use crate::web::form::Fields;
use crate::web::in_use::ChangeError;
use crate::web::layout::{Fact, Layout};
use crate::web::messages::console as say;
use crate::web::messages::done::to_console;
use crate::web::names;
use crate::web::reply::{Outcome, page, refreshed, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::check::risks;
use signet_app::console::{self, Back, Standing};
use signet_app::data_flag::DataFlag;
use signet_domain::invalid::Mistakes;
use signet_domain::time::{self, duration};

#[derive(Template)]
#[template(path = "console.html")]
struct Console {
    layout: Layout,
    mistakes: Mistakes,
    told: Option<&'static str>,
    facts: Vec<Fact>,
    attention: Option<(String, String)>,
    /// Which clients cannot connect, and what to do.
    shut_out: Option<(&'static str, &'static str)>,
    /// The data directory seems to be a copy of another device's.
    copied: Option<(String, String)>,
    /// Requests whose certificates could be tried, and how many more may be.
    usable: Vec<Usable>,
    more: usize,
    /// How long a trial lasts.
    minutes: String,
    ways: Vec<Way>,
    /// Visitors see the certificate of the device's web server instead.
    proxied: bool,
}

struct Usable {
    name: String,
    names: String,
    until: String,
}

struct Way {
    to: &'static str,
    label: &'static str,
    hint: String,
}

/// Requests that the page lists.
const MOST: usize = 10;
/// Names of a certificate that the page lists.
const NAMES: usize = 3;

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
    // Behind the device's web server nobody has seen it.
    let confirmed = match context.handshake {
        Some(handshake) => web.in_use.confirm(&web.services, handshake, context.by, context.now),
        None => Err(ChangeError::OldConnection),
    };
    match confirmed {
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
        // One that has ended meanwhile is as good.
        web.in_use.end_trial(&web.services, context.by);
        return Ok(see_other("/console?told=ended"));
    }
    let gone = Back::parse(&to)
        .map_err(|invalid| ChangeError::Below(signet_app::AppError::Rejected(invalid.into())))
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
    let trial = context.trial();
    let in_use = web.in_use.certificate();
    let standing = web.services.console.standing(&in_use)?;
    let (usable, more) = if trial.is_some() || context.site.proxied {
        (Vec::new(), 0)
    } else {
        web.services.console.usable(&in_use, MOST)?
    };
    let title = "The console's certificate";
    let data = DataFlag::elsewhere(web.services.store.path());
    let template = Console {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        mistakes,
        told: if trial.is_some() { None } else { to_console(context.param("told")) },
        attention: standing.attention(),
        shut_out: standing.shut_out(),
        copied: risks::copied(&web.services.store).map(|risk| (risk.what, data.in_text(risk.fix))),
        facts: facts(standing),
        usable: usable.into_iter().map(shown).collect(),
        more,
        minutes: duration(u64::from(web.services.config.trial_seconds)),
        ways: if trial.is_some() { Vec::new() } else { ways(context) },
        proxied: context.site.proxied,
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

fn shown(one: console::Usable) -> Usable {
    let mut all: Vec<String> = one.names.iter().map(|name| names::shown(name).text).collect();
    // The list knows how many more there are, and not which.
    all.resize(all.len() + one.more, String::new());
    Usable { name: one.name.to_string(), names: names::sentence(&all, NAMES), until: time::date(one.until).to_string() }
}

fn facts(standing: Standing) -> Vec<Fact> {
    let names: Vec<&str> = standing.names.iter().map(|name| names::bare(name)).collect();
    vec![
        Fact::new("In use", standing.why.told()),
        Fact::new("Issued by", standing.issuer),
        Fact::new("Names", names.join("\n")),
        Fact::new("Valid", format!("{} to {}", time::shown(standing.from), time::shown(standing.until))),
        Fact::new("Key (SHA-256)", standing.fingerprints.key),
        Fact::new("Certificate (SHA-256)", standing.fingerprints.certificate),
    ]
}

fn ways(context: &RequestContext<'_>) -> Vec<Way> {
    let way = |(to, standing): (Back, Option<Standing>)| Way {
        to: to.word(),
        label: match to {
            Back::Former => say::BACK_TO_PREVIOUS,
            Back::Own => say::BACK_TO_OWN,
        },
        hint: standing.map_or_else(
            || say::MAKES_NEW.to_owned(),
            |standing| say::leads_to(&standing.why.told(), &time::shown(standing.until)),
        ),
    };
    context.web.services.console.ways_back().into_iter().map(way).collect()
}
