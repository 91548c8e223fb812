//! Root on a directory of another owner becomes that owner, before anything is opened.
//!
//! So a command leaves no file that the console cannot read, and follows nothing that the owner planted with root's
//! rights. Without `unsafe` a process cannot give up its groups; the standard library does it on the way to another
//! program, which here is this one again, in the same process.

use super::error::CliError;
use signet_store::owner_of;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Set in the second run, so that there is no third one: whoever may not become the owner is told so by the store.
const BECAME: &str = "SIGNET_BECAME_OWNER";

/// Runs the command again as the owner of `data`, where this is root and the owner is another one; else does nothing.
///
/// Only returns where nothing was to be done, or on failure. Arguments, environment, descriptors and the process id
/// stay; supplementary groups are given up.
pub fn become_owner(data: &Path) -> Result<(), CliError> {
    if !rustix::process::geteuid().is_root() || std::env::var_os(BECAME).is_some() {
        return Ok(());
    }
    let Some((uid, gid)) = owner_of(data)?.filter(|(uid, _)| *uid != 0) else { return Ok(()) };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| "signet".into());
    // The link leads to this very program, also where the owner may not search the folder that it lies in. With an uid
    // the library calls setgroups(0), setgid and setuid in that order (CommandExt::uid).
    let source = Command::new("/proc/self/exe").arg0(name).args(arguments).env(BECAME, "1").uid(uid).gid(gid).exec();
    Err(CliError::Owner { path: data.to_path_buf(), uid, source })
}
