//! An answer on its way out: a page, a redirect, or a file to download.

use super::error::WebError;
use askama::Template;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE,
};
use hyper::{Response, StatusCode};
use signet_app::attempts::whole_seconds;
use std::time::Duration;

/// What a page's room gives back.
pub type Outcome = Result<Reply, WebError>;

/// A response whose security headers are added later, in one place.
pub type Reply = Response<Full<Bytes>>;

/// A page.
pub fn page(status: StatusCode, template: &impl Template) -> Outcome {
    Ok(with(body(status, template.render()?.into(), "text/html; charset=utf-8"), CACHE_CONTROL, "no-store"))
}

/// 303: the answer to every successful POST.
pub fn see_other(path: &str) -> Reply {
    with(body(StatusCode::SEE_OTHER, Bytes::new(), "text/html; charset=utf-8"), LOCATION, path)
}

/// A file to be saved under `name`, which is file-name safe by grammar.
pub fn attachment(name: &str, content_type: &'static str, content: Vec<u8>) -> Reply {
    let reply = with(body(StatusCode::OK, content.into(), content_type), CACHE_CONTROL, "no-store");
    with(reply, CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""))
}

/// Any other body.
pub fn body(status: StatusCode, content: Bytes, content_type: &'static str) -> Reply {
    let mut reply = Response::new(Full::new(content));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// The reply with one more header; a value that cannot be one is left out.
pub fn with(mut reply: Reply, name: HeaderName, value: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(value) {
        if name == SET_COOKIE {
            reply.headers_mut().append(name, value);
        } else {
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}

/// The reply with the seconds after which another try is possible.
pub fn retry_after(reply: Reply, wait: Duration) -> Reply {
    with(reply, RETRY_AFTER, &whole_seconds(wait).to_string())
}

/// The reply that is asked for again at `path` after so many seconds. The path is named: a browser keeps the fragment of
/// the form that led here (`#summary`), and without a path it would only look for that fragment in the page it has.
pub fn refreshed(reply: Reply, seconds: u64, path: &str) -> Reply {
    with(reply, HeaderName::from_static("refresh"), &format!("{seconds}; url={path}"))
}

/// The headers that belong to an error.
pub fn with_error_headers(reply: Reply, error: &WebError) -> Reply {
    match error {
        WebError::MethodNotAllowed { allow } => with(reply, ALLOW, allow),
        WebError::TooSoon(wait) => retry_after(reply, *wait),
        WebError::Overloaded => with(reply, RETRY_AFTER, "10"),
        _ => reply,
    }
}
