//! `ledger codes`: the sealed setup codes, opened with the label printer's key.

use super::{LEDGER, Reach, failed};
use crate::labels::PrivateKey;
use crate::messages::counted;
use crate::session::Use;
use signet::cli::error::CliError;
use signet::cli::how::How;
use signet::cli::output::{raw, tell};
use signet_app::json as print;
use signet_domain::secret::Secret;
use std::path::PathBuf;
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Options of `ledger codes`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet-factory ledger codes --labels-key labels.key >labels.jsonl")]
pub(super) struct Args {
    #[command(flatten)]
    reach: Reach,
    /// The private key (X25519, PEM) of which stations have the public half.
    #[arg(long, value_name = "FILE", help_heading = LEDGER)]
    labels_key: PathBuf,
    /// Delete the codes from the ledger once they are printed.
    #[arg(long, help_heading = LEDGER)]
    delete: bool,
}

pub(super) fn run(args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let key = PrivateKey::read(&args.labels_key)?;
    // This login may read the codes and nothing else, not even the ledger's version.
    let sessions = args.reach.sessions(Use::Bare, 0)?;
    let rows =
        sessions.run(|session| Ok(session.client.query("SELECT unit::text, sealed FROM signet.setup_code", &[])?));
    let (mut opened, mut others) = (Vec::new(), 0usize);
    for row in rows.map_err(failed)? {
        let (unit, sealed): (String, Vec<u8>) = (row.get(0), row.get(1));
        let Some(text) = key.open(&unit, &sealed) else {
            others += 1;
            continue;
        };
        raw(line(&text).as_bytes())?;
        opened.push(unit);
    }
    if others > 0 {
        let codes = counted(others, "setup code");
        tell(format_args!("warning: {codes} cannot be opened: sealed to another key, or damaged."));
    }
    if args.delete && !opened.is_empty() {
        let sql = "DELETE FROM signet.setup_code WHERE unit = ANY ($1::text[]::uuid[])";
        let count = sessions.run(|session| Ok(session.client.execute(sql, &[&opened])?)).map_err(failed)?;
        let codes = counted(usize::try_from(count).unwrap_or_default(), "setup code");
        how.advise(format_args!("Deleted {codes} from the ledger."));
    }
    Ok(ExitCode::SUCCESS)
}

/// What was sealed, as one line whatever it has: a station wrote it.
fn line(text: &Secret) -> Zeroizing<String> {
    let value: serde_json::Value = serde_json::from_slice(text.expose_secret()).unwrap_or_default();
    Zeroizing::new(format!("{}\n", print::to_string(&value)))
}
