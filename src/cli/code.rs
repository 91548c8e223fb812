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
use signet_store::{Secrecy, Store};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, IsTerminal, Write};
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
    /// A device that was named, such as a serial line.
    Device {
        /// Where.
        path: PathBuf,
        /// Open for writing.
        device: File,
    },
    /// A file that was named, made and still empty: whoever opened it may not be able to later.
    Empty {
        /// Where.
        path: PathBuf,
        /// Open for writing.
        file: File,
    },
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
pub fn outlet(file: Option<&Path>) -> Result<Option<Outlet>, CliError> {
    let Some(path) = file else {
        return Ok(match (Standard::Output.is_terminal(), Standard::Error.is_terminal()) {
            (true, _) => Some(Outlet::Output),
            (false, true) => Some(Outlet::Error),
            (false, false) => system_console().map(Outlet::Console),
        });
    };
    if path == Path::new("-") {
        return Ok(Some(Outlet::Output));
    }
    let failed = |source: std::io::Error| match source.kind() {
        ErrorKind::InvalidInput => say::not_seen(path).into(),
        _ => CliError::Unwritable { path: path.to_path_buf(), source },
    };
    Ok(Some(match caller_files::device(path).map_err(failed)? {
        Some(device) => Outlet::Device { path: path.to_path_buf(), device },
        None => Outlet::File { path: path.to_path_buf(), made: false },
    }))
}

/// For a start that goes on as a user who may open less: the place for a code, opened now. None where no code is needed, and
/// where nobody would see one.
pub fn opened_early(data: &Path, file: Option<&Path>) -> Result<Option<Outlet>, CliError> {
    // What cannot be told now is told when the directory is opened.
    let is_needed = |store: &Store| matches!((store.owner(), store.setup()), (Ok(None), Ok(None)));
    if Store::open_read_only(data).ok().flatten().is_some_and(|store| !is_needed(&store)) {
        return Ok(None);
    }
    match outlet(file)? {
        Some(Outlet::File { path, .. }) => match empty(&path) {
            Ok(file) => Ok(Some(Outlet::Empty { path, file })),
            Err(source) => Err(CliError::Unwritable { path, source }),
        },
        other => Ok(other),
    }
}

/// A new file of mode 0600. One that an earlier start left empty is as good, if only this user can read it.
fn empty(path: &Path) -> std::io::Result<File> {
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let taken = match new {
        Ok(file) => return signet_store::sync_folder_of(path).map(|()| file),
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        Err(error) => error,
    };
    let flags = i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits()).unwrap_or_default();
    let Ok(file) = OpenOptions::new().write(true).custom_flags(flags).open(path) else { return Err(taken) };
    let found = file.metadata()?;
    let is_ours = found.is_file() && found.uid() == rustix::process::geteuid().as_raw() && found.nlink() == 1;
    if is_ours && found.len() == 0 && found.mode() & 0o077 == 0 { Ok(file) } else { Err(taken) }
}

/// At a start: makes a setup code where the console needs one and somebody can see it, at `early` or where `file` says. Gives
/// what standard output says about it; none where there is an owner, and where the code itself was written there.
pub fn at_start(services: &Services, early: Option<Outlet>, file: Option<&Path>) -> Result<Option<String>, CliError> {
    if services.store.owner()?.is_some() {
        return Ok(None);
    }
    if services.store.setup()?.is_some() {
        return Ok(Some(say::CODE_MADE_EARLIER.to_owned()));
    }
    let outlet = early.map_or_else(|| outlet(file), |early| Ok(Some(early)))?;
    let Some(mut outlet) = outlet else { return Ok(Some(say::CODE_NOT_MADE.to_owned())) };
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
            Self::Device { path, device } => write(device, &line).map_err(|error| match error {
                CliError::Output(source) => CliError::Unwritable { path: path.clone(), source },
                other => other,
            }),
            Self::Empty { path, file } => {
                let failed = |source| CliError::Unwritable { path: path.clone(), source };
                let text = Zeroizing::new([code.expose_secret(), b"\n"].concat());
                file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)
            }
            Self::File { path, made } => {
                let failed = |source| CliError::Unwritable { path: path.clone(), source };
                let text = Zeroizing::new([code.expose_secret(), b"\n"].concat());
                let new = caller_files::prepare(path, &text, Secrecy::Secret).map_err(failed)?;
                // The very same cannot be there: the code is new.
                let new = new.ok_or_else(|| failed(ErrorKind::AlreadyExists.into()))?;
                new.publish().map_err(failed)?;
                *made = true;
                Ok(())
            }
        }
    }

    /// Takes the file away again: its code did not come into force, and it would be in the way of the next try.
    pub fn withdraw(&self) {
        match self {
            Self::File { path, made: true } => drop(caller_files::undo(path)),
            Self::Empty { file, .. } => drop(file.set_len(0)),
            _ => {}
        }
    }

    /// Where to look, for standard output; none where the code itself is there.
    pub fn told(&self) -> Option<String> {
        match self {
            Self::Output | Self::Error => None,
            Self::Console(_) => Some(say::CODE_ON_CONSOLE.to_owned()),
            Self::Device { path, .. } => Some(say::code_shown(path)),
            Self::File { path, .. } | Self::Empty { path, .. } => Some(say::code_written(path)),
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
