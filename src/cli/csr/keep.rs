//! `signet csr rename|delete`.

use super::{named, print};
use crate::cli::error::CliError;
use signet_app::App;
use signet_app::audit::Actor;

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
pub fn rename(app: &App, args: &RenameArgs) -> Result<(), CliError> {
    let (old, new) = (named(&args.old)?, named(&args.new)?);
    app.rename(&old, &new, Actor::command_line())?;
    print(format!("Renamed {old} to {new}.\n").as_bytes())
}

/// Deletes.
pub fn delete(app: &App, args: &DeleteArgs) -> Result<(), CliError> {
    let name = named(&args.name)?;
    if !args.yes {
        return Err(CliError::Usage {
            what: "this deletes the request and the only copy of its private key",
            fix: "Say --yes if it shall really go.",
        });
    }
    app.delete(&name, Actor::command_line())?;
    print(format!("Deleted {name} and its private key.\n").as_bytes())
}
