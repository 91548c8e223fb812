//! Tests of authorities: whether each can be reached and is trusted, and what it says of itself. Nothing is ordered.

use super::connect;
use jiff::Timestamp;
use signet_app::authorities::{test_done, tests_asked};
use signet_app::clock::Clock;
use signet_domain::enrollment::{Failure, Tested};
use signet_domain::visible::line;
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

/// Asks an authority for its directory, and for nothing else.
pub(in crate::cli) async fn tested(
    authority: &StoredAuthority,
    proxy: Option<&str>,
    now: Timestamp,
) -> Result<Tested, Failure> {
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

fn nothing(at: Timestamp) -> Tested {
    Tested {
        at,
        failure: None,
        terms: None,
        external_account_required: false,
        profiles: BTreeMap::new(),
        renewal_info: false,
    }
}
