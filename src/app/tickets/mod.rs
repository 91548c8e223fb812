//! Login links that root makes: each lets its holder in once, within a minute, without the owner's password.
//!
//! Root keeps a note of each in a folder that only root can write to ([`folder`]), named by a digest that binds the ticket to the
//! owner of the moment and to the console's process. So nobody else can make one, the user whose console it is included; and
//! neither a new password, a restart nor another console lets an old one in. What the console remembers is which it has let in.

mod error;
mod folder;
mod note;
mod public_url;
mod token;

use crate::audit::{Actor, AuditLog, Event, Refusal};
use crate::flush::Flush;
use crate::{AppError, Failure, clock, random};
use signet_store::Store;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

pub use error::TicketRefusal;
pub use folder::FOLDER;
pub use public_url::public_url;
pub use token::Token;

use note::Note;
use token::Digest;

/// Seconds that a ticket is valid.
const LIFE_SECONDS: u64 = 60;
/// How long a ticket is valid.
pub const LIFE: Duration = Duration::from_secs(LIFE_SECONDS);

/// What root wants a ticket for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// The one address that may use it; none for any.
    pub address: Option<IpAddr>,
    /// Private keys may leave in its session without the password.
    pub key_export: bool,
}

/// A session that a ticket opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admitted {
    /// The owner's generation.
    pub generation: u64,
    /// Private keys may leave without the password.
    pub key_export: bool,
}

/// Makes tickets (as root) and lets their holders in (as the console).
#[derive(Debug)]
pub struct Tickets {
    store: Store,
    audit: Arc<AuditLog>,
    flush: Arc<Flush>,
    instance: OnceLock<String>,
    used: Mutex<HashMap<Digest, Duration>>,
}

impl Tickets {
    /// Tickets for the owner of this data directory.
    pub fn new(store: Store, audit: Arc<AuditLog>, flush: Arc<Flush>) -> Self {
        Self { store, audit, flush, instance: OnceLock::new(), used: Mutex::default() }
    }

    /// What names this process among all consoles: tickets are made for it alone, so that after a restart, when it is no longer
    /// known which were used, none is valid. It is no secret.
    pub fn instance(&self) -> Result<&str, Failure> {
        match self.instance.get() {
            Some(instance) => Ok(instance),
            None => {
                let new = random::id()?;
                Ok(self.instance.get_or_init(|| new))
            }
        }
    }

    /// Records that root makes a ticket, before it is made.
    pub fn record(&self, wish: &Wish, by: Actor) -> Result<(), Failure> {
        self.audit.record_first(by, Event::TicketMade { detail: &wish.told() })
    }

    /// Lets the holder of a ticket in, once.
    pub fn log_in(&self, token: &str, by: Actor, now: Instant) -> Result<Admitted, AppError> {
        let generation = self.store.owner()?.ok_or(Failure::NoOwner)?.generation;
        match self.redeemed(token, generation, by) {
            Ok(note) => {
                self.flush.record(by, Event::LoggedInByTicket { key_export: note.key_export });
                Ok(Admitted { generation, key_export: note.key_export })
            }
            Err(refusal) => {
                if matches!(refusal, TicketRefusal::Untrusted | TicketRefusal::Unreadable) {
                    tracing::warn!("{refusal} ({FOLDER})");
                }
                self.audit.count_failure(by, Refusal::Ticket);
                self.flush.due(now);
                Err(Failure::Ticket(refusal).into())
            }
        }
    }

    fn redeemed(&self, token: &str, generation: u64, by: Actor) -> Result<Note, TicketRefusal> {
        let token = Token::parse(token).ok_or(TicketRefusal::Unknown)?;
        let instance = self.instance().map_err(|_| TicketRefusal::Unknown)?;
        let digest = token.digest(generation, instance);
        let note = folder::read(Path::new(FOLDER), &digest)?.ok_or(TicketRefusal::Unknown)?;
        // The clock is read under the lock: a thread that waited for it must not forget what was used meanwhile.
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::since_boot();
        if !note.is_timely(now) {
            return Err(TicketRefusal::Late);
        }
        if note.address.is_some_and(|address| address.to_canonical() != by.address().to_canonical()) {
            return Err(TicketRefusal::Elsewhere);
        }
        // No more than root made within the last minute.
        used.retain(|_, made| Note::is_timely_since(*made, now));
        match used.insert(digest, note.made()) {
            None => Ok(note),
            Some(_) => Err(TicketRefusal::Used),
        }
    }
}

impl Wish {
    /// For the audit log.
    fn told(&self) -> String {
        let address = self.address.map(|address| format!("for {address}"));
        let export = self.key_export.then(|| "key export allowed".to_owned());
        address.into_iter().chain(export).collect::<Vec<_>>().join(", ")
    }
}

/// Makes a ticket: for root. The console of `instance` serves the owner of `generation`.
///
/// # Errors
/// Where the folder cannot be made, or others than root could write to it.
pub fn make(wish: &Wish, generation: u64, instance: &str) -> Result<Token, Failure> {
    let token = Token::random()?;
    let note = Note::new(clock::since_boot(), wish);
    folder::put(Path::new(FOLDER), &token.digest(generation, instance), &note)?;
    Ok(token)
}
