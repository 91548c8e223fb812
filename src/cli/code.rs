//! Where a setup code is shown: to eyes or in a file that was asked for, never in a pipe or a log by itself.
//!
//! The place is found before a code is made. A code that could not be shown is never put in force.

use super::caller_files;
use super::error::CliError;
use super::messages::recover as say;
use super::terminal::Standard;
use rustix::fs::OFlags;
use signet_app::Services;
use signet_domain::secret::Secret;
use signet_store::Secrecy;
use std::fs::{File, OpenOptions};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The label of a code.
const LABEL: &[u8] = b"Setup code:   ";

/// Where a code will be shown.
#[derive(Debug)]
pub enum Outlet {
    /// Standard output: a terminal, or asked for.
    Output,
    /// Standard error, which is a terminal where standard output is none.
    Error,
    /// The system's console.
    Console(File),
    /// A file that was named; made when the code is written.
    File {
        /// Where.
        path: PathBuf,
        /// True once it was made here.
        made: bool,
    },
}

/// The place for a code now, `file` where one was named (`-` is standard output, whatever it is); none where nobody would
/// see it.
pub fn outlet(file: Option<&Path>) -> Option<Outlet> {
    match file {
        Some(path) if path == Path::new("-") => Some(Outlet::Output),
        Some(path) => Some(Outlet::File { path: path.to_path_buf(), made: false }),
        None if Standard::Output.is_terminal() => Some(Outlet::Output),
        None if Standard::Error.is_terminal() => Some(Outlet::Error),
        None => system_console().map(Outlet::Console),
    }
}

/// At a start: makes a setup code where the console needs one and somebody can see it. Gives what standard output says about
/// it; none where there is an owner, and where the code itself was written there.
pub fn at_start(services: &Services, file: Option<&Path>) -> Result<Option<String>, CliError> {
    if services.store.owner()?.is_some() {
        return Ok(None);
    }
    if services.store.setup()?.is_some() {
        return Ok(Some(say::CODE_MADE_EARLIER.to_owned()));
    }
    let Some(mut outlet) = outlet(file) else { return Ok(Some(say::CODE_NOT_MADE.to_owned())) };
    let made = services.access.make_setup_code(|code| outlet.show(code));
    if made.is_err() {
        outlet.withdraw();
    }
    made.map(|()| outlet.told())
}

impl Outlet {
    /// Shows the code; when it returns it has been written. A file is new, of mode 0600 from the first byte, and durable.
    pub fn show(&mut self, code: &Secret) -> Result<(), CliError> {
        let line = Zeroizing::new([LABEL, code.expose_secret(), b"\n"].concat());
        match self {
            Self::Output => write(&mut std::io::stdout().lock(), &line),
            Self::Error => write(&mut std::io::stderr().lock(), &line),
            Self::Console(console) => write(console, &line),
            Self::File { path, made } => {
                let failed = |source| CliError::Unwritable { path: path.clone(), source };
                let text = Zeroizing::new([code.expose_secret(), b"\n"].concat());
                let new = caller_files::prepare(path, &text, Secrecy::Secret).map_err(failed)?;
                // The very same cannot be there: the code is new.
                let new = new.ok_or_else(|| failed(std::io::ErrorKind::AlreadyExists.into()))?;
                new.publish().map_err(failed)?;
                *made = true;
                Ok(())
            }
        }
    }

    /// Takes the file away again: its code did not come into force, and it would be in the way of the next try.
    pub fn withdraw(&self) {
        if let Self::File { path, made: true } = self {
            let _ = caller_files::undo(path);
        }
    }

    /// Where to look, for standard output; none where the code itself is there.
    pub fn told(&self) -> Option<String> {
        match self {
            Self::Output | Self::Error => None,
            Self::Console(_) => Some(say::CODE_ON_CONSOLE.to_owned()),
            Self::File { path, .. } => Some(say::code_written(path)),
        }
    }
}

fn write(to: &mut impl Write, line: &[u8]) -> Result<(), CliError> {
    to.write_all(line).and_then(|()| to.flush()).map_err(CliError::Output)
}

/// `/dev/console`, where it is a terminal: never a file that somebody put in its place.
pub fn system_console() -> Option<File> {
    let flags = i32::try_from((OFlags::NOCTTY | OFlags::NONBLOCK).bits()).ok()?;
    let console = OpenOptions::new().write(true).custom_flags(flags).open("/dev/console").ok()?;
    console.is_terminal().then_some(console)
}

/// For the factory's output, which holds the code: true when standard output goes to the journal. systemd says of which
/// file that holds (`JOURNAL_STREAM`, as `DEVICE:INODE`), since the variable is set, too, where standard error alone goes
/// there.
pub fn output_is_journal() -> bool {
    let Some(stream) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    match std::fs::metadata("/proc/self/fd/1") {
        Ok(output) => stream == format!("{}:{}", output.dev(), output.ino()),
        // Not known: a log is worse than a missing line.
        Err(_) => true,
    }
}
