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
}

/// Asks for its directory, and for nothing else.
pub(super) fn test(services: &Services, name: &AuthorityName, how: &How) -> Result<(), CliError> {
    let stored = services.authorities.stored(name)?;
    let proxy = services.config.outgoing_proxy.as_deref();
    let found = runtime()?.block_on(tested(&stored, proxy, services.clock.now()));
    let found = found.map_err(|why| CliError::Enrollment(Box::new(why)))?;
    let tested = Tested {
        name: name.to_string(),
        url: stored.settings.url.clone(),
        reachable: true,
        external_account_required: found.external_account_required,
        terms: found.terms,
        terms_agreed: stored.settings.agreed,
        profiles: found.profiles,
        renewal_info: found.renewal_info,
    };
    how.report(&tested, || {
        let mut text = Text::new();
        let name = name.as_str();
        text.line(format_args!("{name}: reachable, and its certificate is trusted"));
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
        text
    })
}
