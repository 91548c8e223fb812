//! Root's side of what the owner's process asks for ([`crate::cli::channel`]): files are opened and made as root, and only
//! those that root's own command line names.
//!
//! The other side is less trusted: paths and lengths are checked before anything is done, and nothing is made but the one new
//! file that was named.

use crate::cli::caller_files;
use crate::cli::channel::{self, MAX_NEW, MAX_PATH, Outcome};
use crate::cli::terminal::LINE;
use signet_store::{NewFile, Secrecy};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Files that a command line names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// To be read.
    pub inputs: Vec<PathBuf>,
    /// To be made.
    pub outputs: Vec<PathBuf>,
    /// To be read, where a process is there that can: no reason to have one.
    pub settings: Vec<PathBuf>,
}

impl Files {
    /// Notes a file to be read; standard input is none.
    pub fn input<'a>(mut self, path: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        self.inputs.extend(path.into_iter().filter(|path| path.as_path() != Path::new("-")).cloned());
        self
    }

    /// Notes a file that the owner should be able to read.
    pub fn setting<'a>(mut self, path: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        self.settings.extend(path.into_iter().cloned());
        self
    }

    /// Notes a file to be made; standard output is none.
    pub fn output<'a>(mut self, path: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        self.outputs.extend(path.into_iter().filter(|path| path.as_path() != Path::new("-")).cloned());
        self
    }

    /// True where none is named.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.outputs.is_empty()
    }
}

/// Answers until the other side has ended.
pub(super) fn serve(socket: &UnixStream, files: &Files) {
    let mut hand = Hand { files, ready: None, made: None };
    // Whoever does not keep to the messages, or has ended, is answered no more.
    while matches!(hand.answer(socket.as_fd()), Ok(true)) {}
}

struct Hand<'a> {
    files: &'a Files,
    /// Whole, without its name.
    ready: Option<(NewFile, PathBuf)>,
    /// The file that got its name last.
    made: Option<PathBuf>,
}

impl Hand<'_> {
    /// One question; false at the end.
    fn answer(&mut self, socket: BorrowedFd<'_>) -> io::Result<bool> {
        let mut question = [0];
        if channel::read_exact(socket, &mut question).is_err() {
            return Ok(false);
        }
        let [question] = question;
        let plain = |outcome: io::Result<Outcome>| outcome.map(|outcome| (outcome, None));
        match question {
            channel::LINE => {
                let line = read_terminal()?;
                let length = u16::try_from(line.len()).map_err(|_| io::ErrorKind::InvalidData)?;
                channel::write_all(socket, &length.to_le_bytes())?;
                channel::write_all(socket, &line)?;
            }
            channel::INPUT => {
                let input = io::stdin().as_fd().try_clone_to_owned();
                channel::answer(socket, input.map(|input| (Outcome::Done, Some(input))))?;
            }
            channel::READ => {
                let path = path(socket)?;
                let file = named(&self.files.inputs, &path).or_else(|_| named(&self.files.settings, &path));
                let file = file.and_then(File::open);
                channel::answer(socket, file.map(|file| (Outcome::Done, Some(file.into()))))?;
            }
            channel::NEW => {
                let path = path(socket)?;
                let mut head = [0; 5];
                channel::read_exact(socket, &mut head)?;
                let [secret, length @ ..] = head;
                let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
                if length > MAX_NEW {
                    return Err(io::ErrorKind::FileTooLarge.into());
                }
                let mut bytes = Zeroizing::new(vec![0; length]);
                channel::read_exact(socket, &mut bytes)?;
                let secrecy = if secret == 0 { Secrecy::Public } else { Secrecy::Secret };
                channel::answer(socket, plain(self.prepare(path, &bytes, secrecy)))?;
            }
            channel::BEGIN => {
                let path = path(socket)?;
                channel::answer(socket, self.begin(path).map(|file| (Outcome::Done, Some(file.into()))))?;
            }
            channel::DEVICE => {
                let path = path(socket)?;
                let device = named(&self.files.outputs, &path).and_then(|path| caller_files::own_device(path));
                channel::answer(socket, device.map(|device| (Outcome::Done, Some(device.into()))))?;
            }
            channel::PUBLISH => channel::answer(socket, plain(self.publish()))?,
            channel::UNDO => channel::answer(socket, plain(self.undo()))?,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(true)
    }

    fn prepare(&mut self, path: PathBuf, bytes: &[u8], secrecy: Secrecy) -> io::Result<Outcome> {
        named(&self.files.outputs, &path)?;
        self.ready = None;
        match NewFile::prepare(&path, bytes, secrecy) {
            Ok(new) => self.ready = Some((new, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && NewFile::is_there(&path, bytes, secrecy) => {
                return Ok(Outcome::Same);
            }
            Err(error) => return Err(error),
        }
        Ok(Outcome::Done)
    }

    fn begin(&mut self, path: PathBuf) -> io::Result<File> {
        named(&self.files.outputs, &path)?;
        self.ready = None;
        let new = NewFile::begin(&path, Secrecy::Secret)?;
        let file = new.file()?;
        self.ready = Some((new, path));
        Ok(file)
    }

    fn publish(&mut self) -> io::Result<Outcome> {
        let (new, path) = self.ready.take().ok_or(rustix::io::Errno::NOENT)?;
        new.publish()?;
        self.made = Some(path);
        Ok(Outcome::Done)
    }

    fn undo(&mut self) -> io::Result<Outcome> {
        let path = self.made.take().ok_or(rustix::io::Errno::NOENT)?;
        std::fs::remove_file(path)?;
        Ok(Outcome::Done)
    }
}

/// The path, where the command line names it.
fn named<'a>(files: &'a [PathBuf], path: &Path) -> io::Result<&'a PathBuf> {
    // Byte for byte: another spelling is another path.
    let found = files.iter().find(|file| file.as_os_str() == path.as_os_str());
    found.ok_or_else(|| rustix::io::Errno::ACCESS.into())
}

fn path(socket: BorrowedFd<'_>) -> io::Result<PathBuf> {
    let mut length = [0; 2];
    channel::read_exact(socket, &mut length)?;
    let length = usize::from(u16::from_le_bytes(length));
    if length > MAX_PATH {
        return Err(io::ErrorKind::InvalidFilename.into());
    }
    let mut path = vec![0; length];
    channel::read_exact(socket, &mut path)?;
    Ok(PathBuf::from(OsStr::from_bytes(&path)))
}

/// A line, or what there is of it. It may be a passphrase.
fn read_terminal() -> io::Result<Zeroizing<Vec<u8>>> {
    let mut line = Zeroizing::new(vec![0; LINE]);
    let count = io::stdin().read(&mut line)?;
    line.truncate(count);
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// What the other side gets for these bytes.
    fn answered(files: &Files, question: &[u8]) -> Vec<u8> {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(question).unwrap();
        theirs.shutdown(std::net::Shutdown::Write).unwrap();
        serve(&ours, files);
        drop(ours);
        let mut answer = Vec::new();
        theirs.read_to_end(&mut answer).unwrap();
        answer
    }

    fn question(kind: u8, path: &Path, rest: &[u8]) -> Vec<u8> {
        let path = path.as_os_str().as_bytes();
        [&[kind], &u16::try_from(path.len()).unwrap().to_le_bytes()[..], path, rest].concat()
    }

    #[test]
    fn only_files_of_the_command_line_are_opened_and_made() {
        let folder = tempfile::tempdir().unwrap();
        let (named, other) = (folder.path().join("named"), folder.path().join("other"));
        std::fs::write(&other, "secret").unwrap();
        let files = Files { inputs: vec![named.clone()], outputs: vec![named.clone()], ..Files::default() };
        let refused = [b"-".as_slice(), &rustix::io::Errno::ACCESS.raw_os_error().to_le_bytes()].concat();
        assert_eq!(answered(&files, &question(channel::READ, &other, &[])), refused);
        let bytes = [&[1], 3_u32.to_le_bytes().as_slice(), b"key"].concat();
        assert_eq!(answered(&files, &question(channel::NEW, &other, &bytes)), refused);
        assert_eq!(answered(&files, &question(channel::DEVICE, Path::new("/dev/tty"), &[])), refused);
        let no_device = answered(&files, &question(channel::DEVICE, &named, &[]));
        assert!(no_device.starts_with(b"-") && !named.exists(), "a device is never made");
        let sneaky = folder.path().join("../").join(folder.path().file_name().unwrap()).join("named");
        assert_eq!(answered(&files, &question(channel::READ, &sneaky, &[])), refused);
        assert_eq!(answered(&files, &question(channel::NEW, &named, &bytes)), b"+");
        assert!(!named.exists(), "it has no name before it is asked for");
        assert_eq!(answered(&files, &[question(channel::NEW, &named, &bytes), vec![channel::PUBLISH]].concat()), b"++");
        assert_eq!(std::fs::read(&named).unwrap(), b"key");
        assert_eq!(answered(&files, &question(channel::NEW, &named, &bytes)), b"=");
        assert!(answered(&files, &[channel::PUBLISH]).starts_with(b"-"), "nothing is ready");
        assert!(answered(&files, &[channel::UNDO]).starts_with(b"-"), "nothing was made here");
    }

    #[test]
    fn lengths_are_bounded_before_anything_is_held() {
        let files = Files { outputs: vec!["x".into()], ..Files::default() };
        assert_eq!(answered(&files, &[&[channel::READ], u16::MAX.to_le_bytes().as_slice()].concat()), b"");
        let huge = [&[1], u32::MAX.to_le_bytes().as_slice()].concat();
        assert_eq!(answered(&files, &question(channel::NEW, Path::new("x"), &huge)), b"");
        assert_eq!(answered(&files, b"?"), b"", "no such question");
    }
}
