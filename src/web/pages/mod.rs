//! The pages outside the wizard, one file each; and the page that only tells something.

pub mod account;
pub mod audit;
pub mod certificate;
pub mod comparison;
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
use super::layout::{Layout, device_name};
use super::reply::{Outcome, retry_after};
use super::request_context::RequestContext;
use super::{Web, assets};
use askama::Template;
use hyper::StatusCode;
use signet_app::attempts::whole_seconds;
use signet_app::data_flag::DataFlag;
use signet_app::requests::derivations::COME_BACK;
use signet_app::{AppError, Failure};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::time::duration;
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
    pub fn error(web: &Web, context: Option<&RequestContext<'_>>, error: &WebError, id: u64) -> Self {
        let title = error.title();
        let layout = context.map_or_else(|| bare(title), |context| context.error_layout(title));
        let mut what = error.to_string();
        if let Some(first) = what.get(..1).map(str::to_uppercase) {
            what.replace_range(..1, &first);
        }
        if !what.ends_with('.') {
            what.push('.');
        }
        let on = if layout.logged_in { ("/csrs", "Back to requests") } else { ("/", "Go to the start page") };
        let on = (on.0.to_owned(), on.1);
        // Where the data lies is not for everybody.
        let data = if layout.logged_in { DataFlag::elsewhere(web.services.store.path()) } else { DataFlag::default() };
        let fix = data.in_text(&error.fix());
        Self { layout: Layout { has_error: true, ..layout }, what, fix, links: vec![on], id: Some(id) }
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
    pub fn at(field: &'static str, error: AppError) -> Result<Self, WebError> {
        match error {
            AppError::Rejected(mistakes) => Ok(Self { mistakes, wait: None }),
            AppError::Failed(Failure::TooSoon(wait)) => {
                let what = format!("You can try again in {}.", duration(whole_seconds(wait)));
                let fix = "There were wrong attempts before, or many at once. This attempt was not checked.";
                Ok(Self { mistakes: Invalid::new(field, what, fix).into(), wait: Some(wait) })
            }
            other => Err(other.into()),
        }
    }

    /// What hindered an export of the form's `field`: nothing but too many others at once is told in the form.
    pub fn by_others(field: &'static str, error: Failure) -> Result<Self, WebError> {
        match error {
            Failure::DerivationsBusy => {
                let what = "The console is opening or encrypting other private keys right now.";
                let fix = "Wait a few seconds, then enter password and passphrase again. Nothing you typed is wrong.";
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
        device: device_name(),
        path: String::new(),
        trial: None,
    }
}
