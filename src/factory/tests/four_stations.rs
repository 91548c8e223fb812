//! Four stations over one ledger, all with the whole list, in orders of their own; then killed, and their server, too.

use crate::harness::server::Server;
use crate::harness::station::{Station, factory, lines};
use signet_testing::until;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const STATIONS: [&str; 4] = ["line-1", "line-2", "line-3", "line-4"];

/// Serials; each is tried at every station. `SIGNET_UNITS` for another number.
fn units() -> usize {
    std::env::var("SIGNET_UNITS").ok().map_or(1000, |count| count.parse().unwrap())
}

/// xorshift64: an order and moments that a printed number gives again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap()
    }

    fn shuffled(&mut self, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            all.swap(last, self.next() % (last + 1));
        }
        all
    }
}

fn seed() -> u64 {
    let given = std::env::var("SIGNET_SEED").ok().map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|| RandomState::new().hash_one("stations") | 1);
    println!("SIGNET_SEED={seed}");
    seed
}

/// A station with its list.
struct Line {
    station: Station,
    list: PathBuf,
    url: String,
    key: String,
}

impl Line {
    fn start(&self) -> Child {
        let more = ["--labels-key", &self.key, "--json"];
        let mut command = self.station.batch(&self.url, &self.list, &more);
        let said = std::fs::File::create(self.station.at("said")).unwrap();
        command.stdout(said).stderr(Stdio::null()).spawn().unwrap()
    }
}

fn all(server: &Server, key: &str, random: &mut Random) -> Vec<Line> {
    STATIONS
        .iter()
        .map(|name| {
            let station = Station::new(name);
            let list = station.list(random.shuffled(units()));
            Line { station, list, url: server.url("station"), key: key.to_owned() }
        })
        .collect()
}

/// Every serial once, with keys and a code of its own, and a folder at the station that the ledger names.
fn is_whole(server: &Server, stations: &[Line], private: &str) {
    let units = units();
    assert_eq!(server.count("SELECT count(*) FROM signet.unit"), units);
    assert_eq!(server.count("SELECT count(DISTINCT serial_folded) FROM signet.unit"), units);
    assert_eq!(server.count("SELECT count(*) FROM signet.public_key"), units);
    let printer = Station::new("printer");
    let opened = printer.run(&["ledger", "codes", "--labels-key", private, "--ledger", &server.url("printer")]);
    let codes: HashSet<String> =
        lines(opened.worked()).iter().map(|line| line["setup_code"].as_str().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), units);
    let mut folders = 0;
    for line in stations {
        let (out, url) = (line.station.path("out"), server.url("postgres"));
        let name = line.station.name;
        let verified = line.station.run(&["ledger", "verify", "--units", &out, "--station", name, "--ledger", &url]);
        assert!(verified.worked().contains(" 0 differences"), "{}", verified.out);
        let made = std::fs::read_dir(&out)
            .unwrap()
            .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().join("device.json").exists()));
        folders += made.count();
    }
    assert_eq!(folders, units, "no device has two folders");
}

#[test]
fn a_thousand_serials_at_four_stations_are_made_once_each() {
    let Some(server) = factory() else { return };
    let keys = Station::new("keys");
    let (private, public) = keys.keys();
    let mut random = Random(seed());
    let stations = all(&server, &public, &mut random);
    let children: Vec<Child> = stations.iter().map(Line::start).collect();
    let mut sums = Vec::new();
    for (line, mut child) in stations.iter().zip(children) {
        let ended = child.wait().unwrap();
        let said = std::fs::read_to_string(line.station.at("said")).unwrap();
        assert!(ended.success(), "{said}");
        let sum = lines(&said).pop().unwrap();
        let count = |key: &str| sum[key].as_u64().unwrap();
        assert_eq!((count("failed"), count("not_begun"), count("done"), count("resumed")), (0, 0, 0, 0));
        assert_eq!(count("made") + count("elsewhere"), units() as u64);
        sums.push(count("made"));
    }
    println!("made by each: {sums:?}");
    assert_eq!(sums.iter().sum::<u64>(), units() as u64);
    is_whole(&server, &stations, &private);
}

#[test]
fn stations_that_are_killed_twenty_times_and_a_server_three_times_make_each_once() {
    let Some(server) = factory() else { return };
    let keys = Station::new("keys");
    let (private, public) = keys.keys();
    let mut random = Random(seed());
    let stations = all(&server, &public, &mut random);
    let children: Vec<Mutex<Option<Child>>> = stations.iter().map(|line| Mutex::new(Some(line.start()))).collect();
    let is_over = AtomicBool::new(false);
    let killed = std::thread::scope(|scope| {
        for (line, child) in stations.iter().zip(&children) {
            let is_over = &is_over;
            scope.spawn(move || {
                // A station that was killed is started again with the same command, until one run comes to its end.
                until_done(line, child, is_over);
            });
        }
        let mut killed = 0;
        for kill in 0..20 {
            let goal = (kill + 1) * units() / 22;
            until("the stations make devices", || {
                let made = server.try_sql("factory", "postgres", "SELECT count(*) FROM signet.unit");
                made.is_ok_and(|count| count.parse::<usize>().unwrap() >= goal)
            });
            std::thread::sleep(Duration::from_micros((random.next() % 30_000) as u64));
            // One that runs: a station that has just ended by itself is not killed.
            until("a station runs", || is_killed(&children[random.next() % children.len()]));
            killed += 1;
            if [4, 9, 14].contains(&kill) {
                server.stop_immediately();
                server.go();
            }
        }
        is_over.store(true, Ordering::SeqCst);
        killed
    });
    println!("{killed} kills of stations, 3 of the server");
    assert_eq!(killed, 20);
    is_whole(&server, &stations, &private);
}

/// Kills a station in the middle of what it does; false where it has ended by itself.
fn is_killed(child: &Mutex<Option<Child>>) -> bool {
    let mut child = child.lock().unwrap();
    let Some(child) = child.as_mut() else { return false };
    child.try_wait().unwrap().is_none() && child.kill().is_ok()
}

fn until_done(line: &Line, child: &Mutex<Option<Child>>, is_over: &AtomicBool) {
    loop {
        let ended = loop {
            if let Some(ended) = child.lock().unwrap().as_mut().unwrap().try_wait().unwrap() {
                break ended;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        // Kills go on until all twenty are done: one that is through before starts once more and finds everything there.
        if ended.success() && is_over.load(Ordering::SeqCst) {
            return;
        }
        assert!(ended.success() || ended.code().is_none(), "{}: {ended}", line.station.name);
        *child.lock().unwrap() = Some(line.start());
    }
}
