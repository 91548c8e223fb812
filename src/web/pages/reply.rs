//! The CA's answer to whichever CSR it belongs to: found by its key, looked at, taken.

use super::certificate::{Given, Shown, shown};
use crate::web::form::Fields;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::shell::Shell;
use crate::web::visit::Visit;
use askama::Template;
use hyper::StatusCode;
use signet_app::CreateError;
use signet_app::certificates::stored::chain_pem;
use signet_app::certificates::{FIELD, Reading};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;

/// Ticks of the CSRs that take their answer.
const TAKEN: &str = "csr-";

#[derive(Template)]
#[template(path = "reply.html")]
struct Reply {
    shell: Shell,
    mistakes: Mistakes,
    certificate: String,
}

#[derive(Template)]
#[template(path = "reply_check.html")]
struct Check {
    shell: Shell,
    mistakes: Mistakes,
    answers: Vec<Shown>,
    refused: Vec<Invalid>,
    certificate: String,
}

/// The form.
pub fn get(visit: &Visit<'_>) -> Outcome {
    draw(visit, StatusCode::OK, String::new(), Mistakes::none())
}

/// Shows what came and where it belongs, or takes what was chosen of it.
pub fn post(visit: &Visit<'_>, mut fields: Fields) -> Outcome {
    let given = Given::of(&mut fields);
    let take = fields.button("take");
    let chosen = fields.ticked(TAKEN)?;
    fields.finish()?;
    let services = &visit.web.services;
    let refused = |mistakes| draw(visit, StatusCode::UNPROCESSABLE_ENTITY, given.shown(), mistakes);
    let bytes = match given.bytes() {
        Ok(bytes) => bytes,
        Err(mistakes) => return refused(mistakes),
    };
    if !take || chosen.is_empty() {
        return match services.certificates.read(bytes, None) {
            Ok(reading) => check(visit, reading, take),
            Err(CreateError::Refused(mistakes)) => refused(mistakes),
            Err(CreateError::App(error)) => Err(error.into()),
        };
    }
    let names: Vec<CsrName> = chosen.iter().filter_map(|name| CsrName::parse(name).ok()).collect();
    let mut told = "same";
    for name in &names {
        match services.certificates.keep(name, bytes, visit.by) {
            Ok(taken) if taken.changed => told = "answered",
            Ok(_) => {}
            Err(CreateError::Refused(mistakes)) => return refused(mistakes),
            Err(CreateError::App(error)) => return Err(error.into()),
        }
    }
    Ok(match names.as_slice() {
        [name] => see_other(&format!("/csrs/{name}?told={told}")),
        _ => see_other(&format!("/csrs?told={told}")),
    })
}

fn draw(visit: &Visit<'_>, status: StatusCode, certificate: String, mistakes: Mistakes) -> Outcome {
    let title = "The CA’s answer";
    let shell = if mistakes.is_empty() { visit.shell(title) } else { visit.error_shell(title) };
    page(status, &Reply { shell, mistakes, certificate })
}

/// What was found; with `nothing_chosen` after a taking of nothing.
fn check(visit: &Visit<'_>, reading: Reading, nothing_chosen: bool) -> Outcome {
    let title = "Check the answer";
    let certificates: Vec<Vec<u8>> = reading.proposals.iter().flat_map(|proposal| proposal.certificates()).collect();
    let mut mistakes = Mistakes::none();
    if nothing_chosen {
        mistakes.add(Invalid::new(FIELD, "No request is chosen.", "Tick the ones that shall keep their certificate."));
    }
    let template = Check {
        shell: if nothing_chosen { visit.error_shell(title) } else { visit.shell(title) },
        mistakes,
        answers: reading.proposals.iter().map(|proposal| shown(visit, proposal)).collect(),
        refused: reading.refused,
        certificate: chain_pem(&certificates),
    };
    page(if nothing_chosen { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &template)
}
