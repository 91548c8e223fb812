//! The console's certificate: expiry, key, names. The factory's copy likewise, which a reset puts back.

use super::place::failed;
use super::{Report, State};
use crate::app::config::Config;
use crate::app::identity::console_names;
use crate::clock;
use crate::pki::identity::{key_matches, names, needs_renewal, not_after};
use crate::store::{Store, StoredIdentity};
use jiff::Timestamp;

const RECOVER: &str = "`signet recover identity` makes a new key and certificate; visitors have to compare it again.";

/// Both identities.
pub(super) fn identities(report: &mut Report, store: &Store, config: &Config, now: Timestamp) {
    match store.identity() {
        Ok(Some(identity)) => in_use(report, &identity, config, now),
        Ok(None) => report.fine("identity", "There is no certificate yet: the first start makes one."),
        Err(error) => {
            failed(report, "identity", &error);
        }
    }
    match store.factory_identity() {
        Ok(Some(identity)) if !fits(&identity) => report.add(
            "identity",
            State::Attention,
            "The factory's certificate and its key do not belong together.",
            "A factory reset will make a new one; it will not be the label's.",
        ),
        Ok(_) => {}
        Err(error) => failed(report, "identity", &error),
    }
}

fn fits(identity: &StoredIdentity) -> bool {
    identity.chain.first().is_some_and(|certificate| key_matches(certificate, &identity.key))
}

fn in_use(report: &mut Report, identity: &StoredIdentity, config: &Config, now: Timestamp) {
    let certificate = identity.chain.first().map(Vec::as_slice).unwrap_or_default();
    let built = clock::build_date();
    let (Ok(ends), Ok(due), Ok(named)) =
        (not_after(certificate), needs_renewal(certificate, now, built), names(certificate))
    else {
        return report.add("identity", State::Broken, "The console's certificate does not read.", RECOVER);
    };
    if !fits(identity) {
        return report.add("identity", State::Broken, "The console's certificate belongs to another key.", RECOVER);
    }
    let until = clock::shown(ends);
    // A clock before the build date is unknown: it advises, and condemns nothing.
    if ends < clock::trusted(now) {
        let state = if now < built { State::Attention } else { State::Broken };
        report.add(
            "identity",
            state,
            format!("The console's certificate ended on {until}."),
            "Start the console, or send it SIGHUP: it is renewed with the same key.",
        );
    } else if due {
        report.add(
            "identity",
            State::Attention,
            format!("The console's certificate is due: it ends on {until}, or begins later than now."),
            "The running console renews it within a day, with the same key; SIGHUP makes it now.",
        );
    } else {
        report.fine("identity", format!("The console's certificate has its key and lasts until {until}."));
    }
    let missing: Vec<String> = console_names(&config.hostnames)
        .into_iter()
        .filter(|name| !named.iter().any(|has| has.eq_ignore_ascii_case(&format!("DNS:{name}"))))
        .collect();
    if !missing.is_empty() {
        report.add(
            "identity",
            State::Attention,
            format!("The console's certificate does not name {}.", missing.join(", ")),
            "Visit the console by a name that it has, or wait for its renewal; `signet recover identity` makes a new one now.",
        );
    }
}
