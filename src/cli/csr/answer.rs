//! `signet csr add-certificate`: what the CA sent finds its request, is checked, compared with it and kept.
//!
//! Certificates that come together are kept all or not at all. Where one is refused, JSON says of each request why, or that
//! its certificate fits.

use super::record::{JsonRecord, Records};
use super::stored;
use crate::cli::error::{CliError, Told};
use crate::cli::how::{Change, How};
use crate::cli::input::read;
use crate::cli::json;
use crate::cli::messages::DRY_RUN;
use crate::cli::messages::certificates as say;
use crate::cli::output::{Text, failure, hint};
use jiff::Timestamp;
use serde::Serialize;
use signet_app::audit::Actor;
use signet_app::certificates::certified::Uploaded;
use signet_app::certificates::stored::chain_pem;
use signet_app::certificates::{Before, Proposal, Reading, word};
use signet_app::requests::content::Row;
use signet_app::validity::Validity;
use signet_app::{AppError, Services};
use signet_domain::answer::{Difference, Kind, lost};
use signet_domain::extensions::KeyUsageBit;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::visible::{VALUE, bounded};
use signet_pki::certified_key;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Options of `csr add-certificate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the request [default: all requests whose keys are in the file, or none if one is refused].
    name: Option<String>,
    /// What the CA sent: PEM, DER or PKCS#7, with the chain in any order. - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(super) certificate: PathBuf,
    /// Refuse a certificate that lacks a requested name or usage, or is older than the one that is kept.
    #[arg(long)]
    strict: bool,
    /// Check it and show what would be kept, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  signet csr add-certificate --certificate nas.crt --dry-run
  signet csr add-certificate --certificate nas.crt";

/// Bytes that are read: more than any file of a CA may have, so that the refusal is the certificate's own.
const MOST: u64 = 4 * 1024 * 1024;

/// Adds the certificates.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let name = args.name.as_deref().map(|name| stored(services, name)).transpose()?;
    let given = read("certificate", &args.certificate, MOST)?;
    let uploaded = match certified_key::is_pkcs12(&given) {
        // There is no passphrase to open it with: it is refused with the command that takes it.
        true => Uploaded::Answer,
        false => services.certified.uploaded(&given, None, None, Instant::now())?,
    };
    let given = uploaded.certificates().unwrap_or(&given);
    let mut reading = match services.certificates.read(given, name.as_ref()) {
        Err(AppError::Rejected(why)) => {
            let each = services.certificates.verdicts(given, name.as_ref(), &why)?;
            return refused(&each, &[], why, how);
        }
        reading => reading?,
    };
    reading.proposals.iter_mut().for_each(|proposal| proposal.advice.extend(uploaded.advice()));
    if args.strict {
        refuse_losses(&mut reading);
    }
    if let Some(refusal) = reading.refusal() {
        let fitting: Vec<&CsrName> = reading.proposals.iter().map(|one| &one.csr).collect();
        return refused(&reading.refused, &fitting, refusal, how);
    }
    let proposals = reading.proposals;
    let names: Vec<CsrName> = proposals.iter().map(|proposal| proposal.csr.clone()).collect();
    let kept = match args.dry_run {
        true => Vec::new(),
        false => services.certificates.keep(&names, given, Actor::command_line())?,
    };
    let records = Records::read(services)?;
    let strangers: Vec<Told> = reading.strangers.iter().map(Told::of).collect();
    let mut answers = Vec::new();
    for proposal in proposals {
        let kept = kept.iter().find(|kept| kept.proposal.csr == proposal.csr);
        let change = match args.dry_run {
            true => Change::would(proposal.before != Before::Same),
            false => Change::done(kept.is_some_and(|kept| kept.changed)),
        };
        if how.json {
            let request = kept.map_or(&proposal.request, |kept| &kept.proposal.request);
            let row = Row { name: proposal.csr.clone(), content: Ok(request.clone()) };
            answers.push(answer(&proposal, change, records.of(&row), strangers.clone()));
        } else {
            how.say(&told(services, &proposal, change, args.dry_run))?;
        }
        for advice in &proposal.advice {
            how.advise_on(advice.field, &advice.text);
        }
    }
    for stranger in reading.strangers {
        how.advise_on(stranger.field, &format!("{} {}", stranger.what, stranger.fix));
    }
    if how.json {
        json::print_all(&answers)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Moves what `--strict` does not take to what is refused.
fn refuse_losses(reading: &mut Reading) {
    let (fitting, refused): (Vec<_>, Vec<_>) =
        std::mem::take(&mut reading.proposals).into_iter().partition(|proposal| losses(proposal).is_empty());
    reading.proposals = fitting;
    reading.refused.extend(refused.into_iter().map(|proposal| (proposal.csr.clone(), losses(&proposal))));
}

fn losses(proposal: &Proposal) -> Mistakes {
    let mut mistakes = Mistakes::none();
    for one in lost(&proposal.differences) {
        mistakes.add(say::lacks(&bounded(&one.asked, VALUE), &one.field));
    }
    if let Before::Other { issuer, until, newer: true } = &proposal.before {
        mistakes.add(say::older(&bounded(issuer, VALUE), until));
    }
    mistakes
}

/// What is refused, with the request that it was for.
#[derive(Serialize)]
struct Refused {
    request: String,
    #[serde(flatten)]
    why: Told,
}

#[derive(Serialize)]
struct JsonRefusal {
    changed: bool,
    error: Told,
    /// Requests whose certificate cannot be kept.
    refused: Vec<Refused>,
    /// Requests whose certificate fits, and was not kept because of the others.
    fitting: Vec<String>,
}

fn refused(
    each: &[(CsrName, Mistakes)],
    fitting: &[&CsrName],
    refusal: Mistakes,
    how: &How,
) -> Result<ExitCode, CliError> {
    let all = CliError::Refused(refusal);
    failure(&all);
    if let Some(error) = all.told().into_iter().next().filter(|_| how.json) {
        let each = each.iter().flat_map(|(name, why)| why.iter().map(move |one| (name, one)));
        let refused = each.map(|(name, one)| Refused { request: name.to_string(), why: Told::of(one) }).collect();
        let fitting = fitting.iter().map(ToString::to_string).collect();
        json::print(&JsonRefusal { changed: false, error, refused, fitting })?;
    }
    Ok(ExitCode::from(all.code()))
}

/// What became of each field, and the chain.
fn told(services: &Services, proposal: &Proposal, change: Change, dry_run: bool) -> Text {
    let now = services.clock.now();
    let (name, links) = (&proposal.csr, proposal.chain.certificates.as_slice());
    let head = change.told(say::ADDED, say::WOULD_ADD, say::SAME);
    let mut text = Text::new();
    if let Some(leaf) = links.first() {
        let validity = Validity::of(leaf);
        let (until, left) = (validity.until(), validity.left(now));
        let until = (validity.ends != Timestamp::MAX).then_some((until.as_str(), left.as_str()));
        text.line(say::added(head, name, &leaf.issuer_short, until));
    }
    if let Before::Other { issuer, until, .. } = &proposal.before {
        text.line(say::replaces(&bounded(issuer, VALUE), until, dry_run));
    }
    text.line(say::COMPARED);
    let width = proposal.differences.iter().map(|one| one.field.chars().count()).max().unwrap_or(0);
    for one in &proposal.differences {
        let [asked, got] = [&one.asked, &one.got].map(|value| bounded(value, VALUE));
        let what = match one.kind {
            Kind::Same => got,
            Kind::Added => say::not_requested(&got),
            Kind::Dropped => say::not_issued(&asked),
            Kind::Changed => say::issued_differently(&got, &asked),
        };
        text.line(format_args!("  {:width$}  {what}", one.field));
    }
    for (place, link) in links.iter().enumerate().skip(1) {
        text.line(format_args!("Chain {place}: {}", bounded(&link.subject, VALUE)));
    }
    if !proposal.others.is_empty() {
        let others: Vec<String> = proposal.others.iter().map(ToString::to_string).collect();
        text.line(format_args!("Other requests with the same key: {}", others.join(", ")));
    }
    if dry_run {
        text.line(DRY_RUN);
    } else if change == Change::done(true) {
        text.line(hint(say::export(name)));
    }
    text
}

#[derive(Serialize)]
struct JsonAnswer {
    #[serde(flatten)]
    change: Change,
    /// `first`, `same`, `chain` or `other`: what the request held before.
    before: &'static str,
    differences: Vec<JsonDifference>,
    advice: Vec<String>,
    /// Other requests of the same key.
    others: Vec<String>,
    /// The certificates that are, or would be, kept: PEM.
    chain: Vec<String>,
    /// Certificates of the file that belong to no request of this device.
    strangers: Vec<Told>,
    /// The request as it is now.
    csr: JsonRecord,
}

#[derive(Serialize)]
struct JsonDifference {
    field: String,
    asked: String,
    got: String,
    /// `same`, `added`, `dropped` or `changed`.
    kind: &'static str,
}

impl JsonDifference {
    fn of(one: &Difference) -> Self {
        let field = one.name();
        // The words of pages become values that the command line takes.
        let value = |text: &str| {
            let bit = || KeyUsageBit::ALL.into_iter().find(|bit| bit.label() == text).map(KeyUsageBit::value);
            let days = || text.split(' ').next().filter(|days| days.parse::<u32>().is_ok());
            let named = match field.as_str() {
                "ku" => bit(),
                "lifetime" => days(),
                _ => None,
            };
            named.unwrap_or(text).to_owned()
        };
        Self { asked: value(&one.asked), got: value(&one.got), kind: word(one.kind), field }
    }
}

fn answer(proposal: &Proposal, change: Change, csr: JsonRecord, strangers: Vec<Told>) -> JsonAnswer {
    JsonAnswer {
        change,
        before: match proposal.before {
            Before::Nothing => "first",
            Before::Same => "same",
            Before::Chain => "chain",
            Before::Other { .. } => "other",
        },
        differences: proposal.differences.iter().map(JsonDifference::of).collect(),
        advice: proposal.advice.iter().map(|advice| advice.text.clone()).collect(),
        others: proposal.others.iter().map(ToString::to_string).collect(),
        chain: proposal.certificates().iter().map(|der| chain_pem(std::slice::from_ref(der))).collect(),
        strangers,
        csr,
    }
}
