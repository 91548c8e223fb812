//! The login and the list as they were drawn last: sent again while nothing has changed, with another token.
//!
//! What they show is what lies on the disk, and the kernel tells of every change there (`Store::moves`); who asks is looked at
//! each time before. Other pages are drawn anew.

use super::compress;
use super::reply::Reply;
use super::segments::Segments;
use super::visit::Visit;
use crate::app::below::TRUST;
use http_body_util::Full;
use hyper::StatusCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Pages that are kept at most.
const MOST: usize = 4;
/// The largest page that is kept, bytes.
const LARGEST: usize = 64 * 1024;

/// The pages.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Vec<Page>>);

/// What a page is kept under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    target: String,
    logged_in: bool,
    generation: Option<u64>,
    moves: u64,
}

#[derive(Debug)]
struct Page {
    key: Key,
    drawn: Instant,
    segments: Arc<Segments>,
}

impl Key {
    /// Of the page that a visit asks for; `moves` was asked before anything of it was read.
    pub fn of(visit: &Visit<'_>, moves: u64) -> Self {
        Self { target: visit.target.clone(), logged_in: visit.logged_in, generation: visit.owner, moves }
    }
}

impl Kept {
    /// The page, if it was drawn a moment ago and nothing has moved since.
    pub fn again(&self, key: &Key, now: Instant, token: &str, small: bool) -> Option<Reply> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let page = kept.iter().find(|page| page.key == *key && now.saturating_duration_since(page.drawn) < TRUST)?;
        let segments = Arc::clone(&page.segments);
        drop(kept);
        let token = token.as_bytes();
        let mut reply = Reply::new(Full::new(if small { segments.compressed(token) } else { segments.plain(token) }));
        // That it is a page, not to be stored, every answer says.
        if small {
            compress::mark(reply.headers_mut());
        }
        Some(reply)
    }

    /// Keeps a page that was drawn for a key, and gives it back.
    pub fn keep(&self, key: Key, now: Instant, token: &str, reply: Reply) -> Reply {
        // A page that says more than its bytes do, by a status or a header, is not one of these.
        if reply.status() != StatusCode::OK || reply.headers().len() != 2 {
            return reply;
        }
        let (parts, body) = match compress::page_of(reply) {
            Ok(page) => page,
            Err(other) => return *other,
        };
        if (compress::WORTHWHILE..=LARGEST).contains(&body.len()) {
            let segments = Arc::new(Segments::of(&body, token.as_bytes()));
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.retain(|page| page.key.target != key.target || page.key.logged_in != key.logged_in);
            kept.truncate(MOST - 1);
            kept.insert(0, Page { key, drawn: now, segments });
        }
        Reply::from_parts(parts, Full::new(body))
    }
}
