//! The console's certificate: where it comes from, expiry, key, names. The former one and the factory's copy likewise, to
//! which the ways back lead.

use super::place::failed;
use super::{Finding, Report, State};
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::console::{Identity, Standing, Why, has_its_key, served};
use crate::host;
use signet_domain::time;
use signet_store::{Store, StoredIdentity};

/// Seconds of a day.
const DAY: i64 = 86_400;

const RECOVER: &str = "`signet console back` goes back to the former one, where there is one; `signet recover identity` makes \
                       a new key and certificate, which visitors have to compare again.";

/// All of them.
pub(super) fn identities(report: &mut Report, store: &Store, config: &Config, clock: Clock, identity: &Identity) {
    match store.identity() {
        Ok(Some(stored)) => match Standing::of(stored.chain.first().map(Vec::as_slice).unwrap_or_default(), identity) {
            Ok(standing) => {
                in_use(report, &stored, &standing, config, clock);
                shown(report, store, &standing);
            }
            Err(_) => {
                report.broken("identity", "identity_damaged", "The console's certificate does not read.", RECOVER);
            }
        },
        Ok(None) => {
            report.fine("identity", "There is no certificate yet: the first start makes one.");
        }
        Err(error) => {
            failed(report, "identity", &error);
        }
    }
    let others = [
        (
            store.former_identity(),
            "former_mismatch",
            "The former certificate of the console",
            "The way back to it is closed; the next change replaces it.",
        ),
        (
            store.factory_identity(),
            "factory_mismatch",
            "The factory's certificate",
            "A factory reset will make a new one; it will not be the label's.",
        ),
    ];
    for (found, code, what, fix) in others {
        match found {
            Ok(Some(identity)) if !has_its_key(&identity) => {
                report.attention("identity", code, format!("{what} and its key do not belong together."), fix);
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
        report.attention(
            "identity",
            "reload_pending",
            "The running console shows another certificate than the one that is in use.",
            "`systemctl reload signet.service` has it take that one over.",
        );
    }
}

fn in_use(report: &mut Report, identity: &StoredIdentity, standing: &Standing, config: &Config, clock: Clock) {
    if !has_its_key(identity) {
        report.broken("identity", "identity_mismatch", "The console's certificate belongs to another key.", RECOVER);
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
            _ => "Start the console, or send it SIGHUP: it is renewed with the same key.".to_owned(),
        };
        let what = format!("The console's certificate ({why}) ended on {until}.");
        report.push(Finding::new("identity", "certificate_expired", state, what, fix))
    } else if let Some((_, fix)) = standing.attention() {
        let from = time::shown(standing.from);
        let (code, what) = match standing.early {
            true => ("certificate_not_yet_valid", format!("begins on {from}, later than the clock says now")),
            false => ("certificate_due", format!("is due: it ends on {until}")),
        };
        report.attention("identity", code, format!("The console's certificate ({why}) {what}."), fix)
    } else {
        report.fine("identity", format!("The console's certificate ({why}) has its key and lasts until {until}."))
    };
    finding
        .number("not_after", seconds)
        .number("days_left", (seconds - clock::trusted(now).as_second()).div_euclid(DAY));
    if let Why::Csr(name) = &standing.why {
        finding.request(name);
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
        report.attention(
            "identity",
            "names_missing",
            format!("The console's certificate does not name {}.", missing.join(", ")),
            "Visit the console by a name that it has, or wait for its renewal; `signet recover identity` makes a new one now.",
        );
    }
}
