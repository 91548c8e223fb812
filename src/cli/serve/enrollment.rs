//! What a console that serves does for certificates that are ordered: it answers CAs' checks, keeps what comes back, and
//! writes down where it can be reached. It calls nobody.

use super::super::enroll::{are_questions_left, is_work_left, tls_file};
use crate::web::Web;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use signet_app::audit::Actor;
use signet_app::enroll::{Listening, write_listening};
use signet_app::{AppError, Services};
use signet_domain::name::CsrName;
use signet_net::{Challenges, Listeners, Proof, self_test_of};
use signet_store::{Room, Store};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How often what comes back is looked for.
const LOOK: Duration = Duration::from_secs(2);
/// The same while the owner waits for an order that a page has placed, and how many times.
const SOON: Duration = Duration::from_millis(200);
const EAGER: u32 = 300;

/// The answers that are open now, from the enrolling process's folder.
pub(super) fn challenges(store: &Store) -> Challenges {
    let (pages, proofs) = (store.clone(), store.clone());
    Challenges::new(
        move |token| answer(&pages, token),
        move |name| {
            let text = String::from_utf8(answer(&proofs, &tls_file(name))?).ok()?;
            let (identifier, digest) = text.split_once(' ')?;
            let digest = BASE64_URL_SAFE_NO_PAD.decode(digest).ok()?.try_into().ok()?;
            Some(Proof { identifier: identifier.to_owned(), digest })
        },
    )
}

/// The first line of an answer's file; the second says whose it is.
fn answer(store: &Store, file: &str) -> Option<Vec<u8>> {
    let folder = store.enrollment().ok().flatten()?;
    let text = folder.read(Room::Challenges, file).ok().flatten()?;
    text.split(|byte| *byte == b'\n').next().map(<[u8]>::to_vec).filter(|answer| !answer.is_empty())
}

/// How often it is asked what is due to be renewed.
const RENEWALS: Duration = Duration::from_secs(15 * 60);
/// How often it is looked whether a CA is to be asked when it suggests to renew.
const QUESTIONS: Duration = Duration::from_secs(60);
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
pub(super) async fn start_enrolling(web: Arc<Web>, data_flag: std::path::PathBuf) {
    if std::env::var_os("INVOCATION_ID").is_some() {
        return;
    }
    let services = &web.services;
    let mut asked: Option<Instant> = None;
    loop {
        let left = Arc::clone(services);
        let ask = asked.is_none_or(|asked| asked.elapsed() >= QUESTIONS);
        let is_left = tokio::task::spawn_blocking(move || {
            let now = left.clock.now();
            is_work_left(&left.store, now) || ask && are_questions_left(&left.store, now)
        });
        let is_left = is_left.await.unwrap_or(false);
        if ask {
            asked = Some(Instant::now());
        }
        if !is_left {
            until_ordered(&web.ordered.to_start, LOOK).await;
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
        let again = Arc::clone(services);
        let is_left =
            tokio::task::spawn_blocking(move || is_work_left(&again.store, again.clock.now())).await.unwrap_or(false);
        until_ordered(&web.ordered.to_start, if is_left { BETWEEN } else { LOOK }).await;
    }
}

/// The console takes a renewed certificate of its own after a handshake with it, if it came from the same authority, leads to a root
/// that is accepted there and covers the same names; otherwise its owner is asked, by what `check` and pages say.
fn take_over(web: &Web, name: &CsrName) -> Result<(), AppError> {
    let services = &web.services;
    let content = services.catalog.readable(name)?;
    let Some(id) = &content.record.supersedes else { return Ok(()) };
    let Some(old) = services.catalog.named(id)? else { return Ok(()) };
    let before = services.catalog.readable(&old)?;
    let is_automatic = content.record.automatic && before.record.auto_renew == content.record.auto_renew;
    let is_in_use = before.certificates.first().is_some_and(|leaf| services.console.is_in_use(leaf));
    if !is_automatic || !is_in_use {
        return Ok(());
    }
    if !services.enrollments.may_follow(&before, &content)? {
        tracing::warn!(request = %name, "the renewed certificate comes from another CA or lacks a name, so the console keeps the previous one");
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

/// Waits so long, or until a page has placed an order. True where one has.
async fn until_ordered(ordered: &Notify, pause: Duration) -> bool {
    tokio::time::timeout(pause, ordered.notified()).await.is_ok()
}

/// Keeps what comes back, for as long as the console serves; and writes down where it listens, once there is an authority.
pub(super) async fn keep_what_comes(web: Arc<Web>, listening: Listening) {
    let listening = Arc::new(listening);
    let mut is_written = false;
    let mut eager = 0;
    loop {
        let (keeper, listening) = (Arc::clone(&web), Arc::clone(&listening));
        let looked = tokio::task::spawn_blocking(move || {
            let store = &keeper.services.store;
            let is_there = || store.has_enrollment().unwrap_or(false) && write_listening(store, &listening);
            (is_written || is_there(), keep(&keeper))
        });
        match looked.await {
            Ok((written, kept)) => {
                is_written = written;
                if let Err(error) = kept {
                    tracing::warn!(%error, "a certificate that came is not kept yet");
                }
            }
            Err(error) => tracing::error!(%error, "keeping certificates failed"),
        }
        let pause = if eager > 0 { SOON } else { LOOK };
        eager = if until_ordered(&web.ordered.to_keep, pause).await { EAGER } else { eager.saturating_sub(1) };
    }
}

fn keep(web: &Web) -> Result<(), AppError> {
    if !web.services.enrollments.has_news() {
        return Ok(());
    }
    for request in web.services.enrollments.take(Actor::Console)? {
        if let Ok(name) = CsrName::parse(&request)
            && web.services.catalog.answered(&name).is_ok()
        {
            take_over(web, &name)?;
        }
    }
    Ok(())
}

/// Where the console can be reached.
pub(super) fn listening(listeners: &Listeners) -> Listening {
    Listening {
        http: listeners.redirect_addresses(),
        https: listeners.addresses(),
        proxied: !listeners.for_proxies().is_empty(),
    }
}
