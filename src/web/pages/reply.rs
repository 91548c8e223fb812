//! Certificates for whichever requests they belong to: found by their keys, compared, added.

use super::certificate::{Given, told};
use super::comparison::Comparison;
use crate::web::draft_cookie::{self, TooLarge};
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::forms as say;
use crate::web::messages::wizard::TOO_LONG;
use crate::web::reply::{Outcome, page, see_other, with};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use hyper::header::SET_COOKIE;
use signet_app::certificates::Reading;
use signet_app::certificates::certified::Uploaded;
use signet_app::certificates::stored::chain_pem;
use signet_app::{AppError, random};
use signet_domain::draft::{Draft, DraftId};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::secret::Secret;

/// Ticks of the requests that get their certificate.
const TAKEN: &str = "csr-";

#[derive(Template)]
#[template(path = "reply.html")]
struct Reply {
    layout: Layout,
    mistakes: Mistakes,
    certificate: String,
}

#[derive(Template)]
#[template(path = "reply_check.html")]
struct Check {
    layout: Layout,
    mistakes: Mistakes,
    found: Vec<Comparison>,
    refused: Vec<Invalid>,
    certificate: String,
}

impl Check {
    /// The one certificate for one request, which needs no choice.
    fn only(&self) -> Option<&Comparison> {
        match self.found.as_slice() {
            [one] if one.others.is_empty() && self.mistakes.is_empty() => Some(one),
            _ => None,
        }
    }

    /// None of them works for what was requested.
    fn is_bad(&self) -> bool {
        self.found.iter().all(Comparison::is_bad)
    }
}

/// The form.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    draw(context, StatusCode::OK, String::new(), Mistakes::none())
}

/// Shows what came and where it belongs, or adds what was chosen of it.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let given = Given::of(&mut fields);
    let take = fields.button("take");
    let chosen = fields.ticked(TAKEN)?;
    fields.finish()?;
    let services = &context.web.services;
    let refused = |mistakes| draw(context, StatusCode::UNPROCESSABLE_ENTITY, given.shown(), mistakes);
    let bytes = match given.bytes() {
        Ok(bytes) => bytes,
        Err(mistakes) => return refused(mistakes),
    };
    if !take {
        return match look(context, bytes, given.passphrase()) {
            Ok(outcome) => outcome,
            Err(AppError::Rejected(mistakes)) => refused(mistakes),
            Err(AppError::Failed(error)) => Err(error.into()),
        };
    }
    let kept = match named(&chosen) {
        Ok(names) => services.certificates.keep(&names, bytes, context.by),
        Err(mistakes) => Err(AppError::Rejected(mistakes)),
    };
    match kept {
        Ok(kept) => Ok(match kept.as_slice() {
            [one] => see_other(&format!("/csrs/{}?told={}", one.proposal.csr, told(&kept))),
            _ => see_other(&format!("/csrs?told={}", told(&kept))),
        }),
        // Nothing is kept: the choice can be made again, where what was given can still be read.
        Err(AppError::Rejected(mistakes)) => match services.certificates.read(bytes, None) {
            Ok(reading) => check(context, reading, mistakes),
            Err(AppError::Rejected(_)) => refused(mistakes),
            Err(AppError::Failed(error)) => Err(error.into()),
        },
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}

/// Shows what a file holds and where it belongs; a certificate with its key that belongs nowhere goes to the wizard.
fn look(context: &RequestContext<'_>, bytes: &[u8], passphrase: Option<&Secret>) -> Result<Outcome, AppError> {
    let services = &context.web.services;
    let draft = DraftId::from_bytes(random::bytes()?);
    let uploaded = services.certified.uploaded(bytes, passphrase, Some(&draft), context.now)?;
    if let Uploaded::New { name } = uploaded {
        return Ok(to_wizard(context, draft, name));
    }
    let mut reading = services.certificates.read(uploaded.certificates().unwrap_or(bytes), None)?;
    reading.proposals.iter_mut().for_each(|proposal| proposal.advice.extend(uploaded.advice()));
    Ok(check(context, reading, Mistakes::none()))
}

/// Step 1 of a certificate with its key, both of which are held.
fn to_wizard(context: &RequestContext<'_>, id: DraftId, name: Option<CsrName>) -> Outcome {
    let name_and_type = NameAndTypeAnswers {
        name: name.map(|name| name.to_string()).unwrap_or_default(),
        r#type: NameAndTypeAnswers::CERTIFICATE.to_owned(),
        profile: String::new(),
    };
    let draft = Draft { name_and_type: Some(name_and_type), cloned: true, ..Draft::new(id) };
    let cookies = draft_cookie::write(&draft, context.site, &context.web.seal, context.generation())?;
    let cookies = cookies.map_err(|TooLarge| WebError::BadRequest(TOO_LONG))?;
    let reply = see_other("/wizard/identity?told=with-key");
    Ok(cookies.iter().fold(reply, |reply, cookie| with(reply, SET_COOKIE, cookie)))
}

/// The CSRs whose boxes are ticked: at least one.
fn named(chosen: &[String]) -> Result<Vec<CsrName>, Mistakes> {
    let mut mistakes = Mistakes::none();
    if chosen.is_empty() {
        mistakes.add(say::no_request_chosen());
    }
    let name = |text: &String| CsrName::parse(text).map_err(|_| say::not_a_request(text));
    let names = chosen.iter().filter_map(|text| mistakes.keep(name(text))).collect();
    if mistakes.is_empty() { Ok(names) } else { Err(mistakes) }
}

fn draw(context: &RequestContext<'_>, status: StatusCode, certificate: String, mistakes: Mistakes) -> Outcome {
    let title = "Add certificate";
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    page(status, &Reply { layout, mistakes, certificate })
}

/// What was found, and what is wrong with the choice that was made of it.
fn check(context: &RequestContext<'_>, reading: Reading, mistakes: Mistakes) -> Outcome {
    let title = "Check the certificate";
    let certificates: Vec<Vec<u8>> = reading.proposals.iter().flat_map(|proposal| proposal.certificates()).collect();
    let refused = reading.refused.into_iter().flat_map(|(_, why)| why).chain(reading.strangers);
    let (layout, status) = if mistakes.is_empty() {
        (context.layout(title), StatusCode::OK)
    } else {
        (context.error_layout(title), StatusCode::UNPROCESSABLE_ENTITY)
    };
    let now = context.web.services.clock.now();
    let template = Check {
        layout,
        mistakes,
        found: reading.proposals.iter().map(|proposal| Comparison::of(proposal, now)).collect(),
        refused: refused.collect(),
        certificate: chain_pem(&certificates),
    };
    page(status, &template)
}
