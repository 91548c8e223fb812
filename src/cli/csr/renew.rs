//! `signet csr renew|needs-renewal|expiry`: the same again when a certificate's end comes near.

use super::create::would_make;
use super::record::Records;
use super::{current, named, stored};
use crate::cli::error::CliError;
use crate::cli::flags::flag_of;
use crate::cli::how::{Change, How};
use crate::cli::json;
use crate::cli::output::{Text, raw, say};
use serde::Serialize;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::certificates::calendar;
use signet_app::requests::renewal::Purpose;
use signet_app::requests::renewal::due::{Due, Expiry};
use signet_domain::advice::advise;
use signet_domain::draft::Rules;
use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;
use signet_pki::ca::CaReader;
use std::process::ExitCode;

/// Options of `csr renew`.
#[derive(Debug, clap::Args)]
pub struct RenewArgs {
    /// The CSR whose answers make the new one.
    name: String,
    /// The new CSR's name [default: NAME with the year behind it, and a number where that is taken].
    #[arg(long = "name", value_name = "NEW")]
    new: Option<String>,
    /// Sign with the key of NAME instead of making a new one: only where somebody has pinned the public key.
    #[arg(long)]
    same_key: bool,
    /// Where NAME was replaced by a CSR that the CA has answered, renew that one.
    #[arg(long)]
    follow: bool,
    /// Make another one also where a renewal waits for the CA already.
    #[arg(long)]
    again: bool,
    /// Check everything and say what would be made, and make nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Options of `csr needs-renewal`.
#[derive(Debug, clap::Args)]
#[command(after_help = NEEDS_RENEWAL_HELP)]
pub struct NeedsRenewalArgs {
    /// The CSR.
    name: String,
    /// How many days before the certificate's end it is due, 0 to 3650 [default: 30, or a third of a life under 45 days].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=3650))]
    days: Option<u16>,
    /// Where NAME was replaced by a CSR that the CA has answered, look at that one.
    #[arg(long)]
    follow: bool,
}

/// Stands in `--help` and in systemd/README.md.
const NEEDS_RENEWAL_HELP: &str = "\
Exit codes, as ExecCondition= of systemd.service(5) takes them (0 runs the unit, 1 to 254 skip it, 255 fails it):
  0    due: the certificate ends within N days, or has ended
  1    not due yet
  2    not answered: there is no certificate yet
  3    superseded: a CSR that renews it is there already
  4    the clock is before the build date of this program, and nothing is due by that date
  255  it could not be found out: no such CSR, a damaged one, a directory that cannot be read, wrong arguments
The reason is printed in one line.";

/// Exit code of `needs-renewal` for whatever keeps it from telling; also of arguments that cannot be read.
pub const CANNOT_TELL: u8 = 255;

/// Options of `csr expiry`.
#[derive(Debug, clap::Args)]
pub struct ExpiryArgs {
    /// The CSR.
    name: String,
    /// Where NAME was replaced by a CSR that the CA has answered, look at that one.
    #[arg(long)]
    follow: bool,
    /// Print an iCalendar file: an event on the last day, with a reminder when it is due (see needs-renewal).
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
    let today = services.clock.today();
    let advice = advise(&finished.request, &services.config.policy, today);
    let key = finished.request.key.label();
    let made = services.requests.create(&finished, None, Actor::command_line())?;
    for advice in advice {
        how.advise(format_args!("advice: {}: {}", flag_of(advice.field), advice.text));
    }
    let row = services.catalog.csr(&made)?;
    how.report(&Records::read(services)?.of(&row).with(Change::done(true)), || {
        let which = if args.same_key { format!("with the key of {old}") } else { format!("with a new key, {key}") };
        let path = services.store.path().join("csrs").join(format!("{made}.pem"));
        let mut text = Text::new();
        text.line(format_args!("Made {made} {which}: it renews {old}."))
            .line(super::lies_in(&path))
            .line(format_args!(
                "Next: fetch the request at /csrs/{made} of the console, or by `signet csr export {made}`, and send it to the CA."
            ));
        text
    })
}

/// Another request replaces it already and waits for its certificate.
fn already(services: &Services, old: &CsrName, open: &CsrName, args: &RenewArgs, how: &How) -> Result<(), CliError> {
    let row = services.catalog.csr(open)?;
    let record = Records::read(services)?.of(&row).with(Change::of(args.dry_run, false));
    how.report(&record, || {
        let mut text = Text::new();
        text.line(format_args!("{open} renews {old} already and waits for its certificate; nothing was done."));
        text.line("`--again` makes another one.");
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
    let (code, word, told) = match &due {
        Due::Now(expiry) => (0, "due", format!("due: {}", ends(expiry, now))),
        Due::Later(expiry) => (1, "later", format!("not due yet: {}", ends(expiry, now))),
        Due::NotAnswered => (2, "not_answered", "not answered: there is no certificate yet".to_owned()),
        Due::Superseded(by) if by.answered => (3, "superseded", format!("superseded: {} has replaced it", by.name)),
        Due::Superseded(by) => {
            (3, "superseded", format!("superseded: {} renews it and waits for the CA's answer", by.name))
        }
        Due::ClockUnknown(expiry) => {
            let at = expiry.validity.until();
            let told = format!("the clock is before this program's build date; certificate until {at}");
            (4, "clock_unknown", told)
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
        say(format_args!("{name}: {told}"))?;
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
        let what = "The certificate has no end, and so no day in a calendar.";
        return Err(Invalid::new("ics", what, "`signet csr show NAME` shows the certificate.").into());
    }
    if args.ics {
        return raw(calendar::event(&name, &content, &expiry, now).as_bytes());
    }
    if how.json {
        let expiry = JsonExpiry::of(&expiry, now);
        return json::print(&JsonEnd { name: name.to_string(), state: content.state(now), expiry });
    }
    say(format_args!("{name}: {}", ends(&expiry, now)))
}

fn ends(expiry: &Expiry, now: jiff::Timestamp) -> String {
    if !expiry.has_end() {
        return "the certificate has no end".to_owned();
    }
    format!("certificate until {}, {}", expiry.validity.until(), expiry.validity.left(now))
}
