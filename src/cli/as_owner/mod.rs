//! Root on a directory of another owner becomes that owner, before anything is opened.
//!
//! So a command leaves no file that the console cannot read, and follows nothing that the owner planted with root's
//! rights. Without `unsafe` a process cannot give up its groups; the standard library does it on the way to another
//! program, which here is this one again.
//!
//! The owner may do as they like with a process of theirs, so it must not hold root's terminal: who can reach that can type
//! into it (TIOCSTI). Where there is one, a child gets a session without a terminal before it becomes the owner, and this
//! process stays root and relays (`relay`). It stays, too, where the command line names files: those are the caller's, which
//! the owner may not be able to read or make (`hand`). Else the same process goes on, as service managers expect.

mod devices;
mod escape;
mod hand;
mod relay;

use super::caller::CALLED_BY;
use super::error::CliError;
use super::terminal::Starter;
use rustix::process::{Signal, getpid, set_parent_process_death_signal, setsid};
use signet_store::owner_of;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

pub use hand::Files;

/// Variables that name the process they are meant for: sockets that systemd hands over, and its watchdog.
const MEANT_FOR: [&str; 2] = ["LISTEN_PID", "WATCHDOG_PID"];

/// Runs the command as the owner of `data`, where this is root and the owner is another one; else does nothing.
///
/// Gives the exit code where another process has run the command. Arguments, environment and descriptors stay, terminals
/// excepted; supplementary groups are given up.
pub fn become_owner(data: &Path, files: Files) -> Result<Option<ExitCode>, CliError> {
    let starter = Starter::of_this_process();
    let is_root = rustix::process::geteuid().is_root();
    if let (false, Some(starter)) = (is_root, &starter) {
        end_with(starter).map_err(CliError::Os)?;
    }
    if !is_root {
        return Ok(None);
    }
    let Some((uid, gid)) = owner_of(data)?.filter(|(uid, _)| *uid != 0) else { return Ok(None) };
    let failed = |source| CliError::Owner { path: data.to_path_buf(), uid, source };
    let mut command = this_command();
    match &starter {
        Some(starter) => leave_terminals(starter, &mut command).map_err(failed)?,
        None => {
            command.env(CALLED_BY, rustix::process::getuid().as_raw().to_string());
            if !files.is_empty() || devices::is_terminal_near().map_err(failed)? {
                return relay::run(command, files).map(Some).map_err(failed);
            }
        }
    }
    // With an uid the library calls setgroups(0), setgid and setuid in that order (CommandExt::uid).
    Err(failed(command.uid(uid).gid(gid).exec()))
}

/// For root's process that becomes another user later and by itself: leaves root's terminals first, as [`become_owner`] does.
///
/// Gives the exit code where another process has run the command.
pub fn leave_terminal(files: Files) -> Result<Option<ExitCode>, CliError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    match Starter::of_this_process() {
        Some(starter) => leave(&starter).map(|()| None),
        None if devices::is_terminal_near().map_err(CliError::Os)? => relay::run(this_command(), files).map(Some),
        None => Ok(None),
    }
    .map_err(CliError::Os)
}

/// After the process has become another user, which takes back what was said of its end: it ends with the one that started it.
pub fn end_with_starter() -> Result<(), CliError> {
    Starter::of_this_process().map_or(Ok(()), |starter| end_with(&starter)).map_err(CliError::Os)
}

/// Who does what of a command that root runs and the directory's owner has a part in.
#[derive(Debug)]
pub enum Half {
    /// The directory is root's: this process does both.
    Both,
    /// The owner's process has done its part; this one is root and goes on.
    Roots,
    /// This is the owner's process.
    Owners,
    /// The owner's process failed, and has said why.
    Failed(ExitCode),
    /// Neither root nor started by root.
    NotRoot,
}

/// Has the owner of `data` do their part of a command first, in a process of their own without this one's terminal. What root does
/// after that, and what root knows, stays here.
pub fn halves(data: &Path) -> Result<Half, CliError> {
    let starter = Starter::of_this_process();
    if !rustix::process::geteuid().is_root() {
        let Some(starter) = starter else { return Ok(Half::NotRoot) };
        end_with(&starter).map_err(CliError::Os)?;
        return Ok(Half::Owners);
    }
    let Some((uid, _)) = owner_of(data)?.filter(|(uid, _)| *uid != 0) else { return Ok(Half::Both) };
    if starter.is_some() {
        // Comes back with an error alone: else the owner's process has begun.
        return become_owner(data, Files::default()).map(|code| code.map_or(Half::NotRoot, Half::Failed));
    }
    let mut command = this_command();
    command.env(CALLED_BY, rustix::process::getuid().as_raw().to_string());
    let code = relay::run(command, Files::default()).map_err(|source| CliError::Owner {
        path: data.to_path_buf(),
        uid,
        source,
    })?;
    Ok(if code == ExitCode::SUCCESS { Half::Roots } else { Half::Failed(code) })
}

/// This program with the same arguments. The link leads to it also where the owner may not search the folder it is in.
fn this_command() -> Command {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| "signet".into());
    let mut command = Command::new("/proc/self/exe");
    command.arg0(name).args(arguments);
    command
}

/// The child, still root: a session of its own has no terminal, and no other descriptor leads to one.
fn leave(starter: &Starter) -> io::Result<()> {
    if !starter.lives() {
        return Err(gone());
    }
    setsid()?;
    devices::close_all()
}

/// The same before the child becomes the owner by starting this program again.
fn leave_terminals(starter: &Starter, command: &mut Command) -> io::Result<()> {
    leave(starter)?;
    let meant = starter.pid.as_raw_nonzero().to_string();
    for name in MEANT_FOR.into_iter().filter(|name| std::env::var(name).is_ok_and(|pid| pid == meant)) {
        command.env(name, getpid().as_raw_nonzero().to_string());
    }
    Ok(())
}

/// The child as the owner: it ends when the relay does. From here on the kernel says so; whether it is too late is looked at
/// after that.
fn end_with(starter: &Starter) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::TERM))?;
    if starter.lives() { Ok(()) } else { Err(gone()) }
}

fn gone() -> io::Error {
    io::Error::other("the process that started this one is gone")
}
