//! The pages outside the wizard, one file each; and the page that only tells something.

pub mod account;
pub mod audit;
pub mod certificate;
pub mod console;
pub mod csr;
pub mod csrs;
pub mod delete;
pub mod deploy;
pub mod difference;
pub mod expiry;
pub mod export;
pub mod help;
pub mod login;
pub mod pkcs12;
pub mod reply;
pub mod setup;
pub mod trial;

use super::error::WebError;
use super::layout::Layout;
use super::reply::{Outcome, retry_after};
use super::request_context::RequestContext;
use super::{Web, assets};
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::access::AccessError;
use signet_app::attempts::whole_seconds;
use signet_app::requests::derivations::COME_BACK;
use signet_domain::invalid::{Invalid, Mistakes};
use std::time::Duration;

/// A page that tells something and shows the way on.
#[derive(Template)]
#[template(path = "notice.html")]
pub struct Notice {
    layout: Layout,
    what: String,
    fix: String,
    links: Vec<(String, &'static str)>,
    id: Option<u64>,
}

impl Notice {
    /// An error's page.
    pub fn error(_web: &Web, context: Option<&RequestContext<'_>>, error: &WebError, id: u64) -> Self {
        let title = match error {
            WebError::NotFound => "Page not found",
            WebError::TooSoon(_) => "Please wait",
            WebError::App(_) | WebError::Template(_) => "This did not work",
            _ => "This request was refused",
        };
        let layout = context.map_or_else(|| bare(title), |context| context.error_layout(title));
        let mut what = error.to_string();
        if let Some(first) = what.get(..1).map(str::to_uppercase) {
            what.replace_range(..1, &first);
        }
        if !what.ends_with('.') {
            what.push('.');
        }
        let on = if layout.logged_in { ("/csrs".to_owned(), "To the list") } else { ("/".to_owned(), "To the start") };
        Self { layout: Layout { has_error: true, ..layout }, what, fix: error.fix(), links: vec![on], id: Some(id) }
    }

    /// A page that tells where things stand.
    pub fn told(
        context: &RequestContext<'_>,
        title: &str,
        what: String,
        fix: String,
        links: Vec<(String, &'static str)>,
    ) -> Self {
        Self { layout: context.layout(title), what, fix, links, id: None }
    }
}

/// A form that comes back from the door with its values: 422 after a wrong guess, 429 with `Retry-After` too soon after one.
pub struct TurnedAway {
    mistakes: Mistakes,
    wait: Option<Duration>,
}

impl TurnedAway {
    /// What the door said of the form's secret `field`; anything else is an error's page.
    pub fn at(field: &'static str, error: AccessError) -> Result<Self, WebError> {
        match error {
            AccessError::Refused(mistakes) => Ok(Self { mistakes, wait: None }),
            AccessError::TooSoon(wait) => {
                let seconds = whole_seconds(wait);
                let what =
                    format!("Another try is possible in {seconds} second{}.", if seconds == 1 { "" } else { "s" });
                let fix = "There were wrong ones before, or many at once. What was just typed was not looked at.";
                Ok(Self { mistakes: Invalid::new(field, what, fix).into(), wait: Some(wait) })
            }
            other => Err(other.into()),
        }
    }

    /// What hindered an export of the form's `field`: nothing but too many others at once is told in the form.
    pub fn by_others(field: &'static str, error: AppError) -> Result<Self, WebError> {
        match error {
            AppError::DerivationsBusy => {
                let what = "The console is opening or encrypting other private keys right now.";
                let fix = "Wait a few seconds and type password and passphrase once more: neither of them is wrong.";
                Ok(Self { mistakes: Invalid::new(field, what, fix).into(), wait: Some(COME_BACK) })
            }
            other => Err(other.into()),
        }
    }

    /// The form, drawn with its status and its mistakes.
    pub fn answer(self, draw: impl FnOnce(StatusCode, Mistakes) -> Outcome) -> Outcome {
        match self.wait {
            None => draw(StatusCode::UNPROCESSABLE_ENTITY, self.mistakes),
            Some(wait) => Ok(retry_after(draw(StatusCode::TOO_MANY_REQUESTS, self.mistakes)?, wait)),
        }
    }
}

fn bare(title: &str) -> Layout {
    Layout {
        title: title.to_owned(),
        csrf_token: String::new(),
        logged_in: false,
        has_error: true,
        style: assets::style(),
        icon: assets::icon(),
    }
}
