//! `signet csr renew|needs-renewal|expiry`: the same again when a certificate's end comes near.

use super::create::would_make;
use super::record::{Records, adviser};
use super::{current, named, stored};
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::json;
use crate::cli::messages::requests as messages;
use crate::cli::output::{Text, hint, raw, say};
use serde::Serialize;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::certificates::calendar;
use signet_app::requests::renewal::Purpose;
use signet_app::requests::renewal::due::{Due, Expiry};
use signet_domain::draft::Rules;
use signet_domain::name::CsrName;
use signet_pki::ca::CaReader;
use std::process::ExitCode;

/// Options of `csr renew`.
#[derive(Debug, clap::Args)]
pub struct RenewArgs {
    /// Name of the request to renew.
    name: String,
    /// Name of the new request [default: NAME-YEAR, with a number if that exists].
    #[arg(long = "name", value_name = "NEW")]
    new: Option<String>,
    /// Keep the key of NAME instead of making a new one. Only for clients that have pinned the public key.
    #[arg(long)]
    same_key: bool,
    /// If NAME was replaced, renew the request in use that replaced it.
    #[arg(long)]
    follow: bool,
    /// Create another one even if a renewal is waiting for the CA.
    #[arg(long)]
    again: bool,
    /// Check everything and show what would be created, and create nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Options of `csr needs-renewal`.
#[derive(Debug, clap::Args)]
#[command(after_help = NEEDS_RENEWAL_HELP)]
pub struct NeedsRenewalArgs {
    /// Name of the request.
    name: String,
    /// Due this many days before the certificate expires, 0 to 3650 [default: 30, or a third of a validity under 45 days].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=3650))]
    days: Option<u16>,
    /// If NAME was replaced, check the request in use that replaced it.
    #[arg(long)]
    follow: bool,
}

/// Is in `--help` and in systemd/README.md.
const NEEDS_RENEWAL_HELP: &str = "\
Exit codes, for ExecCondition= of systemd.service(5), where 0 runs the unit, 1 to 254 skip it and 255 fails it:
  0    due: the certificate expires within that time, or has expired
  1    not due yet
  2    there is no certificate yet
  3    already renewed: another request replaces it
  4    the clock is before the build date of this program, and nothing is due by that date
  255  any failure: no such request, a damaged one, an unreadable directory, a wrong command line
The reason is printed in one line.";

/// Exit code of `needs-renewal` for whatever keeps it from telling; also of arguments that cannot be read.
pub const CANNOT_TELL: u8 = 255;

/// Options of `csr expiry`.
#[derive(Debug, clap::Args)]
pub struct ExpiryArgs {
    /// Name of the request.
    name: String,
    /// If NAME was replaced by a request that has a certificate, use that one.
    #[arg(long)]
    follow: bool,
    /// Print an iCalendar file: the last day, with a reminder when the certificate is due to be renewed.
    #[arg(long, conflicts_with = "json")]
    ics: bool,
}

/// Renews. While a renewal waits for the CA, that is the one.
pub fn renew(services: &Services, args: &RenewArgs, how: &How) -> Result<(), CliError> {
    let given = stored(services, &args.name)?;
    let lineage = services.catalog.lineage()?;
    let old = if args.follow { lineage.in_force(&given) } else { given };
    let successor = lineage.relatives(&services.catalog.readable(&old)?.record).superseded_by;
    let new = args.new.as_deref().map(named).transpose()?;
    if let Some(open) = successor.filter(|successor| !successor.answered && !args.again) {
        return already(services, &old, &open.name, args, how);
    }
    let mut draft = services.renewals.draft(&old, Purpose::Renew { same_key: args.same_key })?;
    if let (Some(new), Some(name_and_type)) = (new, draft.name_and_type.as_mut()) {
        name_and_type.name = new.to_string();
    }
    // The draft was made of answers to every step: none is missing.
    let finished = draft
        .finish(Rules { policy: &services.config.policy, ca: &CaReader })
        .map_err(|unfinished| CliError::Refused(unfinished.mistakes))?;
    if args.dry_run {
        return would_make(services, &finished, how);
    }
    let advice = adviser(services).of_new(&finished.request);
    let key = finished.request.key.kind().label();
    let made = services.requests.create(&finished, None, Actor::command_line())?;
    for advice in advice {
        how.advise_on(advice.field, &advice.text);
    }
    let row = services.catalog.csr(&made)?;
    how.report(&Records::read(services)?.of(&row).with(Change::done(true)), || {
        let path = services.store.path().join("csrs").join(format!("{made}.pem"));
        let mut text = Text::new();
        text.line(messages::renewed(&made, &old, (!args.same_key).then_some(key.as_str())))
            .line(super::lies_in(&path))
            .line(hint(messages::send_renewal(&made)));
        text
    })
}

/// Another request replaces it already and waits for its certificate.
fn already(services: &Services, old: &CsrName, open: &CsrName, args: &RenewArgs, how: &How) -> Result<(), CliError> {
    let row = services.catalog.csr(open)?;
    let record = Records::read(services)?.of(&row).with(Change::of(args.dry_run, false));
    how.report(&record, || {
        let mut text = Text::new();
        text.line(messages::renews_already(open, old));
        text.line(messages::AGAIN);
        text
    })
}

/// Whether a request is due, for programs.
#[derive(Serialize)]
struct JsonDue {
    name: String,
    /// `due`, `later`, `not_answered`, `superseded` or `clock_unknown`.
    due: &'static str,
    /// As the exit code.
    code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    expiry: Option<JsonExpiry>,
}

/// When a certificate expires, for programs.
#[derive(Serialize)]
struct JsonExpiry {
    not_before: String,
    /// Null for a certificate that never expires.
    not_after: Option<String>,
    /// Whole days; negative once it has expired, null where it never does.
    days_left: Option<i64>,
    serial: String,
    issuer: String,
}

impl JsonExpiry {
    fn of(expiry: &Expiry, now: jiff::Timestamp) -> Self {
        let has_end = expiry.has_end();
        Self {
            not_before: expiry.validity.begins.to_string(),
            not_after: has_end.then(|| expiry.validity.ends.to_string()),
            days_left: has_end.then(|| expiry.validity.standing(now).days_left),
            serial: expiry.serial.clone(),
            issuer: expiry.issuer.clone(),
        }
    }
}

/// Tells whether it is due, by exit code and in a line.
pub fn needs_renewal(services: &Services, args: &NeedsRenewalArgs, how: &How) -> Result<ExitCode, CliError> {
    let given = stored(services, &args.name)?;
    let lineage = services.catalog.lineage()?;
    let name = if args.follow { lineage.in_force(&given) } else { given };
    let relatives = lineage.relatives(&services.catalog.readable(&name)?.record);
    let now = services.clock.now();
    let due = services.renewals.due(&name, relatives, args.days)?;
    let (code, word, status) = match &due {
        Due::Now(expiry) => (0, "due", format!("due: {}", ends(expiry, now))),
        Due::Later(expiry) => (1, "later", format!("not due yet: {}", ends(expiry, now))),
        Due::NotAnswered => (2, "not_answered", "there is no certificate yet".to_owned()),
        Due::Superseded(by) if by.answered => (3, "superseded", format!("replaced by {}", by.name)),
        Due::Superseded(by) => (3, "superseded", format!("already renewed: {} waits for the CA", by.name)),
        Due::ClockUnknown(expiry) => {
            let at = expiry.validity.until();
            let status = format!("the clock is before this program's build date; the certificate is valid until {at}");
            (4, "clock_unknown", status)
        }
    };
    if how.json {
        let (superseded_by, expiry) = match &due {
            Due::Now(expiry) | Due::Later(expiry) | Due::ClockUnknown(expiry) => (None, Some(expiry)),
            Due::Superseded(by) => (Some(by.name.to_string()), None),
            Due::NotAnswered => (None, None),
        };
        let expiry = expiry.map(|expiry| JsonExpiry::of(expiry, now));
        json::print(&JsonDue { name: name.to_string(), due: word, code, superseded_by, expiry })?;
    } else if !how.quiet {
        say(format_args!("{name}: {status}"))?;
    }
    Ok(ExitCode::from(code))
}

#[derive(Serialize)]
struct JsonEnd {
    name: String,
    state: &'static str,
    #[serde(flatten)]
    expiry: JsonExpiry,
}

/// Prints when the certificate expires.
pub fn expiry(services: &Services, args: &ExpiryArgs, how: &How) -> Result<(), CliError> {
    let name = if args.follow { current(services, &args.name)? } else { stored(services, &args.name)? };
    let content = services.catalog.readable(&name)?;
    let expiry = Expiry::of(&name, &content)?;
    let now = services.clock.now();
    if args.ics && !expiry.has_end() {
        return Err(messages::no_expiry().into());
    }
    if args.ics {
        return raw(calendar::event(&name, &content, &expiry, now, services.config.product()).as_bytes());
    }
    if how.json {
        let expiry = JsonExpiry::of(&expiry, now);
        return json::print(&JsonEnd { name: name.to_string(), state: content.state(now), expiry });
    }
    say(format_args!("{name}: {}", ends(&expiry, now)))
}

fn ends(expiry: &Expiry, now: jiff::Timestamp) -> String {
    if !expiry.has_end() {
        return "the certificate does not expire".to_owned();
    }
    format!("certificate valid until {}, {}", expiry.validity.until(), expiry.validity.left(now))
}
