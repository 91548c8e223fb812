//! A private key leaves the device: the password again, and a passphrase or a deliberate word.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::forms as say;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, attachment, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::requests::export::Protection;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::password;
use signet_domain::secret::Secret;

#[derive(Template)]
#[template(path = "export.html")]
struct Export {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    unencrypted: bool,
    asks_password: bool,
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    name: &CsrName,
    unencrypted: bool,
    mistakes: Mistakes,
) -> Outcome {
    let title = format!("Export the private key of {name}");
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    page(
        status,
        &Export { layout, mistakes, name: name.to_string(), unencrypted, asks_password: context.asks_password },
    )
}

/// The form.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    context.web.services.private_keys.may_export(name)?;
    context.web.services.catalog.readable(name)?;
    draw(context, StatusCode::OK, name, false, Mistakes::none())
}

/// The key as `NAME.key`.
pub fn post(context: &RequestContext<'_>, name: &CsrName, mut fields: Fields) -> Outcome {
    let owner_password = fields.secret("password");
    let passphrase = fields.secret("passphrase");
    let confirm = fields.secret("passphrase_confirm");
    let unencrypted = fields.checkbox("unencrypted")?;
    fields.finish()?;
    context.web.services.private_keys.may_export(name)?;
    context.web.services.catalog.readable(name)?;
    let mut mistakes = Mistakes::none();
    if !unencrypted {
        mistakes.keep(password::check_passphrase(&passphrase, &confirm));
    } else if !passphrase.is_empty() {
        mistakes.add(say::passphrase_and_unencrypted());
    }
    if !mistakes.is_empty() {
        return draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, unencrypted, mistakes);
    }
    if let Err(error) = context.confirm_key_export(&owner_password) {
        let away = TurnedAway::at("password", error)?;
        return away.answer(|status, mistakes| draw(context, status, name, unencrypted, mistakes));
    }
    let passphrase = Secret::from(passphrase.to_string());
    let protection = if unencrypted { Protection::None } else { Protection::Passphrase(&passphrase) };
    let key = match context.web.services.private_keys.export(name, &protection, context.by) {
        Ok(key) => key,
        Err(error) => {
            let away = TurnedAway::by_others("passphrase", error)?;
            return away.answer(|status, mistakes| draw(context, status, name, unencrypted, mistakes));
        }
    };
    Ok(attachment(&format!("{name}.key"), "application/x-pem-file", key.expose_secret().to_vec()))
}
