//! What a console that serves does for certificates that are ordered: it answers CAs' checks, keeps what comes back, and
//! writes down where it can be reached. It calls nobody.

use serde::Serialize;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_net::{Challenges, Listeners};
use signet_store::{Room, Store, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// How often what comes back is looked for.
const LOOK: Duration = Duration::from_secs(2);

/// The answers that are open now, from the enrolling process's folder.
pub(super) fn challenges(store: &Store) -> Challenges {
    let store = store.clone();
    Challenges::new(move |token| {
        let folder = store.enrollment().ok().flatten()?;
        let text = folder.read(Room::Challenges, token).ok().flatten()?;
        // The first line; the second says whose it is.
        text.split(|byte| *byte == b'\n').next().map(<[u8]>::to_vec).filter(|answer| !answer.is_empty())
    })
}

/// Keeps what comes back, for as long as the console serves.
pub(super) async fn keep_what_comes(services: Arc<Services>) {
    let mut every = tokio::time::interval(LOOK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let services = Arc::clone(&services);
        let taken = tokio::task::spawn_blocking(move || match services.enrollments.has_come() {
            true => services.enrollments.take(Actor::Console).map(drop),
            false => Ok(()),
        });
        match taken.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a certificate that came is not kept yet"),
            Err(error) => tracing::error!(%error, "keeping certificates failed"),
        }
    }
}

/// Where CAs' checks can come in.
#[derive(Serialize, PartialEq, Eq)]
struct Reached {
    /// Addresses of plain HTTP.
    http: Vec<String>,
    /// Addresses of HTTPS.
    https: Vec<String>,
    /// True where the device's web server passes requests on.
    proxied: bool,
}

/// Writes it down, where certificates are ordered at all. What cannot be written now is missed by nobody but a hint.
pub(super) fn write_down(store: &Store, listeners: &Listeners) {
    let reached = Reached {
        http: listeners.redirect_addresses().into_iter().map(|address| address.to_string()).collect(),
        https: listeners.addresses().into_iter().map(|address| address.to_string()).collect(),
        proxied: !listeners.for_proxies().is_empty(),
    };
    let json = serde_json::to_vec(&reached).unwrap_or_default();
    let write = || -> Result<(), StoreError> {
        let Some(folder) = store.enrollment()? else { return Ok(()) };
        if folder.listeners()?.is_some_and(|before| *before == json) {
            return Ok(());
        }
        store.lock()?.put_listeners(&json)
    };
    if let Err(error) = write() {
        tracing::debug!(%error, "where the console can be reached is not written down");
    }
}
