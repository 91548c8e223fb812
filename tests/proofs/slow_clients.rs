//! A crowd of slow visitors: idle ones, ones that never finish a handshake, ones that send a header a byte at a time. A
//! login page is still answered, memory stays within its bound, and everything is given back afterwards.

use crate::client::{Client, Tls, connect};
use crate::unit::{Console, Unit};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signet_testing::until;
use socket2::{Domain, Socket, Type};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const IDLE: usize = 2_000;
const UNFINISHED: usize = 500;
const TRICKLING: usize = 200;
/// Resident memory at most, KiB.
const MEMORY: u64 = 64 * 1024;
/// `net`'s bound on all connections.
const SLOTS: usize = 2_560;
/// `net`'s bound on connections that wait for room.
const WAITING: usize = 256;

/// A connection from one of the loopback network's addresses.
fn tcp_from(number: usize, console: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let [high, low] = u16::try_from(number % 65_000).unwrap().to_be_bytes();
    let from = SocketAddr::from((Ipv4Addr::new(127, 7, high, low), 0));
    socket.bind(&from.into()).unwrap();
    socket.connect(&console.into()).unwrap();
    socket.into()
}

fn allow_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = (IDLE + UNFINISHED + TRICKLING + 256) as u64;
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        setrlimit(Resource::Nofile, Rlimit { ..limit }).unwrap();
    }
}

fn idle(count: usize, console: SocketAddr) -> Vec<Tls> {
    (0..count).map(|number| connect(tcp_from(number, console)).unwrap()).collect()
}

/// The first bytes of a ClientHello, and never the rest. They come as fast as the console accepts them: it refuses whoever
/// comes when too many wait for room already, and nobody of this crowd is to be refused.
fn unfinished(count: usize, console: SocketAddr) -> Vec<TcpStream> {
    let begin = |number| {
        if number % (WAITING / 2) == 0 {
            // Its handshake ends after those who came before it have found room.
            connect(tcp_from(IDLE + UNFINISHED + TRICKLING + number, console)).unwrap();
        }
        let mut tcp = tcp_from(IDLE + number, console);
        tcp.write_all(&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]).unwrap();
        tcp
    };
    (0..count).map(begin).collect()
}

/// The siege; gives the resident memory at its height, KiB, and how long a login page took.
fn besiege(console: &Console) -> (u64, Duration) {
    let address = console.address;
    let idle = idle(IDLE, address);
    let unfinished = unfinished(UNFINISHED, address);
    let mut trickling: Vec<Tls> =
        (0..TRICKLING).map(|number| connect(tcp_from(IDLE + UNFINISHED + number, address)).unwrap()).collect();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for byte in b"GET /login HTTP/1.1\r\nHost: nas.local\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                .iter()
                .cycle()
            {
                for tls in &mut trickling {
                    // Whoever is too slow is closed; the others go on.
                    let _ = tls.write_all(&[*byte]).and_then(|()| tls.flush());
                }
                if stop.load(Ordering::Acquire) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(500));
            }
        });
        let began = Instant::now();
        let page = Client::new(address).get("/setup");
        let took = began.elapsed();
        assert_eq!(page.status, 200);
        // The memory for strangers ends before the slots do.
        assert!(console.open_files() > SLOTS / 5, "the crowd is not there: {} files", console.open_files());
        assert!(console.open_files() < SLOTS + 100, "more connections than slots: {}", console.open_files());
        let resident = console.resident();
        assert!(resident < MEMORY, "{resident} KiB resident");
        // Over the bound the oldest ones went first, and those that came last, but for the trickling ones, are there yet.
        let (oldest, youngest) = (closed(&idle[0].sock), closed(unfinished.last().unwrap()));
        assert!(oldest && !youngest, "the oldest is closed: {oldest}, the youngest: {youngest}");
        stop.store(true, Ordering::Release);
        drop(unfinished);
        (resident, took)
    })
}

/// True when the console has closed the connection.
fn closed(tcp: &TcpStream) -> bool {
    let mut tcp = tcp.try_clone().unwrap();
    tcp.set_nonblocking(true).unwrap();
    let mut chunk = [0; 4096];
    loop {
        match tcp.read(&mut chunk) {
            Ok(0) => return true,
            // Tickets, and TLS's word at the end.
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

#[test]
fn a_login_page_is_answered_memory_is_bounded_and_all_is_given_back() {
    allow_open_files();
    let console = Unit::new().serve();
    assert_eq!(Client::new(console.address).get("/setup").status, 200);
    let (files, resident) = (console.open_files(), console.resident());
    let (first, took) = besiege(&console);
    until("connections that nobody holds any more are not given back", || console.open_files() <= files);
    let after = console.resident();
    // What was given back is used again: the second crowd needs no more than the first.
    let (second, _) = besiege(&console);
    until("connections that nobody holds any more are not given back", || console.open_files() <= files);
    println!(
        "resident {resident} KiB before, {first} KiB with {IDLE} idle, {UNFINISHED} unfinished and {TRICKLING} trickling \
         visitors, {after} KiB after, {second} KiB with the second crowd; open files {files} before, {} after; \
         the login page took {took:?}",
        console.open_files()
    );
    assert!(second < first + first / 4, "{first} KiB, then {second} KiB");
}
