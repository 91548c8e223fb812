//! The console's certificate: where it comes from, expiry, key, names. Likewise the previous one and the factory's copy, to
//! which the ways back lead.

use super::place::failed;
use super::{Finding, Report, State};
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::console::{Identity, Standing, Why, has_its_key, served};
use crate::host;
use crate::messages::Said;
use crate::messages::check::identity as say;
use signet_domain::time;
use signet_store::{Store, StoredIdentity};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// All of them.
pub(super) fn identities(report: &mut Report, store: &Store, config: &Config, clock: Clock, identity: &Identity) {
    match store.identity() {
        Ok(Some(stored)) => match Standing::of(stored.chain.first().map(Vec::as_slice).unwrap_or_default(), identity) {
            Ok(standing) => {
                in_use(report, &stored, &standing, config, clock);
                shown(report, store, &standing);
            }
            Err(_) => {
                report.broken("identity", "identity_damaged", say::unreadable());
            }
        },
        Ok(None) => {
            report.fine("identity", say::NONE_YET);
        }
        Err(error) => {
            failed(report, "identity", &error);
        }
    }
    let others = [
        (store.former_identity(), "former_mismatch", say::previous_other_key()),
        (store.factory_identity(), "factory_mismatch", say::factory_other_key()),
    ];
    for (found, code, said) in others {
        match found {
            Ok(Some(identity)) if !has_its_key(&identity) => {
                report.attention("identity", code, said);
            }
            Ok(_) => {}
            Err(error) => failed(report, "identity", &error),
        }
    }
}

/// A running console may still show another certificate than the one on disk.
fn shown(report: &mut Report, store: &Store, standing: &Standing) {
    let pending = served::running(store).ok().and_then(|running| {
        running.reload_pending(&standing.fingerprints.certificate_hex()).filter(|pending| *pending)
    });
    if pending.is_some() {
        report.attention("identity", "reload_pending", say::reload_pending());
    }
}

fn in_use(report: &mut Report, identity: &StoredIdentity, standing: &Standing, config: &Config, clock: Clock) {
    if !has_its_key(identity) {
        report.broken("identity", "identity_mismatch", say::other_key());
        return;
    }
    let own = matches!(standing.why, Why::Own | Why::Factory);
    let until = time::shown(standing.until);
    let now = clock.now();
    let why = standing.why.told();
    let seconds = standing.until.as_second();
    // A clock before the build date is unknown: it advises, and condemns nothing.
    let finding = if standing.until < clock::trusted(now) {
        let state = if now < clock::build_date() { State::Attention } else { State::Broken };
        let fix = match standing.attention() {
            Some((_, fix)) if !own => fix,
            _ => say::START.to_owned(),
        };
        let said = Said::new(say::expired(&why, &until), fix);
        report.push(Finding::new("identity", "certificate_expired", state, said))
    } else if let Some((_, fix)) = standing.attention() {
        let (code, what) = match standing.early {
            true => ("certificate_not_yet_valid", say::not_yet_valid(&why, &time::shown(standing.from))),
            false => ("certificate_due", say::due(&why, &until)),
        };
        report.attention("identity", code, Said::new(what, fix))
    } else {
        report.fine("identity", say::fine(&why, &until))
    };
    finding
        .number("not_after", seconds)
        .number("days_left", (seconds - clock::trusted(now).as_second()).div_euclid(DAY));
    let request = match &standing.why {
        Why::Csr(name) => Some(name),
        _ => None,
    };
    if let Some(name) = request {
        finding.request(name);
    }
    // That of a request has passed a trial, which told the same.
    if let Some((what, fix)) = standing.shut_out().filter(|_| request.is_none()) {
        report.attention("identity", "identity_ml_dsa", Said::new(say::ml_dsa(what), fix));
    }
    // What a CA was asked for is the owner's choice: it need not hold every name of the device.
    if !own {
        return;
    }
    let missing: Vec<String> = host::names(&config.hostnames)
        .into_iter()
        .filter(|name| !standing.names.iter().any(|has| has.eq_ignore_ascii_case(&format!("DNS:{name}"))))
        .collect();
    if !missing.is_empty() {
        report.attention("identity", "names_missing", say::names_missing(&missing));
    }
}
