//! Who makes room for whom, with sockets; the choice itself is tested beside it.

use super::{Server, Settings, soon};
use crate::Limits;

fn limits(connections: usize, per_source: usize, spare_loopback: bool) -> Settings {
    Settings { limits: Limits { connections, per_source, spare_loopback, ..Limits::default() }, ..Settings::default() }
}

#[tokio::test]
async fn the_oldest_idle_connection_makes_room() {
    let server = Server::start(limits(3, 99, true));
    let [mut first, mut second, mut third] = [server.connect().await, server.connect().await, server.connect().await];
    for client in [&mut first, &mut second, &mut third] {
        assert_eq!(client.get("/").await.status, 200);
    }
    assert_eq!(first.get("/").await.status, 200, "now the second is the oldest");
    let mut fourth = server.connect().await;
    second.closed().await;
    for client in [&mut first, &mut third, &mut fourth] {
        assert_eq!(client.get("/").await.status, 200);
    }
}

#[tokio::test]
async fn connections_that_never_shake_hands_shut_out_nobody() {
    let server = Server::start(limits(4, 99, true));
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(server.tcp().await);
    }
    let mut half = server.tcp().await;
    half.send("\x16\x03\x01").await;
    assert_eq!(server.connect().await.get("/").await.status, 200);
    silent[0].closed().await;
}

#[tokio::test]
async fn a_request_in_progress_keeps_its_slot_until_the_answer() {
    let server = Server::start(limits(2, 99, true));
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    soon(server.handler.entered.notified()).await;
    for _ in 0..5 {
        assert_eq!(server.connect().await.get("/").await.status, 200);
    }
    server.handler.leave.notify_one();
    assert_eq!(busy.answer().await.body, "waited");
}

#[tokio::test]
async fn a_source_with_its_share_loses_its_oldest_idle_one() {
    let server = Server::start(limits(99, 2, false));
    let [mut first, mut second] = [server.connect().await, server.connect().await];
    assert_eq!(second.get("/").await.status, 200);
    let mut third = server.connect().await;
    first.closed().await;
    assert_eq!((second.get("/").await.status, third.get("/").await.status), (200, 200));
}

#[tokio::test]
async fn a_source_whose_share_is_busy_is_refused() {
    let server = Server::start(limits(99, 1, false));
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    soon(server.handler.entered.notified()).await;
    server.tcp().await.closed().await;
    server.handler.leave.notify_one();
    assert_eq!(busy.answer().await.body, "waited");
}
