//! The end of a CSR: a page that says what is lost, then the deletion.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::name::CsrName;

#[derive(Template)]
#[template(path = "delete.html")]
struct Delete {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    deployed: bool,
    /// Its file cannot be read: what is lost is not known.
    damaged: bool,
    /// Its key is the console's.
    in_use: bool,
}

fn draw(context: &RequestContext<'_>, status: StatusCode, name: &CsrName, mistakes: Mistakes) -> Outcome {
    let title = format!("Delete {name}?");
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    // A damaged one can be deleted, too.
    let content = context.web.services.catalog.csr(name)?.content;
    let damaged = content.is_err();
    let deployed = content.is_ok_and(|content| content.record.deploy);
    let in_use = context.web.services.console.has_key_of(name);
    page(status, &Delete { layout, mistakes, name: name.to_string(), deployed, damaged, in_use })
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
    fields.finish()?;
    context.web.services.catalog.csr(name)?;
    context.web.services.catalog.may_change(name)?;
    if !confirmed {
        let invalid = Invalid::new(
            "confirm",
            "The deletion is not confirmed.",
            "Tick the box if the request and its key shall really go.",
        );
        return draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, invalid.into());
    }
    context.web.services.requests.delete(name, context.by)?;
    Ok(see_other("/csrs?told=deleted"))
}
