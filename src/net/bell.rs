//! Whether a descriptor may have something to read, told by the event loop: no system call, most of the time.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Calls what it is given when there may be something to read, and does nothing otherwise. What it calls must read all that
/// there is.
pub type Bell = Box<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// A bell on `queue`.
///
/// The kernel hands events out in the order in which they came, and the event loop takes all of them before it wakes
/// anybody: whoever was woken by a request hears of everything that came before it. Must be called in a tokio runtime with
/// I/O; the bell may then be asked anywhere.
///
/// # Errors
/// The event loop cannot watch the descriptor.
pub fn bell(queue: OwnedFd) -> io::Result<Bell> {
    #[expect(
        deprecated,
        reason = "for types that may close their descriptor: an OwnedFd keeps it open; the other one is unsafe"
    )]
    let queue = AsyncFd::with_interest(queue, Interest::READABLE)?;
    Ok(Box::new(move |look| {
        // That nothing is left silences it until there is more.
        let _ = queue.try_io(Interest::READABLE, |_| {
            look();
            Err::<(), _>(io::ErrorKind::WouldBlock.into())
        });
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write, pipe};
    use std::time::Duration;
    use tokio::time::{sleep, timeout};

    #[tokio::test]
    async fn rings_for_what_came_and_is_silent_once_it_was_read() {
        let (reader, mut writer) = pipe().unwrap();
        let mut read = reader.try_clone().unwrap();
        let bell = bell(reader.into()).unwrap();
        let mut heard = Vec::new();
        for letter in *b"ab" {
            bell(&mut || panic!("nothing has come"));
            writer.write_all(&[letter]).unwrap();
            let rung = async {
                while heard.last() != Some(&letter) {
                    bell(&mut || {
                        heard.push(0);
                        read.read_exact(heard.last_mut().map(std::slice::from_mut).unwrap()).unwrap();
                    });
                    sleep(Duration::from_millis(1)).await;
                }
            };
            timeout(Duration::from_secs(20), rung).await.expect("it rings soon");
        }
        assert_eq!(heard, b"ab");
    }
}
