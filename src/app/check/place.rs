//! The place of the data: the directory, its file system, the owner and the mode of every path.

use super::{Finding, Report, State, of_error};
use crate::messages::Said;
use crate::messages::check::place as say;
use signet_domain::visible;
use signet_store::{OnDisk, Space, Store, StoreError};
use std::path::Path;

/// Free bytes under which somebody should look: some hundred CSRs.
const LITTLE: u64 = 1024 * 1024;
/// Free bytes under which a CSR, its temporary sibling and a log line may not fit any more.
const NONE: u64 = 64 * 1024;
/// Free inodes likewise: a CSR and its temporary sibling are one at a time.
const LITTLE_INODES: u64 = 64;
const NO_INODES: u64 = 2;
/// Wrong paths that are listed one by one.
const LISTED: usize = 20;

/// The directory, opened for reading; none where there is nothing to look at.
pub(super) fn directory(report: &mut Report, data: &Path) -> Option<Store> {
    let store = match Store::open_read_only(data) {
        Ok(Some(store)) => store,
        Ok(None) => {
            let said = say::missing(&visible::path(data));
            report.push_with_way(Finding::new("directory", "directory_missing", State::Broken, said), data);
            return None;
        }
        Err(error) => {
            let unusable = Finding::new("directory", "directory_unusable", State::Broken, of_error(&error));
            report.push_with_way(unusable, data);
            return None;
        }
    };
    match (store.is_marked(), store.is_new()) {
        (Ok(true), _) => {
            report.fine("directory", say::marked(&visible::path(data))).file(data);
        }
        (Ok(false), Ok(true)) => {
            report.fine("directory", say::empty(&visible::path(data))).file(data);
        }
        (Ok(false), Ok(false)) => {
            let said = say::foreign(&visible::path(data));
            report.broken("directory", "directory_foreign", said).file(data);
        }
        (Err(error), _) | (_, Err(error)) => failed(report, "directory", &error),
    }
    way(report, data);
    Some(store)
}

/// Whoever may write to a folder above may put another directory in this one's place.
fn way(report: &mut Report, data: &Path) {
    let way = Store::way_to(data);
    let Some((own, above)) = way.split_last() else { return };
    for step in above.iter().filter(|step| step.kind == 'd') {
        let sticky = step.mode & 0o1000 != 0;
        let others = step.mode & 0o022 != 0 && !sticky;
        let foreign = step.uid != 0 && step.uid != own.uid;
        if others || foreign {
            let plain = visible::in_command(&step.path);
            let said = say::replaceable(&visible::path(&step.path), plain);
            let mut finding = Finding::new("directory", "directory_replaceable", State::Attention, said);
            finding.number("mode", step.mode).number("uid", step.uid);
            report.push_with_way(finding, data);
        }
    }
}

/// The file system, its room, and whether it can be written to.
pub(super) fn file_system(report: &mut Report, store: &Store) {
    match store.file_system() {
        Ok(found) if !found.keeps_modes => {
            report.broken("filesystem", "filesystem_without_modes", say::without_modes(found.name));
        }
        Ok(found) => {
            report.fine("filesystem", say::file_system(found.name));
        }
        Err(error) => failed(report, "filesystem", &error),
    }
    match store.space() {
        Ok(space) => of_space(report, space),
        Err(error) => failed(report, "space", &error),
    }
    match store.may_write() {
        Ok(()) => {
            report.fine("writable", say::WRITABLE);
        }
        Err(error) => {
            report.broken("writable", "not_writable", of_error(&error));
        }
    }
}

pub(super) fn of_space(report: &mut Report, space: Space) {
    let Space { free, total, free_inodes } = space;
    let what = say::space(free, total, free_inodes);
    let few = |bound| free_inodes.is_some_and(|inodes| inodes < bound);
    let finding = if free < NONE || few(NO_INODES) {
        report.broken("space", "space_gone", Said::new(what, say::MAKE_ROOM))
    } else if free < LITTLE || few(LITTLE_INODES) {
        report.attention("space", "space_low", Said::new(what, say::MAKE_ROOM))
    } else {
        report.fine("space", what)
    };
    finding.number("free_bytes", free).number("total_bytes", total);
    if let Some(inodes) = free_inodes {
        finding.number("free_inodes", inodes);
    }
}

/// Owner and mode of every path.
pub(super) fn paths(report: &mut Report, store: &Store) {
    let found = match store.on_disk() {
        Ok(found) => found,
        Err(error) => return failed(report, "paths", &error),
    };
    let Some(owner) = found.first().map(|root| root.uid) else { return };
    let us = rustix::process::geteuid().as_raw();
    if owner != us {
        let mut finding = Finding::new("paths", "other_user", State::Broken, say::other_user(owner, us));
        finding.number("uid", owner);
        report.push_with_way(finding, store.path());
    }
    let ours = || found.iter().filter(|path| !path.path.ends_with("lost+found"));
    let wrong: Vec<(&OnDisk, Finding)> =
        ours().filter_map(|path| judged(path, owner).map(|finding| (path, finding))).collect();
    if wrong.is_empty() && owner == us {
        let count = ours().count();
        report.fine("paths", say::paths(count)).number("paths", count);
    }
    let more = wrong.len().saturating_sub(LISTED);
    let worst = wrong.iter().skip(LISTED).map(|(_, finding)| finding.state).max();
    for (path, finding) in wrong.into_iter().take(LISTED) {
        report.push_with_way(finding, &path.path);
    }
    if let Some(worst) = worst {
        report.push(Finding::new("paths", "more_paths", worst, say::more_paths(more))).number("paths", more);
    }
}

/// What is wrong with a path; nothing for most.
fn judged(path: &OnDisk, owner: u32) -> Option<Finding> {
    let found = |code, state, said| {
        let mut finding = Finding::new("paths", code, state, said);
        finding.number("mode", path.mode).number("uid", path.uid);
        Some(finding)
    };
    let (shown, plain) = (visible::path(&path.path), visible::in_command(&path.path));
    let wanted = if path.directory { 0o700 } else { 0o600 };
    if path.uid != owner {
        return found("wrong_owner", State::Broken, say::wrong_owner(&shown, path.uid, owner, plain));
    }
    let fix = say::set_mode(wanted, plain);
    if path.mode & wanted != wanted {
        return found("unusable_mode", State::Broken, Said::new(say::unusable_mode(&shown, path.mode), fix));
    }
    // A config file holds no secret.
    let forbidden = if path.path.ends_with("signet.toml") { 0o022 } else { 0o077 };
    if path.mode & forbidden != 0 {
        return found("open_mode", State::Attention, Said::new(say::open_mode(&shown, path.mode), fix));
    }
    if !path.directory && path.names > 1 {
        return found("hard_links", State::Attention, say::hard_links(&shown, path.names, path.inode));
    }
    None
}

/// What could not be checked.
pub(super) fn failed(report: &mut Report, about: &'static str, error: &StoreError) {
    report.broken(about, "unreadable", of_error(error));
}
