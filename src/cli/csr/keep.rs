//! `signet csr rename|delete`.

use super::named;
use crate::cli::error::CliError;
use crate::cli::output::say;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::requests::content::Row;

/// Options of `csr rename`.
#[derive(Debug, clap::Args)]
pub struct RenameArgs {
    /// The CSR's name.
    old: String,
    /// Its new name.
    new: String,
}

/// Options of `csr delete`.
#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// The CSR.
    name: String,
    /// Really delete the request and the only copy of its private key.
    #[arg(long)]
    yes: bool,
}

/// Renames.
pub fn rename(services: &Services, args: &RenameArgs) -> Result<(), CliError> {
    let (old, new) = (named(&args.old)?, named(&args.new)?);
    services.requests.rename(&old, &new, Actor::command_line())?;
    say(format_args!("Renamed {old} to {new}."))
}

/// Deletes.
pub fn delete(services: &Services, args: &DeleteArgs) -> Result<(), CliError> {
    let name = named(&args.name)?;
    services.catalog.may_change(&name)?;
    let damaged = matches!(services.catalog.csr(&name), Ok(Row { content: Err(_), .. }));
    if !args.yes && damaged {
        return Err(CliError::Usage {
            what: "this deletes a damaged file, which may hold the only copy of the private key",
            fix: "Keep a copy of it first (csrs/NAME.pem in the data directory); then run the command with --yes.",
        });
    }
    if !args.yes {
        return Err(CliError::Usage {
            what: "this deletes the request and the only copy of its private key",
            fix: "Say --yes if it shall really go.",
        });
    }
    services.requests.delete(&name, Actor::command_line())?;
    say(format_args!("Deleted {name} and its private key."))
}
