//! A request's certificate is ordered at an authority: the choice, where the order is, and the way to cancel it.
//!
//! The console only puts the order into the queue. While it is under way this page reloads itself, and ends in the request's.

use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::messages::{done, enroll as say};
use crate::web::reply::{Outcome, page, refreshed, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::enroll::Status;
use signet_domain::authority::AuthorityName;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;
use signet_domain::record::AutoRenew;
use signet_domain::time;

/// Seconds after which a page of an order that is under way loads itself again.
const AGAIN: u64 = 1;

#[derive(Template)]
#[template(path = "enroll.html")]
struct Enroll {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    /// Value and label of each authority.
    authorities: Vec<(String, String)>,
    chosen: String,
    auto_renew: bool,
    told: Option<&'static str>,
    /// The choice of a renewal makes sense by itself.
    is_renewable: bool,
    order: Option<Shown>,
    /// An order is under way: there is nothing to choose.
    is_open: bool,
}

/// An order, as it is shown.
struct Shown {
    authority: String,
    facts: Vec<Fact>,
    /// What is wrong, what to do, and the CA's own words.
    failure: Option<(String, String, Option<String>)>,
    /// It can be cancelled.
    open: bool,
    /// The page reloads itself.
    busy: bool,
    /// The certificate is kept.
    kept: bool,
}

impl Shown {
    fn of(status: &Status) -> Self {
        let order = status.order();
        let open = matches!(status, Status::Open(_));
        let mut facts = vec![
            Fact::new("CA", order.authority.clone()),
            Fact::new("State", say::state(status)),
            Fact::new("Ordered", time::shown(order.since)),
        ];
        facts.extend(order.next_try.map(|next| Fact::new("Next try", time::shown(next))));
        // With the commands that this device has.
        let words = |text: &str| crate::web::look::current().words(text).into_owned();
        let failure = order.failure.as_ref().map(|why| (why.what.clone(), words(&why.remedy), why.detail.clone()));
        let kept = matches!(status, Status::Ended(order) if order.failure.is_none());
        Self { authority: order.authority.clone(), kept, facts, busy: open && failure.is_none(), failure, open }
    }
}

fn draw(context: &RequestContext<'_>, status: StatusCode, name: &CsrName, mistakes: Mistakes, chosen: &str) -> Outcome {
    let services = &context.web.services;
    let content = services.catalog.readable(name)?;
    let order = services.enrollments.status(name)?;
    let is_kept = matches!(&order, Some(Status::Ended(order)) if order.failure.is_none());
    if is_kept && context.param("told") == "ordered" {
        return Ok(see_other(&format!("/csrs/{name}?told=answered")));
    }
    let last = order.as_ref().map(|order| order.order().authority.clone()).unwrap_or_default();
    let mut order = order.map(|order| Shown::of(&order));
    if let Some(shown) = order.as_mut().filter(|order| order.open) {
        let needs = AuthorityName::parse(&shown.authority)
            .ok()
            .map(|at| services.enrollments.needs_port_80(&at))
            .transpose()?;
        shown.facts.extend(needs.flatten().map(|needs| Fact::new("Needed", needs)));
    }
    let is_open = order.as_ref().is_some_and(|order| order.open);
    let authorities = services.authorities.list()?;
    let is_answered = content.is_answered();
    let auto = content.record.auto_renew;
    let chosen = match (chosen, &auto) {
        ("", Some(auto)) => auto.ca.clone(),
        ("", None) => last,
        (chosen, _) => chosen.to_owned(),
    };
    let title = format!("Certificate from a CA: {name}");
    let template = Enroll {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        mistakes,
        name: name.to_string(),
        authorities: authorities.iter().map(|one| (one.name.to_string(), say::authority(one))).collect(),
        chosen,
        is_renewable: auto.is_some() || is_answered,
        auto_renew: auto.is_some(),
        told: done::to_enroll(context.param("told")),
        order,
        is_open,
    };
    let busy = template.order.as_ref().is_some_and(|order| order.busy);
    let reply = page(status, &template)?;
    Ok(if busy { refreshed(reply, AGAIN, &format!("/csrs/{name}/enroll")) } else { reply })
}

/// The choice, or where the order is.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    draw(context, StatusCode::OK, name, Mistakes::none(), "")
}

/// Orders; `cancel` ends the order, and `choose` only keeps whether the certificate is renewed.
pub fn post(context: &RequestContext<'_>, name: &CsrName, mut fields: Fields) -> Outcome {
    let chosen = fields.trimmed("ca");
    let auto_renew = fields.checkbox("auto_renew")?;
    let (cancel, choose) = (fields.button("cancel"), fields.button("choose"));
    fields.finish()?;
    let services = &context.web.services;
    let here = format!("/csrs/{name}/enroll");
    let outcome = if cancel {
        services.enrollments.cancel(name, context.by).map(|()| here)
    } else if choose {
        chosen_to_renew(context, name, &chosen, auto_renew).map(|()| here + "?told=chosen")
    } else {
        ordered(context, name, &chosen, auto_renew).map(|()| here + "?told=ordered")
    };
    match outcome {
        Ok(path) => Ok(see_other(&path)),
        Err(AppError::Rejected(why)) => {
            let at_ca = why.iter().map(|one| Invalid { field: "ca", correction: None, ..one.clone() });
            let mut mistakes = Mistakes::none();
            at_ca.for_each(|one| mistakes.add(one));
            draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, mistakes, &chosen)
        }
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}

fn ordered(context: &RequestContext<'_>, name: &CsrName, chosen: &str, auto_renew: bool) -> Result<(), AppError> {
    context.web.services.enrollments.order(name, &authority(chosen)?, context.by)?;
    context.web.ordered.tell();
    chosen_to_renew(context, name, chosen, auto_renew)
}

/// Keeps whether the certificate is renewed, and where.
fn chosen_to_renew(context: &RequestContext<'_>, name: &CsrName, chosen: &str, renew: bool) -> Result<(), AppError> {
    let services = &context.web.services;
    let auto = match renew {
        false => None,
        true => {
            let authority = authority(chosen)?;
            services.authorities.stored(&authority)?;
            let same_key = services.catalog.readable(name)?.record.auto_renew.is_some_and(|auto| auto.same_key);
            Some(AutoRenew { ca: authority.to_string(), same_key })
        }
    };
    services.auto_renewals.set(name, auto, context.by)?;
    Ok(())
}

fn authority(chosen: &str) -> Result<AuthorityName, AppError> {
    if chosen.is_empty() {
        return Err(say::no_ca().into());
    }
    Ok(AuthorityName::parse(chosen)?)
}
