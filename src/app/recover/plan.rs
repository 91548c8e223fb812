//! What a recovery takes and what it leaves, said before it is done.

use super::{Failure, Recoveries, Recovery, readable};
use signet_store::{Document, InTheWay, Newer};

/// Sentences' parts: what goes and what stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// What is lost or replaced, each a phrase.
    pub goes: Vec<String>,
    /// What is kept, each a phrase.
    pub stays: Vec<String>,
    /// Files of a newer version that are in the way: they are kept under other names.
    pub aside: Vec<Newer>,
}

/// What the way back leads to.
const FORMER: &str = "the certificate and key that the console used before, and the way back to them";

/// Names that a phrase lists before it only counts.
const NAMED: usize = 8;

impl Recoveries {
    /// What a recovery would do now. Refused where a file that it would replace cannot be read for want of rights.
    pub fn plan(&self, recovery: Recovery, new_code: bool) -> Result<Plan, Failure> {
        let mut plan = Plan::default();
        self.refuse_unreadable(recovery)?;
        let owned = readable(self.store.owner())?;
        let (factory, own): (Vec<_>, Vec<_>) =
            self.store.made_by_factory()?.into_iter().partition(|(_, by_factory)| *by_factory);
        let (factory, own) = (names(factory), names(own));
        let sessions = "every session and every unfinished draft";
        match recovery {
            Recovery::Password => {
                plan.go(owned, "the owner's password");
                plan.go(true, sessions);
                plan.go(true, "the waits after wrong passwords");
                self.code(&mut plan, new_code)?;
                plan.stay_csrs("all CSRs and their keys", factory.len() + own.len());
                plan.stay(true, "the console's key and certificate");
                plan.stay(true, "the settings and the audit log");
            }
            Recovery::Identity => {
                plan.go(
                    true,
                    "the console's key and certificate: browsers warn once, and the label's fingerprint no longer fits",
                );
                plan.go(self.has_former(), FORMER);
                plan.go(true, sessions);
                plan.stay(owned, "the owner's password");
                plan.stay_csrs("all CSRs and their keys", factory.len() + own.len());
                plan.stay(
                    readable(self.store.factory_identity())?,
                    "the factory's key and certificate, which a factory reset puts back",
                );
            }
            Recovery::Lockout => {
                plan.go(true, "the waits after wrong passwords");
                plan.go(true, sessions);
                plan.stay(owned, "the owner's password");
                plan.stay_csrs("all CSRs and their keys", factory.len() + own.len());
            }
            Recovery::FactoryReset => {
                plan.go(owned, "the owner's password");
                plan.go_csrs("CSRs with the only copies of their private keys", &own);
                let newer: Vec<String> = self.store.newer_csrs()?.iter().map(ToString::to_string).collect();
                let newer: Vec<String> = newer.into_iter().filter(|name| own.contains(name)).collect();
                plan.go_csrs("of these were written by a newer version of Signet, which can still use them", &newer);
                plan.go(true, sessions);
                plan.go(self.store.document(Document::Config)?.is_some(), "the settings in the data directory");
                plan.go(true, "the audit log");
                self.code(&mut plan, new_code)?;
                let provisioned = readable(self.store.factory_identity())?;
                plan.go(self.has_former(), FORMER);
                plan.go(!provisioned, "the console's key and certificate: the next start makes new ones");
                plan.stay(
                    provisioned,
                    "the factory's key and certificate, which are put back where they were replaced",
                );
                plan.stay(readable(self.store.device())?, "the device record");
                plan.stay_csrs("CSRs that the factory made", factory.len());
            }
        }
        self.aside(&mut plan, recovery)?;
        Ok(plan)
    }

    /// The files of a newer version whose place is needed.
    fn aside(&self, plan: &mut Plan, recovery: Recovery) -> Result<(), Failure> {
        let needed: &[InTheWay] = match recovery {
            Recovery::Password | Recovery::FactoryReset => {
                &[InTheWay::Owner, InTheWay::FreshSetup, InTheWay::LoginDelays]
            }
            Recovery::Lockout => &[InTheWay::LoginDelays],
            Recovery::Identity => &[],
        };
        for file in needed {
            if let Some(newer) = self.store.newer(*file)? {
                let (path, kept_at) = (newer.path.display(), newer.kept_at.display());
                plan.stay(true, &format!("{path} of a newer version of Signet, as {kept_at}"));
                plan.aside.push(newer);
            }
        }
        Ok(())
    }

    /// One that cannot be read goes, too.
    fn has_former(&self) -> bool {
        !matches!(self.store.former_identity(), Ok(None))
    }

    fn code(&self, plan: &mut Plan, new_code: bool) -> Result<(), Failure> {
        let provisioned = readable(self.store.device())?;
        let kept = if provisioned { "the label's setup code" } else { "the setup code of the first start" };
        if new_code {
            plan.go(true, &format!("{kept}, until the next recovery without --new-code; a fresh one is printed"));
        } else if readable(self.store.setup())? {
            plan.stay(true, &format!("{kept}, which opens /setup again"));
        }
        Ok(())
    }
}

impl Plan {
    fn go(&mut self, when: bool, phrase: &str) {
        if when {
            self.goes.push(phrase.to_owned());
        }
    }

    fn stay(&mut self, when: bool, phrase: &str) {
        if when {
            self.stays.push(phrase.to_owned());
        }
    }

    fn stay_csrs(&mut self, phrase: &str, count: usize) {
        self.stay(count > 0, &format!("{phrase} ({count})"));
    }

    fn go_csrs(&mut self, phrase: &str, names: &[String]) {
        let mut listed = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if names.len() > NAMED {
            listed.push_str(", …");
        }
        self.go(!names.is_empty(), &format!("{} {phrase}: {listed}", names.len()));
    }
}

fn names(csrs: Vec<(signet_domain::name::CsrName, bool)>) -> Vec<String> {
    csrs.into_iter().map(|(name, _)| name.to_string()).collect()
}
