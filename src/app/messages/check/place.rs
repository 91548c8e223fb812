//! The data directory: its place, its file system, and the owner and mode of every path.

use crate::messages::Said;

/// Said where a name is not put into a command: whoever chose it could have chosen it to be run.
const NOT_PLAIN: &str = "Signet did not choose its name, so no command is shown here.";

/// Nothing at the path.
pub(crate) fn missing(path: &str) -> Said {
    Said::new(
        format!("There is no data directory {path}."),
        "Name the data directory with --data, or run `signet serve` to make a new one.",
    )
}

/// As it should be.
pub(crate) fn marked(path: &str) -> String {
    format!("{path} is a data directory.")
}

/// Nothing in it.
pub(crate) fn empty(path: &str) -> String {
    format!("{path} is empty and not used yet.")
}

/// Somebody else's files.
pub(crate) fn foreign(path: &str) -> Said {
    Said::new(
        format!("{path} contains files and no lock file, so it is not a data directory."),
        "Name the data directory with --data. If you restored a backup, add the file `lock`, which may be empty.",
    )
}

/// A folder on the way that others can write to; `plain` is its path where it can be shown in a command.
pub(crate) fn replaceable(path: &str, plain: Option<&str>) -> Said {
    let fix = match plain {
        Some(plain) => format!("Make root its owner, and run `chmod go-w {plain}`."),
        None => format!("Make root its owner, and let nobody else write to it. {NOT_PLAIN}"),
    };
    Said::new(format!("{path} lets other users put another directory in place of the data directory."), fix)
}

/// FAT and the like.
pub(crate) fn without_modes(file_system: &str) -> Said {
    Said::new(
        format!(
            "The data directory is on {file_system}, which keeps no owners and modes: everybody can read the keys."
        ),
        "Move it to ext4, f2fs, UBIFS or another file system of Linux.",
    )
}

/// As it should be.
pub(crate) fn file_system(name: &str) -> String {
    format!("The file system is {name}.")
}

/// As it should be.
pub(crate) const WRITABLE: &str = "The directory can be written to.";

/// Free and total bytes, and inodes where the file system counts them.
pub(crate) fn space(free: u64, total: u64, inodes: Option<u64>) -> String {
    let inodes = inodes.map_or(String::new(), |inodes| format!(", and {inodes} inodes"));
    format!("{} KiB of {} KiB are free{inodes}.", free / 1024, total / 1024)
}

/// What to do about little of it.
pub(crate) const MAKE_ROOM: &str =
    "Free space on the partition: remove files of other programs, or requests that you no longer need.";

/// The check runs as another user than the console.
pub(crate) fn other_user(owner: u32, us: u32) -> Said {
    Said::new(
        format!("The directory belongs to user {owner}, and this check runs as user {us}."),
        format!("Run the check as user {owner} or as root."),
    )
}

/// As it should be.
pub(crate) fn paths(count: usize) -> String {
    format!("All {count} paths have the right owner and mode.")
}

/// Those that are not listed.
pub(crate) fn more_paths(more: usize) -> Said {
    let what = match more {
        1 => "1 more path has a wrong owner or mode.".to_owned(),
        more => format!("{more} more paths have a wrong owner or mode."),
    };
    Said::new(what, "Correct the paths above first.")
}

/// A path of another user.
pub(crate) fn wrong_owner(path: &str, uid: u32, owner: u32, plain: Option<&str>) -> Said {
    // -h: somebody could put a link to another file in its place meanwhile.
    let fix = match plain {
        Some(plain) => format!("Run `chown -h {owner} {plain}` as root."),
        None => {
            format!("Make user {owner} its owner, or move it out of the data directory if nobody needs it. {NOT_PLAIN}")
        }
    };
    Said::new(format!("{path} belongs to user {uid}, and the directory to user {owner}."), fix)
}

/// What to do about a mode; `wanted` is the right one.
pub(crate) fn set_mode(wanted: u32, plain: Option<&str>) -> String {
    match plain {
        Some(plain) => format!("Run `chmod {wanted:o} {plain}`."),
        None => {
            format!(
                "Set its mode to {wanted:04o}, or move it out of the data directory if nobody needs it. {NOT_PLAIN}"
            )
        }
    }
}

/// The console cannot use its own file.
pub(crate) fn unusable_mode(path: &str, mode: u32) -> String {
    format!("{path} has mode {mode:04o}: its owner cannot use it.")
}

/// Others can read or write it.
pub(crate) fn open_mode(path: &str, mode: u32) -> String {
    format!("{path} has mode {mode:04o}: others can use it.")
}

/// A file under several names.
pub(crate) fn hard_links(path: &str, names: u64, inode: u64) -> Said {
    Said::new(
        format!("{path} has {names} names (hard links)."),
        format!("Find the others with `find -inum {inode}` and remove them."),
    )
}

/// A directory that a reboot empties.
pub(crate) fn in_memory(file_system: &str) -> String {
    format!("The data directory is in memory ({file_system}): all keys and certificates are lost at the next reboot.")
}

/// What to do about it.
pub(crate) const MOVE_TO_DISK: &str = "Move the directory to a disk, or name one on a disk with --data.";
/// The console would have root's rights.
pub(crate) const RUNS_AS_ROOT: &str = "The data directory belongs to root, so the console runs as root.";
/// What to do about it.
pub(crate) const GIVE_AWAY: &str = "Stop the console and give the directory and all files in it to a user of its own \
     (chown -R). The shipped systemd units use the user signet.";

/// Soon no request can be made; sizes in KiB.
pub(crate) fn near_size_limit(used: u64, most: u64, by_partition: bool) -> Said {
    let fix = match by_partition {
        true => {
            "Delete requests that you no longer need, or use a larger partition: half of it stays free for other programs."
        }
        false => "Delete requests that you no longer need, or raise [limits] disk_mib.",
    };
    Said::new(format!("The requests use {used} KiB of the {most} KiB that they may use."), fix)
}

/// The configuration allows more than the partition has.
pub(crate) fn limit_over_partition(mib: u64, most: u64) -> Said {
    Said::new(
        format!("[limits] disk_mib is {mib}, but the requests may only use {most} KiB, half of the partition."),
        "Lower the limit, or use a larger partition.",
    )
}

/// As it should be.
pub(crate) fn within_limits(used: u64, most: u64, by_partition: bool) -> String {
    let why = if by_partition { ", half of the partition" } else { "" };
    format!("The requests use {used} KiB. They may use {most} KiB{why}.")
}

/// As it should be.
pub(crate) const SAME_MACHINE: &str = "No other device is recorded for the data directory.";

/// The data directory was first used on a device with another machine id.
pub(crate) const OTHER_ID: &str =
    "The machine id differs from the one that was recorded when this data directory was first used.";
/// The same, with other network cards.
pub(crate) const OTHER_CARDS: &str =
    "The network cards differ from those that were recorded when this data directory was first used.";
/// What to do about either.
pub(crate) const COPIED: &str = "If this is a copy of another device, run `signet recover identity` to make a new key for this \
                                 device. If the device was repaired or its system installed again, remove machine.json from \
                                 the data directory. The next start records the device.";
