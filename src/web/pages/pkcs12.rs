//! Key, certificate and chain in one file, for programs that take a PKCS#12: the password again, and a passphrase.

use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::pages::TurnedAway;
use crate::web::reply::{Outcome, attachment, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::password;
use signet_domain::secret::Secret;

#[derive(Template)]
#[template(path = "pkcs12.html")]
struct Pkcs12 {
    layout: Layout,
    mistakes: Mistakes,
    name: String,
    asks_password: bool,
}

fn draw(context: &RequestContext<'_>, status: StatusCode, name: &CsrName, mistakes: Mistakes) -> Outcome {
    let title = format!("PKCS#12 of {name}");
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    page(status, &Pkcs12 { layout, mistakes, name: name.to_string(), asks_password: context.asks_password })
}

/// The form.
pub fn get(context: &RequestContext<'_>, name: &CsrName) -> Outcome {
    context.web.services.pkcs12.may_export(name)?;
    draw(context, StatusCode::OK, name, Mistakes::none())
}

/// The file `NAME.p12`.
pub fn post(context: &RequestContext<'_>, name: &CsrName, mut fields: Fields) -> Outcome {
    let owner_password = fields.secret("password");
    let passphrase = fields.secret("passphrase");
    let confirm = fields.secret("passphrase_confirm");
    fields.finish()?;
    context.web.services.pkcs12.may_export(name)?;
    if let Err(invalid) = password::check_passphrase(&passphrase, &confirm) {
        return draw(context, StatusCode::UNPROCESSABLE_ENTITY, name, invalid.into());
    }
    if let Err(error) = context.confirm_key_export(&owner_password) {
        let away = TurnedAway::at("password", error)?;
        return away.answer(|status, mistakes| draw(context, status, name, mistakes));
    }
    let passphrase = Secret::from(passphrase.to_string());
    let bundle = match context.web.services.pkcs12.export(name, &passphrase, context.by) {
        Ok(bundle) => bundle,
        Err(error) => {
            let away = TurnedAway::by_others("passphrase", error)?;
            return away.answer(|status, mistakes| draw(context, status, name, mistakes));
        }
    };
    Ok(attachment(&format!("{name}.p12"), "application/x-pkcs12", bundle))
}
