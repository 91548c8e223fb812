//! Writing a backup: what goes into it, and what stays out and why.

use super::container::{Kind, Writer};
use super::error::{BackupError, FACTORY_KEY};
use super::{Backups, told};
use crate::Failure;
use crate::audit::{Actor, Event};
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_pki::age;
use signet_store::{CsrFile, Document, StoreError};
use std::io::Write;

/// A request that stays out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: CsrName,
    /// Why: words without a full stop.
    pub why: String,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Requests.
    pub requests: Vec<CsrName>,
    /// Requests that stay out.
    pub left_out: Vec<LeftOut>,
    /// The owner's password, as its hash.
    pub owner: bool,
    /// `signet.toml` of the data directory.
    pub settings: bool,
}

impl Backups {
    /// What a backup would hold now. Refused where the config keeps keys on the device.
    pub fn plan(&self, with_owner: bool) -> Result<Plan, Failure> {
        if !self.config.policy.exportable {
            return Err(Failure::NotExportable);
        }
        let mut plan = Plan { settings: self.store.document(Document::Config)?.is_some(), ..Plan::default() };
        if with_owner {
            self.store.owner()?.ok_or(Failure::NoOwner)?;
            plan.owner = true;
        }
        for name in self.store.names()? {
            let file = match self.store.csr_file(&name) {
                Ok(Some(file)) => CsrFile::parse(&file),
                Ok(None) => continue,
                Err(StoreError::Damaged { damage, .. }) => Err(damage),
                Err(error) => return Err(error.into()),
            };
            match file {
                Ok(file) if self.config.policy.may_export(file.stored.record.has_factory_key()) => {
                    plan.requests.push(name);
                }
                Ok(_) => plan.left_out.push(LeftOut { name, why: FACTORY_KEY.to_owned() }),
                Err(damage) => plan.left_out.push(LeftOut { name, why: damage.to_string() }),
            }
        }
        Ok(plan)
    }

    /// Records that the keys of a backup leave; whoever lets it out has to do that first.
    pub fn record(&self, plan: &Plan, by: Actor) -> Result<(), Failure> {
        let detail = told(plan.requests.len(), &[(plan.owner, "owner"), (plan.settings, "settings")]);
        self.audit.record_first(by, Event::BackedUp { detail: &detail })
    }

    /// Writes what is planned, encrypted with the passphrase. Refused where a request of the plan is gone, since the plan has been recorded.
    pub fn write<W: Write>(&self, plan: &Plan, out: W, passphrase: &Secret) -> Result<W, Failure> {
        let mut writer = Writer::new(age::seal(out, passphrase).map_err(BackupError::Age)?, self.clock.now())?;
        for name in &plan.requests {
            let file = self.store.csr_file(name)?.ok_or_else(|| BackupError::Gone(name.clone()))?;
            writer.part(&Kind::Request(name.clone()), file.expose_secret())?;
        }
        if plan.settings
            && let Some(settings) = self.store.document(Document::Config)?
        {
            writer.part(&Kind::Settings, &settings)?;
        }
        if plan.owner {
            let owner = self.store.owner()?.ok_or(Failure::NoOwner)?;
            // The generation is this device's: sessions of one must not count on another.
            let json = serde_json::json!({"password_hash": owner.password_hash, "since": owner.since});
            writer.part(&Kind::Owner, json.to_string().as_bytes())?;
        }
        Ok(writer.end()?.finish().map_err(BackupError::Age)?)
    }
}
