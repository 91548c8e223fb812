//! An order that is killed at any change, connection or packet goes on: one account, at most one order that is never finished, the
//! certificate kept, and no answer to a CA's check left behind.
//!
//! A sample by a printed seed, which `SIGNET_SEED` repeats. `SIGNET_EVERY_KILL=1` tries every call. The orders by dns-01 and by EST
//! of `enroll_kills_elsewhere` have their share of the 40 kills.

use crate::harness::console::{run, signet};
use crate::harness::fault_proxy::FaultProxy;
use crate::harness::folder::copy;
use crate::harness::strace;
use serde_json::Value;
use signet_testing::free_port;
use signet_testing::pebble::{Pebble, Settings};
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How many kills are tried.
const SAMPLE: usize = 16;
/// What reaches the CA.
pub(super) const SENDING: [&str; 4] = ["connect", "sendto", "sendmsg", "writev"];
/// Kills at a time, each at a CA of its own.
const AT_ONCE: usize = 2;

/// Answers http-01 as the console does, from the data directory that is at work.
pub(super) fn answering(data: Arc<Mutex<PathBuf>>) -> u16 {
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

/// What a kill is tried at, and where.
struct Place {
    folder: tempfile::TempDir,
    _pebble: Pebble,
    proxy: FaultProxy,
    at_work: Arc<Mutex<PathBuf>>,
}

impl Place {
    fn new() -> Self {
        let at_work = Arc::new(Mutex::new(PathBuf::new()));
        let pebble = Pebble::start_at(Settings::default(), answering(Arc::clone(&at_work)));
        let proxy = FaultProxy::start(&pebble.url);
        Self { folder: tempfile::tempdir().unwrap(), _pebble: pebble, proxy, at_work }
    }

    /// A data directory with a request and an authority whose account is new.
    fn prepared(&self, name: &str, from: &Path) -> PathBuf {
        let data = self.folder.path().join(name);
        copy(from, &data);
        (*self.at_work.lock().unwrap()).clone_from(&data);
        let (url, root) = (&self.proxy.url, self.proxy.root());
        command(&data, &format!("ca add pebble --acme {url} --root {} --agree-terms", root.display())).worked();
        self.proxy.mend();
        data
    }

    /// Killed at this call and started again; false where it had ended before.
    fn goes_on(&self, from: &Path, call: &str, number: usize) -> bool {
        let what = format!("{call} {number}");
        let data = self.prepared(&format!("{call}-{number}"), from);
        let words = arguments(&data);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let killed = strace::killed_at(&words, call, number);
        let noted = first_file(&data.join("enroll/orders")).and_then(|path| read(&path));
        let noted = noted.and_then(|order| order["progress"]["order"].as_str().map(str::to_owned));
        if command(&data, "csr enroll nas --status --json").code == 66 {
            // Before it was queued.
            command(&data, "csr enroll nas --ca pebble").worked();
        }
        for _ in 0..3 {
            command(&data, "enroll --pending --once");
        }
        let said: Value = serde_json::from_str(&command(&data, "csr enroll nas --status --json").worked()).unwrap();
        assert_eq!(said["state"], "kept", "{what}: {said}");
        if let Some(noted) = noted {
            assert_eq!(said["order"], noted.as_str(), "{what}: the order that was noted is the one that is finished");
        }
        let count = |start: &str, status| self.proxy.count(start, status);
        assert_eq!(count("POST /sign-me-up", 201), 1, "{what}: one account: {:?}", self.proxy.asked());
        let (orders, finalized) = (count("POST /order-plz", 201), count("POST /finalize-order", 200));
        assert!(finalized >= 1 && orders - finalized <= 1, "{what}: {orders} orders, {finalized} finished");
        for room in ["queue", "orders", "done", "challenges"] {
            let left: Vec<_> = std::fs::read_dir(data.join("enroll").join(room)).unwrap().collect();
            assert!(left.is_empty(), "{what}: {room}: {left:?}");
        }
        let shown: Value = serde_json::from_str(&command(&data, "csr show nas --json").worked()).unwrap();
        assert_eq!(shown["state"], "answered", "{what}");
        std::fs::remove_dir_all(&data).unwrap();
        killed
    }
}

pub(super) fn command(data: &Path, line: &str) -> crate::harness::console::Ran {
    run(signet(data).args(line.split_whitespace()), b"")
}

fn arguments(data: &Path) -> Vec<String> {
    let data = data.to_str().unwrap();
    ["--data", data, "--quiet", "csr", "enroll", "nas", "--ca", "pebble"].map(str::to_owned).to_vec()
}

/// The seed, which is printed: the one that is given, or another one each time.
pub(super) fn printed_seed() -> u64 {
    let seed = std::env::var("SIGNET_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("SIGNET_SEED={seed}");
    seed
}

/// A sample of so many by this seed with each kind of call, or all of them.
pub(super) fn sample(calls: Vec<(String, usize)>, seed: u64, count: usize) -> Vec<(String, usize)> {
    if std::env::var_os("SIGNET_EVERY_KILL").is_some() {
        return calls;
    }
    let mut state = seed | 1;
    let mut dice = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut shuffled: Vec<(u64, (String, usize))> = calls.into_iter().map(|call| (dice(), call)).collect();
    shuffled.sort();
    let mut kinds = HashSet::new();
    // The first of each kind comes first.
    shuffled.sort_by_key(|(_, (call, _))| !kinds.insert(call.clone()));
    shuffled.into_iter().take(count).map(|(_, call)| call).collect()
}

#[test]
fn killed_at_any_change_or_packet_an_order_goes_on_where_it_was() {
    if !strace::can_trace() {
        return;
    }
    let seed = printed_seed();
    let places: Vec<Place> = (0..AT_ONCE).map(|_| Place::new()).collect();
    let from = places[0].folder.path().join("from");
    std::fs::create_dir_all(&from).unwrap();
    std::fs::write(from.join("signet.toml"), "[subject]\nrequired = []\n").unwrap();
    command(&from, "csr create --name nas --profile https-ecc --san nas.test").worked();
    let whole = places[0].prepared("whole", &from);
    let words = arguments(&whole);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let calls = strace::calls_and(&words, &SENDING, &places[0].folder.path().join("trace"));
    let kinds = calls.iter().fold(BTreeMap::new(), |mut kinds, (call, _)| {
        *kinds.entry(call.clone()).or_insert(0) += 1;
        kinds
    });
    println!("{} calls: {kinds:?}", calls.len());
    assert!(kinds.contains_key("connect") && SENDING[1..].iter().any(|call| kinds.contains_key(*call)), "{kinds:?}");
    let chosen = sample(calls, seed, SAMPLE);
    let (next, killed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for place in &places {
            scope.spawn(|| {
                while let Some((call, number)) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    killed.fetch_add(usize::from(place.goes_on(&from, call, *number)), Ordering::Relaxed);
                }
            });
        }
    });
    let killed = killed.into_inner();
    println!("killed {killed} times of {}", chosen.len());
    // Nonces that are rejected make each run a little different.
    assert!(killed * 4 >= chosen.len() * 3, "{killed} of {}", chosen.len());
}
