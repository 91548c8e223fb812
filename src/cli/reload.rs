//! The identity of a console that runs: taken anew at SIGHUP, renewed with the same key when its time is nearly over.
//!
//! What lies on disk and cannot be used changes nothing: the former identity stays, and the log says why.

use super::error::CliError;
use crate::web::Web;
use signet_net::notify;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often it is asked whether the certificate is due; it is for 30 days before it expires.
const DAILY: Duration = Duration::from_secs(24 * 3600);

/// Listens for SIGHUP from now on; the future is the work, which never ends.
pub(super) fn keep_identity(web: Arc<Web>) -> Result<impl Future<Output = ()> + Send + use<>, CliError> {
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
            }
            let of = Arc::clone(&web);
            let look = move || match told || is_due(&of) {
                true => of.in_use.take(&of.services).map_err(|error| error.to_string()),
                false => Ok(()),
            };
            match tokio::task::spawn_blocking(look).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the certificate on disk cannot be used; the previous one stays in use");
                }
                Err(failure) => tracing::error!(%failure, "the reload failed"),
            }
            if told {
                notify::ready();
            }
        }
    })
}

/// A certificate on trial is not judged: what is on disk is checked on the next day.
fn is_due(web: &Web) -> bool {
    let certificate = web.in_use.certificate();
    web.services.console.is_in_use(&certificate) && matches!(web.services.identity.is_due(&certificate), Ok(true))
}
