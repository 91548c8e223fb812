//! Why a request gets an error page.
//!
//! What the client sees and what the log says are two things, joined by the request id on the page. The status is
//! decided in one match here. Mistakes in a form are not errors: its page comes back with 422.

use hyper::StatusCode;
use signet_app::attempts::whole_seconds;
use signet_app::{AppError, Failure};
use signet_domain::time::duration;
use signet_store::StoreError;
use std::time::Duration;

/// Bytes that forms without a file may have.
pub const FORMS_WITHOUT_FILES: usize = 128 * 1024;

/// One enum for this layer.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// No such page.
    #[error("there is no such page")]
    NotFound,
    /// The page exists and does not take this method.
    #[error("this address cannot be opened, or not by a form")]
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
    /// A form from another address than the one at which the console is behind the device's web server.
    #[error("this form came from another address than {address}")]
    OtherOrigin {
        /// Where the console is.
        address: String,
    },
    /// A login or setup whose browser brought no cookie.
    #[error("your browser did not send the console's cookie")]
    NoCookie,
    /// A web server in front of the console adds the base path to one that is there.
    #[error("the address contains {base_path} twice")]
    BasePathTwice {
        /// The base path.
        base_path: String,
    },
    /// A body without a length.
    #[error("the form does not state its length")]
    LengthRequired,
    /// More than the form may hold.
    #[error("this form takes at most {} KiB", .limit / 1024)]
    TooLarge {
        /// Bytes.
        limit: usize,
    },
    /// The body did not arrive in time or whole.
    #[error("the form did not arrive completely")]
    Incomplete,
    /// The body took too long.
    #[error("the form took too long to arrive")]
    TooSlow,
    /// Too many large forms at once.
    #[error("the console has no room for this form right now")]
    Overloaded,
    /// Too soon after a wrong guess.
    #[error("you can try again in {}", duration(whole_seconds(*.0)))]
    TooSoon(Duration),
    /// Something below failed.
    #[error(transparent)]
    Failed(Failure),
    /// A template failed: a defect.
    #[error("the page could not be drawn")]
    Template(#[from] askama::Error),
}

impl From<Failure> for WebError {
    fn from(error: Failure) -> Self {
        match error {
            Failure::NotFound(_) | Failure::NoAuthority(_) | Failure::Store(StoreError::NotFound { .. }) => {
                Self::NotFound
            }
            Failure::Owned | Failure::NoOwner => Self::NotFound,
            Failure::TooSoon(wait) => Self::TooSoon(wait),
            error => Self::Failed(error),
        }
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        Failure::from(error).into()
    }
}

impl From<AppError> for WebError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Failed(failure) => failure.into(),
            // Their pages handle these before; what is left of them is a page that does not apply any more.
            AppError::Rejected(_) => Self::NotFound,
        }
    }
}

impl WebError {
    /// The one place that decides a status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::BasePathTwice { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadRequest(_) | Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) | Self::OtherOrigin { .. } | Self::NoCookie => StatusCode::FORBIDDEN,
            Self::LengthRequired => StatusCode::LENGTH_REQUIRED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooSoon(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed(error) => app_status(error),
            Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page's title: what happened, in a few words.
    pub fn title(&self) -> &'static str {
        match self {
            Self::NotFound | Self::BasePathTwice { .. } => "Page not found",
            Self::MethodNotAllowed { .. } => "This page cannot be used like that",
            Self::Forbidden(_) | Self::OtherOrigin { .. } | Self::NoCookie => "This form was not accepted",
            Self::LengthRequired | Self::Incomplete | Self::TooSlow => "The form did not arrive",
            Self::TooLarge { limit } if *limit > FORMS_WITHOUT_FILES => "The file is too large",
            Self::TooLarge { .. } => "The form is too large",
            Self::Overloaded => "The console is busy",
            Self::TooSoon(_) => "Please wait",
            Self::BadRequest(_) | Self::Failed(_) | Self::Template(_) => "This did not work",
        }
    }

    /// What the visitor can do: one sentence.
    pub fn fix(&self) -> String {
        match self {
            Self::NotFound => "It may have been renamed or deleted. Start from the list of requests.".to_owned(),
            Self::MethodNotAllowed { .. } => "Open the page by its link and use its buttons.".to_owned(),
            Self::BadRequest(_) => "Go back, reload the page and try again.".to_owned(),
            Self::Forbidden(_) => {
                "Nothing was changed. Go back, reload the page and send the form from there.".to_owned()
            }
            Self::OtherOrigin { address } => format!("Nothing was changed. Open the console at {address} instead."),
            Self::NoCookie => "Allow cookies for this address and open it with https://, then try again. If a web server is in front of this console, it must pass cookies on unchanged.".to_owned(),
            Self::BasePathTwice { base_path } => format!(
                "Start at {base_path}/. If that leads here again, the web server in front of this console adds the path a second time: it must pass the address on unchanged."
            ),
            Self::LengthRequired => "Send the form from a browser, or with a Content-Length header.".to_owned(),
            Self::TooLarge { limit } if *limit > FORMS_WITHOUT_FILES => {
                "Nothing was changed. Go back and choose a smaller file.".to_owned()
            }
            Self::TooLarge { .. } => "Nothing was changed. Go back and shorten what you typed.".to_owned(),
            Self::Incomplete | Self::TooSlow => {
                "The connection was slow or interrupted. Go back and send the form again.".to_owned()
            }
            Self::Overloaded => "Wait a moment, go back and send the form again. What you typed is fine.".to_owned(),
            Self::TooSoon(_) => "Wait that long, go back and try again. This attempt was not checked.".to_owned(),
            Self::Failed(error) => error.fix(),
            Self::Template(_) => "Try again. If it happens again, restart the device and contact its maker.".to_owned(),
        }
    }
}

fn app_status(error: &Failure) -> StatusCode {
    match error {
        Failure::NotExportable | Failure::FactoryKey | Failure::NoService(_) => StatusCode::FORBIDDEN,
        Failure::NotFound(_) | Failure::Unanswered(_) => StatusCode::NOT_FOUND,
        Failure::NotOrdered(_) => StatusCode::NOT_FOUND,
        Failure::AuthorityInUse { .. } => StatusCode::CONFLICT,
        Failure::Damaged { .. } | Failure::LeftAlone { .. } | Failure::Inspect(_) | Failure::NotRenewable { .. } => {
            StatusCode::CONFLICT
        }
        Failure::DerivationsBusy | Failure::Store(StoreError::Busy { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        Failure::Store(
            StoreError::NoSpace { .. }
            | StoreError::ReadOnly { .. }
            | StoreError::TooMany { .. }
            | StoreError::OverBudget { .. }
            | StoreError::Reserved { .. },
        ) => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
