//! The end of a CSR: a page that says what is lost, then the deletion.

use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::messages::{enroll, forms as say};
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use crate::web::status::Status;
use crate::web::uses::Uses;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::requests::content::Content;
use signet_app::validity::Validity;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;

/// The reason for which a certificate is revoked whose key is deleted (RFC 5280, section 5.3.1: cessationOfOperation).
const CESSATION: u8 = 5;

#[derive(Template)]
#[template(path = "delete.html")]
struct Delete {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    /// Until when its certificate is valid, who issued it and what uses it; empty where there is none.
    facts: Vec<Fact>,
    deployed: bool,
    /// Its file cannot be read: what is lost is not known.
    damaged: bool,
    /// Its key is the console's.
    in_use: bool,
    /// The choice to revoke its certificate, and what to know about that; none where no CA can.
    revocable: Option<(String, String)>,
}

fn draw(context: &RequestContext<'_>, status: StatusCode, name: &CsrName, mistakes: Mistakes) -> Outcome {
    let title = format!("Delete {name}?");
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    // A damaged one can be deleted, too.
    let content = context.web.services.catalog.csr(name)?.content;
    let damaged = content.is_err();
    let (facts, deployed, revocable) = match &content {
        Ok(content) => {
            let ca = context.web.services.enrollments.revocable(name)?;
            let users = Uses::of(context, name, content)?.sentence();
            let revocable = ca.map(|ca| (enroll::revoke_at(&ca), enroll::revocation(&users)));
            (facts(context, name, content)?, content.record.deploy, revocable)
        }
        Err(_) => (Vec::new(), false, None),
    };
    let in_use = context.web.services.console.has_key_of(name);
    page(status, &Delete { layout, mistakes, name: name.to_string(), facts, deployed, damaged, in_use, revocable })
}

/// Of its certificate.
fn facts(context: &RequestContext<'_>, name: &CsrName, content: &Content) -> Result<Vec<Fact>, WebError> {
    let Some(certificate) = content.certificate() else { return Ok(Vec::new()) };
    let used = Uses::of(context, name, content)?.sentence();
    let used = Fact::new("Used by", if used.is_empty() { "nothing on this device" } else { used.as_str() });
    let Ok(leaf) = certificate else { return Ok(vec![used]) };
    let validity = Validity::of(&leaf);
    let now = context.web.services.clock.now();
    let status = Status::of(Some(validity), now);
    let left = validity.left(now);
    let valid = Fact::new("Validity", status.text);
    let valid = match status.tone {
        "good" => valid.badge(left, "warn"),
        _ => valid,
    };
    Ok(vec![valid, Fact::new("Issuer", leaf.issuer_short), used])
}

/// What is lost.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    context.web.services.catalog.csr(name)?;
    context.web.services.catalog.may_change(name)?;
    draw(context, StatusCode::OK, name, Mistakes::none())
}

/// Deletes, when it was confirmed.
pub fn post(context: &RequestContext<'_>, name: &CsrName, mut fields: Fields) -> Outcome {
    let confirmed = fields.checkbox("confirm")?;
    let revoke = fields.checkbox("revoke")?;
    fields.finish()?;
    context.web.services.catalog.csr(name)?;
    context.web.services.catalog.may_change(name)?;
    if !confirmed {
        let invalid = say::deletion_not_confirmed();
        return draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, invalid.into());
    }
    if revoke {
        match context.web.services.enrollments.revoke(name, CESSATION, context.by) {
            Ok(_) => context.web.ordered.tell(),
            Err(AppError::Rejected(why)) => {
                return draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, at_revoke(&why));
            }
            Err(AppError::Failed(error)) => return Err(error.into()),
        }
    }
    context.web.services.requests.delete(name, context.by)?;
    Ok(see_other("/csrs?told=deleted"))
}

/// A refusal, at the only field that it can be about.
fn at_revoke(why: &Mistakes) -> Mistakes {
    let mut mistakes = Mistakes::none();
    why.iter().for_each(|one| mistakes.add(Invalid { field: "revoke", correction: None, ..one.clone() }));
    mistakes
}
