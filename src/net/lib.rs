//! The console's network: sockets, TLS, HTTP/1.1, and the bounds that keep a small device up.
//!
//! Visitors come over TLS, trusted proxies also over plain HTTP (`proxy`). A connection gets a slot (`bounds`) and memory (`budget`),
//! is accepted (`accept`), shakes hands (`tls`) and is served (`connection`) through phases that each have a deadline (`phase`). It
//! knows no route and no page: a [`Handler`] responds.

mod accept;
mod acme_tls;
mod arrivals;
mod bounds;
mod budget;
mod challenge;
mod connection;
mod endpoint;
mod forwarded;
mod handler;
mod identity_error;
mod inherited;
mod listen_error;
mod listener;
mod messages;
pub mod notify;
mod phase;
mod proxy;
mod redirect;
mod response;
mod self_test;
mod socket;
mod source;
mod stream;
mod tls;
mod unix_socket;

#[cfg(test)]
mod tests;

pub use accept::serve;
pub use acme_tls::Proof;
pub use bounds::Limits;
pub use budget::{Account, Memory, SetAside, UsedUp};
pub use challenge::Challenges;
pub use endpoint::Endpoint;
pub use handler::{Answering, Handler, Peer, Settings};
pub use identity_error::IdentityError;
pub use listen_error::ListenError;
pub use listener::Listeners;
pub use phase::Deadlines;
pub use proxy::{Proxies, VisitorHeader};
pub use response::dressed;
pub use self_test::Clients;
pub use tls::{Handshake, IdentityHandle, Shown, self_test_of};
