//! Which identity the console serves with: made at first start, renewed with the same key. One that a CA issued is never
//! replaced here: [`super::Console`] has what is done about it.

use super::kind::is_ml_dsa;
use super::own::{Identity, has_its_key};
use super::standing::Standing;
use crate::Failure;
use signet_domain::ml_dsa;
#[cfg(doc)]
use signet_store::StoreError;
use signet_store::StoredIdentity;

impl Identity {
    /// The identity to serve with: the kept one, renewed with its key when its time is nearly over, or a new one.
    /// A renewal that cannot be written (a read-only or full partition) leaves the kept one in use.
    ///
    /// One of a CA is kept also when it has ended: browsers then name the true reason, its key stays the one that people
    /// know, and a clock that is wrong destroys nothing. [`StoreError::Damaged`] is for [`Identity::stand_ins`].
    pub fn ensure(&self) -> Result<StoredIdentity, Failure> {
        if let Some(kept) = self.store.identity()? {
            return self.renewed(kept);
        }
        let lock = self.store.lock()?;
        if let Some(identity) = self.store.identity()? {
            return Ok(identity);
        }
        let made = self.make(None)?;
        lock.put_identity(&made)?;
        Ok(made)
    }

    /// What to serve with where the identity on disk cannot be used, the best first: the former one, the factory's, and one
    /// made for this start alone; last those that many clients cannot use. The damaged file is left as it is, for it may hold
    /// the only copy of a key.
    pub fn stand_ins(&self) -> Vec<StoredIdentity> {
        let kept = [self.store.former_identity(), self.store.factory_identity()];
        let kept = kept.into_iter().filter_map(|found| found.ok().flatten()).filter(has_its_key);
        let mut all: Vec<StoredIdentity> = kept.chain(self.make(None).ok()).collect();
        all.sort_by_key(|identity| identity.chain.first().is_some_and(|certificate| is_ml_dsa(certificate)));
        all
    }

    /// Logs which clients cannot connect, where that is so with this certificate (DER).
    pub fn log_shut_out(&self, certificate: &[u8]) {
        if is_ml_dsa(certificate) {
            tracing::warn!("the console's certificate has an ML-DSA key: {}", ml_dsa::messages::IN_USE);
        }
    }

    /// The identity as it lies on disk now, renewed when it is due: for a console that runs. None is made.
    pub fn reload(&self) -> Result<StoredIdentity, Failure> {
        let kept = self.store.identity()?.ok_or(Failure::NoIdentity)?;
        self.renewed(kept)
    }

    fn renewed(&self, kept: StoredIdentity) -> Result<StoredIdentity, Failure> {
        let certificate = kept.chain.first().map(Vec::as_slice).unwrap_or_default();
        self.log_shut_out(certificate);
        if !self.is_due(certificate)? {
            return Ok(kept);
        }
        if !self.is_own(certificate)? {
            if Standing::of(certificate, self)?.due {
                tracing::warn!(
                    "the console's certificate is due, and a CA issued it: renew its request and use the new certificate"
                );
            }
            return Ok(kept);
        }
        let renew = || -> Result<StoredIdentity, Failure> {
            let renewed = self.make(Some(&kept.key))?;
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Services;
    use crate::clock::{Clock, build_date};
    use crate::config::Config;
    use crate::console::Fingerprints;
    use jiff::{SignedDuration, Timestamp};
    use signet_store::{Opening, Store};
    use std::path::Path;

    fn services(data: &Path, now: Timestamp) -> Services {
        Services::open(Store::open(data, Opening::default()).unwrap(), Config::default(), Clock::Fixed(now))
    }

    fn days(days: i64) -> Timestamp {
        build_date() + SignedDuration::from_hours(24 * days)
    }

    #[test]
    fn is_renewed_with_its_key_when_due_and_else_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = services(&data, days(1)).identity.ensure().unwrap();
        let later = services(&data, days(300));
        assert_eq!(later.identity.reload().unwrap().chain, first.chain);
        assert!(!later.identity.is_due(&first.chain[0]).unwrap());

        let due = services(&data, days(340));
        assert!(due.identity.is_due(&first.chain[0]).unwrap());
        let second = due.identity.reload().unwrap();
        assert_ne!(second.chain, first.chain);
        assert_eq!(second.key.expose_secret(), first.key.expose_secret());
        let (before, after) = (Fingerprints::of(&first.chain[0]).unwrap(), Fingerprints::of(&second.chain[0]).unwrap());
        assert_eq!(before.key, after.key);
        assert_ne!(before.certificate, after.certificate);
        assert_eq!(services(&data, days(340)).identity.reload().unwrap().chain, second.chain, "kept on disk");
    }

    #[test]
    fn a_running_console_makes_none_where_none_is() {
        let dir = tempfile::tempdir().unwrap();
        let services = services(&dir.path().join("data"), days(1));
        assert!(matches!(services.identity.reload(), Err(Failure::NoIdentity)));
        assert!(services.store.identity().unwrap().is_none());
    }
}
