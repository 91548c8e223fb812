//! What monitoring wants to know, in the text format of Prometheus: expiry, states, the running console, clock and space.
//!
//! Only numbers that are read here and now; thresholds are whoever reads them's to choose.

use crate::Failure;
use crate::clock::Clock;
use crate::console::served;
use crate::requests::catalog::Catalog;
use crate::requests::content::{Content, Row};
use crate::requests::lineage::Lineage;
use crate::uses::{User, Uses};
use crate::validity::clock_is_unknown;
use jiff::Timestamp;
use signet_store::Store;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::path::Path;

/// All states of a request, in the order of docs/reference.md.
const STATES: [&str; 6] = ["ready", "answered", "due", "expired", "damaged", "unreadable"];

/// The text. `list` is the list of services.
pub fn text(store: &Store, list: &Path, clock: Clock) -> Result<String, Failure> {
    let now = clock.now();
    let mut metrics = Metrics(String::new());
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    metrics.gauge("signet_build_info", "The version of Signet.", [(version, 1)]);
    requests(&mut metrics, store, list, clock)?;
    console(&mut metrics, store)?;
    metrics.one("signet_clock_timestamp_seconds", "The device's clock.", now.as_second());
    metrics.one(
        "signet_clock_trusted",
        "Whether the clock is later than the program's build date (0 or 1).",
        i64::from(!clock_is_unknown(now)),
    );
    if let Ok(space) = store.space() {
        metrics.one("signet_data_free_bytes", "Free space of the data directory's file system.", space.free);
        metrics.one("signet_data_size_bytes", "Size of the data directory's file system.", space.total);
        if let Some(inodes) = space.free_inodes {
            metrics.one("signet_data_free_inodes", "Free inodes of the data directory's file system.", inodes);
        }
    }
    let writable = i64::from(store.may_write().is_ok());
    metrics.one("signet_data_writable", "Whether the data directory can be written to (0 or 1).", writable);
    Ok(metrics.0)
}

/// The certificate of a request.
struct Certified {
    labels: String,
    begins: Timestamp,
    ends: Timestamp,
    users: Vec<&'static str>,
}

fn requests(metrics: &mut Metrics, store: &Store, list: &Path, clock: Clock) -> Result<(), Failure> {
    let (now, uses, lineage) = (clock.now(), Uses::of(store, list), Lineage::read(store)?);
    let mut states: BTreeMap<&str, u64> = STATES.iter().map(|state| (*state, 0)).collect();
    let mut certified = Vec::new();
    let mut last: Option<Timestamp> = None;
    Catalog::new(store.clone(), clock).each(|Row { name, content }| {
        let state = content.as_ref().map_or_else(|why| why.state(), |content| content.state(now));
        *states.entry(state).or_default() += 1;
        let Ok(content) = content else { return };
        last = last.max(content.record.answered);
        let Some(validity) = content.validity() else { return };
        certified.push(Certified {
            labels: format!("request=\"{name}\",replaced=\"{}\"", lineage.is_replaced(&content.record)),
            begins: validity.begins,
            ends: validity.ends,
            users: users(&uses, &content),
        });
    })?;
    let states = STATES.map(|state| (format!("state=\"{state}\""), states.get(state).copied().unwrap_or_default()));
    metrics.gauge("signet_requests", "How many requests there are, by state.", states);
    let each = |value: fn(&Certified) -> i64| certified.iter().map(move |one| (one.labels.clone(), value(one)));
    metrics.gauge(
        "signet_certificate_not_before_timestamp_seconds",
        "When the certificate of a request becomes valid.",
        each(|one| one.begins.as_second()),
    );
    metrics.gauge(
        "signet_certificate_not_after_timestamp_seconds",
        "When the certificate of a request expires.",
        each(|one| one.ends.as_second()),
    );
    let used = certified.iter().flat_map(|one| {
        let label = |user: &&str| (format!("{},by=\"{user}\"", one.labels), 1);
        one.users.iter().map(label).collect::<Vec<_>>()
    });
    metrics.gauge("signet_certificate_in_use", "What uses the certificate of a request.", used);
    if let Some(last) = last {
        let help = "When a certificate was last added.";
        metrics.one("signet_last_enrollment_timestamp_seconds", help, last.as_second());
    }
    Ok(())
}

/// The console, and services without their names: a name is the integrator's own text.
fn users(uses: &Uses, content: &Content) -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = Vec::new();
    for user in uses.of_request(content) {
        let kind = match user {
            User::Console => "console",
            User::Service { .. } => "service",
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

fn console(metrics: &mut Metrics, store: &Store) -> Result<(), Failure> {
    let leaf = store.identity().ok().flatten().and_then(|identity| identity.chain.into_iter().next());
    let on_disk = leaf.as_deref().and_then(|leaf| signet_pki::identity::not_after(leaf).ok());
    let running = served::running(store)?;
    let help = "Whether a console serves the data directory (0 or 1).";
    metrics.one("signet_console_running", help, i64::from(running != served::Running::Stopped));
    let fingerprint = leaf.as_deref().map(|leaf| signet_domain::hex::lower(&signet_pki::identity::cert_sha256(leaf)));
    if let Some(pending) = fingerprint.and_then(|fingerprint| running.reload_pending(&fingerprint)) {
        let help = "Whether the running console shows another certificate than the one on disk (0 or 1).";
        metrics.one("signet_console_reload_pending", help, i64::from(pending));
    }
    if let Some(served) = running.served() {
        let help = "Whether the running console has a certificate on trial (0 or 1).";
        metrics.one("signet_console_trial", help, i64::from(served.trial));
    }
    let ends = |source: &str, at: Option<Timestamp>| Some((format!("source=\"{source}\""), at?.as_second()));
    let both = [ends("disk", on_disk), ends("served", running.served().map(|served| served.not_after))];
    metrics.gauge(
        "signet_console_certificate_not_after_timestamp_seconds",
        "When the console's certificate expires: the one on disk, and the one that the running console shows.",
        both.into_iter().flatten(),
    );
    Ok(())
}

/// Text that grows by families of samples.
struct Metrics(String);

impl Metrics {
    fn one(&mut self, name: &str, help: &str, value: impl Display) {
        self.gauge(name, help, [(String::new(), value)]);
    }

    /// A family; none where it has no sample. Labels are names of requests and words of ours: nothing in them is escaped.
    fn gauge<V: Display>(&mut self, name: &str, help: &str, samples: impl IntoIterator<Item = (String, V)>) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        // Writing to a String does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }
}
