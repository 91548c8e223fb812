//! What the owner's process asks of root's, which started it: a line of the terminal, a file that was named on root's command
//! line, a new file there. It speaks over standard input, which is a socket then.
//!
//! Here are the messages and the asking side. What may be asked for is decided on the other side (`as_owner::hand`): only what
//! the command line names. One question at a time, each with its answer.
//!
//! ```text
//! l                                         a line of the terminal: u16 length, bytes; 0 at its end
//! i                                         standard input, opened: an outcome with a descriptor
//! r  u16 length, path                       a file for reading: an outcome with a descriptor
//! n  u16 length, path, u8 secret, u32 length, bytes   a new file, whole but without its name: an outcome
//! b  u16 length, path                       a new secret file, empty and without its name: an outcome with a descriptor
//! d  u16 length, path                       a character device for writing: an outcome with a descriptor
//! p                                         its name: an outcome
//! u                                         the file that got its name last is taken away again: an outcome
//! ```
//!
//! An outcome is one byte, `+` for yes and `=` for "the very same is there", or `-` and the errno as i32.

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(super) const LINE: u8 = b'l';
pub(super) const INPUT: u8 = b'i';
pub(super) const READ: u8 = b'r';
pub(super) const NEW: u8 = b'n';
pub(super) const BEGIN: u8 = b'b';
pub(super) const DEVICE: u8 = b'd';
pub(super) const PUBLISH: u8 = b'p';
pub(super) const UNDO: u8 = b'u';

/// The longest path, bytes.
pub(super) const MAX_PATH: usize = 4096;
/// The largest new file, bytes: more than any file that leaves.
pub(super) const MAX_NEW: usize = 4 * 1024 * 1024;

/// How a question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Same,
}

/// Asks for a line of the terminal; gives its length.
pub(super) fn line(buffer: &mut [u8]) -> io::Result<usize> {
    let socket = io::stdin();
    // Nobody takes it after the end of the input, which the read then tells.
    let _ = rustix::io::write(socket.as_fd(), &[LINE]);
    let mut length = [0; 2];
    if read_exact(socket.as_fd(), &mut length).is_err() {
        return Ok(0);
    }
    let length = usize::from(u16::from_le_bytes(length));
    let into = buffer.get_mut(..length).ok_or(io::ErrorKind::InvalidData)?;
    read_exact(socket.as_fd(), into)?;
    Ok(length)
}

/// Asks for standard input as whoever called has it.
pub(super) fn input() -> io::Result<File> {
    ask(&[INPUT], true)?.1.map(File::from).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Asks for a file that the command line names.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let question = [&[READ], path_bytes(path)?.as_slice()].concat();
    ask(&question, true)?.1.map(File::from).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Asks for a character device that the command line names.
pub(super) fn device(path: &Path) -> io::Result<File> {
    let question = [&[DEVICE], path_bytes(path)?.as_slice()].concat();
    ask(&question, true)?.1.map(File::from).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Asks for a new file that the command line names; it gets its name by [`publish`].
pub(super) fn prepare(path: &Path, bytes: &[u8], is_secret: bool) -> io::Result<Outcome> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge)?.to_le_bytes();
    let head = [&[NEW], path_bytes(path)?.as_slice(), &[u8::from(is_secret)], &length].concat();
    write_all(io::stdin().as_fd(), &head)?;
    ask(bytes, false).map(|(outcome, _)| outcome)
}

/// Asks for a new file that the command line names, to be written by this process; it gets its name by [`publish`].
pub(super) fn begin(path: &Path) -> io::Result<File> {
    let question = [&[BEGIN], path_bytes(path)?.as_slice()].concat();
    ask(&question, true)?.1.map(File::from).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Asks for the new file's name.
pub(super) fn publish() -> io::Result<()> {
    ask(&[PUBLISH], false).map(drop)
}

/// Asks for the last new file to be taken away.
pub(super) fn undo() -> io::Result<()> {
    ask(&[UNDO], false).map(drop)
}

fn path_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let path = path.as_os_str().as_bytes();
    let length = u16::try_from(path.len()).ok().filter(|length| usize::from(*length) <= MAX_PATH);
    let length = length.ok_or(io::ErrorKind::InvalidFilename)?;
    Ok([&length.to_le_bytes(), path].concat())
}

fn ask(question: &[u8], with_file: bool) -> io::Result<(Outcome, Option<OwnedFd>)> {
    let socket = io::stdin();
    write_all(socket.as_fd(), question)?;
    let (mut status, file) = ([0], with_file.then(|| receive(socket.as_fd())).transpose()?);
    let (status, file) = match file {
        Some((byte, file)) => (byte, file),
        None => {
            read_exact(socket.as_fd(), &mut status)?;
            let [byte] = status;
            (byte, None)
        }
    };
    match status {
        b'+' => Ok((Outcome::Done, file)),
        b'=' => Ok((Outcome::Same, file)),
        _ => {
            let mut errno = [0; 4];
            read_exact(socket.as_fd(), &mut errno)?;
            Err(io::Error::from_raw_os_error(i32::from_le_bytes(errno)))
        }
    }
}

/// One byte, with a descriptor where one comes along.
fn receive(socket: BorrowedFd<'_>) -> io::Result<(u8, Option<OwnedFd>)> {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::CMSG_CLOEXEC;
    let got = rustix::io::retry_on_intr(|| recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut control, flags))?;
    if got.bytes == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let file = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let [byte] = byte;
    Ok((byte, file))
}

/// Answers with an outcome and, for yes, perhaps a descriptor.
pub(super) fn answer(socket: BorrowedFd<'_>, outcome: io::Result<(Outcome, Option<OwnedFd>)>) -> io::Result<()> {
    let (outcome, file) = match outcome {
        Ok(done) => done,
        Err(error) => {
            let errno = rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO).raw_os_error();
            return write_all(socket, &[b"-".as_slice(), &errno.to_le_bytes()].concat());
        }
    };
    let byte = [if outcome == Outcome::Same { b'=' } else { b'+' }];
    let Some(file) = file else { return write_all(socket, &byte) };
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let files = [file.as_fd()];
    if !control.push(SendAncillaryMessage::ScmRights(&files)) {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    let flags = SendFlags::NOSIGNAL;
    rustix::io::retry_on_intr(|| sendmsg(socket, &[IoSlice::new(&byte)], &mut control, flags))?;
    Ok(())
}

/// Reads all of it.
pub(super) fn read_exact(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<()> {
    Socket(socket).read_exact(buffer)
}

/// Writes all of it; a reader that has gone is an error and no signal.
pub(super) fn write_all(socket: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let count = rustix::io::retry_on_intr(|| rustix::net::send(socket, rest, SendFlags::NOSIGNAL))?;
        rest = rest.get(count..).unwrap_or_default();
    }
    Ok(())
}

struct Socket<'a>(BorrowedFd<'a>);

impl Read for Socket<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        rustix::io::retry_on_intr(|| rustix::io::read(self.0, &mut *buffer)).map_err(Into::into)
    }
}
