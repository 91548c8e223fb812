//! Which certificate the running console shows, as it says itself beside its lock: commands cannot see into its memory.
//!
//! What is on disk may be newer than what is shown, until the console reads it again; and a trial is shown and not
//! on disk at all.

use super::{Console, Fingerprints};
use crate::{Failure, json};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signet_store::{ServeLock, Store};
use std::net::SocketAddr;

/// What a running console shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// SHA-256 of the certificate, lower-case hex.
    pub certificate_sha256: String,
    /// SHA-256 of its public key, lower-case hex.
    pub spki_sha256: String,
    /// When it expires.
    pub not_after: Timestamp,
    /// Since when it is shown, by the device's clock.
    pub since: Timestamp,
    /// It is on trial.
    pub trial: bool,
    /// The console's process.
    pub pid: u32,
    /// When that process was started, in the kernel's ticks: a number that another process of the same id does not have.
    pub started: u64,
    /// What names the process for login links ([`crate::tickets::Tickets::instance`]); empty from an older program.
    #[serde(default)]
    pub instance: String,
    /// Where it listens; empty from an older program.
    #[serde(default)]
    pub listen: Vec<SocketAddr>,
}

/// What a console says of itself beside its certificate.
#[derive(Debug, Clone, Default)]
pub struct Myself {
    /// What names the process for login links.
    pub instance: String,
    /// Where it listens.
    pub listen: Vec<SocketAddr>,
}

/// Whether a console serves the data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Running {
    /// None does.
    Stopped,
    /// One does, and what it shows is not known: an older program, or a partition that was read-only at its start.
    Unknown,
    /// One does, and shows this.
    Serving(Served),
}

impl Running {
    /// What is shown, where that is known.
    pub fn served(&self) -> Option<&Served> {
        match self {
            Self::Serving(served) => Some(served),
            Self::Stopped | Self::Unknown => None,
        }
    }

    /// True where the certificate of this fingerprint (lower-case hex) is in use on disk and another one is shown, other than
    /// on trial; none where that is not known.
    pub fn reload_pending(&self, on_disk: &str) -> Option<bool> {
        match self {
            Self::Stopped => Some(false),
            Self::Unknown => None,
            Self::Serving(served) => Some(!served.trial && served.certificate_sha256 != on_disk),
        }
    }
}

impl Served {
    /// Of a certificate (DER) that this process shows from now on.
    pub fn by_this_process(certificate: &[u8], trial: bool, now: Timestamp, myself: &Myself) -> Result<Self, Failure> {
        let fingerprints = Fingerprints::of(certificate)?;
        let pid = std::process::id();
        Ok(Self {
            certificate_sha256: fingerprints.certificate_hex(),
            spki_sha256: fingerprints.key_hex(),
            not_after: signet_pki::identity::not_after(certificate)?,
            since: now,
            trial,
            pid,
            started: started(pid).unwrap_or_default(),
            instance: myself.instance.clone(),
            listen: myself.listen.clone(),
        })
    }

    /// Writes it beside the lock, for commands. It goes on without it where the partition does not take it.
    pub fn tell(&self, lock: &ServeLock) {
        if let Err(error) = lock.tell(&json::to_string(self)) {
            tracing::debug!(%error, "what the console shows is not written down");
        }
    }

    /// True while the process that said it lives.
    pub fn lives(&self) -> bool {
        started(self.pid) == Some(self.started)
    }
}

impl Console {
    /// Whether a console runs, and what it shows.
    pub fn running(&self) -> Result<Running, Failure> {
        running(&self.store)
    }
}

/// The same for those who only read.
pub fn running(store: &Store) -> Result<Running, Failure> {
    let Some(said) = store.serving()? else { return Ok(Running::Stopped) };
    let served = serde_json::from_str::<Served>(&said).ok().filter(Served::lives);
    Ok(served.map_or(Running::Unknown, Running::Serving))
}

/// proc_pid_stat(5): the 22nd field, which is the 20th behind the name in brackets.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(trial: bool) -> Served {
        let pid = std::process::id();
        Served {
            certificate_sha256: "aa".into(),
            spki_sha256: "bb".into(),
            not_after: Timestamp::UNIX_EPOCH,
            since: Timestamp::UNIX_EPOCH,
            trial,
            pid,
            started: started(pid).unwrap(),
            instance: String::new(),
            listen: Vec::new(),
        }
    }

    #[test]
    fn a_reload_is_pending_where_another_certificate_is_on_disk() {
        assert_eq!(Running::Serving(served(false)).reload_pending("aa"), Some(false));
        assert_eq!(Running::Serving(served(false)).reload_pending("cc"), Some(true));
        assert_eq!(Running::Serving(served(true)).reload_pending("cc"), Some(false), "a trial ends by itself");
        assert_eq!((Running::Stopped.reload_pending("aa"), Running::Unknown.reload_pending("aa")), (Some(false), None));
    }

    #[test]
    fn another_process_of_the_same_number_is_not_the_one_that_said_it() {
        assert!(served(false).lives());
        assert!(!Served { started: 1, ..served(false) }.lives());
        assert!(!Served { pid: u32::MAX, ..served(false) }.lives());
    }
}
