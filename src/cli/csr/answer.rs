//! `signet csr answer`: what the CA sent finds its CSR, is checked, told and kept.

use super::record::JsonRecord;
use super::{named, read};
use crate::cli::error::CliError;
use crate::cli::output::{self, Text, tell};
use serde::Serialize;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::certificates::stored::chain_pem;
use signet_app::certificates::{Before, Proposal, word};
use signet_app::requests::content::Row;
use signet_app::validity::Validity;
use signet_domain::answer::Kind;
use signet_domain::name::CsrName;
use signet_domain::visible::{VALUE, bounded};
use std::path::PathBuf;

/// Options of `csr answer`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The CSR; without it the CSR is found by its key, and each one that has an answer in the file takes it: all or none.
    name: Option<String>,
    /// What the CA sent: PEM, DER or PKCS#7, the chain in any order, text around it; - for standard input.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// Check it and tell what would be kept, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print a JSON array, one element an answer.
    #[arg(long)]
    json: bool,
}

/// Bytes that are read: more than any answer may have, so that the refusal is the answer's own.
const MOST: u64 = 4 * 1024 * 1024;

/// Takes the answer.
pub fn run(services: &Services, args: &Args) -> Result<(), CliError> {
    let name = args.name.as_deref().map(named).transpose()?;
    let given = read(&args.certificate, MOST)?;
    let reading = services.certificates.read(&given, name.as_ref())?;
    if let Some(refusal) = reading.refusal() {
        return Err(CliError::Refused(refusal));
    }
    let proposals = reading.proposals;
    let names: Vec<CsrName> = proposals.iter().map(|proposal| proposal.csr.clone()).collect();
    let kept = match args.dry_run {
        true => Vec::new(),
        false => services.certificates.keep(&names, &given, Actor::command_line())?,
    };
    let lineage = services.catalog.lineage()?;
    let mut answers = Vec::new();
    for proposal in proposals {
        let kept = kept.iter().find(|kept| kept.proposal.csr == proposal.csr);
        let changed = kept.is_some_and(|kept| kept.changed);
        if args.json {
            let request = kept.map_or(&proposal.request, |kept| &kept.proposal.request);
            let row = Row { name: proposal.csr.clone(), content: Ok(request.clone()) };
            answers.push(json(&proposal, changed, JsonRecord::of(&row, services.clock.now(), &lineage)));
        } else {
            told(services, &proposal, changed, args.dry_run).print()?;
        }
        for advice in &proposal.advice {
            tell(format_args!("advice: {}: {}", advice.field, advice.text));
        }
    }
    for stranger in reading.strangers {
        tell(format_args!("advice: {}: {} {}", stranger.field, stranger.what, stranger.fix));
    }
    if args.json {
        return output::json(&answers);
    }
    Ok(())
}

/// What became of each field, and the chain.
fn told(services: &Services, proposal: &Proposal, changed: bool, dry_run: bool) -> Text {
    let now = services.clock.now();
    let (name, links) = (&proposal.csr, proposal.chain.certificates.as_slice());
    let head = match (changed, dry_run) {
        (true, _) => format!("Kept the certificate of {name}"),
        (false, true) => format!("Would keep the certificate of {name}"),
        (false, false) => format!("Already kept, nothing changed: the certificate of {name}"),
    };
    let mut text = Text::new();
    if let Some(leaf) = links.first() {
        let validity = Validity::of(leaf);
        text.line(format_args!(
            "{head}: by {} until {} ({}).",
            leaf.issuer_short,
            validity.until(),
            validity.left(now)
        ));
    }
    text.line("Asked and got:");
    let width = proposal.differences.iter().map(|one| one.field.chars().count()).max().unwrap_or(0);
    for one in &proposal.differences {
        let [asked, got] = [&one.asked, &one.got].map(|value| bounded(value, VALUE));
        let what = match one.kind {
            Kind::Same => got,
            Kind::Added => format!("{got} (added by the CA)"),
            Kind::Dropped => format!("{asked} (asked for, and dropped by the CA)"),
            Kind::Changed => format!("{got} (changed by the CA, asked: {asked})"),
        };
        text.line(format_args!("  {:width$}  {what}", one.field));
    }
    for (place, link) in links.iter().enumerate().skip(1) {
        text.line(format_args!("Chain {place}: {}", bounded(&link.subject, VALUE)));
    }
    if !proposal.others.is_empty() {
        let others: Vec<String> = proposal.others.iter().map(ToString::to_string).collect();
        text.line(format_args!("The same key has: {} (name one to answer it)", others.join(", ")));
    }
    if changed {
        text.line(format_args!("Next: `signet csr export {name} --chain` writes the certificate with its chain."));
    }
    text
}

#[derive(Serialize)]
struct JsonAnswer {
    /// True when something was written.
    changed: bool,
    /// `first`, `same`, `chain` or `other`: what the CSR held before.
    before: &'static str,
    differences: Vec<JsonDifference>,
    advice: Vec<String>,
    /// Other CSRs of the same key.
    others: Vec<String>,
    /// The certificates that are, or would be, kept: PEM.
    chain: Vec<String>,
    /// The CSR as it is now.
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

fn json(proposal: &Proposal, changed: bool, csr: JsonRecord) -> JsonAnswer {
    let differences = proposal.differences.iter().map(|one| JsonDifference {
        field: one.field.clone(),
        asked: one.asked.clone(),
        got: one.got.clone(),
        kind: word(one.kind),
    });
    JsonAnswer {
        changed,
        before: match proposal.before {
            Before::Nothing => "first",
            Before::Same => "same",
            Before::Chain => "chain",
            Before::Other { .. } => "other",
        },
        differences: differences.collect(),
        advice: proposal.advice.iter().map(|advice| advice.text.clone()).collect(),
        others: proposal.others.iter().map(ToString::to_string).collect(),
        chain: proposal.certificates().iter().map(|der| chain_pem(std::slice::from_ref(der))).collect(),
        csr,
    }
}
