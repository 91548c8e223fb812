//! Why a request gets an error page.
//!
//! What the client sees and what the log says are two things, joined by the request id on the page. The status is
//! decided in one match here. Mistakes in a form are no errors: their page comes back with 422 from the page's own room.

use hyper::StatusCode;
use signet_app::AppError;
use signet_app::access::AccessError;
use signet_app::attempts::whole_seconds;
use signet_store::StoreError;
use std::time::Duration;

/// One enum for this layer.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// No such page.
    #[error("there is no such page")]
    NotFound,
    /// The page exists and does not take this method.
    #[error("this page does not take that method")]
    MethodNotAllowed {
        /// The `Allow` header.
        allow: &'static str,
    },
    /// The request is not one that a browser on our pages sends.
    #[error("{0}")]
    BadRequest(&'static str),
    /// A form that another site, or an older page, sent.
    #[error("{0}")]
    Forbidden(&'static str),
    /// A body without a length.
    #[error("a form must say its length")]
    LengthRequired,
    /// More than the form may hold.
    #[error("the form is larger than {} KiB", .limit / 1024)]
    TooLarge {
        /// Bytes.
        limit: usize,
    },
    /// The body did not arrive in time or whole.
    #[error("the form did not arrive whole")]
    Incomplete,
    /// The body took too long.
    #[error("the form took too long to arrive")]
    TooSlow,
    /// Too many large forms at once.
    #[error("the console has no room for this form right now")]
    Overloaded,
    /// Too soon after a wrong guess.
    #[error("another try is possible in {} seconds", whole_seconds(*.0))]
    TooSoon(Duration),
    /// Something below failed.
    #[error(transparent)]
    App(AppError),
    /// A template failed: a defect.
    #[error("the page could not be drawn")]
    Template(#[from] askama::Error),
}

impl From<AppError> for WebError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound(_) | AppError::Store(StoreError::NotFound { .. }) => Self::NotFound,
            error => Self::App(error),
        }
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        AppError::from(error).into()
    }
}

impl From<AccessError> for WebError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::TooSoon(wait) => Self::TooSoon(wait),
            AccessError::App(error) => error.into(),
            // Their pages handle these before; what is left of them is a page that does not apply any more.
            AccessError::Refused(_) | AccessError::Owned | AccessError::NoOwner => Self::NotFound,
        }
    }
}

impl WebError {
    /// The one place that decides a status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadRequest(_) | Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::LengthRequired => StatusCode::LENGTH_REQUIRED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooSoon(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::App(error) => app_status(error),
            Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What the visitor can do: one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::NotFound => "It may have been renamed or deleted: start from the list.".to_owned(),
            Self::MethodNotAllowed { .. } => "Open the page by its link and use its buttons.".to_owned(),
            Self::BadRequest(_) => "Go back, reload the page and try once more.".to_owned(),
            Self::Forbidden(_) => {
                "Go back, reload the page and send the form from there; nothing was changed.".to_owned()
            }
            Self::LengthRequired => "Send the form from a browser, or with a Content-Length header.".to_owned(),
            Self::TooLarge { .. } => "Go back and shorten what was typed or choose a smaller file.".to_owned(),
            Self::Incomplete | Self::TooSlow => {
                "The connection was slow or broke: go back and send the form again.".to_owned()
            }
            Self::Overloaded => "Wait a moment, go back and send it again: nothing that was typed is wrong.".to_owned(),
            Self::TooSoon(_) => "Wait that long and go back: nothing that was typed is wrong by that.".to_owned(),
            Self::App(error) => error.fix(),
            Self::Template(_) => "Try again; if it stays so, restart the device and tell its maker.".to_owned(),
        }
    }
}

fn app_status(error: &AppError) -> StatusCode {
    match error {
        AppError::NotExportable | AppError::FactoryKey | AppError::NoService(_) => StatusCode::FORBIDDEN,
        AppError::NotFound(_) | AppError::Unanswered(_) => StatusCode::NOT_FOUND,
        AppError::Damaged { .. }
        | AppError::LeftAlone { .. }
        | AppError::Inspect(_)
        | AppError::NotRenewable { .. } => StatusCode::CONFLICT,
        AppError::DerivationsBusy | AppError::Store(StoreError::Busy { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        AppError::Store(
            StoreError::NoSpace { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::TooMany { .. }
            | StoreError::OverBudget { .. },
        ) => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
