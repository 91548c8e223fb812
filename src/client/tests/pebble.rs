//! Orders at pebble in its strict mode, which rejects 30 % of all nonces.

use super::{Memory, Order, enrolled, run};
use crate::acme::account::external_key;
use crate::enrollment::Outcome;
use crate::{AccountKey, ExternalAccount};
use signet_testing::free_port;
use signet_testing::pebble::{EXTERNAL, Pebble, Settings};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// Answers http-01 at this port with what is open, as the console's listeners do.
fn answering(open: Arc<Mutex<HashMap<String, String>>>) -> u16 {
    let port = free_port();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = [0; 4096];
            let count = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..count]).into_owned();
            let token = head.split(' ').nth(1).and_then(|path| path.strip_prefix("/.well-known/acme-challenge/"));
            let found = token.and_then(|token| open.lock().unwrap().get(token).cloned()).unwrap_or_default();
            let _ = stream
                .write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{found}", found.len()).as_bytes());
        }
    });
    port
}

fn started(external: bool, memory: &Memory) -> (Pebble, Vec<u8>) {
    let pebble = Pebble::start_at(Settings { external, ..Settings::default() }, answering(memory.open.clone()));
    let root = std::fs::read(pebble.root()).unwrap();
    (pebble, root)
}

fn issued(outcome: Outcome) -> Vec<u8> {
    match outcome {
        Outcome::Done(chain) => chain,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pebble_issues_for_several_names_and_an_address_at_one_account() {
    let mut memory = Memory::default();
    let (pebble, root) = started(false, &memory);
    let key = AccountKey::generate().unwrap();
    let mut accounts = Vec::new();
    // As many orders as show that rejected nonces are no matter of luck.
    for number in 0..10 {
        let name = format!("nas{number}.test");
        let order = Order::of(&[&name, "files.test", "127.0.0.1"]);
        memory.progress = crate::Progress::default();
        let chain = issued(run(enrolled(&pebble.url, &root, &key, &order, &mut memory)));
        assert_eq!(String::from_utf8(chain).unwrap().matches("BEGIN CERTIFICATE").count(), 2);
        assert!(memory.open.lock().unwrap().is_empty(), "no challenge stays open");
        accounts.push(memory.account.url.clone().unwrap());
    }
    accounts.dedup();
    assert_eq!(accounts.len(), 1);
}

#[test]
fn an_external_account_is_bound_and_a_missing_one_is_named() {
    let mut memory = Memory::default();
    let (pebble, root) = started(true, &memory);
    let key = AccountKey::generate().unwrap();
    let without = run(enrolled(&pebble.url, &root, &key, &Order::of(&["nas.test"]), &mut memory));
    let Outcome::Failed(failure) = without else { panic!("{without:?}") };
    assert_eq!(failure.code, "external_account_required");
    let external = ExternalAccount { kid: EXTERNAL.0.to_owned(), key: external_key(EXTERNAL.1).unwrap() };
    let order = Order { external: Some(&external), ..Order::of(&["nas.test"]) };
    issued(run(enrolled(&pebble.url, &root, &key, &order, &mut memory)));
    // Of another account.
    let wrong = ExternalAccount { kid: EXTERNAL.0.to_owned(), key: external_key("AAAAAAAA").unwrap() };
    let order = Order { external: Some(&wrong), ..Order::of(&["nas.test"]) };
    let mut memory = Memory::default();
    let refused = run(enrolled(&pebble.url, &root, &AccountKey::generate().unwrap(), &order, &mut memory));
    let Outcome::Failed(failure) = refused else { panic!("{refused:?}") };
    assert_eq!(failure.code, "unauthorized");
}

#[test]
fn killed_before_any_write_an_order_goes_on_with_one_account() {
    let open = Memory::default().open;
    let memory = || Memory { open: open.clone(), ..Memory::default() };
    let (pebble, root) = started(false, &memory());
    let mut killed = 0;
    for writes in 0.. {
        let key = AccountKey::generate().unwrap();
        let order = Order::of(&["nas.test"]);
        let mut memory = Memory { writes: Some(writes), ..memory() };
        let first = run(enrolled(&pebble.url, &root, &key, &order, &mut memory));
        if let Outcome::Failed(failure) = &first {
            assert_eq!(failure.code, "disk", "{failure:?}");
            killed += 1;
        }
        let placed = memory.progress.order.clone();
        memory.writes = None;
        issued(run(enrolled(&pebble.url, &root, &key, &order, &mut memory)));
        assert!(
            placed.is_none() || placed == memory.progress.order,
            "the order that was noted is the one that is finished"
        );
        assert!(memory.open.lock().unwrap().is_empty());
        if matches!(first, Outcome::Done(_)) {
            break;
        }
    }
    assert!(killed >= 7, "{killed}");
}

#[test]
fn a_name_that_something_else_answers_for_fails_with_the_way_out() {
    // Nothing is open there.
    let pebble = Pebble::start_at(Settings::default(), answering(Arc::default()));
    let root = std::fs::read(pebble.root()).unwrap();
    let mut memory = Memory::default();
    let key = AccountKey::generate().unwrap();
    let outcome = run(enrolled(&pebble.url, &root, &key, &Order::of(&["nas.test"]), &mut memory));
    let Outcome::Failed(failure) = outcome else { panic!("{outcome:?}") };
    assert_eq!(failure.code, "wrong_response");
    assert!(failure.what.contains("for nas.test") && failure.detail.is_some(), "{failure:?}");
    assert!(memory.open.lock().unwrap().is_empty() && memory.progress.order.is_none());
}
