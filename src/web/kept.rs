//! The login and the list as they were drawn last: sent again while nothing has changed, with another token.
//!
//! What they show is what lies on the disk, and the kernel tells of every change there (`Store::moves`); who asks is looked at
//! each time before. Other pages are drawn anew.

use super::form::token_text;
use super::reply::Reply;
use super::segments::Segments;
use super::visit::Visit;
use super::{Web, compress, headers, session};
use crate::app::below::TRUST;
use http_body_util::Full;
use hyper::{Method, Request, StatusCode};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Pages that are kept at most.
const MOST: usize = 4;
/// The largest page that is kept, bytes.
const LARGEST: usize = 64 * 1024;

/// The pages.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Vec<Page>>);

/// What a page is kept under.
#[derive(Debug)]
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

impl Page {
    fn is_fresh(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.drawn) < TRUST
    }
}

impl Key {
    /// Of the page that a visit asks for; `moves` was asked before anything of it was read.
    pub fn of(visit: &Visit<'_>, moves: u64) -> Self {
        Self { target: visit.target.clone(), logged_in: visit.logged_in, generation: visit.owner, moves }
    }
}

impl Kept {
    /// The page that a GET asks for, if it was drawn a moment ago and nothing has moved since. Who asks is known by a cookie
    /// here, and nothing else of the visit is looked at: that is most of what such a page costs. `moves` was just asked of
    /// the store, and `now` of the clock.
    pub fn again<B>(web: &Web, request: &Request<B>, moves: Option<u64>, now: Instant) -> Option<Reply> {
        let moves = moves?;
        let target = request.uri().path_and_query()?.as_str();
        if request.method() != Method::GET || !web.kept.holds(target) {
            return None;
        }
        let generation = web.app.owner_at_hand(Some(moves), now)?;
        let cookie = session::brought(headers::cookies(request.headers()))?;
        let digest = session::digest(cookie);
        let logged_in = generation.is_some_and(|generation| web.sessions.is_open_by(&digest, generation, now));
        let segments = web.kept.find(|page| {
            let Key { target: drawn, logged_in: for_whom, generation: whose, moves: when } = &page.key;
            drawn == target && (*for_whom, *whose, *when) == (logged_in, generation, moves) && page.is_fresh(now)
        })?;
        let token = token_text(&web.tokens.of(&web.seal, &digest, cookie), &web.pads.next().ok()?);
        let token = token.as_bytes();
        let (page, head) = if compress::may_compress(request.headers()) {
            (segments.compressed(token), compress::head())
        } else {
            (segments.plain(token), headers::common())
        };
        let mut reply = Reply::new(Full::new(page));
        // A copy of the whole is a third of the work of putting them in one by one.
        *reply.headers_mut() = head.clone();
        Some(reply)
    }

    fn holds(&self, target: &str) -> bool {
        self.locked().iter().any(|page| page.key.target == target)
    }

    fn find(&self, is_it: impl Fn(&Page) -> bool) -> Option<Arc<Segments>> {
        self.locked().iter().find(|page| is_it(page)).map(|page| Arc::clone(&page.segments))
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Page>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
            let mut kept = self.locked();
            kept.retain(|page| page.key.target != key.target || page.key.logged_in != key.logged_in);
            kept.truncate(MOST - 1);
            kept.insert(0, Page { key, drawn: now, segments });
        }
        Reply::from_parts(parts, Full::new(body))
    }
}
