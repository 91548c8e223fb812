//! What bounds the memory of connections, with sockets; the budget's own sums are tested beside it.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use super::{PATIENCE, SHORT, Server, Settings, header, soon};
use crate::{Deadlines, Memory};

const KIB: usize = 1024;

#[tokio::test]
async fn a_client_hello_over_16_kib_is_cut_before_it_is_whole() {
    let deadlines = Deadlines { handshake: 3 * PATIENCE, ..Deadlines::default() };
    let server = Server::start(Settings { deadlines, ..Settings::default() });
    let mut client = server.tcp().await;
    // A ClientHello that says it has 65,000 bytes, in records of 8 KiB.
    let mut said = vec![1, 0, 0xfd, 0xe8, 3, 3];
    // The record in which the bound lies, and no more: nothing else ends the connection.
    said.resize(24 * KIB, 0);
    let records = said.chunks(8 * KIB).flat_map(|part| [&[22, 3, 1, 0x20, 0][..], part].concat());
    let records: Vec<u8> = records.collect();
    let (first, second) = records.split_at(16 * KIB);
    soon(client.0.write_all(first)).await.unwrap();
    sleep(SHORT).await;
    assert!(client.0.try_read(&mut [0]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "too soon");
    // It may be reset meanwhile.
    let _ = soon(client.0.write_all(second)).await;
    let _ = soon(client.0.read_to_end(&mut Vec::new())).await;
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_cut_and_its_memory_is_free() {
    let deadlines = Deadlines { stall: SHORT, ..Deadlines::default() };
    // Room for one large answer.
    let memory = Memory::new(17 * KIB * KIB, KIB * KIB);
    let server = Server::start(Settings { deadlines, memory, ..Settings::default() });
    let mut silent = server.connect().await;
    silent.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut reads = server.connect().await;
    // As long as the first one's is there, the other is told to come back, or the first one is cut for it.
    for _ in 0..200 {
        let answer = reads.get("/large").await;
        match answer.status {
            200 => {
                assert_eq!(answer.body.len(), 6 * KIB * KIB);
                return;
            }
            status => assert_eq!((status, header(&answer.head, "retry-after")), (503, Some("5"))),
        }
        sleep(Duration::from_millis(10)).await;
        reads = server.connect().await;
    }
    panic!("the memory of an answer that nobody takes is not given back");
}

#[tokio::test]
async fn a_crowd_without_requests_is_held_within_the_budget_and_newcomers_are_answered() {
    // Strangers may hold one and a half MiB: some 80 connections.
    let memory = Memory::new(8 * KIB * KIB, 0);
    let server = Server::start(Settings { memory, ..Settings::default() });
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(server.tcp().await);
    }
    assert_eq!(server.connect().await.get("/").await.status, 200);
    crowd[0].closed().await;
}
