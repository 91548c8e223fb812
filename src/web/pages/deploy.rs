//! Other services of the device get an answered CSR's certificate and key: the password again; and the way back, which gives
//! nothing away and needs none.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use crate::web::verdict;
use askama::Template;
use hyper::StatusCode;
use signet_app::Failure;
use signet_app::deploy::Use;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;

#[derive(Template)]
#[template(path = "deploy.html")]
struct Deploy {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    wanted: bool,
    answered: bool,
    services: Vec<Use>,
    asks_password: bool,
    /// Which clients cannot use it.
    warning: Option<&'static str>,
}

fn draw(context: &RequestContext<'_>, status: StatusCode, name: &CsrName, mistakes: Mistakes) -> Outcome {
    let content = context.web.services.catalog.readable(name)?;
    let offer = context.web.services.deploy.offer(name, &content.record)?;
    let wanted = content.record.deploy;
    if offer.is_none() && !wanted {
        return Err(Failure::NoService(name.to_string()).into());
    }
    let title = format!("Other services: {name}");
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    let services = offer.map(|offer| offer.services).unwrap_or_default();
    let answered = !content.certificates.is_empty();
    let (name, asks_password) = (name.to_string(), context.asks_password);
    let warning = verdict::warning(&content);
    page(status, &Deploy { layout, mistakes, name, wanted, answered, services, asks_password, warning })
}

/// What is set up, what happens, and the form.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    draw(context, StatusCode::OK, name, Mistakes::none())
}

/// `stop` takes the word back; else the password gives it.
pub fn post(context: &RequestContext<'_>, name: &CsrName, mut fields: Fields) -> Outcome {
    let password = fields.secret("password");
    let stop = fields.button("stop");
    fields.finish()?;
    let services = &context.web.services;
    let content = services.catalog.readable(name)?;
    if stop {
        services.deploy.stop_handing_over(name, context.by)?;
        return Ok(see_other(&format!("/csrs/{name}?told=deploy-stopped")));
    }
    // Before the password: what cannot be had needs none.
    if content.certificates.is_empty() {
        return Err(Failure::Unanswered(name.to_string()).into());
    }
    if services.deploy.offer(name, &content.record)?.is_none() {
        return Err(Failure::NoService(name.to_string()).into());
    }
    if let Err(error) = context.confirm_key_export(&password) {
        let away = TurnedAway::at("password", error)?;
        return away.answer(|status, mistakes| draw(context, status, name, mistakes));
    }
    services.deploy.hand_over(name, context.by)?;
    Ok(see_other(&format!("/csrs/{name}?told=deployed")))
}
