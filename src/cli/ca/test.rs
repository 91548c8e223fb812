//! `signet ca test`: whether an authority can be reached and is trusted, and what it says of itself.

use crate::cli::enroll::{connect, est, runtime};
use crate::cli::error::CliError;
use crate::cli::how::How;
use crate::cli::messages::enrollment as say;
use crate::cli::output::{Text, hint};
use serde::Serialize;
use signet_app::Services;
use signet_client::ClientError;
use signet_domain::authority::AuthorityName;
use signet_domain::visible::line;
use signet_pki::answer::read_usable;
use signet_pki::certificate::Certificate;
use signet_pki::csr_attributes::lacking;
use signet_store::StoredAuthority;
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

/// Profiles that are shown.
const PROFILES: usize = 50;

/// Asks for its directory, and for nothing else.
pub(super) fn test(services: &Services, name: &AuthorityName, how: &How) -> Result<(), CliError> {
    let stored = services.authorities.stored(name)?;
    let proxy = services.config.outgoing_proxy.as_deref();
    if stored.settings.est.is_some() {
        return test_est(&stored, name, proxy, how);
    }
    let acme = runtime()?.block_on(connect(&stored, proxy)).map_err(|why| CliError::Enrollment(Box::new(why)))?;
    let directory = acme.directory();
    let meta = &directory.meta;
    let profiles = meta.profiles.iter().take(PROFILES).map(|(name, what)| (line(name), line(what))).collect();
    let tested = Tested {
        name: name.to_string(),
        url: stored.settings.url.clone(),
        reachable: true,
        external_account_required: meta.external_account_required,
        terms: meta.terms_of_service.as_deref().map(line),
        terms_agreed: stored.settings.agreed,
        profiles,
        renewal_info: directory.renewal_info.is_some(),
        cas: Vec::new(),
        wanted: Vec::new(),
        has_port_80: services.enrollments.listening()?.map(|listening| listening.has_port_80()),
    };
    let needs = services.enrollments.needs_port_80(name)?;
    how.report(&tested, || {
        let mut text = Text::new();
        let name = name.as_str();
        text.line(say::reachable(name));
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

/// Asks an EST server for the CA's certificates and for what it wants of requests.
fn test_est(stored: &StoredAuthority, name: &AuthorityName, proxy: Option<&str>, how: &How) -> Result<(), CliError> {
    let failed = |error: ClientError| CliError::Enrollment(Box::new(error.failure()));
    let asked = runtime()?.block_on(async {
        let mut est = est::connect(stored, proxy)?;
        let cas = est.ca_certificates().await?;
        Ok((cas, est.csr_attributes().await?))
    });
    let (cas, wanted) = asked.map_err(failed)?;
    let cas = read_usable(&cas)
        .map_err(|error| CliError::Enrollment(Box::new(say::not_certificates(&error.invalid("").what))))?;
    let tested = Tested {
        name: name.to_string(),
        url: stored.settings.url.clone(),
        reachable: true,
        external_account_required: false,
        terms: None,
        terms_agreed: false,
        profiles: BTreeMap::new(),
        renewal_info: false,
        // It checks no names.
        has_port_80: None,
        cas: cas.certificates.iter().map(Certificate::subject_short).collect(),
        wanted: lacking(&wanted, b""),
    };
    how.report(&tested, || {
        let mut text = Text::new();
        text.line(say::reachable(name.as_str()));
        text.line(format_args!("CAs: {}", tested.cas.join(", ")));
        if !tested.wanted.is_empty() {
            text.line(say::wants(&tested.wanted.join(", ")));
        }
        text
    })
}
