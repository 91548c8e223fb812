//! The terminal as a command sees it: its own, or the one that the process which started it relays (`as_owner`).
//!
//! Whoever wants to know whether a person reads or answers asks here, since a relayed terminal is a pipe or a socket.

use rustix::process::{Pid, getppid};
use std::io::{BufReader, IsTerminal, Read};
use std::os::fd::AsFd;

/// Says which process started this one, and which of its descriptors that one relays: `PID:012`.
pub(super) const STARTED_BY: &str = "SIGNET_STARTED_BY";
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

    /// False once it has ended: this process then has another parent.
    pub(super) fn lives(&self) -> bool {
        getppid() == Some(self.pid)
    }
}

/// Standard input. On a relayed terminal each read asks the relay for a line, so that nothing is read that nobody wants.
pub fn input() -> Box<dyn Read> {
    match Standard::Input.is_relayed() {
        true => Box::new(BufReader::with_capacity(LINE, Asked)),
        false => Box::new(std::io::stdin()),
    }
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

/// Standard input as a socket, whose other end reads from the terminal once for each byte that it gets.
struct Asked;

impl Read for Asked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let socket = std::io::stdin();
        // Nobody takes it after the end of the input, which the read then tells.
        let _ = rustix::io::write(socket.as_fd(), b"?");
        rustix::io::retry_on_intr(|| rustix::io::read(socket.as_fd(), &mut *buffer)).map_err(Into::into)
    }
}
