//! The terminal as a command sees it: its own, or the one that the process which started it relays (`as_owner`).
//!
//! Whoever wants to know whether a person reads or answers asks here, since a relayed terminal is a pipe or a socket.

use super::channel;
use rustix::process::{Pid, getppid};
use std::io::{BufReader, IsTerminal, Read};

/// Says which process started this one, and which of its descriptors that one relays: `PID:012`; with an `f` it also opens and
/// makes the files that its command line names ([`super::channel`]).
pub(super) const STARTED_BY: &str = "SIGNET_STARTED_BY";
/// The width of the terminal, for those who cannot ask it.
pub(super) const COLUMNS: &str = "COLUMNS";
/// The letter for it.
pub(super) const FILES: char = 'f';
/// The most that is asked for at once. The relay reads as much, so that one request never leaves a rest for the next one.
pub(super) const LINE: usize = 4096;

/// One of the three standard descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// Standard input.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

impl Standard {
    /// Its number, as in [`STARTED_BY`].
    pub(super) fn digit(self) -> char {
        match self {
            Self::Input => '0',
            Self::Output => '1',
            Self::Error => '2',
        }
    }

    /// True where it leads to a terminal, directly or by a relay.
    pub fn is_terminal(self) -> bool {
        let direct = match self {
            Self::Input => std::io::stdin().is_terminal(),
            Self::Output => std::io::stdout().is_terminal(),
            Self::Error => std::io::stderr().is_terminal(),
        };
        direct || self.is_relayed()
    }

    fn is_relayed(self) -> bool {
        Starter::of_this_process().is_some_and(|starter| starter.lives() && starter.relays.contains(self.digit()))
    }
}

/// Where a terminal does not say how wide it is: a serial console.
const USUAL_WIDTH: usize = 80;

/// Columns of the terminal that standard output leads to; none where it leads to none, and lines may be of any length.
pub fn width() -> Option<usize> {
    Standard::Output.is_terminal().then(|| own_width().or_else(told_width).unwrap_or(USUAL_WIDTH))
}

/// Columns for what is wrapped also where no terminal is: help.
pub(super) fn width_of_help() -> usize {
    width().or_else(told_width).unwrap_or(100)
}

fn own_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// `COLUMNS`, which a shell may export, and which the relay sets.
fn told_width() -> Option<usize> {
    std::env::var(COLUMNS).ok()?.parse().ok().filter(|columns| *columns > 0)
}

/// The process that started this one to let it become a directory's owner.
#[derive(Debug)]
pub(super) struct Starter {
    pub(super) pid: Pid,
    relays: String,
}

impl Starter {
    pub(super) fn of_this_process() -> Option<Self> {
        let said = std::env::var(STARTED_BY).ok()?;
        let (pid, relays) = said.split_once(':')?;
        Some(Self { pid: Pid::from_raw(pid.parse().ok()?)?, relays: relays.to_owned() })
    }

    /// True where the process that started this one opens and makes files for it.
    pub(super) fn opens_files() -> bool {
        Self::of_this_process().is_some_and(|starter| starter.lives() && starter.relays.contains(FILES))
    }

    /// False once it has ended: this process then has another parent.
    pub(super) fn lives(&self) -> bool {
        getppid() == Some(self.pid)
    }
}

/// Standard input. On a relayed terminal each read asks the relay for a line, so that nothing is read that nobody wants.
pub fn input() -> std::io::Result<Box<dyn Read>> {
    Ok(match (Standard::Input.is_relayed(), Starter::opens_files()) {
        (true, _) => Box::new(BufReader::with_capacity(LINE, Asked)),
        (false, true) => Box::new(channel::input()?),
        (false, false) => Box::new(std::io::stdin()),
    })
}

/// A line from standard input, with its end.
pub fn line() -> std::io::Result<String> {
    let mut line = String::new();
    match Standard::Input.is_relayed() {
        true => std::io::BufRead::read_line(&mut BufReader::with_capacity(LINE, Asked), &mut line)?,
        false => std::io::stdin().read_line(&mut line)?,
    };
    Ok(line)
}

/// Standard input as a socket, whose other end reads from the terminal once for each time that it is asked.
struct Asked;

impl Read for Asked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        channel::line(buffer)
    }
}
