//! `signet ca add`, `change` and `delete`.

use super::named;
use super::show::Shown;
use crate::cli::as_owner::Files;
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::input::read;
use crate::cli::messages::{enrollment as say, usage};
use crate::cli::output::{Text, hint};
use crate::cli::secret_file::first_line;
use serde::Serialize;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::authorities::{EstGiven, Given, MAX_ROOTS};
use signet_domain::authority::{AuthorityAnswers, DnsAnswers, EstAnswers};
use signet_domain::name::CsrName;
use std::path::PathBuf;

/// What can be set.
#[derive(Debug, clap::Args)]
pub(super) struct Set {
    /// URL of the CA's ACME directory, or letsencrypt, or letsencrypt-staging.
    #[arg(long, value_name = "URL")]
    acme: Option<String>,
    /// PEM file with the roots that the CA's own web server must chain to; an empty file stands for the public roots
    /// [default: the public roots].
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Email address that the CA writes to; an empty one removes it.
    #[arg(long, value_name = "MAIL")]
    contact: Option<String>,
    /// Agree to the CA's terms, which `signet ca test` shows.
    #[arg(long, alias = "agree-tos")]
    agree_terms: bool,
    /// The CA's profile; an empty one is the CA's own choice.
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Common name of the root whose chain is preferred; an empty one is the CA's own choice.
    #[arg(long, value_name = "CN")]
    preferred_chain: Option<String>,
    /// Key identifier of an external account; an empty one removes the account.
    #[arg(long, value_name = "KID")]
    eab_kid: Option<String>,
    /// File with the external account's HMAC key (base64url) in its first line. - is standard input.
    #[arg(long, value_name = "FILE")]
    eab_key_file: Option<PathBuf>,
    /// Address of the CA's EST server, such as https://est.example.com.
    #[arg(long, value_name = "URL", conflicts_with_all = ["acme", "contact", "agree_terms", "profile", "preferred_chain", "eab_kid", "eab_key_file", "challenge", "dns_server", "dns_zone", "tsig_name", "tsig_secret_file", "tsig_algorithm", "dns_hook"])]
    est: Option<String>,
    /// Label of one of several CAs at the EST server; an empty one removes it.
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// User at the EST server.
    #[arg(long, value_name = "USER", conflicts_with = "client")]
    user: Option<String>,
    /// File with the user's password in its first line. - is standard input.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Request of this device whose certificate is for clients (CLIENT_AUTH). Its key and certificate are copied into this CA,
    /// and authenticate this device at the EST server.
    #[arg(long, value_name = "REQUEST")]
    client: Option<String>,
    /// How the CA checks names: http-01, tls-alpn-01 or dns-01. Repeatable; for each name the first that can prove it is
    /// used [default: http-01].
    #[arg(long, value_name = "KIND")]
    challenge: Vec<String>,
    /// For dns-01: address of the DNS server that takes updates (RFC 2136).
    #[arg(long, value_name = "ADDR[:PORT]")]
    dns_server: Option<String>,
    /// Zone that the records must be in [default: any of that server].
    #[arg(long, value_name = "ZONE")]
    dns_zone: Option<String>,
    /// Name of the TSIG key that signs the updates.
    #[arg(long, value_name = "NAME")]
    tsig_name: Option<String>,
    /// File with the TSIG key's secret (base64) in its first line. - is standard input.
    #[arg(long, value_name = "FILE")]
    tsig_secret_file: Option<PathBuf>,
    /// hmac-sha256, hmac-sha384 or hmac-sha512 [default: hmac-sha256].
    #[arg(long, value_name = "ALGORITHM")]
    tsig_algorithm: Option<String>,
    /// For dns-01: name of a program in root's /etc/signet/enroll.toml.
    #[arg(long, value_name = "HOOK")]
    dns_hook: Option<String>,
}

/// Options of `ca add`.
#[derive(Debug, clap::Args)]
#[command(after_help = ADD_EXAMPLES)]
pub struct AddArgs {
    /// Name of the CA: lower-case letters, digits, - and _.
    name: String,
    #[command(flatten)]
    pub(super) set: Set,
}

const ADD_EXAMPLES: &str = "\
Examples:
  signet ca add letsencrypt --acme letsencrypt --contact owner@example.com --agree-terms
  signet ca add company --acme https://ca.example.com/acme/directory --root company-root.pem
  signet ca add plant --est https://est.example.com --root plant-root.pem --client factory

  signet ca add wild --acme letsencrypt --agree-terms --challenge dns-01 --dns-hook provider";

/// Options of `ca change`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  signet ca change company --root company-root-2027.pem")]
pub struct ChangeArgs {
    /// Name of the CA.
    name: String,
    #[command(flatten)]
    pub(super) set: Set,
}

/// Options of `ca delete`.
#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// Name of the CA.
    name: String,
    /// Confirm it. Orders that are under way there are cancelled.
    #[arg(long)]
    yes: bool,
}

impl Set {
    /// The files that it names.
    pub(super) fn files(&self) -> Files {
        Files::default()
            .input(&self.root)
            .input(&self.eab_key_file)
            .input(&self.password_file)
            .input(&self.tsig_secret_file)
    }

    fn est(&self) -> Result<Option<EstGiven>, CliError> {
        let texts = [&self.est, &self.label, &self.user, &self.client];
        if texts.iter().all(|text| text.is_none()) && self.password_file.is_none() {
            return Ok(None);
        }
        Ok(Some(EstGiven {
            answers: EstAnswers {
                url: self.est.clone(),
                label: self.label.clone(),
                user: self.user.clone(),
                client: None,
            },
            password: self.password_file.as_deref().map(|path| first_line("password_file", path)).transpose()?,
            client: self.client.as_deref().map(CsrName::parse).transpose()?,
        }))
    }

    fn given(&self) -> Result<Given, CliError> {
        let roots = self.root.as_deref().map(|path| read("root", path, MAX_ROOTS as u64)).transpose()?;
        Ok(Given {
            answers: AuthorityAnswers {
                url: self.acme.clone(),
                contact: self.contact.clone(),
                agreed: self.agree_terms,
                eab_kid: self.eab_kid.clone(),
                profile: self.profile.clone(),
                preferred_chain: self.preferred_chain.clone(),
                challenges: self.challenge.clone(),
                dns: DnsAnswers {
                    server: self.dns_server.clone(),
                    zone: self.dns_zone.clone(),
                    tsig_name: self.tsig_name.clone(),
                    tsig_algorithm: self.tsig_algorithm.clone(),
                    hook: self.dns_hook.clone(),
                },
            },
            est: self.est()?,
            tsig_secret: self
                .tsig_secret_file
                .as_deref()
                .map(|path| first_line("tsig_secret_file", path))
                .transpose()?,
            eab_key: self.eab_key_file.as_deref().map(|path| first_line("eab_key_file", path)).transpose()?,
            roots: roots
                .map(|roots| if roots.iter().all(u8::is_ascii_whitespace) { Vec::new() } else { roots.to_vec() }),
        })
    }
}

#[derive(Serialize)]
struct Done {
    #[serde(flatten)]
    change: Change,
    #[serde(flatten)]
    ca: Shown,
}

#[derive(Serialize)]
struct Deleted {
    #[serde(flatten)]
    change: Change,
    name: String,
}

/// Adds an authority.
pub(super) fn add(services: &Services, args: &AddArgs, how: &How) -> Result<(), CliError> {
    let shown = services.authorities.add(&args.name, &args.set.given()?, Actor::command_line())?;
    let name = &shown.name;
    how.report(&Done { change: Change::done(true), ca: Shown::of(&shown) }, || {
        let mut text = Text::new();
        text.line(say::added(name.as_str(), &shown.settings.url));
        text.line(hint(say::add_hint(name.as_str())));
        text
    })
}

/// Changes an authority.
pub(super) fn change(services: &Services, args: &ChangeArgs, how: &How) -> Result<(), CliError> {
    let name = named(&args.name)?;
    let (shown, changed) = services.authorities.change(&name, &args.set.given()?, Actor::command_line())?;
    how.report(&Done { change: Change::done(changed), ca: Shown::of(&shown) }, || {
        let mut text = Text::new();
        text.line(say::changed(name.as_str(), changed));
        text
    })
}

/// Deletes an authority.
pub(super) fn delete(services: &Services, args: &DeleteArgs, how: &How) -> Result<(), CliError> {
    let name = named(&args.name)?;
    services.authorities.stored(&name)?;
    if !args.yes && services.authorities.users(&name)?.is_empty() {
        return Err(usage::DELETE_CA);
    }
    services.authorities.delete(&name, args.yes, Actor::command_line())?;
    how.report(&Deleted { change: Change::done(true), name: name.to_string() }, || {
        let mut text = Text::new();
        text.line(say::deleted(name.as_str()));
        text
    })
}
