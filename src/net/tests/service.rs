//! Start and stop: what becomes of requests, and what systemd is told.

use std::net::TcpListener;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;

use super::{PATIENCE, SHORT, Server, Settings, header, soon};
use crate::{Deadlines, Limits, Listeners, notify};

#[tokio::test]
async fn a_request_in_flight_is_finished_and_idle_connections_are_closed() {
    let server = Server::start(Settings::default());
    let (mut busy, mut used, mut unused) = (server.connect().await, server.connect().await, server.connect().await);
    assert_eq!(used.get("/").await.status, 200);
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    soon(server.handler.entered.notified()).await;

    server.stop.send(()).unwrap();
    used.closed().await;
    unused.closed().await;
    assert!(soon(TcpStream::connect(server.address)).await.is_err(), "nobody is let in any more");
    assert!(!server.task.is_finished());

    server.handler.leave.notify_one();
    let answer = busy.answer().await;
    assert_eq!((answer.body.as_str(), header(&answer.head, "connection")), ("waited", Some("close")));
    busy.closed().await;
    drop(busy);
    soon(server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_after_the_drain() {
    let deadlines = Deadlines { drain: SHORT, ..Deadlines::default() };
    let server = Server::start(Settings { deadlines, ..Settings::default() });
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    soon(server.handler.entered.notified()).await;
    server.stop.send(()).unwrap();
    soon(server.task).await.unwrap().unwrap();
    busy.closed().await;
}

#[tokio::test]
async fn the_server_waits_for_a_request_whose_client_has_gone() {
    let server = Server::start(Settings::default());
    let mut gone = server.connect().await;
    gone.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    soon(server.handler.entered.notified()).await;
    drop(gone);
    server.stop.send(()).unwrap();
    let handler = Arc::clone(&server.handler);
    tokio::spawn(async move {
        // Time for a server that does not wait to end too early.
        tokio::time::sleep(SHORT).await;
        handler.leave.notify_one();
    });
    soon(server.task).await.unwrap().unwrap();
    let left = server.handler.left.notified();
    tokio::time::timeout(Duration::ZERO, left).await.expect("the request was finished before the server");
}

/// Runs one of the ignored tests below in a process of its own, since an environment belongs to a process.
fn child(test: &str) -> Command {
    let mut command = Command::new("sh");
    let binary = std::env::current_exe().unwrap();
    // The socket of standard input becomes the first one that systemd hands over.
    command.args(["-c", r#"exec 3<&0; [ -z "$FILES" ] || ulimit -n "$FILES"; exec "$0" "$@""#]).arg(binary);
    command.args(["--exact", "--ignored", "--test-threads=1", &format!("tests::service::{test}")]);
    command.stdout(Stdio::null());
    command
}

#[test]
fn systemd_is_told_ready_alive_reloading_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut child =
        child("child_serves_and_stops").env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "20000").spawn().unwrap();
    let mut told = Vec::new();
    while told.last().is_none_or(|last| last != "STOPPING=1") {
        let mut message = [0; 256];
        let length = socket.recv(&mut message).unwrap();
        told.push(String::from_utf8_lossy(&message[..length]).trim_end().to_owned());
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(told[0], "READY=1", "{told:?}");
    assert!(told.iter().filter(|word| *word == "WATCHDOG=1").count() >= 2, "{told:?}");
    assert!(told.iter().any(|word| word.starts_with("RELOADING=1\nMONOTONIC_USEC=")), "{told:?}");
}

#[tokio::test]
#[ignore = "the child of another test"]
async fn child_serves_and_stops() {
    let server = Server::start(Settings::default());
    assert_eq!(server.connect().await.get("/").await.status, 200);
    notify::reloading();
    let mut beat = tokio::time::interval(notify::watchdog_interval().unwrap());
    for _ in 0..10 {
        beat.tick().await;
    }
    server.stop.send(()).unwrap();
    soon(server.task).await.unwrap().unwrap();
}

#[test]
fn fewer_connections_are_taken_where_few_open_files_are_allowed() {
    assert!(child("child_counts_its_slots").env("FILES", "356").status().unwrap().success());
}

#[test]
#[ignore = "the child of another test"]
fn child_counts_its_slots() {
    let within = |connections| Limits { connections, ..Limits::default() }.within_open_files().connections;
    assert_eq!((within(2_560), within(36), within(20)), (36, 36, 20));
}

#[test]
fn a_socket_that_systemd_hands_over_is_taken_by_its_name() {
    for (name, role) in [("signet.socket", "console"), ("redirect", "redirect alone")] {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let status = child("child_takes_over_a_socket")
            .env("LISTEN_FDS", "1")
            .env("LISTEN_FDNAMES", name)
            .env("EXPECTED", format!("{role} {port}"))
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(socket)))
            .status();
        assert!(status.unwrap().success(), "{name}");
    }
}

#[test]
#[ignore = "the child of another test"]
fn child_takes_over_a_socket() {
    let expected = std::env::var("EXPECTED").unwrap();
    match Listeners::handed_over() {
        Ok(listeners) => assert_eq!(expected, format!("console {}", listeners.unwrap().addresses()[0].port())),
        Err(error) => {
            assert!(expected.starts_with("redirect alone") && error.to_string().contains("no address"), "{error}");
        }
    }
}
