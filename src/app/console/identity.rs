//! The console's own key and certificate: made at first start, renewed with the same key. One that a CA issued is never
//! replaced here: `console` has what is done about it.

use crate::clock;
use crate::{App, AppError};
use signet_domain::hex::colons;
use signet_domain::secret::Secret;
#[cfg(doc)]
use signet_store::StoreError;
use signet_store::StoredIdentity;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What identifies the console to a person: SHA-256 as `AB:CD:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprints {
    /// Of the public key: stays through renewals, and stands on the label.
    pub key: String,
    /// Of the certificate, which is what browsers show.
    pub certificate: String,
}

impl Fingerprints {
    /// Those of a certificate (DER).
    pub fn of(certificate: &[u8]) -> Result<Self, AppError> {
        Ok(Self {
            key: colons(&signet_pki::identity::spki_sha256(certificate)?),
            certificate: colons(&signet_pki::identity::cert_sha256(certificate)),
        })
    }
}

impl App {
    /// The identity to serve with: the kept one, renewed with its key when its time is nearly over, or a new one.
    /// A renewal that cannot be written (a read-only or full partition) leaves the kept one in use.
    ///
    /// One of a CA is kept also when it has ended: browsers then name the true reason, its key stays the one that people
    /// know, and a clock that is wrong destroys nothing. [`StoreError::Damaged`] is for [`App::stand_ins`].
    pub fn ensure_identity(&self) -> Result<StoredIdentity, AppError> {
        if let Some(kept) = self.store.identity()? {
            return self.renewed(kept);
        }
        let lock = self.store.lock()?;
        if let Some(identity) = self.store.identity()? {
            return Ok(identity);
        }
        let made = self.make_identity(None)?;
        lock.put_identity(&made)?;
        Ok(made)
    }

    /// What to serve with where the identity on disk cannot be used, the best first: the former one, the factory's, and one
    /// made for this start alone. The damaged file is left as it is, for it may hold the only copy of a key.
    pub fn stand_ins(&self) -> Vec<StoredIdentity> {
        let kept = [self.store.former_identity(), self.store.factory_identity()];
        let kept = kept.into_iter().filter_map(|found| found.ok().flatten()).filter(has_its_key);
        kept.chain(self.make_identity(None).ok()).collect()
    }

    /// The identity as it lies on disk now, renewed when it is due: for a console that runs. None is made.
    pub fn reload_identity(&self) -> Result<StoredIdentity, AppError> {
        let kept = self.store.identity()?.ok_or(AppError::NoIdentity)?;
        self.renewed(kept)
    }

    /// True when the certificate is to be renewed by now (SPEC 12).
    pub fn is_due(&self, certificate: &[u8]) -> Result<bool, AppError> {
        Ok(signet_pki::identity::needs_renewal(certificate, self.clock.now(), clock::build_date())?)
    }

    fn renewed(&self, kept: StoredIdentity) -> Result<StoredIdentity, AppError> {
        let certificate = kept.chain.first().map(Vec::as_slice).unwrap_or_default();
        if !self.is_due(certificate)? {
            return Ok(kept);
        }
        if !self.is_own(certificate)? {
            if self.standing(certificate)?.due {
                tracing::warn!(
                    "the console's certificate is due, and a CA issued it: renew its request, try the answer"
                );
            }
            return Ok(kept);
        }
        let renew = || -> Result<StoredIdentity, AppError> {
            let renewed = self.make_identity(Some(&kept.key))?;
            self.store.lock()?.put_identity(&renewed)?;
            Ok(renewed)
        };
        match renew() {
            Ok(renewed) => Ok(renewed),
            Err(error) => {
                tracing::warn!(%error, "the console's certificate is due and its renewal could not be kept");
                Ok(kept)
            }
        }
    }

    pub(crate) fn make_identity(&self, key: Option<&Secret>) -> Result<StoredIdentity, AppError> {
        let (names, addresses) = (console_names(&self.config.hostnames), addresses());
        let made = signet_pki::identity::make(&names, &addresses, self.clock.now(), clock::build_date(), key)?;
        Ok(StoredIdentity { chain: vec![made.cert_der], key: made.key })
    }
}

/// True when the certificate and the key belong together.
pub(crate) fn has_its_key(identity: &StoredIdentity) -> bool {
    identity.chain.first().is_some_and(|leaf| signet_pki::identity::key_matches(leaf, &identity.key))
}

/// The device's own names: host name, `.local`, `localhost`, and the config's.
pub fn console_names(configured: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(host) = host_name() {
        if !host.contains('.') {
            names.push(format!("{host}.local"));
        }
        names.insert(0, host);
    }
    names.push("localhost".to_owned());
    names.extend(configured.iter().cloned());
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.to_ascii_lowercase()));
    names
}

/// The kernel's host name, when it is one that a certificate can hold.
pub fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
    signet_domain::san::DnsName::parse(&name).ok().map(|name| name.as_str().to_owned())
}

/// The addresses of the device's interfaces, loopback included; none of a private network namespace's but that.
pub fn addresses() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let link_local = |address: &IpAddr| match address {
        // fe80:: needs a zone, which a certificate cannot hold.
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
        IpAddr::V4(_) => false,
    };
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let addresses: BTreeSet<IpAddr> =
        found.iter().map(if_addrs::Interface::ip).filter(|ip| !link_local(ip)).chain(loopback).collect();
    addresses.into_iter().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, build_date};
    use crate::config::Config;
    use jiff::{SignedDuration, Timestamp};
    use signet_store::{Opening, Store};
    use std::path::Path;

    fn app(data: &Path, now: Timestamp) -> App {
        App::new(Store::open(data, Opening::default()).unwrap(), Config::default(), Clock::Fixed(now))
    }

    fn days(days: i64) -> Timestamp {
        build_date() + SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn is_renewed_with_its_key_when_due_and_else_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = app(&data, days(1)).ensure_identity().unwrap();
        let later = app(&data, days(300));
        assert_eq!(later.reload_identity().unwrap().chain, first.chain);
        assert!(!later.is_due(&first.chain[0]).unwrap());

        let due = app(&data, days(340));
        assert!(due.is_due(&first.chain[0]).unwrap());
        let second = due.reload_identity().unwrap();
        assert_ne!(second.chain, first.chain);
        assert_eq!(second.key.expose_secret(), first.key.expose_secret());
        let (before, after) = (Fingerprints::of(&first.chain[0]).unwrap(), Fingerprints::of(&second.chain[0]).unwrap());
        assert_eq!(before.key, after.key);
        assert_ne!(before.certificate, after.certificate);
        assert_eq!(app(&data, days(340)).reload_identity().unwrap().chain, second.chain, "kept on disk");
    }

    #[test]
    fn a_running_console_makes_none_where_none_is() {
        let dir = tempfile::tempdir().unwrap();
        let app = app(&dir.path().join("data"), days(1));
        assert!(matches!(app.reload_identity(), Err(AppError::NoIdentity)));
        assert!(app.store.identity().unwrap().is_none());
    }
}
