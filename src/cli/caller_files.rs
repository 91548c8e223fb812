//! Files that the command line names, as whoever called it: also where root's command goes on as the owner of the data
//! directory, which may neither read root's files nor write where root may.

use super::channel::{self, Outcome};
use super::terminal::Starter;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use signet_store::{NewFile, Secrecy};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// The major number of null, zero and their like, where nobody sees what is written.
const MEMORY_DEVICES: u32 = 1;

/// Opens a file for reading.
pub fn open(path: &Path) -> io::Result<File> {
    if Starter::opens_files() { channel::open(path) } else { File::open(path) }
}

/// Text of a small file.
pub fn read_to_string(path: &Path, most: u64) -> io::Result<String> {
    use std::io::Read;
    let mut text = String::new();
    let length = open(path)?.take(most + 1).read_to_string(&mut text)?;
    if length as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, crate::cli::messages::files::too_large(most)));
    }
    Ok(text)
}

/// A new file, whole and without its name; nothing of it is left where it is dropped.
#[derive(Debug)]
pub enum New {
    /// Made by this process.
    Own(NewFile),
    /// Made by the one that started it.
    Callers,
}

/// Writes a new file. None where the very same is there.
pub fn prepare(path: &Path, bytes: &[u8], secrecy: Secrecy) -> io::Result<Option<New>> {
    if Starter::opens_files() {
        let outcome = channel::prepare(path, bytes, secrecy == Secrecy::Secret)?;
        return Ok((outcome == Outcome::Done).then_some(New::Callers));
    }
    match NewFile::prepare(path, bytes, secrecy) {
        Ok(new) => Ok(Some(New::Own(new))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && NewFile::is_there(path, bytes, secrecy) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Begins a new secret file (mode 0600) that is too large to be held: it is written by way of the descriptor.
pub fn begin(path: &Path) -> io::Result<(File, New)> {
    if Starter::opens_files() {
        return Ok((channel::begin(path)?, New::Callers));
    }
    let new = NewFile::begin(path, Secrecy::Secret)?;
    Ok((new.file()?, New::Own(new)))
}

/// Opens a character device for writing, such as a serial line; none where something else is there, or nothing. Nothing is
/// made or cut.
pub fn device(path: &Path) -> io::Result<Option<File>> {
    let opened = if Starter::opens_files() { channel::device(path) } else { own_device(path) };
    match opened.map_err(|error| (Errno::from_io_error(&error), error)) {
        Ok(device) => Ok(Some(device)),
        Err((Some(Errno::NOENT | Errno::NOTDIR | Errno::NODEV), _)) => Ok(None),
        Err((_, error)) => Err(error),
    }
}

/// The same in this process; [`Errno::NODEV`] where it is no such device, and [`Errno::INVAL`] where nobody would see it. It does not become the process's terminal, and a
/// line that nobody has connected keeps nobody waiting.
pub(super) fn own_device(path: &Path) -> io::Result<File> {
    // Opening a pipe or a tape has effects of its own, so it is looked at before.
    let is_device = |metadata: &Metadata| metadata.file_type().is_char_device();
    if !is_device(&std::fs::metadata(path)?) {
        return Err(Errno::NODEV.into());
    }
    let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let device = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    match device.metadata()? {
        found if !is_device(&found) => Err(Errno::NODEV.into()),
        found if rustix::fs::major(found.rdev()) == MEMORY_DEVICES => Err(Errno::INVAL.into()),
        _ => Ok(device),
    }
}

impl New {
    /// Gives it its name.
    pub fn publish(self) -> io::Result<()> {
        match self {
            Self::Own(new) => new.publish(),
            Self::Callers => channel::publish(),
        }
    }
}

/// Takes away the file that was published last, at this path.
pub fn undo(path: &Path) -> io::Result<()> {
    if Starter::opens_files() { channel::undo() } else { std::fs::remove_file(path) }
}
