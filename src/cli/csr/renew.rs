//! `signet csr renew|needs-renewal|expiry`: the same again when a certificate's end comes near.

use super::named;
use super::record::JsonRecord;
use crate::cli::error::CliError;
use crate::cli::output::{self, Text, raw, say, tell};
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::certificates::calendar;
use signet_app::requests::renewal::Purpose;
use signet_app::requests::renewal::due::{Due, Expiry};
use signet_domain::advice::advise;
use signet_domain::draft::Rules;
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
    /// Print what was made as JSON.
    #[arg(long)]
    json: bool,
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
    /// Print an iCalendar file: an event on the last day, with a reminder when it is due (see needs-renewal).
    #[arg(long)]
    ics: bool,
}

/// Renews.
pub fn renew(services: &Services, args: &RenewArgs) -> Result<(), CliError> {
    let given = named(&args.name)?;
    let old = if args.follow { services.catalog.lineage()?.in_force(&given) } else { given };
    let mut draft = services.renewals.draft(&old, Purpose::Renew { same_key: args.same_key })?;
    if let (Some(new), Some(name_and_type)) = (&args.new, draft.name_and_type.as_mut()) {
        name_and_type.name = named(new)?.to_string();
    }
    // The draft was made of answers to every step: none is missing.
    let finished = draft
        .finish(Rules { policy: &services.config.policy, ca: &CaReader })
        .map_err(|unfinished| CliError::Refused(unfinished.mistakes))?;
    let today = services.clock.today();
    let advice = advise(&finished.request, today);
    let key = finished.request.key.label();
    let made = services.requests.create(&finished, None, Actor::command_line())?;
    for advice in advice {
        tell(format_args!("advice: {}: {}", advice.field, advice.text));
    }
    if args.json {
        let row = services.catalog.csr(&made)?;
        return output::json(&JsonRecord::of(&row, services.clock.now(), &services.catalog.lineage()?));
    }
    let which = if args.same_key { format!("with the key of {old}") } else { format!("with a new key, {key}") };
    let path = services.store.path().join("csrs").join(format!("{made}.pem"));
    Text::new()
        .line(format_args!("Made {made} {which}: it renews {old}."))
        .line(super::lies_in(&path))
        .line(format_args!(
            "Next: fetch the request at /csrs/{made} of the console, or by `signet csr export {made}`, and send it to the CA."
        ))
        .print()
}

/// Tells whether it is due, by exit code and in a line.
pub fn needs_renewal(services: &Services, args: &NeedsRenewalArgs) -> Result<ExitCode, CliError> {
    let given = named(&args.name)?;
    let lineage = services.catalog.lineage()?;
    let name = if args.follow { lineage.in_force(&given) } else { given };
    let relatives = lineage.relatives(&services.catalog.readable(&name)?.record);
    let now = services.clock.now();
    let (code, told) = match services.renewals.due(&name, relatives, args.days)? {
        Due::Now(expiry) => (0, format!("due: {}", ends(&expiry, now))),
        Due::Later(expiry) => (1, format!("not due yet: {}", ends(&expiry, now))),
        Due::NotAnswered => (2, "not answered: there is no certificate yet".to_owned()),
        Due::Superseded(by) if by.answered => (3, format!("superseded: {} has replaced it", by.name)),
        Due::Superseded(by) => (3, format!("superseded: {} renews it and waits for the CA's answer", by.name)),
        Due::ClockUnknown(expiry) => {
            let at = expiry.validity.until();
            (4, format!("the clock is before this program's build date; certificate until {at}"))
        }
    };
    say(format_args!("{name}: {told}"))?;
    Ok(ExitCode::from(code))
}

/// Prints when the certificate ends.
pub fn expiry(services: &Services, args: &ExpiryArgs) -> Result<(), CliError> {
    let name: CsrName = named(&args.name)?;
    let content = services.catalog.readable(&name)?;
    let expiry = Expiry::of(&name, &content)?;
    let now = services.clock.now();
    if args.ics && !expiry.has_end() {
        return Err(CliError::Usage {
            what: "the certificate has no end, and so no day in a calendar",
            fix: "`signet csr show NAME` shows the certificate.",
        });
    }
    if args.ics {
        return raw(calendar::event(&name, &content, &expiry, now).as_bytes());
    }
    say(format_args!("{name}: {}", ends(&expiry, now)))
}

fn ends(expiry: &Expiry, now: jiff::Timestamp) -> String {
    if !expiry.has_end() {
        return "the certificate has no end".to_owned();
    }
    format!("certificate until {}, {}", expiry.validity.until(), expiry.validity.left(now))
}
