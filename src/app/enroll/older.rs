//! Requests that the automatic renewal has left behind: the current one and the one before it stay, older ones that it made
//! itself go, once nothing uses them.

use super::AutoRenewals;
use crate::Failure;
use crate::audit::Actor;
use crate::deploy::is_free;
use crate::requests::content::Content;
use signet_domain::name::CsrName;
use signet_domain::record::Record;

/// Records that were written by hand may go round in a circle.
const MOST: usize = 100;

impl AutoRenewals {
    /// Removes what `current` has made superfluous. Never one that a person made, or that the console or a service has.
    pub(super) fn remove_older(&self, current: &Content, by: Actor) -> Result<(), Failure> {
        let Some((name, content)) = self.before(&current.record)? else { return Ok(()) };
        let (mut later, mut record) = (name, content.record);
        for _ in 0..MOST {
            let Some((name, older)) = self.before(&record)? else { break };
            if older.record.id == current.record.id {
                break;
            }
            if self.is_superfluous(&name, &older) {
                self.remove(&later, &record, &name, &older.record, by)?;
                record.supersedes = older.record.supersedes;
            } else {
                (later, record) = (name, older.record);
            }
        }
        Ok(())
    }

    /// The request that one renews, while it is there and can be read.
    fn before(&self, record: &Record) -> Result<Option<(CsrName, Content)>, Failure> {
        let Some(id) = &record.supersedes else { return Ok(None) };
        let Some(name) = self.catalog.named(id)? else { return Ok(None) };
        Ok(self.catalog.readable(&name).ok().map(|content| (name, content)))
    }

    fn is_superfluous(&self, name: &CsrName, older: &Content) -> bool {
        let console = self.store.identity();
        // Not the key: a line that keeps its key has it in each request.
        let is_the_consoles = console.map_or(true, |identity| {
            identity.is_some_and(|identity| identity.chain.first() == older.certificates.first())
        });
        older.record.automatic
            && older.is_answered()
            && !is_the_consoles
            && is_free(&self.config.services, name, &older.record.id)
    }

    /// The later request renews the one before the older from now on: services find the newest by this line, and it must have no
    /// gap. Killed in between, the older one stays, and is not renewed again.
    fn remove(
        &self,
        later: &CsrName,
        record: &Record,
        name: &CsrName,
        older: &Record,
        by: Actor,
    ) -> Result<(), Failure> {
        let lock = self.store.lock()?;
        // As they are now: one may have been renamed or changed meanwhile.
        let now = |name: &CsrName, id: &str| {
            let record = self.catalog.readable(name).ok().map(|content| content.record);
            record.filter(|record| record.id == id)
        };
        let (Some(record), Some(older)) = (now(later, &record.id), now(name, &older.id)) else { return Ok(()) };
        self.audit.room_to_record_several(&lock, 1)?;
        let supersedes = older.supersedes.clone();
        lock.set_record(name, &Record { auto_renew: None, ..older })?;
        lock.set_record(later, &Record { supersedes, ..record })?;
        self.catalog.put(lock.release(), &[later, name]);
        self.requests.delete(name, by)
    }
}
