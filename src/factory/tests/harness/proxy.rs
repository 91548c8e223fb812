//! Lies between a station and the server, and cuts a connection once its COMMIT has been carried out, before the answer.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct Proxy {
    port: u16,
    /// Connections that were cut.
    pub cut: Arc<AtomicUsize>,
}

impl Proxy {
    /// Cuts so many commits. `before_the_cut` is called when the server has answered.
    pub fn start(socket: &str, cuts: usize, before_the_cut: impl Fn() + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, cut) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let (socket, count) = (format!("{socket}/.s.PGSQL.5432"), Arc::clone(&cut));
        std::thread::spawn(move || {
            for station in listener.incoming() {
                let (socket, count, before) = (socket.clone(), Arc::clone(&count), before_the_cut.clone());
                std::thread::spawn(move || relay(&station.unwrap(), &socket, &count, cuts, before));
            }
        });
        Self { port, cut }
    }

    pub fn url(&self, user: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/factory?sslmode=disable", self.port)
    }
}

fn relay(station: &TcpStream, socket: &str, count: &Arc<AtomicUsize>, cuts: usize, before: impl Fn()) {
    let Ok(server) = UnixStream::connect(socket) else { return };
    let (mut back, mut to) = (server.try_clone().unwrap(), station.try_clone().unwrap());
    let is_committing = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&is_committing);
    let answers = std::thread::spawn({
        let count = Arc::clone(count);
        let station = station.try_clone().unwrap();
        move || {
            let mut buffer = vec![0; 65536];
            while let Ok(length @ 1..) = back.read(&mut buffer) {
                if seen.load(Ordering::SeqCst) > 0 && count.fetch_add(1, Ordering::SeqCst) < cuts {
                    return true;
                }
                seen.store(0, Ordering::SeqCst);
                if to.write_all(&buffer[..length]).is_err() {
                    break;
                }
            }
            let _ = station.shutdown(Shutdown::Both);
            false
        }
    });
    let (mut from, mut server) = (station.try_clone().unwrap(), server);
    std::thread::spawn(move || {
        let mut buffer = vec![0; 65536];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if buffer[..length].windows(7).any(|bytes| bytes == b"COMMIT\0") {
                is_committing.store(1, Ordering::SeqCst);
            }
            if server.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = server.shutdown(Shutdown::Both);
    });
    if answers.join().unwrap() {
        before();
        let _ = station.shutdown(Shutdown::Both);
    }
}
