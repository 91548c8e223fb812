//! The pages outside the wizard, one file each; and the page that only says something.

pub mod account;
pub mod audit;
pub mod authorities;
pub mod certificate;
pub mod comparison;
pub mod console;
pub mod csr;
pub mod csrs;
pub mod delete;
pub mod deploy;
pub mod difference;
pub mod enroll;
pub mod expiry;
pub mod export;
pub mod help;
pub mod licences;
pub mod login;
pub mod pkcs12;
pub mod reply;
pub mod setup;
pub mod ticket;
pub mod trial;

use super::error::{FORMS_WITHOUT_FILES, WebError};
use super::layout::{Layout, device_name};
use super::messages::forms as say;
use super::reply::{Outcome, retry_after};
use super::request_context::RequestContext;
use super::{Web, look};
use askama::Template;
use hyper::StatusCode;
use signet_app::attempts::whole_seconds;
use signet_app::data_flag::DataFlag;
use signet_app::requests::derivations::COME_BACK;
use signet_app::{AppError, Failure};
use signet_domain::invalid::Mistakes;
use signet_domain::time::duration;
use std::time::Duration;

/// A page that says something and shows the way on.
#[derive(Template)]
#[template(path = "notice.html")]
pub struct Notice {
    layout: Layout,
    what: String,
    fix: String,
    links: Vec<(String, &'static str)>,
    /// What the log has, too.
    id: Option<String>,
}

impl Notice {
    /// An error's page; `id` joins it to the log.
    pub fn error(web: &Web, context: Option<&RequestContext<'_>>, error: &WebError, id: Option<String>) -> Self {
        let title = error.title();
        let layout = context.map_or_else(|| bare(title), |context| context.error_layout(title));
        let what = as_sentence(error.to_string());
        let on = if layout.logged_in { ("/csrs", "Back to requests") } else { ("/", "Go to the start page") };
        let mut links = vec![(on.0.to_owned(), on.1)];
        // A form that takes files is opened at the path that it is sent to.
        if layout.logged_in && matches!(error, WebError::TooLarge { limit } if *limit > FORMS_WITHOUT_FILES) {
            links.insert(0, (layout.path.clone(), "Choose another file"));
        }
        // Where the data lies is not for everybody.
        let data = if layout.logged_in { DataFlag::elsewhere(web.services.store.path()) } else { DataFlag::default() };
        let fix = data.in_text(&error.fix());
        Self { layout: Layout { has_error: true, ..layout }, what, fix, links, id }
    }

    /// A page that says what has happened, or why something is not done.
    pub fn new(layout: Layout, what: String, fix: String, links: Vec<(String, &'static str)>) -> Self {
        Self { layout, what: as_sentence(what), fix, links, id: None }
    }
}

/// An error's words with a capital and a full stop.
fn as_sentence(mut what: String) -> String {
    if let Some(first) = what.get(..1).map(str::to_uppercase) {
        what.replace_range(..1, &first);
    }
    if !what.ends_with('.') {
        what.push('.');
    }
    what
}

/// A form that comes back with its values: 422 after a wrong password or code, 429 with `Retry-After` too soon after one.
pub struct TurnedAway {
    mistakes: Mistakes,
    wait: Option<Duration>,
}

impl TurnedAway {
    /// Why the form's secret `field` was refused; anything else is an error's page.
    pub fn at(field: &'static str, error: AppError) -> Result<Self, WebError> {
        match error {
            AppError::Rejected(mistakes) => Ok(Self { mistakes, wait: None }),
            AppError::Failed(Failure::TooSoon(wait)) => {
                let mistakes = say::too_soon(field, &duration(whole_seconds(wait))).into();
                Ok(Self { mistakes, wait: Some(wait) })
            }
            other => Err(other.into()),
        }
    }

    /// Why an export was not made, at the form's `field`: too many others at once; anything else is an error's page.
    pub fn by_others(field: &'static str, error: Failure) -> Result<Self, WebError> {
        match error {
            Failure::DerivationsBusy => Ok(Self { mistakes: say::busy(field).into(), wait: Some(COME_BACK) }),
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
        look: look::current(),
        device: device_name(),
        path: String::new(),
        trial: None,
    }
}
