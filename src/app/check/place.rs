//! Where the data lies: the directory, its file system, the owner and the mode of every path.

use super::{Finding, Report, State, sentence};
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
/// Said where a name is not put into a command: whoever chose it could have chosen it to be run.
const NOT_PLAIN: &str = "Its name is not one that this program gives, so no command is shown here.";
/// Wrong paths that are told one by one.
const TOLD: usize = 20;

/// The directory, opened for reading; none where there is nothing to look at.
pub(super) fn directory(report: &mut Report, data: &Path) -> Option<Store> {
    let store = match Store::open_read_only(data) {
        Ok(Some(store)) => store,
        Ok(None) => {
            let what = format!("There is no data directory {}.", visible::path(data));
            let fix = "Name it with --data; `signet serve` makes a new one.";
            report.push_with_way(Finding::new("directory", "directory_missing", State::Broken, what, fix), data);
            return None;
        }
        Err(error) => {
            let (what, fix) = (sentence(&error), error.fix());
            report.push_with_way(Finding::new("directory", "directory_unusable", State::Broken, what, fix), data);
            return None;
        }
    };
    match (store.is_marked(), store.is_new()) {
        (Ok(true), _) => {
            report.fine("directory", format!("{} is a data directory.", visible::path(data))).file(data);
        }
        (Ok(false), Ok(true)) => {
            report.fine("directory", format!("{} is empty: not used yet.", visible::path(data))).file(data);
        }
        (Ok(false), Ok(false)) => {
            let finding = report.broken(
                "directory",
                "directory_foreign",
                format!("{} holds files and no lock file: it is not a data directory.", visible::path(data)),
                "Name the right one with --data; a restored backup needs its file `lock`, which may be empty.",
            );
            finding.file(data);
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
            let what =
                format!("{} lets somebody else put another directory in place of ours.", visible::path(&step.path));
            let fix = match visible::in_command(&step.path) {
                Some(path) => format!("Give it to root, with `chmod go-w {path}`."),
                None => format!("Give it to root, and take the right to write there from everybody else. {NOT_PLAIN}"),
            };
            let mut finding = Finding::new("directory", "directory_replaceable", State::Attention, what, fix);
            finding.number("mode", step.mode).number("uid", step.uid);
            report.push_with_way(finding, data);
        }
    }
}

/// The file system, its room, and whether it can be written to.
pub(super) fn file_system(report: &mut Report, store: &Store) {
    match store.file_system() {
        Ok(found) if !found.keeps_modes => {
            report.broken(
                "filesystem",
                "filesystem_without_modes",
                format!(
                    "The data directory lies on {}, which keeps no owners and modes: everybody can read the keys.",
                    found.name
                ),
                "Move it to ext4, f2fs, UBIFS or another file system of Linux's own.",
            );
        }
        Ok(found) => {
            report.fine("filesystem", format!("The file system is {}.", found.name));
        }
        Err(error) => failed(report, "filesystem", &error),
    }
    match store.space() {
        Ok(space) => of_space(report, space),
        Err(error) => failed(report, "space", &error),
    }
    match store.may_write() {
        Ok(()) => {
            report.fine("writable", "The directory can be written to.");
        }
        Err(error) => {
            report.broken("writable", "not_writable", sentence(&error), error.fix());
        }
    }
}

pub(super) fn of_space(report: &mut Report, space: Space) {
    let Space { free, total, free_inodes } = space;
    let room = format!("{} KiB of {} KiB are free", free / 1024, total / 1024);
    let inodes = free_inodes.map_or(String::new(), |inodes| format!(", and {inodes} inodes"));
    let what = format!("{room}{inodes}.");
    let few = |bound| free_inodes.is_some_and(|inodes| inodes < bound);
    let fix = "Free space on the partition: remove files of other programs, or CSRs that are no longer needed.";
    let finding = if free < NONE || few(NO_INODES) {
        report.broken("space", "space_gone", what, fix)
    } else if free < LITTLE || few(LITTLE_INODES) {
        report.attention("space", "space_low", what, fix)
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
        let what = format!("The directory belongs to user {owner}, and this is user {us}.");
        let fix = format!("Run the check as user {owner} or as root.");
        let mut finding = Finding::new("paths", "other_user", State::Broken, what, fix);
        finding.number("uid", owner);
        report.push_with_way(finding, store.path());
    }
    let ours = || found.iter().filter(|path| !path.path.ends_with("lost+found"));
    let wrong: Vec<(&OnDisk, Finding)> =
        ours().filter_map(|path| judged(path, owner).map(|finding| (path, finding))).collect();
    if wrong.is_empty() && owner == us {
        let count = ours().count();
        report.fine("paths", format!("All {count} paths have their owner's modes.")).number("paths", count);
    }
    let more = wrong.len().saturating_sub(TOLD);
    let worst = wrong.iter().skip(TOLD).map(|(_, finding)| finding.state).max();
    for (path, finding) in wrong.into_iter().take(TOLD) {
        report.push_with_way(finding, &path.path);
    }
    if let Some(worst) = worst {
        let what = format!("{more} more paths have a wrong owner or mode.");
        report.push(Finding::new("paths", "more_paths", worst, what, "Correct these first.")).number("paths", more);
    }
}

/// What is wrong with a path; nothing for most.
fn judged(path: &OnDisk, owner: u32) -> Option<Finding> {
    let found = |code, state, what, fix| {
        let mut finding = Finding::new("paths", code, state, what, fix);
        finding.number("mode", path.mode).number("uid", path.uid);
        Some(finding)
    };
    let (shown, plain) = (visible::path(&path.path), visible::in_command(&path.path));
    let wanted = if path.directory { 0o700 } else { 0o600 };
    if path.uid != owner {
        let what = format!("{shown} belongs to user {}, and the directory to user {owner}.", path.uid);
        // -h: somebody could put a link to another file in its place meanwhile.
        let fix = match &plain {
            Some(path) => format!("Give it back as root: `chown -h {owner} {path}`."),
            None => format!(
                "Give it back to user {owner}, or move it out of the data directory if nobody needs it. {NOT_PLAIN}"
            ),
        };
        return found("wrong_owner", State::Broken, what, fix);
    }
    let fix = match plain {
        Some(path) => format!("Set it right: `chmod {wanted:o} {path}`."),
        None => format!(
            "Set its mode to {wanted:04o}, or move it out of the data directory if nobody needs it. {NOT_PLAIN}"
        ),
    };
    if path.mode & wanted != wanted {
        let what = format!("{shown} has mode {:04o}: its owner cannot use it.", path.mode);
        return found("unusable_mode", State::Broken, what, fix);
    }
    // A config file holds no secret.
    let forbidden = if path.path.ends_with("signet.toml") { 0o022 } else { 0o077 };
    if path.mode & forbidden != 0 {
        let what = format!("{shown} has mode {:04o}: others can use it.", path.mode);
        return found("open_mode", State::Attention, what, fix);
    }
    if !path.directory && path.names > 1 {
        let what = format!("{shown} has {} names (hard links).", path.names);
        let fix = format!("Find the others with `find -inum {}` and remove them.", path.inode);
        return found("hard_links", State::Attention, what, fix);
    }
    None
}

/// What could not be looked at.
pub(super) fn failed(report: &mut Report, about: &'static str, error: &StoreError) {
    report.broken(about, "unreadable", sentence(error), error.fix());
}
