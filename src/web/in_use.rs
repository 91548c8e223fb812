//! Which identity the running console shows: the one on disk, or one that is on trial.
//!
//! A trial is nothing but memory: a crash or a restart begins with what lies on disk. It ends by itself after a time that no
//! clock can move, and is written only when somebody confirms it who came by a handshake made with it. The room joins what
//! lies on disk (`app`) with what handshakes show (`net`), and knows no page.

use super::messages::console as say;
use signet_app::AppError;
use signet_app::audit::{Actor, Event};
use signet_app::console::Fingerprints;
use signet_app::console::{Back, Candidate, rehearsal_failed};
use signet_app::{Failure, Services};
use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;
use signet_net::{Clients, Handshake, IdentityError, IdentityHandle, Shown, self_test_of};
use signet_pki::serving::Takers;
use signet_store::StoredIdentity;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Hears of each certificate (DER) that is shown from then on, and whether it is on trial.
pub type Listener = Box<dyn Fn(&[u8], bool) + Send + Sync>;

/// What is shown, and what is to come back.
pub struct InUse {
    handle: IdentityHandle,
    lasts: Duration,
    state: Mutex<State>,
    begun: Notify,
    listener: OnceLock<Listener>,
}

impl std::fmt::Debug for InUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InUse(..)")
    }
}

/// A certificate as handshakes show it.
#[derive(Debug, Clone)]
struct Face {
    shown: Shown,
    certificate: Vec<u8>,
    fingerprints: Fingerprints,
}

#[derive(Debug)]
struct State {
    face: Face,
    trial: Option<Trial>,
    /// Of the last trial that was confirmed: pressing the button twice is not an error.
    confirmed: Option<u64>,
}

#[derive(Debug)]
struct Trial {
    csr: CsrName,
    identity: StoredIdentity,
    until: Instant,
    former: Face,
}

/// A trial as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnTrial {
    /// Whose certificate is tried.
    pub csr: CsrName,
    /// How much time is left.
    pub left: Duration,
    /// Whether the visitor came by a handshake made with it.
    pub greeted: bool,
}

/// Why an identity is not the one in use.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The visitor's connection was made before the trial began.
    #[error("the connection was made before the trial began")]
    OldConnection,
    /// There is no trial: it has ended, or never was.
    #[error("there is no trial")]
    NoTrial,
    /// Another identity was put on disk meanwhile.
    #[error("another certificate was put in use meanwhile")]
    Overtaken,
    /// TLS does not take it.
    #[error(transparent)]
    Tls(#[from] IdentityError),
    /// A rule refuses it, or something below failed.
    #[error(transparent)]
    Below(#[from] AppError),
}

impl From<Failure> for ChangeError {
    fn from(error: Failure) -> Self {
        Self::Below(error.into())
    }
}

impl ChangeError {
    /// As a mistake at the form's field `certificate`; a failure is given back.
    pub fn refusal(self) -> Result<Vec<Invalid>, Failure> {
        Ok(vec![match self {
            Self::Below(AppError::Rejected(mistakes)) => return Ok(mistakes.iter().cloned().collect()),
            Self::Below(AppError::Failed(error)) => return Err(error),
            Self::Tls(error) => rehearsal_failed(&error),
            Self::OldConnection => say::connection_before_trial(),
            Self::NoTrial => say::trial_has_ended(),
            Self::Overtaken => say::changed_meanwhile(),
        }])
    }
}

impl InUse {
    /// What `handle` shows now, whose certificate is `certificate` (DER). Trials last `lasts`.
    pub fn new(handle: IdentityHandle, certificate: Vec<u8>, lasts: Duration) -> Result<Self, Failure> {
        let face = Face { shown: handle.shown(), fingerprints: Fingerprints::of(&certificate)?, certificate };
        let state = State { face, trial: None, confirmed: None };
        Ok(Self { handle, lasts, state: Mutex::new(state), begun: Notify::new(), listener: OnceLock::new() })
    }

    /// Has `listener` hear of what is shown, now and after each change; only the first one that is given counts.
    pub fn heard_by(&self, listener: Listener) {
        let _ = self.listener.set(listener);
        self.tell(&self.state());
    }

    fn tell(&self, state: &State) {
        if let Some(listener) = self.listener.get() {
            listener(&state.face.certificate, state.trial.is_some());
        }
    }

    /// Of the certificate that new visitors see.
    pub fn fingerprints(&self) -> Fingerprints {
        self.state().face.fingerprints.clone()
    }

    /// The certificate that new visitors see (DER).
    pub fn certificate(&self) -> Vec<u8> {
        self.state().face.certificate.clone()
    }

    /// The trial that is on.
    pub fn trial(&self, handshake: Handshake, now: Instant) -> Option<OnTrial> {
        let state = self.state();
        let trial = state.trial.as_ref()?;
        let left = trial.until.saturating_duration_since(now);
        Some(OnTrial { csr: trial.csr.clone(), left, greeted: handshake.identity == state.face.shown.number() })
    }

    /// Tests an identity and shows it to new visitors, on trial. A trial that was on ends by it.
    pub fn begin(
        &self,
        services: &Services,
        csr: &CsrName,
        candidate: Candidate,
        by: Actor,
    ) -> Result<(), ChangeError> {
        let Candidate { identity, takers, .. } = candidate;
        let clients = match takers {
            Takers::Browsers => Clients::Browsers,
            Takers::MlDsa => Clients::MlDsa,
        };
        let certificate = identity.chain.first().cloned().unwrap_or_default();
        let fingerprints = Fingerprints::of(&certificate)?;
        let mut state = self.state();
        let shown = self.handle.replace_tested(identity.chain.clone(), identity.key.expose_secret(), clients)?;
        let before = state.trial.take();
        if let Some(before) = &before {
            services.audit.record(by, Event::ConsoleReverted { csr: &before.csr, why: "another trial" });
        }
        let former = before.map_or_else(|| state.face.clone(), |before| before.former);
        state.face = Face { shown, certificate, fingerprints };
        state.trial = Some(Trial { csr: csr.clone(), identity, until: Instant::now() + self.lasts, former });
        services.audit.record(by, Event::ConsoleTried { csr });
        self.tell(&state);
        drop(state);
        self.begun.notify_one();
        Ok(())
    }

    /// Writes the identity on trial, for a visitor whose browser has taken it.
    ///
    /// A resumed session counts as the full handshake that it stems from: tickets are sealed under keys that belong to the
    /// trial's identity alone ([`Handshake::resumed`]), so no session from before and none of an earlier trial resumes here.
    pub fn confirm(
        &self,
        services: &Services,
        handshake: Handshake,
        by: Actor,
        now: Instant,
    ) -> Result<(), ChangeError> {
        let mut state = self.state();
        let Some(trial) = &state.trial else {
            let again = state.confirmed == Some(handshake.identity);
            return if again { Ok(()) } else { Err(ChangeError::NoTrial) };
        };
        if now >= trial.until {
            self.revert(&mut state, services, Actor::Console, "time");
            return Err(ChangeError::NoTrial);
        }
        if handshake.identity != state.face.shown.number() {
            return Err(ChangeError::OldConnection);
        }
        if !services.console.put_in_use(&trial.csr, &trial.identity, Some(&trial.former.certificate), by)? {
            self.revert(&mut state, services, Actor::Console, "overtaken");
            return Err(ChangeError::Overtaken);
        }
        state.confirmed = Some(handshake.identity);
        state.trial = None;
        self.tell(&state);
        Ok(())
    }

    /// Ends a trial before its time; false when there was none.
    pub fn end_trial(&self, services: &Services, by: Actor) -> bool {
        self.revert(&mut self.state(), services, by, "by hand")
    }

    /// Tests where the way back leads to, writes it and shows it to new visitors.
    pub fn back(&self, services: &Services, to: Back, by: Actor) -> Result<(), ChangeError> {
        let identity = services.console.way_back(to)?;
        let mut state = self.state();
        self_test_of(identity.chain.clone(), identity.key.expose_secret())?;
        services.console.go_back(to, &identity, by)?;
        self.revert(&mut state, services, by, "by hand");
        self.show(&mut state, identity)
    }

    /// Takes what lies on disk for new visitors. A trial ends by it.
    pub fn take(&self, services: &Services) -> Result<(), ChangeError> {
        let mut state = self.state();
        // First, so that what cannot be used leaves the former identity and not the one on trial.
        self.revert(&mut state, services, Actor::Console, "reload");
        self.show(&mut state, services.identity.reload()?)
    }

    /// Ends each trial in its time; never ends itself.
    pub async fn keep_time(web: std::sync::Arc<super::Web>) {
        loop {
            let in_use = &web.in_use;
            let until = in_use.state().trial.as_ref().map(|trial| trial.until);
            let Some(until) = until else {
                in_use.begun.notified().await;
                continue;
            };
            tokio::select! {
                () = in_use.begun.notified() => {}
                () = tokio::time::sleep_until(until.into()) => {
                    let web = std::sync::Arc::clone(&web);
                    // It writes to the log, which may wait for the disk.
                    let ended = tokio::task::spawn_blocking(move || web.in_use.end_late(&web.services, Instant::now()));
                    if let Err(failure) = ended.await {
                        tracing::error!(%failure, "the end of a trial broke down");
                    }
                }
            }
        }
    }

    /// Ends a trial whose time is over by `now`.
    fn end_late(&self, services: &Services, now: Instant) {
        let mut state = self.state();
        if state.trial.as_ref().is_some_and(|trial| now >= trial.until) {
            self.revert(&mut state, services, Actor::Console, "time");
        }
    }

    fn revert(&self, state: &mut State, services: &Services, by: Actor, why: &'static str) -> bool {
        let Some(trial) = state.trial.take() else { return false };
        self.handle.back_to(&trial.former.shown);
        state.face = trial.former;
        services.audit.record(by, Event::ConsoleReverted { csr: &trial.csr, why });
        self.tell(state);
        true
    }

    fn show(&self, state: &mut State, identity: StoredIdentity) -> Result<(), ChangeError> {
        let certificate = identity.chain.first().cloned().unwrap_or_default();
        let fingerprints = Fingerprints::of(&certificate)?;
        let shown = self.handle.replace(identity.chain, identity.key.expose_secret())?;
        state.face = Face { shown, certificate, fingerprints };
        state.trial = None;
        self.tell(state);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
