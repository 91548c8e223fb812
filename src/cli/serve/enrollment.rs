//! What a console that serves does for certificates that are ordered: it answers CAs' checks, keeps what comes back, and
//! writes down where it can be reached. It calls nobody.

use super::super::enroll::is_work_left;
use crate::web::Web;
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::{AppError, Services};
use signet_domain::answer::covers;
use signet_domain::name::CsrName;
use signet_net::{Challenges, Listeners, self_test_of};
use signet_store::{Room, Store, StoreError};
use std::process::{Command, Stdio};
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

/// How often it is asked what is due to be renewed.
const RENEWALS: Duration = Duration::from_secs(15 * 60);
/// Between two starts of an enrolling process of this console's own.
const BETWEEN: Duration = Duration::from_secs(30);

/// Makes and orders what is due, now and every quarter of an hour.
pub(super) async fn renew_what_is_due(services: Arc<Services>) {
    let mut every = tokio::time::interval(RENEWALS);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let services = Arc::clone(&services);
        let run = tokio::task::spawn_blocking(move || services.auto_renewals.run(Actor::Console));
        match run.await {
            Ok(Ok(done)) => {
                for one in done {
                    if let Err(error) = one.outcome {
                        tracing::warn!(request = %one.old, %error, "the certificate is due and cannot be renewed automatically");
                    }
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "what is due to be renewed cannot be read"),
            Err(error) => tracing::error!(%error, "renewing failed"),
        }
    }
}

/// Without systemd, which has a unit for it, the console starts the enrolling process while orders wait. It is a process of its
/// own all the same: the console calls nobody.
pub(super) async fn start_enrolling(services: Arc<Services>, data_flag: std::path::PathBuf) {
    if std::env::var_os("INVOCATION_ID").is_some() {
        return;
    }
    loop {
        let left = Arc::clone(&services);
        let is_left =
            tokio::task::spawn_blocking(move || is_work_left(&left.store, left.clock.now())).await.unwrap_or(false);
        if !is_left {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        let data = data_flag.clone();
        let ran = tokio::task::spawn_blocking(move || {
            let mut command = Command::new(std::env::current_exe()?);
            command.arg("--data").arg(data).args(["--quiet", "enroll", "--pending", "--once"]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()
        });
        if let Ok(Err(error)) = ran.await {
            tracing::warn!(%error, "the enrolling process cannot be started");
        }
        // What comes of it is told by the orders themselves.
        let again = Arc::clone(&services);
        let is_left =
            tokio::task::spawn_blocking(move || is_work_left(&again.store, again.clock.now())).await.unwrap_or(false);
        tokio::time::sleep(if is_left { BETWEEN } else { LOOK }).await;
    }
}

/// The console takes a renewed certificate of its own after a handshake with it, if it came from the same authority and covers the
/// same names; otherwise its owner is asked, by what `check` and pages say.
fn take_over(web: &Web, name: &CsrName) -> Result<(), AppError> {
    let services = &web.services;
    let content = services.catalog.readable(name)?;
    let Some(id) = &content.record.supersedes else { return Ok(()) };
    let Some(old) = services.catalog.named(id)? else { return Ok(()) };
    let before = services.catalog.readable(&old)?;
    let is_automatic = content.record.auto_renew.is_some() && before.record.auto_renew == content.record.auto_renew;
    let (Some(Ok(was)), Some(Ok(is))) = (before.certificate(), content.certificate()) else { return Ok(()) };
    let covers_all = was.san.iter().all(|name| covers(&is.san, name));
    if !is_automatic || !services.console.is_in_use(&was.der) {
        return Ok(());
    }
    if !covers_all {
        tracing::warn!(request = %name, "the renewed certificate covers fewer names than the one in use, which stays until its owner decides");
        return Ok(());
    }
    let identity = services.console.candidate_for_all(name)?.identity;
    if let Err(error) = self_test_of(identity.chain.clone(), identity.key.expose_secret()) {
        tracing::warn!(request = %name, %error, "the renewed certificate cannot be served and the previous one stays in use");
        return Ok(());
    }
    services.console.put_in_use(name, &identity, None, Actor::Console)?;
    if let Err(error) = web.in_use.take(services) {
        tracing::warn!(%error, "the renewed certificate is put in use at the next start");
    }
    Ok(())
}

/// Keeps what comes back, for as long as the console serves.
pub(super) async fn keep_what_comes(web: Arc<Web>) {
    let mut every = tokio::time::interval(LOOK);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let web = Arc::clone(&web);
        let taken = tokio::task::spawn_blocking(move || -> Result<(), AppError> {
            if !web.services.enrollments.has_news() {
                return Ok(());
            }
            for request in web.services.enrollments.take(Actor::Console)? {
                if let Ok(name) = CsrName::parse(&request)
                    && web.services.catalog.answered(&name).is_ok()
                {
                    take_over(&web, &name)?;
                }
            }
            Ok(())
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
