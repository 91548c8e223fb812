//! What a recovery removes and keeps, said before it is done.

use super::{Failure, Recoveries, Recovery, readable};
use crate::messages::recover as say;
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
        match recovery {
            Recovery::Password => {
                plan.go(owned, say::PASSWORD);
                plan.go(true, say::SESSIONS);
                plan.go(true, say::WAITS);
                self.code(&mut plan, new_code)?;
                plan.stay_requests(say::all_requests, factory.len() + own.len());
                plan.stay(true, say::IDENTITY);
                plan.stay(true, say::SETTINGS_AND_LOG);
            }
            Recovery::Identity => {
                plan.go(true, say::IDENTITY_REPLACED);
                plan.go(self.has_former(), say::PREVIOUS);
                plan.go(true, say::SESSIONS);
                plan.stay(owned, say::PASSWORD);
                plan.stay_requests(say::all_requests, factory.len() + own.len());
                plan.stay(readable(self.store.factory_identity())?, say::FACTORY_IDENTITY);
            }
            Recovery::Lockout => {
                plan.go(true, say::WAITS);
                plan.go(true, say::SESSIONS);
                plan.stay(owned, say::PASSWORD);
                plan.stay_requests(say::all_requests, factory.len() + own.len());
            }
            Recovery::FactoryReset => {
                plan.go(owned, say::PASSWORD);
                plan.go_requests(say::requests_with_keys, &own);
                let newer: Vec<String> = self.store.newer_csrs()?.iter().map(ToString::to_string).collect();
                let newer: Vec<String> = newer.into_iter().filter(|name| own.contains(name)).collect();
                plan.go_requests(say::of_newer_version, &newer);
                plan.go(self.store.has_enrollment()?, say::ENROLLMENT);
                plan.go(true, say::SESSIONS);
                plan.go(self.store.document(Document::Config)?.is_some(), say::SETTINGS);
                plan.go(true, say::LOG);
                self.code(&mut plan, new_code)?;
                let provisioned = readable(self.store.factory_identity())?;
                plan.go(self.has_former(), say::PREVIOUS);
                plan.go(!provisioned, say::IDENTITY_MADE_ANEW);
                plan.stay(provisioned, say::FACTORY_IDENTITY_RESTORED);
                plan.stay(readable(self.store.device())?, say::DEVICE_RECORD);
                plan.stay_requests(say::factory_requests, factory.len());
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
                let (path, kept_at) = (newer.path.display().to_string(), newer.kept_at.display().to_string());
                plan.stay(true, &say::kept_aside(&path, &kept_at));
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
        let code = say::setup_code(provisioned);
        if new_code {
            plan.go(true, &say::code_replaced(code));
        } else if readable(self.store.setup())? {
            plan.stay(true, &say::code_valid(code));
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

    fn stay_requests(&mut self, phrase: impl Fn(usize) -> String, count: usize) {
        self.stay(count > 0, &phrase(count));
    }

    fn go_requests(&mut self, phrase: impl Fn(usize, &str) -> String, names: &[String]) {
        let mut listed = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if names.len() > NAMED {
            listed.push_str(", …");
        }
        self.go(!names.is_empty(), &phrase(names.len(), &listed));
    }
}

fn names(csrs: Vec<(signet_domain::name::CsrName, bool)>) -> Vec<String> {
    csrs.into_iter().map(|(name, _)| name.to_string()).collect()
}
