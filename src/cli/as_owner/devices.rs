//! Which inherited descriptors lead to a terminal, and whether the session has one.

use std::io::{self, IsTerminal};
use std::os::fd::RawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

/// Null, zero and random devices, which anybody may hold.
const MEMORY_DEVICES: u32 = 1;

/// True where this process could reach a terminal: its session's, or by a descriptor.
pub(super) fn is_terminal_near() -> io::Result<bool> {
    let standard = io::stdin().is_terminal() || io::stdout().is_terminal() || io::stderr().is_terminal();
    Ok(standard || session_has_terminal() || !inherited()?.is_empty())
}

/// Closes every descriptor behind the standard ones that leads to a terminal. Nothing of ours is open there: the process has
/// only just begun.
pub(super) fn close_all() -> io::Result<()> {
    for descriptor in inherited()? {
        nix::unistd::close(descriptor)?;
    }
    Ok(())
}

/// The terminal's number in proc_pid_stat(5) is the seventh field; the second one is the name in brackets, which may hold
/// anything. What cannot be read counts as a terminal: that is the careful way.
fn session_has_terminal() -> bool {
    let stat = std::fs::read("/proc/self/stat").unwrap_or_default();
    let stat = String::from_utf8_lossy(&stat);
    let number = stat.rsplit_once(')').and_then(|(_, fields)| fields.split_whitespace().nth(4));
    number != Some("0")
}

/// Character devices count without being opened, which would have effects of its own: a terminal has many names, and no
/// command reads from another device by a descriptor.
fn inherited() -> io::Result<Vec<RawFd>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc/self/fd")? {
        let entry = entry?;
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse::<RawFd>().ok()) else { continue };
        if number > 2
            && let Ok(file) = std::fs::metadata(entry.path())
            && file.file_type().is_char_device()
            && rustix::fs::major(file.rdev()) != MEMORY_DEVICES
        {
            found.push(number);
        }
    }
    Ok(found)
}
