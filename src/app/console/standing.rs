//! What is in use and why, for the page, for `signet console show` and for the doctor.

use super::kind::is_ml_dsa;
use super::own::{Fingerprints, Identity};
use crate::Failure;
use crate::clock;
use crate::messages::console as say;
use crate::validity::Validity;
use jiff::Timestamp;
use signet_domain::ml_dsa;
use signet_domain::name::CsrName;
use signet_domain::time;
use signet_pki::certificate::Certificate;
use signet_pki::identity::{is_self_issued, names, needs_renewal, not_after, not_before, spki_sha256};
use signet_pki::serving;

/// Where a certificate of the console comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Made by the console itself.
    Own,
    /// The same, with the factory's key, which the label shows.
    Factory,
    /// The answer to one of its requests.
    Csr(CsrName),
    /// Issued by a CA for a request that is not here: deleted, or put in place by hand.
    Elsewhere,
    /// Issued by no CA, and not by the console, which makes none with such a key.
    ByHand,
}

/// A certificate of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Where it comes from.
    pub why: Why,
    /// SHA-256 of key and certificate.
    pub fingerprints: Fingerprints,
    /// Who issued it, in one line.
    pub issuer: String,
    /// Its names, such as `DNS:nas.local`.
    pub names: Vec<String>,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// It is time for another one, or it is not valid yet.
    pub due: bool,
    /// It is not valid yet.
    pub early: bool,
    /// It has ended, by a clock that is set.
    pub ended: bool,
    /// Its key is ML-DSA, which some clients take and others do not.
    pub ml_dsa: bool,
}

impl Why {
    /// As a person reads it.
    pub fn told(&self) -> String {
        match self {
            Self::Own => say::OWN.to_owned(),
            Self::Factory => say::OWN_OF_FACTORY.to_owned(),
            Self::Csr(name) => say::of_request(name),
            Self::Elsewhere => say::ELSEWHERE.to_owned(),
            Self::ByHand => say::BY_HAND.to_owned(),
        }
    }

    /// One word, for scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Factory => "factory",
            Self::Csr(_) => "csr",
            Self::Elsewhere | Self::ByHand => "elsewhere",
        }
    }
}

impl Standing {
    /// What is to be done about its end, if anything is: two sentences.
    pub fn attention(&self) -> Option<(String, String)> {
        let until = time::shown(self.until);
        let what = match (self.ended, self.early, self.due) {
            (true, ..) => say::expired(&until),
            (false, true, _) => say::not_yet_valid(&time::shown(self.from)),
            (false, false, true) => say::expires(&until),
            (false, false, false) => return None,
        };
        let fix = match &self.why {
            Why::Own | Why::Factory => say::RENEWED_AUTOMATICALLY.to_owned(),
            Why::Csr(name) => say::renew_request(name),
            Why::Elsewhere | Why::ByHand => say::ADD_REQUEST.to_owned(),
        };
        Some((what, fix))
    }

    /// Which clients cannot connect, and what to do if they should: two sentences. None where all can.
    pub fn shut_out(&self) -> Option<(&'static str, &'static str)> {
        self.ml_dsa.then_some((ml_dsa::messages::IN_USE, ml_dsa::messages::IN_USE_FIX))
    }
}

impl Standing {
    /// What is known of a certificate of the console (DER).
    pub fn of(certificate: &[u8], identity: &Identity) -> Result<Self, Failure> {
        let (now, built) = (identity.clock.now(), clock::build_date());
        let until = not_after(certificate)?;
        let why = why(certificate, identity)?;
        let early = not_before(certificate)? > clock::trusted(now);
        let due = match why {
            Why::Own | Why::Factory => needs_renewal(certificate, now, built)?,
            // As the list and the doctor judge the answers: sooner for one that is short.
            Why::Csr(_) | Why::Elsewhere | Why::ByHand => {
                early || Certificate::read(certificate).is_ok_and(|read| Validity::of(&read).is_due(now))
            }
        };
        Ok(Self {
            why,
            fingerprints: Fingerprints::of(certificate)?,
            issuer: serving::issuer(certificate)?,
            names: names(certificate)?,
            from: not_before(certificate)?,
            until,
            due,
            early,
            ended: now >= built && until < now,
            ml_dsa: is_ml_dsa(certificate),
        })
    }
}

fn why(certificate: &[u8], identity: &Identity) -> Result<Why, Failure> {
    if let Some(name) = identity.csr_of(certificate)? {
        return Ok(Why::Csr(name));
    }
    if !is_self_issued(certificate)? {
        return Ok(Why::Elsewhere);
    }
    if is_ml_dsa(certificate) {
        return Ok(Why::ByHand);
    }
    let factory = identity.store.factory_identity().ok().flatten();
    let factory = factory.and_then(|identity| spki_sha256(identity.chain.first()?).ok());
    Ok(if factory == Some(spki_sha256(certificate)?) { Why::Factory } else { Why::Own })
}

/// True when one of a certificate's names is `host`, as it was typed without its port (RFC 9525 6.3).
pub(super) fn names_host(names: &[String], host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    if let Ok(address) = host.parse::<std::net::IpAddr>() {
        let addresses = names.iter().filter_map(|name| name.strip_prefix("IP:"));
        return addresses.filter_map(|name| name.parse().ok()).any(|one: std::net::IpAddr| one == address);
    }
    names.iter().filter_map(|name| name.strip_prefix("DNS:")).map(str::to_ascii_lowercase).any(|name| {
        match name.strip_prefix('*') {
            Some(parent) => host.strip_suffix(parent).is_some_and(|first| !first.is_empty() && !first.contains('.')),
            None => name == host,
        }
    })
}
