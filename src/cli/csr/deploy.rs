//! `signet csr deploy`: the owner's word that other services of the device may have a CSR's certificate and key.

use super::{named, print};
use crate::cli::error::CliError;
use signet_app::App;
use signet_app::audit::Actor;

/// Options of `csr deploy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The CSR, which must be answered.
    name: String,
    /// Take the word back: the copies of the other services go.
    #[arg(long)]
    stop: bool,
}

/// Gives the word, or takes it back; root's side does the rest.
pub fn run(app: &App, args: &Args) -> Result<(), CliError> {
    let name = named(&args.name)?;
    if args.stop {
        app.stop_handing_over(&name, Actor::command_line())?;
        return print(
            format!("{name} is handed to no other service any more; their copies are taken away.\n").as_bytes(),
        );
    }
    app.hand_over(&name, Actor::command_line())?;
    let offer = app.offer(&name, &app.readable(&name)?.record)?;
    let mut text = format!("{name} is handed to other services by signet-deploy.service (`signet deploy` as root):\n");
    for service in offer.map(|offer| offer.services).unwrap_or_default() {
        let state = if service.has_it { ", has it already" } else { "" };
        text.push_str(&format!("  {}: {}{state}\n", service.name, service.live.display()));
    }
    print(text.as_bytes())
}
