//! Requests, their deadlines, and what goes wrong with them.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use super::{PATIENCE, SHORT, Server, Settings, header, soon};
use crate::Deadlines;

/// Only `Deadlines` given are short: nothing else may end the connection.
fn long() -> Deadlines {
    let long = 3 * PATIENCE;
    Deadlines { handshake: long, idle: long, head: long, exchange: long, ..Deadlines::default() }
}

fn with(deadlines: Deadlines) -> Settings {
    Settings { deadlines, ..Settings::default() }
}

#[tokio::test]
async fn answers_one_request_after_another_on_a_connection() {
    let server = Server::start(Settings::default());
    let mut client = server.connect().await;
    for _ in 0..3 {
        let answer = client.get("/").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
        assert!(header(&answer.head, "date").is_some());
    }
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /local HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "hello");
    assert_eq!(client.answer().await.body, server.address.to_string(), "the address that we came in by");
}

#[tokio::test]
async fn requests_sent_ahead_are_answered_in_order_wherever_they_are_cut() {
    let server = Server::start(Settings::default());
    let mut client = server.connect().await;
    let (get, post) =
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
    let local = get.replace("/ ", "/local ");
    client.send(&format!("{}{post}{local}", get.repeat(40))).await;
    for _ in 0..40 {
        assert_eq!(client.answer().await.body, "hello");
    }
    assert_eq!(client.answer().await.body, "2");
    assert_eq!(client.answer().await.body, server.address.to_string());
    for cut in [1, 7, local.len() - 1] {
        client.send(&format!("{get}{}", &local[..cut])).await;
        assert_eq!(client.answer().await.body, "hello");
        client.send(&local[cut..]).await;
        assert_eq!(client.answer().await.body, server.address.to_string());
    }
}

#[tokio::test]
async fn a_body_that_its_handler_left_unread_is_never_taken_for_a_request() {
    let server = Server::start(Settings::default());
    for cut in 0..3 {
        let mut client = server.connect().await;
        let body = "GET /local HTTP/1.1\r\nHost: a\r\n\r\n";
        client.send(&format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len())).await;
        if cut == 1 {
            assert_eq!(client.answer().await.body, "hello", "before a byte of the body was sent");
        }
        // The server may have closed by now.
        let _ = client.0.write_all(body.as_bytes()).await;
        if cut != 1 {
            assert_eq!(client.answer().await.body, "hello");
        }
        let _ = client.0.write_all(b"GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
        let mut rest = Vec::new();
        let _ = soon(client.0.read_to_end(&mut rest)).await;
        let rest = String::from_utf8(rest).unwrap();
        assert!(rest.is_empty() || rest.ends_with("hello"), "the body was answered: {rest}");
        assert!(!rest.contains(&server.address.to_string()), "the body was answered: {rest}");
    }
}

#[tokio::test]
async fn a_body_that_is_still_held_after_the_answer_is_never_taken_for_a_request() {
    let server = Server::start(with(Deadlines { idle: SHORT, head: SHORT, ..long() }));
    let mut client = server.connect().await;
    client.send("POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 35\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "held");
    let _ = client.0.write_all(b"GET /local HTTP/1.1\r\nHost: a\r\n\r\n").await;
    client.closed().await;
}

#[tokio::test]
async fn a_panic_is_a_500_and_the_server_lives() {
    let server = Server::start(Settings::default());
    let mut client = server.connect().await;
    for path in ["/panic", "/panic-at-once"] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 500);
        assert!(!answer.body.contains("handler"), "the panic's words are for the log: {}", answer.body);
    }
    assert_eq!(client.get("/").await.status, 200, "on the same connection");
    assert_eq!(server.connect().await.get("/").await.status, 200, "and on another one");
}

#[tokio::test]
async fn a_closed_tab_cancels_nothing() {
    let server = Server::start(Settings::default());
    let mut client = server.connect().await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    soon(server.handler.entered.notified()).await;
    client.0.shutdown().await.unwrap();
    drop(client);
    server.handler.leave.notify_one();
    soon(server.handler.left.notified()).await;
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_is_cut_at_its_deadline() {
    let server = Server::start(with(Deadlines { head: SHORT, ..long() }));
    let mut client = server.connect().await;
    assert_eq!(client.get("/").await.status, 200);
    sleep(2 * SHORT).await;
    assert_eq!(client.get("/").await.status, 200, "waiting for a head is no slow head");
    client.send("GET / HTTP/1.1\r\nX: ").await;
    let dripping = async {
        let mut byte = [0];
        loop {
            tokio::select! {
                read = client.0.read(&mut byte) => return read,
                () = sleep(Duration::from_millis(5)) => client.0.write_all(b"x").await?,
            }
        }
    };
    assert!(matches!(soon(dripping).await, Ok(0) | Err(_)), "cut without an answer");
}

#[tokio::test]
async fn a_connection_without_a_request_is_cut_at_the_idle_deadline() {
    let server = Server::start(with(Deadlines { idle: SHORT, ..long() }));
    server.connect().await.closed().await;
    let mut used = server.connect().await;
    assert_eq!(used.get("/").await.status, 200);
    used.closed().await;
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_cut_at_its_deadline() {
    let server = Server::start(with(Deadlines { handshake: SHORT, ..long() }));
    server.tcp().await.closed().await;
    let mut half = server.tcp().await;
    half.send("\x16\x03\x01").await;
    half.closed().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_cut_at_the_exchanges_deadline() {
    let server = Server::start(with(Deadlines { exchange: SHORT, ..long() }));
    let mut client = server.connect().await;
    client.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf").await;
    client.closed().await;
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_cut_at_the_exchanges_deadline() {
    let server = Server::start(with(Deadlines { exchange: SHORT, ..long() }));
    let mut client = server.connect().await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    client.closed().await;
}

#[tokio::test]
async fn a_head_over_the_bound_gets_431_and_one_below_it_passes() {
    let server = Server::start(Settings::default());
    let head = |size| format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {}\r\n\r\n", "c".repeat(size));
    let mut client = server.connect().await;
    client.send(&head(20 * 1024)).await;
    assert_eq!(client.answer().await.status, 200);
    client.send(&head(200 * 1024)).await;
    assert_eq!(client.answer().await.status, 431);
    client.closed().await;
}

#[tokio::test]
async fn an_answer_before_the_body_was_read_reaches_the_client() {
    let server = Server::start(Settings::default());
    let mut client = server.connect().await;
    let size = 4 * 1024 * 1024;
    client.send(&format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n")).await;
    // The server stops reading somewhere in here, and must not reset what it has answered.
    client.send(&"b".repeat(size)).await;
    assert_eq!(client.answer().await.body, "hello");
}

#[tokio::test]
async fn a_malformed_request_is_a_400_and_the_end() {
    let server = Server::start(Settings::default());
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nno colon\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 400);
    client.closed().await;
}
