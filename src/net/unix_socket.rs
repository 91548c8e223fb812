//! The Unix socket that a proxy on this device comes in by: made for its owner and group alone, from the beginning.
//!
//! Which group that is, the folder decides: where it is setgid, the socket gets the folder's. The module neither accepts nor
//! knows who connects.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use socket2::{Domain, SockAddr, Socket, Type};

use super::endpoint::BACKLOG;
use super::inherited;

/// Its owner and its group may connect, nobody else.
const MODE: u32 = 0o660;

/// How long another start in the same folder is waited for, which takes it less than a millisecond, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(5);

/// Makes the socket and listens. One that a console left which has ended is replaced.
///
/// # Errors
/// [`ErrorKind::AddrInUse`] where somebody listens there, [`ErrorKind::AlreadyExists`] where something else is, and the
/// kernel's refusals.
pub(super) fn bind(path: &Path) -> io::Result<UnixListener> {
    // Until it listens, a socket looks like one that was left behind: another start at the same time would remove it.
    let _lock = lock(path)?;
    remove_stale(path)?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    // The mode that the file is made with, as far as the umask leaves it (unix(7), and bind in the kernel's af_unix.c).
    rustix::fs::fchmod(&socket, Mode::from_raw_mode(MODE))?;
    socket.bind(&SockAddr::unix(path)?)?;
    fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
    inherited::set_buffers(&socket);
    socket.listen(BACKLOG)?;
    Ok(UnixListener::from(socket))
}

/// Keeps other consoles from making a socket in the folder until it is dropped. Whoever may read the folder can hold it as
/// well, so it is not waited for without end.
fn lock(path: &Path) -> io::Result<OwnedFd> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let folder = rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let until = Instant::now() + PATIENCE;
    loop {
        match rustix::fs::flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(folder),
            Err(Errno::WOULDBLOCK) if Instant::now() < until => sleep(LOOK),
            Err(Errno::WOULDBLOCK) => return Err(ErrorKind::AddrInUse.into()),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

fn remove_stale(path: &Path) -> io::Result<()> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !kind.is_socket() {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "something else is there"));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owner_and_group_alone_may_connect_and_a_socket_left_behind_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signet.sock");
        let first = bind(&path).expect("binds");
        let mode = fs::symlink_metadata(&path).expect("a socket").permissions().mode() & 0o777;
        assert_eq!(mode, MODE);
        assert_eq!(bind(&path).expect_err("taken").kind(), ErrorKind::AddrInUse);
        drop(first);
        assert!(path.exists(), "nobody has removed it");
        let second = bind(&path).expect("replaces it");
        UnixStream::connect(&path).expect("the second one listens");
        drop(second);
    }

    #[test]
    fn of_many_starts_at_the_same_time_one_listens_and_none_removes_its_socket() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("signet.sock");
        for round in 0..200 {
            // Each round begins with the socket that the one before left behind.
            let start = std::sync::Barrier::new(4);
            let outcomes: Vec<_> = std::thread::scope(|scope| {
                let starts = [(); 4].map(|()| {
                    scope.spawn(|| {
                        start.wait();
                        bind(&path)
                    })
                });
                starts.into_iter().map(|one| one.join().expect("no panic")).collect()
            });
            let (listening, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
            assert_eq!(listening.len(), 1, "round {round}: {refused:?}");
            assert!(
                refused.iter().all(|one| one.as_ref().is_err_and(|e| e.kind() == ErrorKind::AddrInUse)),
                "{refused:?}"
            );
            UnixStream::connect(&path).expect("the one that began is reached");
        }
    }

    #[test]
    fn what_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, "kept").expect("a file");
        assert_eq!(bind(&path).expect_err("not a socket").kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("it is there"), b"kept");
        assert_eq!(bind(&folder.path().join("no/such")).expect_err("no folder").kind(), ErrorKind::NotFound);
    }
}
