//! A form's bytes on their way in: bounded in size and time, and in what all of them together take up.
//!
//! Small forms, the login's among them, always find room. What is more is charged to one store of memory as it arrives,
//! and given back when the page is done with it, so that many large forms at once wait instead of filling a small device.

use super::error::WebError;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

/// Bytes over a form's bound that are read and thrown away, so that the browser gets to see the page that says so.
const DRAIN: usize = 2 * 1024 * 1024;
/// How long a form may take to arrive: 2.3 MiB at 120 KiB a second, and an idle sender holds no slot for long.
const TIME: Duration = Duration::from_secs(20);
/// Bytes of each form that are not charged.
const FREE: usize = 8 * 1024;
const KIB: usize = 1024;
/// All that is charged together, KiB: some 25 of the largest forms at once.
static ROOM: Semaphore = Semaphore::const_new(8 * KIB);

/// A body as it came, and its part of the room. It may hold a secret.
pub struct Body {
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Given back when dropped.
    pub room: Room,
}

/// A part of the room for bodies.
pub type Room = Option<SemaphorePermit<'static>>;

/// Reads a body of at most `limit` bytes.
pub async fn read(parts: &Parts, body: &mut Incoming, limit: usize) -> Result<Body, WebError> {
    let length =
        parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    let length: usize = length.ok_or(WebError::LengthRequired)?;
    let too_large = || Err(WebError::TooLarge { limit });
    if length > limit + DRAIN {
        return too_large();
    }
    // Of its final size at once: growing would leave copies of what may be a secret. Memory is used as it is filled.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.min(limit)));
    let mut room: Room = None;
    let deadline = Instant::now() + TIME;
    while let Some(frame) = timeout_at(deadline, body.frame()).await.map_err(|_| WebError::TooSlow)? {
        let frame = frame.map_err(|_| WebError::Incomplete)?;
        if let (Some(chunk), true) = (frame.data_ref(), length <= limit) {
            charge(&mut room, bytes.len() + chunk.len(), deadline).await?;
            bytes.extend_from_slice(chunk);
        }
    }
    if length > limit { too_large() } else { Ok(Body { bytes, room }) }
}

/// Enough room for `length` bytes.
async fn charge(room: &mut Room, length: usize, deadline: Instant) -> Result<(), WebError> {
    let wanted = length.saturating_sub(FREE).div_ceil(KIB);
    let more = wanted.saturating_sub(room.as_ref().map_or(0, SemaphorePermit::num_permits));
    if more == 0 {
        return Ok(());
    }
    let more = u32::try_from(more).map_err(|_| WebError::Overloaded)?;
    let taken = timeout_at(deadline, ROOM.acquire_many(more)).await;
    // The semaphore is never closed; time alone runs out.
    let taken = taken.ok().and_then(Result::ok).ok_or(WebError::Overloaded)?;
    match room {
        Some(room) => room.merge(taken),
        None => *room = Some(taken),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn small_forms_find_room_when_large_ones_have_taken_all_of_it() {
        let deadline = Instant::now() + TIME;
        let mut first = None;
        charge(&mut first, FREE + 5 * KIB * KIB, deadline).await.expect("room");
        charge(&mut first, FREE + 8 * KIB * KIB, deadline).await.expect("the rest of the room");
        let mut small = None;
        charge(&mut small, FREE, deadline).await.expect("nothing is charged");
        let mut large = None;
        assert!(matches!(charge(&mut large, FREE + 1, Instant::now()).await, Err(WebError::Overloaded)));
        drop(first);
        charge(&mut large, FREE + 1, Instant::now() + TIME).await.expect("given back");
    }
}
