//! `signet ca list` and `show`.

use crate::cli::error::CliError;
use crate::cli::how::How;
use crate::cli::json;
use crate::cli::messages::enrollment as say;
use crate::cli::output::{Text, hint};
use serde::Serialize;
use signet_app::Services;
use signet_app::authorities;
use signet_domain::authority::{AuthorityName, DnsWay};
use signet_domain::visible::line;

/// An authority as JSON has it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    name: String,
    url: String,
    /// `public`, `own-ca` or `est`: which rules hold.
    kind: &'static str,
    /// Of several CAs at an EST server.
    label: Option<String>,
    /// At an EST server.
    user: Option<String>,
    /// The request whose certificate authenticates this device there.
    client: Option<String>,
    contact: Option<String>,
    terms_agreed: bool,
    eab_kid: Option<String>,
    profile: Option<String>,
    preferred_chain: Option<String>,
    challenges: Vec<&'static str>,
    /// `ADDRESS:PORT`; none where dns-01 is not set up, or by a hook.
    dns_server: Option<String>,
    dns_zone: Option<String>,
    tsig_name: Option<String>,
    tsig_algorithm: Option<&'static str>,
    dns_hook: Option<String>,
    /// Common names of its own roots; empty for the public ones.
    roots: Vec<String>,
    /// Requests with an order under way there.
    requests: Vec<String>,
}

impl Shown {
    pub(super) fn of(shown: &authorities::Shown) -> Self {
        let settings = &shown.settings;
        let (server, hook) = match &settings.dns {
            Some(DnsWay::Update(server)) => (Some(server), None),
            Some(DnsWay::Hook(hook)) => (None, Some(hook)),
            None => (None, None),
        };
        Self {
            name: shown.name.to_string(),
            url: settings.url.clone(),
            kind: settings.kind().word(),
            label: settings.est.as_ref().and_then(|est| est.label.clone()),
            user: settings.est.as_ref().and_then(|est| est.user.clone()),
            client: shown.client.clone(),
            contact: settings.contact.clone(),
            terms_agreed: settings.agreed,
            eab_kid: settings.eab_kid.clone(),
            profile: settings.profile.clone(),
            preferred_chain: settings.preferred_chain.clone(),
            challenges: settings.challenges.iter().map(|kind| kind.word()).collect(),
            dns_server: server.map(|server| server.address.to_string()),
            dns_zone: server.and_then(|server| server.zone.clone()),
            tsig_name: server.map(|server| server.key.clone()),
            tsig_algorithm: server.map(|server| server.algorithm.word()),
            dns_hook: hook.cloned(),
            roots: shown.roots.clone(),
            requests: shown.requests.clone(),
        }
    }
}

/// Lists all of them.
pub(super) fn list(services: &Services, how: &How) -> Result<(), CliError> {
    let all: Vec<Shown> = services.authorities.list()?.iter().map(Shown::of).collect();
    if how.json {
        return json::print_all(&all);
    }
    let mut text = Text::new();
    let width = all.iter().map(|ca| ca.name.len()).max().unwrap_or(0);
    for ca in &all {
        text.line(format_args!("{:width$}  {}", ca.name, line(&ca.url)));
    }
    if all.is_empty() {
        text.line(hint(say::NO_AUTHORITIES));
    }
    text.print()
}

/// Shows one.
pub(super) fn show(services: &Services, name: &AuthorityName, how: &How) -> Result<(), CliError> {
    let shown = Shown::of(&services.authorities.show(name)?);
    how.report(&shown, || {
        let mut text = Text::new();
        let mut fact = |label: &str, value: &str| {
            text.fact(label, 16, [line(value)]);
        };
        fact("Name", &shown.name);
        fact("Address", &shown.url);
        fact("Trusted roots", &if shown.roots.is_empty() { "public".to_owned() } else { shown.roots.join(", ") });
        let orders = if shown.requests.is_empty() { "none".to_owned() } else { shown.requests.join(", ") };
        if shown.kind == "est" {
            fact("Protocol", "EST");
            fact("Label", shown.label.as_deref().unwrap_or("none"));
            fact("User", shown.user.as_deref().unwrap_or("none"));
            fact("Client", shown.client.as_deref().unwrap_or("none"));
            fact("Orders for", &orders);
            return text;
        }
        fact("Contact", shown.contact.as_deref().unwrap_or("none"));
        fact("Terms", if shown.terms_agreed { "agreed" } else { "not agreed" });
        fact("External account", shown.eab_kid.as_deref().unwrap_or("none"));
        fact("Profile", shown.profile.as_deref().unwrap_or("the CA's choice"));
        fact("Preferred chain", shown.preferred_chain.as_deref().unwrap_or("the CA's choice"));
        fact("Challenges", &shown.challenges.join(", "));
        if let (Some(server), Some(key)) = (&shown.dns_server, &shown.tsig_name) {
            fact("DNS server", &say::dns_server(server, shown.dns_zone.as_deref()));
            fact("TSIG key", &format!("{key}, {}", shown.tsig_algorithm.unwrap_or_default()));
        }
        if let Some(hook) = &shown.dns_hook {
            fact("DNS hook", hook);
        }
        fact("Orders for", &orders);
        text
    })
}
