//! Tests of authorities: whether each can be reached and is trusted, and what it says of itself. Nothing is ordered.

use super::est;
use super::way::connect;
use crate::cli::messages::enrollment as say;
use jiff::Timestamp;
use signet_app::authorities::{test_done, tests_asked};
use signet_app::clock::Clock;
use signet_client::ClientError;
use signet_domain::enrollment::{Failure, Tested};
use signet_domain::visible::line;
use signet_pki::answer::read_usable;
use signet_pki::certificate::Certificate;
use signet_pki::csr_attributes::lacking;
use signet_store::{EnrollFolder, StoreError, StoredAuthority};
use std::collections::BTreeMap;

/// Profiles that are shown.
const PROFILES: usize = 50;

/// Does what the console asked for.
pub(super) async fn answer(folder: &EnrollFolder, clock: Clock) -> Result<(), StoreError> {
    for (name, proxy) in tests_asked(folder)? {
        let found = match folder.authority(&name)? {
            Some(authority) => Some(match tested(&authority, proxy.as_deref(), clock.now()).await {
                Ok(tested) => tested,
                Err(failure) => Tested { failure: Some(failure), ..nothing(clock.now()) },
            }),
            None => None,
        };
        test_done(folder, &name, found.as_ref())?;
    }
    Ok(())
}

/// Asks an authority what it says of itself, and for nothing else.
pub(in crate::cli) async fn tested(
    authority: &StoredAuthority,
    proxy: Option<&str>,
    now: Timestamp,
) -> Result<Tested, Failure> {
    if authority.settings.est.is_some() {
        return by_est(authority, proxy, now).await;
    }
    let acme = connect(authority, proxy).await?;
    let directory = acme.directory();
    let meta = &directory.meta;
    Ok(Tested {
        terms: meta.terms_of_service.as_deref().map(line),
        external_account_required: meta.external_account_required,
        profiles: meta.profiles.iter().take(PROFILES).map(|(name, what)| (line(name), line(what))).collect(),
        renewal_info: directory.renewal_info.is_some(),
        ..nothing(now)
    })
}

/// Asks an EST server for the CA's certificates and for what it wants of requests.
async fn by_est(authority: &StoredAuthority, proxy: Option<&str>, now: Timestamp) -> Result<Tested, Failure> {
    let asked = async {
        let mut est = est::connect(authority, proxy)?;
        let cas = est.ca_certificates().await?;
        Ok((cas, est.csr_attributes().await?))
    };
    let (cas, wanted) = asked.await.map_err(|error: ClientError| error.failure())?;
    let cas = read_usable(&cas).map_err(|error| say::not_certificates(&error.invalid("").what))?;
    Ok(Tested {
        cas: cas.certificates.iter().map(Certificate::subject_short).collect(),
        wanted: lacking(&wanted, b""),
        ..nothing(now)
    })
}

fn nothing(at: Timestamp) -> Tested {
    Tested {
        at,
        failure: None,
        terms: None,
        external_account_required: false,
        profiles: BTreeMap::new(),
        renewal_info: false,
        cas: Vec::new(),
        wanted: Vec::new(),
    }
}
