//! `signet owner ticket`: a link that logs the owner in once, made by root.
//!
//! Where the data directory is another user's, a process of that user records it, and never learns of the token: this one, which
//! stays root, makes the ticket and prints the link.

use super::link;
use crate::cli::as_owner::{Half, halves};
use crate::cli::caller;
use crate::cli::error::CliError;
use crate::cli::how::Change;
use crate::cli::messages::owner::KEYS_BESIDE_OTHER_PAGES;
use crate::cli::output::{Text, say, tell};
use crate::cli::{Directory, Place, json};
use serde::Serialize;
use signet_app::Failure;
use signet_app::audit::Actor;
use signet_app::clock::Clock;
use signet_app::config::SYSTEM_CONFIG;
use signet_app::console::served::{Served, running};
use signet_app::tickets::{self, LIFE, Wish};
use signet_store::{Store, StoreError};
use std::net::IpAddr;
use std::path::Path;
use std::process::ExitCode;

/// Options of `owner ticket`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet owner ticket --url https://nas.example.org --for 192.0.2.7")]
pub struct Args {
    /// Where browsers reach the console, as https://HOST[:PORT][/PATH] [default: this device's name and the console's own HTTPS port;
    /// without such a port, public_url of root's configuration].
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Let only this address use the link [default: any].
    #[arg(long, value_name = "ADDRESS")]
    r#for: Option<IpAddr>,
    /// Let private keys leave in this session without the owner's password.
    #[arg(long)]
    allow_key_export: bool,
    /// Check everything, and make nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Serialize)]
struct Made<'a> {
    #[serde(flatten)]
    change: Change,
    /// Not with --dry-run.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    /// By the device's clock.
    valid_until: String,
    address: Option<String>,
    key_export: bool,
}

/// Makes a ticket.
pub fn run(place: &Place, args: &Args) -> Result<ExitCode, CliError> {
    let wish = Wish { address: args.r#for, key_export: args.allow_key_export };
    let url = args.url.as_deref().map(link::checked).transpose()?;
    // Before the owner's half, which records that a link is made.
    let url = if url.is_none() && caller::is_process_of_root() { Some(found(place)?) } else { url };
    match halves(place.data())? {
        Half::NotRoot => return Err(CliError::NotRoot { what: "only root can make a login link" }),
        Half::Failed(code) => return Ok(code),
        Half::Owners => return record(place, args, &wish).map(|()| ExitCode::SUCCESS),
        Half::Both => record(place, args, &wish)?,
        Half::Roots => {}
    }
    let store =
        Store::open_read_only(place.data())?.ok_or(StoreError::NoDirectory { path: place.data().to_owned() })?;
    let (generation, served) = serving(&store)?;
    let url = url.ok_or(NO_URL)?;
    if wish.key_export && link::has_path(&url) {
        tell(KEYS_BESIDE_OTHER_PAGES);
    }
    let valid_until = Clock::System.now().saturating_add(LIFE).unwrap_or_default();
    let token = match args.dry_run {
        true => None,
        false => Some(tickets::make(&wish, generation, &served.instance)?),
    };
    let link = token.map(|token| link::with_token(&url, &token));
    report(place, args, &wish, link.as_ref().map(|link| link.as_str()), &valid_until.to_string())?;
    Ok(ExitCode::SUCCESS)
}

const NO_URL: CliError = CliError::Usage {
    what: "where browsers reach the console is not known: it serves no HTTPS itself, and root's configuration has no public_url",
    fix: "Name the address, for example --url https://nas.example.com/certificates.",
};

/// Where browsers reach the console: at its own port, else where the configuration of root says. In the data directory's
/// configuration the console's user could name an address of theirs.
fn found(place: &Place) -> Result<String, CliError> {
    let store =
        Store::open_read_only(place.data())?.ok_or(StoreError::NoDirectory { path: place.data().to_owned() })?;
    let (_, served) = serving(&store)?;
    let config = std::path::absolute(place.named_config().unwrap_or(Path::new(SYSTEM_CONFIG))).map_err(CliError::Os)?;
    link::guessed(&served.listen).or_else(|| tickets::public_url(&config)).ok_or(NO_URL)
}

/// The owner's half: whether there is an owner and a console, and the line in the log.
fn record(place: &Place, args: &Args, wish: &Wish) -> Result<(), CliError> {
    let services = place.services("signet owner ticket", Directory::Existing)?;
    serving(&services.store)?;
    if !args.dry_run {
        services.tickets.record(wish, Actor::command_line())?;
    }
    Ok(())
}

/// The owner's generation, and the console that serves.
fn serving(store: &Store) -> Result<(u64, Served), CliError> {
    let owner = store.owner()?.ok_or(Failure::NoOwner)?;
    let served = running(store)?.served().filter(|served| !served.instance.is_empty()).cloned();
    Ok((owner.generation, served.ok_or(Failure::NoConsole)?))
}

fn report(place: &Place, args: &Args, wish: &Wish, link: Option<&str>, until: &str) -> Result<(), CliError> {
    let change = Change::of(args.dry_run, true);
    let address = wish.address.map(|address| address.to_string());
    if place.how.json {
        let (address, key_export) = (address, wish.key_export);
        return json::print(&Made { change, link, valid_until: until.to_owned(), address, key_export });
    }
    match link {
        Some(link) if place.how.quiet => say(link),
        None if place.how.quiet => Ok(()),
        link => {
            let mut text = Text::new();
            text.line(format_args!("Link:   {}", link.unwrap_or("would be made")));
            let from = address.map(|address| format!(", from {address}")).unwrap_or_default();
            text.line(format_args!("Valid:  once, until {until}{from}"));
            if wish.key_export {
                text.line("Keys:   leave without the password in this session");
            }
            if args.dry_run {
                text.line("Nothing was made (--dry-run).");
            }
            text.print()
        }
    }
}
