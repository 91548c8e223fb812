//! Asks CAs when they suggest to renew (ARI, RFC 9773), for the certificates that the console has written down.

use super::way::connect;
use super::work::Worker;
use jiff::{SignedDuration, Timestamp};
use signet_app::clock;
use signet_app::enroll::{file_of, ids, json_of, read_window, watched_in};
use signet_client::{Acme, ClientError};
use signet_domain::authority::AuthorityName;
use signet_domain::renewal_window::{Watched, Window};
use signet_store::{EnrollFolder, Room, Store, StoreError};

/// A longer address of the page that says why is not kept.
const EXPLANATION: usize = 300;

/// What is known of it already, for this certificate.
fn known(folder: &EnrollFolder, one: &Watched) -> Result<Option<Window>, StoreError> {
    Ok(read_window(folder, &one.id)?.filter(|window| window.certificate == one.certificate))
}

/// True where a CA is to be asked now.
pub(in crate::cli) fn are_questions_left(store: &Store, now: Timestamp) -> bool {
    let Ok(Some(folder)) = store.enrollment() else { return false };
    let is_due = |one: &Watched| known(&folder, one).is_ok_and(|window| window.is_none_or(|window| window.is_due(now)));
    now >= clock::build_date() && watched_in(&folder).iter().any(is_due)
}

impl Worker<'_> {
    /// Asks where it is time to. What a CA does not answer now is asked again later, and what it said before stays.
    pub async fn ask_windows(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut watched = watched_in(self.folder);
        watched.sort_by(|one, other| one.authority.cmp(&other.authority));
        for id in ids(self.folder, Room::Windows)? {
            if !watched.iter().any(|one| one.id == id) {
                self.folder.remove(Room::Windows, &file_of(&id))?;
            }
        }
        // One connection for all certificates of an authority; none once it has failed.
        let mut at: Option<(&str, Option<Acme>)> = None;
        for one in watched.iter().filter(|_| now >= clock::build_date()) {
            let before = known(self.folder, one)?;
            if before.as_ref().is_some_and(|window| !window.is_due(now)) {
                continue;
            }
            let mut acme = match at.take() {
                Some((authority, acme)) if authority == one.authority => acme,
                _ => self.opened(one).await?,
            };
            let asked = match &mut acme {
                Some(acme) => Some(acme.renewal_info(&one.certificate).await),
                None => None,
            };
            let window = match &asked {
                Some(Ok(said)) => {
                    let info = said.as_ref().map(|said| &said.value);
                    let after = said.as_ref().and_then(|said| said.retry_after).map(|after| after.seconds(now));
                    Window {
                        certificate: one.certificate.clone(),
                        start: info.map(|info| info.suggested_window.start),
                        end: info.map(|info| info.suggested_window.end),
                        explanation: info.and_then(|info| info.explanation.clone()).filter(|url| is_address(url)),
                        // One that makes no suggestions seldom begins to.
                        next: later(now, Window::pause(if info.is_some() { after } else { Some(u64::MAX) })),
                    }
                }
                // What it said before stays.
                _ => {
                    let before = before.unwrap_or_else(|| Window {
                        certificate: one.certificate.clone(),
                        start: None,
                        end: None,
                        explanation: None,
                        next: now,
                    });
                    Window { next: later(now, Window::pause(Some(0))), ..before }
                }
            };
            self.folder.write(Room::Windows, &file_of(&one.id), &json_of(&window))?;
            // A CA that says something of this certificate alone may answer the next question.
            let is_there = matches!(&asked, Some(Ok(_) | Err(ClientError::Problem(_) | ClientError::NotAcme { .. })));
            at = Some((&one.authority, acme.filter(|_| is_there)));
        }
        Ok(())
    }

    async fn opened(&self, one: &Watched) -> Result<Option<Acme>, StoreError> {
        let Ok(name) = AuthorityName::parse(&one.authority) else { return Ok(None) };
        let Some(authority) = self.folder.authority(&name)? else { return Ok(None) };
        Ok(connect(&authority, one.proxy.as_deref()).await.ok())
    }
}

/// The address of a page, which can be shown.
fn is_address(url: &str) -> bool {
    url.starts_with("https://") && url.len() <= EXPLANATION && url.bytes().all(|byte| byte.is_ascii_graphic())
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}
