//! Whether a CA's check by http-01 can come in at this console, by what the console has written down of itself.

use super::Enrollments;
use crate::console::served::{self, Running};
use crate::messages::authorities as say;
use crate::{AppError, Failure};
use serde::{Deserialize, Serialize};
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::ChallengeKind;
use signet_store::{Left, Store};
use std::net::SocketAddr;

/// Where CAs' checks can come in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// Addresses of plain HTTP.
    pub http: Vec<SocketAddr>,
    /// Addresses of HTTPS.
    pub https: Vec<SocketAddr>,
    /// True where the device's web server passes requests on.
    pub proxied: bool,
}

/// The port that CAs connect to (RFC 8555, section 8.3).
const PORT: u16 = 80;

impl Listening {
    /// True where CAs reach the console itself, if the network leads them here.
    pub fn has_port_80(&self) -> bool {
        self.http.iter().any(|address| address.port() == PORT && !address.ip().is_loopback())
    }

    /// The addresses that something else has to pass requests on to.
    fn addresses(&self) -> String {
        let all: Vec<String> = self.http.iter().chain(&self.https).map(ToString::to_string).collect();
        all.join(", ")
    }
}

impl Enrollments {
    /// Where the console listens, as it wrote down when it was started; none where it has not.
    pub fn listening(&self) -> Result<Option<Listening>, Failure> {
        let Some(folder) = self.store.enrollment()? else { return Ok(None) };
        Ok(folder.left(Left::Listeners)?.and_then(|json| serde_json::from_slice(&json).ok()))
    }

    /// What has to be in place besides this console, where names are proved by http-01 alone and it does not have port 80 itself;
    /// one or two sentences.
    pub fn needs_port_80(&self, authority: &AuthorityName) -> Result<Option<String>, Failure> {
        if !self.is_by_http_alone(authority)? {
            return Ok(None);
        }
        let listening = self.listening()?.filter(|listening| !listening.has_port_80());
        Ok(listening.map(|listening| say::port_80_elsewhere(&listening.addresses())))
    }

    /// Refuses an order that is waited for while no console is there to answer the CA's check.
    pub fn is_answered(&self, authority: &AuthorityName) -> Result<(), AppError> {
        // Where none has ever run, something else may answer.
        let is_stopped = self.listening()?.is_some() && served::running(&self.store)? == Running::Stopped;
        if is_stopped && self.is_by_http_alone(authority)? { Err(say::nobody_answers().into()) } else { Ok(()) }
    }

    fn is_by_http_alone(&self, authority: &AuthorityName) -> Result<bool, Failure> {
        let stored = self.store.authority(authority)?.ok_or_else(|| Failure::NoAuthority(authority.to_string()))?;
        // An EST server checks no names.
        Ok(stored.settings.est.is_none()
            && stored.settings.challenges.iter().all(|kind| *kind == ChallengeKind::Http01))
    }
}

/// Writes it down, where certificates are ordered at all. True once it is there.
pub fn write_listening(store: &Store, listening: &Listening) -> bool {
    let left = store.leave(Left::Listeners, &super::json_of(listening));
    left.inspect_err(|error| tracing::debug!(%error, "where the console can be reached is not written down"))
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_listener_that_others_reach_at_port_80_is_met_by_cas() {
        for (http, has) in [
            (vec![], false),
            (vec!["0.0.0.0:80"], true),
            (vec!["[::]:80"], true),
            (vec!["127.0.0.1:80"], false),
            (vec!["192.0.2.1:8080"], false),
            (vec!["127.0.0.1:80", "192.0.2.1:80"], true),
        ] {
            let http = http.into_iter().map(|address| address.parse().unwrap()).collect();
            let listening = Listening { http, https: vec!["192.0.2.1:443".parse().unwrap()], proxied: true };
            assert_eq!(listening.has_port_80(), has, "{listening:?}");
        }
    }
}
