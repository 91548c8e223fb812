//! `/healthz?full`: what `signet check` finds, for monitors on the device itself.
//!
//! Codes alone, without names, paths and sentences. Looking costs reading every request, so it is done at most once a minute and
//! by one thread at a time, and only for who is on this device; everybody else gets the short answer.

use bytes::Bytes;
use hyper::header::{FORWARDED, HeaderMap, HeaderName, VIA};
use serde::Serialize;
use signet_app::Services;
use signet_app::check::{Report, Severity, State, check};
use signet_net::Peer;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer holds.
const AGE: Duration = Duration::from_secs(60);

/// Kinds of findings that are told; there are fewer.
const MOST: usize = 100;

/// What proxies add. Who comes with one of them comes from elsewhere.
const OF_PROXIES: [HeaderName; 4] =
    [FORWARDED, VIA, HeaderName::from_static("x-forwarded-for"), HeaderName::from_static("x-real-ip")];

/// The last answer.
#[derive(Debug, Default)]
pub struct Health {
    last: Mutex<Option<Answer>>,
    looking: Mutex<()>,
}

/// An answer, and when it was found.
#[derive(Debug, Clone)]
pub struct Answer {
    found: Instant,
    /// The worst of all.
    pub state: State,
    /// JSON.
    pub body: Bytes,
}

/// True for who is on this device: at the loopback or at the Unix socket, and not by way of a proxy.
pub fn is_local(peer: &Peer, headers: &HeaderMap) -> bool {
    // Who comes by the Unix socket, too, has this address.
    peer.remote.to_canonical().is_loopback() && !OF_PROXIES.iter().any(|name| headers.contains_key(name))
}

impl Health {
    /// What is found now, or was within the last minute. None while another one looks and there is nothing yet.
    pub fn look(&self, services: &Services, now: Instant) -> Option<Answer> {
        if let Some(fresh) = self.last().filter(|last| now.duration_since(last.found) < AGE) {
            return Some(fresh);
        }
        let Ok(_looking) = self.looking.try_lock() else { return self.last() };
        let config = Ok((*services.config).clone());
        let report = check(services.store.path(), &config, services.clock);
        let answer = Answer { found: now, state: report.state(), body: told(&report) };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer.clone());
        Some(answer)
    }

    fn last(&self) -> Option<Answer> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[derive(Serialize)]
struct Told {
    schema: u32,
    state: State,
    severity: Severity,
    findings: Vec<Kind>,
}

/// Findings of one code.
#[derive(Serialize, PartialEq, Eq)]
struct Kind {
    about: &'static str,
    code: &'static str,
    state: State,
    severity: Severity,
    count: usize,
}

fn told(report: &Report) -> Bytes {
    let mut findings: Vec<Kind> = Vec::new();
    for finding in report.findings().iter().filter(|finding| !finding.is_fine()) {
        let same =
            |kind: &&mut Kind| (kind.about, kind.code, kind.state) == (finding.about, finding.code, finding.state);
        if let Some(kind) = findings.iter_mut().find(same) {
            kind.count += 1;
        } else if findings.len() < MOST {
            let (about, code, state, severity) = (finding.about, finding.code, finding.state, finding.severity);
            findings.push(Kind { about, code, state, severity, count: 1 });
        }
    }
    let told = Told { schema: 2, state: report.state(), severity: report.state().severity(), findings };
    // Nothing of it can fail to be JSON.
    let mut text = serde_json::to_vec(&told).unwrap_or_default();
    text.push(b'\n');
    text.into()
}
