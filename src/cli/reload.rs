//! The identity of a console that runs: taken anew at SIGHUP, renewed with the same key when its time is nearly over.
//!
//! What lies on disk and cannot be used changes nothing: the former identity stays, and the log says why.

use super::error::CliError;
use crate::app::identity::Fingerprints;
use crate::net::{IdentityHandle, notify};
use crate::web::Web;
use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often it is asked whether the certificate is due; it is for 30 days before it ends.
const DAILY: Duration = Duration::from_secs(24 * 3600);

/// Listens for SIGHUP from now on; the future is the work, which never ends. `certificate` is the one in use.
pub(super) fn keep_identity(
    handle: IdentityHandle,
    web: Arc<Web>,
    mut certificate: Vec<u8>,
) -> Result<impl Future<Output = ()> + Send + use<>, CliError> {
    let mut hangup = signal(SignalKind::hangup()).map_err(CliError::Os)?;
    Ok(async move {
        let mut daily = interval_at(Instant::now() + DAILY, DAILY);
        // A device that slept looks once, not for each day.
        daily.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let told = tokio::select! {
                Some(()) = hangup.recv() => true,
                _ = daily.tick() => false,
            };
            if told {
                notify::reloading();
            } else if !matches!(web.app.is_due(&certificate), Ok(true)) {
                continue;
            }
            let (handle, of) = (handle.clone(), Arc::clone(&web));
            match tokio::task::spawn_blocking(move || take(&handle, &of)).await {
                Ok(Ok(taken)) => certificate = taken,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the identity on disk cannot be used; the former one stays in use");
                }
                Err(failure) => tracing::error!(%failure, "the reload did not come back"),
            }
            if told {
                notify::ready();
            }
        }
    })
}

/// Takes what lies on disk for all handshakes and for the setup page; gives its certificate.
fn take(handle: &IdentityHandle, web: &Web) -> Result<Vec<u8>, CliError> {
    let identity = web.app.reload_identity()?;
    let certificate = identity.chain.first().cloned().unwrap_or_default();
    let fingerprints = Fingerprints::of(&certificate).map_err(CliError::App)?;
    handle.replace(identity.chain, &identity.key)?;
    *web.fingerprints.write().unwrap_or_else(PoisonError::into_inner) = fingerprints;
    Ok(certificate)
}
