//! A command of this program as a process of its own, so that its memory and its rights end with it.
//!
//! It ends by itself or by its deadline. What it prints goes where this process prints.

use super::super::caller::CALLED_BY;
use super::super::output::tell;
use super::super::terminal::STARTED_BY;
use crate::cli::messages::watch as say;
use serde::Serialize;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often it is asked whether it has ended.
const PAUSE: Duration = Duration::from_millis(50);

/// The code of a command that could not be started, or did not end by itself.
pub(super) const FAILED: u8 = 255;

/// A command that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Ran {
    /// Its words.
    command: String,
    /// Its exit code.
    pub(super) code: u8,
}

/// Where commands are run.
pub(super) struct Commands {
    /// The data directory.
    pub(super) data: PathBuf,
    /// What they print is not wanted, but for errors.
    pub(super) is_silent: bool,
}

impl Commands {
    /// Runs `signet --data DATA ARGUMENTS…` for at most `most`.
    pub(super) fn run<S: AsRef<OsStr>>(&self, arguments: &[S], most: Duration) -> Ran {
        let mut command = Command::new("/proc/self/exe");
        command.arg0("signet").arg("--data").arg(&self.data).args(arguments);
        // What was said of this process holds for none that it starts.
        command.env_remove(STARTED_BY).env_remove(CALLED_BY).stdin(Stdio::null());
        if self.is_silent {
            command.stdout(Stdio::null());
        }
        let words = arguments.iter().map(|argument| argument.as_ref().to_string_lossy()).collect::<Vec<_>>().join(" ");
        let code = match command.spawn().and_then(|child| within(child, most)) {
            Ok(Some(status)) => status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(FAILED),
            Ok(None) => {
                tell(say::too_slow(&words, most));
                FAILED
            }
            Err(error) => {
                tell(say::not_started(&words, &error));
                FAILED
            }
        };
        Ran { command: words, code }
    }
}

/// None where its time was over.
fn within(mut child: Child, most: Duration) -> io::Result<Option<ExitStatus>> {
    let until = Instant::now() + most;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}
