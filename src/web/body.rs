//! A form's bytes on their way in: bounded in size and time, and charged to the memory of their connection before they are held.

use super::error::WebError;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use signet_net::Account;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

/// Bytes over a form's bound that are read and thrown away, so that the browser gets to see the page that says so.
const DRAIN: usize = 2 * 1024 * 1024;
/// How long a form may take to arrive: 2.3 MiB at 120 KiB a second, and an idle sender holds no slot for long.
const TIME: Duration = Duration::from_secs(20);
/// Reads a body of at most `limit` bytes.
/// It may hold a secret.
pub async fn read(
    parts: &Parts,
    body: &mut Incoming,
    limit: usize,
    account: &Account,
) -> Result<Zeroizing<Vec<u8>>, WebError> {
    let length = length(parts)?;
    let too_large = || Err(WebError::TooLarge { limit });
    if length > limit + DRAIN {
        return too_large();
    }
    // Of its final size at once: growing would leave copies of what may be a secret. Memory is used as it is filled.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.min(limit)));
    let deadline = Instant::now() + TIME;
    while let Some(frame) = timeout_at(deadline, body.frame()).await.map_err(|_| WebError::TooSlow)? {
        let frame = frame.map_err(|_| WebError::Incomplete)?;
        if let (Some(chunk), true) = (frame.data_ref(), length <= limit) {
            account.take_soon(chunk.len()).await.map_err(|_| WebError::Overloaded)?;
            bytes.extend_from_slice(chunk);
        }
    }
    if length > limit { too_large() } else { Ok(bytes) }
}

/// The length that a form says it has.
pub fn length(parts: &Parts) -> Result<usize, WebError> {
    let length = parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).ok_or(WebError::LengthRequired)
}
