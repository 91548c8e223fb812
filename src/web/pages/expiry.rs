//! The end of a CSR's certificate as a file for a calendar.

use crate::web::error::WebError;
use crate::web::reply::{Outcome, attachment};
use crate::web::request_context::RequestContext;
use signet_app::certificates::calendar;
use signet_app::requests::renewal::due::Expiry;
use signet_domain::name::CsrName;

/// The file; there is none before the CA has answered, and none for a certificate without an end.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    let services = &context.web.services;
    let content = services.catalog.readable(name)?;
    let expiry = Expiry::of(name, &content)?;
    if !expiry.has_end() {
        return Err(WebError::NotFound);
    }
    let text = calendar::event(name, &content, &expiry, services.clock.now(), services.config.product());
    Ok(attachment(&format!("{name}.ics"), "text/calendar; charset=utf-8", text.into_bytes()))
}
