//! A request's certificate tried as this console's: what is worth knowing first, then the trial.

use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::names;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;
use signet_domain::time::{self, duration};

/// Why nothing is tried behind the device's web server.
const NOT_SEEN: &str =
    "You are connected through this device's web server, so your browser would not see the certificate.";
const NOT_SEEN_FIX: &str =
    "Open the console at its own port to try it there, or give the certificate to the web server.";

#[derive(Template)]
#[template(path = "try.html")]
struct Trial {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    /// None where it cannot be tried.
    offered: Option<Offered>,
    minutes: String,
}

struct Offered {
    facts: Vec<Fact>,
    advice: Vec<String>,
}

/// What it is and what to expect.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    draw(context, StatusCode::OK, name, Mistakes::none())
}

/// Begins the trial.
pub fn post(context: &RequestContext<'_>, name: &CsrName, fields: Fields) -> Outcome {
    fields.finish()?;
    if context.site.proxied {
        return draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, Mistakes::none());
    }
    let services = &context.web.services;
    let begun = services
        .console
        .candidate(name, None)
        .map_err(Into::into)
        .and_then(|candidate| context.web.in_use.begin(services, name, candidate, context.by));
    match begun {
        Ok(()) => Ok(see_other("/console")),
        Err(error) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, mistakes(error.refusal()?)),
    }
}

fn draw(context: &RequestContext<'_>, status: StatusCode, name: &CsrName, mut mistakes: Mistakes) -> Outcome {
    let services = &context.web.services;
    let offered = match services.console.candidate(name, Some(&context.entrance.host)) {
        Ok(_) if context.site.proxied => {
            mistakes.add(Invalid::new("certificate", NOT_SEEN, NOT_SEEN_FIX));
            None
        }
        Ok(candidate) => {
            let leaf = candidate.identity.chain.first().map(Vec::as_slice).unwrap_or_default();
            let standing = services.console.standing(leaf)?;
            let names: Vec<&str> = standing.names.iter().map(|name| names::bare(name)).collect();
            let facts = vec![
                Fact::new("Issued by", standing.issuer),
                Fact::new("Names", names.join("\n")),
                Fact::new("Valid", format!("{} to {}", time::shown(standing.from), time::shown(standing.until))),
            ];
            Some(Offered { facts, advice: candidate.advice })
        }
        Err(AppError::Rejected(refused)) => {
            if mistakes.is_empty() {
                mistakes = refused;
            }
            None
        }
        Err(AppError::Failed(error)) => return Err(error.into()),
    };
    let title = format!("Use {name} for this console");
    // What is wrong from the beginning is not the visitor's mistake.
    let layout = if status == StatusCode::OK { context.layout(title) } else { context.error_layout(title) };
    let minutes = duration(u64::from(services.config.trial_seconds));
    page(status, &Trial { layout, mistakes, name: name.to_string(), offered, minutes })
}

/// Refusals as a form's mistakes.
pub(super) fn mistakes(refusals: Vec<Invalid>) -> Mistakes {
    let mut mistakes = Mistakes::none();
    refusals.into_iter().for_each(|refusal| mistakes.add(refusal));
    mistakes
}
