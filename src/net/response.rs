//! Responses that no handler makes, and what the heads of all of them say.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};

/// The response with what all of them say, but for what it says itself.
pub fn dressed(mut response: Response<Full<Bytes>>, common: &HeaderMap) -> Response<Full<Bytes>> {
    let headers = response.headers_mut();
    headers.reserve(common.len());
    for (name, value) in common {
        if !headers.contains_key(name) {
            headers.append(name, value.clone());
        }
    }
    response
}

/// A response without a page, for when there is none to ask for one.
pub(super) fn bare(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
