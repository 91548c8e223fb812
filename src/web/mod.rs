//! The console in a browser: pages out, forms in, no script.
//!
//! A request comes in at `service`, which names its route, its session and its form, and wraps every outcome in one
//! envelope. A page's struct, its template's name, its `get` and its `post` stand together in one file.

pub mod assets;
#[cfg(test)]
#[allow(dead_code, reason = "a part is for the tests of the services alone")]
#[path = "../app/console/tests/authority.rs"]
mod authority;
pub mod body;
pub mod compress;
pub mod cookies;
pub mod correction;
pub mod draft_cookie;
pub mod error;
pub mod escape;
pub mod form;
pub mod headers;
pub mod health;
pub mod in_use;
pub mod layout;
pub mod look;
mod messages;
pub mod multipart;
pub mod names;
pub mod ordered;
pub mod pages;
pub mod parts;
pub mod reply;
pub mod request_context;
pub mod router;
pub mod service;
pub mod session;
pub mod site;
pub mod status;
pub mod turns;
pub mod uses;
pub mod verdict;
pub mod wizard;

use health::Health;
use in_use::InUse;
use ordered::Ordered;
use session::Sessions;
use signet_app::Services;
use signet_app::seal::Seal;
use site::Sites;
use std::sync::Arc;
use turns::Turns;

/// What answers the console's requests.
#[derive(Debug)]
pub struct Web {
    /// What the console can do.
    pub services: Arc<Services>,
    /// The unit's sealing keys.
    pub seal: Seal,
    /// Who is logged in.
    pub sessions: Sessions,
    /// The certificate that visitors see.
    pub in_use: InUse,
    /// Where the console is in its visitors' browsers.
    pub sites: Sites,
    /// What was found when a monitor of this device asked last.
    pub health: Health,
    /// Hears of orders that pages place.
    pub ordered: Ordered,
    /// Of pages that are drawn.
    pub turns: Turns,
}
