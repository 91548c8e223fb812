//! An order that is killed at any change, connection or packet goes on: the certificate is kept, at the same account and the order
//! that was noted, and no answer to a CA's check is left behind.

use crate::harness::console::{run, signet};
use crate::harness::folder::copy;
use crate::harness::strace;
use serde_json::Value;
use signet_testing::pebble::{Pebble, Settings, free_port};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// How many kills are tried; `SIGNET_EVERY_KILL` tries all of them.
const SAMPLE: usize = 40;

/// Answers http-01 as the console does, from the data directory that is at work.
fn answering(data: Arc<Mutex<PathBuf>>) -> u16 {
    let port = free_port();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut head = [0; 4096];
            let count = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..count]).into_owned();
            let token = head.split(' ').nth(1).and_then(|path| path.rsplit('/').next()).unwrap_or_default();
            let open = data.lock().unwrap().join("enroll/challenges").join(token);
            let text = std::fs::read_to_string(open).unwrap_or_default();
            let text = text.lines().next().unwrap_or_default();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

fn read(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn first_file(folder: &Path) -> Option<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "json"));
    files.pop()
}

#[test]
fn killed_at_any_change_or_packet_an_order_goes_on_where_it_was() {
    if !strace::can_trace() {
        return;
    }
    let at_work = Arc::new(Mutex::new(PathBuf::new()));
    let pebble = Pebble::start_at(Settings::default(), answering(Arc::clone(&at_work)));
    let folder = tempfile::tempdir().unwrap();
    let prepared = folder.path().join("prepared");
    let command = |data: &Path, line: &str| run(signet(data).args(line.split_whitespace()), b"");
    let root = pebble.root().display().to_string();
    command(&prepared, &format!("ca add pebble --acme {} --root {root} --agree-terms", pebble.url)).worked();
    std::fs::write(prepared.join("signet.toml"), "[subject]\nrequired = []\n").unwrap();
    command(&prepared, "csr create --name nas --profile https-ecc --san nas.test").worked();
    let arguments = |data: &Path| -> Vec<String> {
        let data = data.to_str().unwrap();
        ["--data", data, "--quiet", "csr", "enroll", "nas", "--ca", "pebble"].map(str::to_owned).to_vec()
    };
    let whole = folder.path().join("whole");
    copy(&prepared, &whole);
    (*at_work.lock().unwrap()).clone_from(&whole);
    let words = arguments(&whole);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut calls = strace::calls(&words, &folder.path().join("trace"));
    calls.extend((1..=12).flat_map(|number| ["connect", "sendto"].map(|call| (call.to_owned(), number))));
    let every = std::env::var_os("SIGNET_EVERY_KILL").is_some();
    let step = if every { 1 } else { calls.len().div_ceil(SAMPLE) };
    let mut killed = 0;
    for (call, number) in calls.iter().step_by(step) {
        let data = folder.path().join(format!("{call}-{number}"));
        copy(&prepared, &data);
        (*at_work.lock().unwrap()).clone_from(&data);
        let words = arguments(&data);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let what = format!("{call} {number}");
        killed += usize::from(strace::killed_at(&words, call, *number));
        let account = |data: &Path| read(&data.join("enroll/accounts/pebble.json"));
        let before = account(&data).filter(|account| account["url"].is_string());
        let noted = first_file(&data.join("enroll/orders")).and_then(|path| read(&path));
        let noted = noted.and_then(|order| order["progress"]["order"].as_str().map(str::to_owned));
        let status = |line: &str| command(&data, line);
        if status("csr enroll nas --status --json").code == 66 {
            // Before it was queued.
            status("csr enroll nas --ca pebble").worked();
        }
        for _ in 0..3 {
            status("enroll --pending --once");
        }
        let said: Value = serde_json::from_str(&status("csr enroll nas --status --json").worked()).unwrap();
        assert_eq!(said["state"], "kept", "{what}: {said}");
        if let Some(noted) = noted {
            assert_eq!(said["order"], noted.as_str(), "{what}: the order that was noted is the one that is finished");
        }
        if let Some(before) = before {
            assert_eq!(account(&data).unwrap()["url"], before["url"], "{what}: one account");
        }
        for room in ["queue", "orders", "done", "challenges"] {
            let left: Vec<_> = std::fs::read_dir(data.join("enroll").join(room)).unwrap().collect();
            assert!(left.is_empty(), "{what}: {room}: {left:?}");
        }
        let shown: Value = serde_json::from_str(&status("csr show nas --json").worked()).unwrap();
        assert_eq!(shown["state"], "answered", "{what}");
        std::fs::remove_dir_all(&data).unwrap();
    }
    println!("killed {killed} times");
    assert!(killed * 3 >= SAMPLE, "{killed}");
}
