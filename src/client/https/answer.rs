//! An answer as it came, and how long it asks to wait.

use bytes::Bytes;
use hyper::header::HeaderMap;
use jiff::Timestamp;

/// Bytes of an answer's body: a directory, an order or a chain is a few KiB.
pub const MAX_BODY: usize = 1024 * 1024;

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// At most [`MAX_BODY`] bytes.
    pub body: Bytes,
}

impl Answer {
    /// A header field that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// `Retry-After` (RFC 9110, section 10.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So many seconds.
    Seconds(u64),
    /// Until then.
    At(Timestamp),
}

impl RetryAfter {
    /// The field of an answer.
    pub fn of(answer: &Answer) -> Option<Self> {
        let text = answer.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Self::Seconds(seconds));
        }
        jiff::fmt::rfc2822::parse(text).ok().map(|time| Self::At(time.timestamp()))
    }

    /// Seconds from now, at most a week: no CA may stop an enrollment for longer.
    pub fn seconds(self, now: Timestamp) -> u64 {
        let seconds = match self {
            Self::Seconds(seconds) => seconds,
            Self::At(time) => u64::try_from(time.as_second() - now.as_second()).unwrap_or(0),
        };
        seconds.min(7 * 24 * 3600)
    }
}
