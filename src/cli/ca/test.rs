//! `signet ca test`: whether an authority can be reached and is trusted, and what it says of itself.

use crate::cli::enroll::{runtime, tested};
use crate::cli::error::CliError;
use crate::cli::how::How;
use crate::cli::messages::enrollment as say;
use crate::cli::output::{Text, hint};
use serde::Serialize;
use signet_app::Services;
use signet_domain::authority::AuthorityName;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Tested {
    name: String,
    url: String,
    /// Always true: what cannot be reached is an error.
    reachable: bool,
    external_account_required: bool,
    terms: Option<String>,
    terms_agreed: bool,
    /// Profiles by name, with the CA's description.
    profiles: BTreeMap<String, String>,
    /// Whether the CA suggests when to renew (RFC 9773).
    renewal_info: bool,
    /// The CA's certificates at an EST server, by their subjects.
    cas: Vec<String>,
    /// What an EST server wants to find in a request.
    wanted: Vec<String>,
    /// Whether the console has port 80, where CAs check names; null where it has not written down where it listens.
    has_port_80: Option<bool>,
}

/// Asks what it says of itself, and for nothing else.
pub(super) fn test(services: &Services, name: &AuthorityName, how: &How) -> Result<(), CliError> {
    let stored = services.authorities.stored(name)?;
    let proxy = services.config.outgoing_proxy.as_deref();
    let found = runtime()?.block_on(tested(&stored, proxy, services.clock.now()));
    let found = found.map_err(|why| CliError::Enrollment(Box::new(why)))?;
    let is_est = stored.settings.est.is_some();
    // An EST server checks no names.
    let listening = if is_est { None } else { services.enrollments.listening()? };
    let tested = Tested {
        name: name.to_string(),
        url: stored.settings.url.clone(),
        reachable: true,
        external_account_required: found.external_account_required,
        terms: found.terms,
        terms_agreed: stored.settings.agreed,
        profiles: found.profiles,
        renewal_info: found.renewal_info,
        cas: found.cas,
        wanted: found.wanted,
        has_port_80: listening.map(|listening| listening.has_port_80()),
    };
    let needs = services.enrollments.needs_port_80(name)?;
    how.report(&tested, || {
        let mut text = Text::new();
        let name = name.as_str();
        text.line(say::reachable(name));
        if is_est {
            text.line(format_args!("CAs: {}", tested.cas.join(", ")));
            if !tested.wanted.is_empty() {
                text.line(say::wants(&tested.wanted.join(", ")));
            }
            return text;
        }
        text.line(format_args!("Terms: {}", tested.terms.as_deref().unwrap_or("none")));
        for (profile, what) in &tested.profiles {
            text.line(format_args!("Profile {profile}: {what}"));
        }
        if tested.terms.is_some() && !tested.terms_agreed {
            text.line(hint(say::not_agreed(name)));
        }
        if tested.external_account_required && stored.eab_key.is_none() {
            text.line(hint(say::needs_external(name)));
        }
        if let Some(needs) = needs {
            text.line(hint(needs));
        }
        text
    })
}
