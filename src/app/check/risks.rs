//! What is wrong with the place of the data though everything works: it is lost at a reboot, or it makes the console run
//! as root. `check` reports it, and `serve` warns of it when it starts.

use super::Report;
use crate::machine;
use crate::messages::Said;
use crate::messages::check::place as say;
use signet_store::{Store, StoreError};

/// One of them: two sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// What is so.
    pub what: String,
    /// What to do about it.
    pub fix: &'static str,
}

/// Adds them to the report.
pub(super) fn report(report: &mut Report, store: &Store) {
    if let Ok(Some(risk)) = lost_at_reboot(store) {
        report.attention("filesystem", "in_memory", Said::new(risk.what, risk.fix));
    }
    if let Ok(Some(risk)) = runs_as_root(store) {
        report.attention("owner", "root_owned", Said::new(risk.what, risk.fix));
    }
    match copied(store) {
        Some(risk) => report.attention("machine", "copied", Said::new(risk.what, risk.fix)),
        None => report.fine("machine", say::SAME_MACHINE),
    };
}

/// All of them.
pub fn of(store: &Store) -> Vec<Risk> {
    let found = [lost_at_reboot(store).ok(), runs_as_root(store).ok(), Some(copied(store))];
    found.into_iter().flatten().flatten().collect()
}

/// The data directory was first used on another machine. It works, and may be what was wanted.
pub fn copied(store: &Store) -> Option<Risk> {
    let differs = machine::differs(store).ok().flatten()?;
    Some(Risk { what: differs.told().to_owned(), fix: machine::FIX })
}

fn lost_at_reboot(store: &Store) -> Result<Option<Risk>, StoreError> {
    Ok(store.in_memory()?.map(|name| Risk { what: say::in_memory(name), fix: say::MOVE_TO_DISK }))
}

/// Commands that root runs become the owner of the directory; where that is root, the console stays root.
fn runs_as_root(store: &Store) -> Result<Option<Risk>, StoreError> {
    Ok((store.owner_id()? == 0).then(|| Risk { what: say::RUNS_AS_ROOT.to_owned(), fix: say::GIVE_AWAY }))
}
