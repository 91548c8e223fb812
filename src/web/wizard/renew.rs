//! The wizard opened with the answers of a CSR that the new one supersedes: for the same again, or to be changed.

use super::{begin_key, carry, checked};
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::messages::wizard as say;
use crate::web::reply::{Outcome, see_other};
use crate::web::request_context::RequestContext;
use signet_app::requests::renewal::Purpose;
use signet_domain::name::CsrName;

/// The same again: to the name, and on to Confirm. With a new key, or, said deliberately, with the same.
pub fn renew(context: &RequestContext<'_>, name: &CsrName, mut fields: Fields) -> Outcome {
    let same_key = fields.checkbox("same_key")?;
    fields.finish()?;
    open(context, name, Purpose::Renew { same_key }, "/wizard/identity?told=renewed")
}

/// To be changed: through all steps.
pub fn change(context: &RequestContext<'_>, name: &CsrName, fields: Fields) -> Outcome {
    fields.finish()?;
    open(context, name, Purpose::Change, "/wizard/identity?told=to-change")
}

fn open(context: &RequestContext<'_>, name: &CsrName, purpose: Purpose, to: &str) -> Outcome {
    let draft = checked(context, context.web.services.renewals.draft(name, purpose)?);
    begin_key(context, &draft);
    let too_large = |TooLarge| WebError::BadRequest(say::TOO_LONG);
    carry(context, draft.typed(), see_other(to))?.map_err(too_large)
}
