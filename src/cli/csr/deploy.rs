//! `signet csr deploy`: the owner's word that other services of the device may have a CSR's certificate and key.

use super::named;
use crate::cli::error::CliError;
use crate::cli::output::{Text, say};
use signet_app::Services;
use signet_app::audit::Actor;
use signet_domain::visible;

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
pub fn run(services: &Services, args: &Args) -> Result<(), CliError> {
    let name = named(&args.name)?;
    if args.stop {
        services.deploy.stop_handing_over(&name, Actor::command_line())?;
        return say(format_args!("{name} is handed to no other service any more; their copies are taken away."));
    }
    services.deploy.hand_over(&name, Actor::command_line())?;
    let offer = services.deploy.offer(&name, &services.catalog.readable(&name)?.record)?;
    let mut text = Text::new();
    text.line(format_args!("{name} is handed to other services by signet-deploy.service (`signet deploy` as root):"));
    for service in offer.map(|offer| offer.services).unwrap_or_default() {
        let state = if service.has_it { ", has it already" } else { "" };
        text.line(format_args!("  {}: {}{state}", service.name, visible::path(&service.live)));
    }
    text.print()
}
