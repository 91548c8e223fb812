//! The log is whole, or says what is wrong.

mod buffer;

use super::*;
use crate::attempts::Attempts;
use crate::clock::Clock;
use crate::flush::Flush;
use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_store::{Opening, Store};
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;

const BY: Actor = Actor::CommandLine(1000);

struct Unit {
    _dir: TempDir,
    data: PathBuf,
    store: Store,
    audit: Arc<AuditLog>,
    flush: Flush,
}

fn log(data: &Path) -> AuditLog {
    let clock = Clock::Fixed("2026-11-24T08:30:00Z".parse().unwrap());
    AuditLog::new(Store::open(data, Opening::default()).unwrap(), clock)
}

impl Unit {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let audit = Arc::new(log(&data));
        let store = audit.store.clone();
        let flush = Flush::new(store.clone(), Arc::clone(&audit), Arc::new(Attempts::new(store.clone())));
        Self { store, audit, flush, data, _dir: dir }
    }

    /// A guess that failed, as a login records it.
    fn fail(&self, by: Actor, refusal: Refusal, now: Instant) {
        self.audit.count_failure(by, refusal);
        self.flush.due(now);
    }

    /// A unit whose log has `lines` logins.
    fn with(lines: usize) -> Self {
        let unit = Self::new();
        (0..lines).for_each(|_| unit.audit.record(BY, Event::LoggedIn));
        unit
    }

    fn breaks(&self) -> Vec<Break> {
        self.audit.read().unwrap().state.breaks
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.data.join(name)).unwrap()
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.data.join(name), text).unwrap();
    }

    fn lines(&self) -> Vec<String> {
        self.text("audit.log").lines().map(str::to_owned).collect()
    }

    fn put_lines(&self, lines: &[String]) {
        self.put("audit.log", &(lines.join("\n") + "\n"));
    }
}

#[test]
fn what_was_done_is_told_newest_first_with_who_and_what() {
    let unit = Unit::new();
    let name = CsrName::parse("nas").unwrap();
    let visitor = Actor::Browser("::ffff:192.0.2.7".parse().unwrap());
    unit.audit.record(visitor, Event::SetUp);
    unit.audit.record(BY, Event::Created { csr: &name, key: "RSA 2048" });
    unit.fail(visitor, Refusal::Login, Instant::now());
    let log = unit.audit.read().unwrap();
    let told: Vec<_> = log.entries.iter().map(|entry| (entry.who.clone(), entry.told())).collect();
    assert!(told.contains(&("192.0.2.7".into(), "Set up the console".into())));
    assert!(told.contains(&("command line (uid 1000)".into(), "Created a request (RSA 2048)".into())));
    assert!(told.contains(&("192.0.2.7".into(), "Entered a wrong password at login".into())));
    assert_eq!(log.state, AuditState { entries: 3, ..AuditState::default() });
    assert_eq!(unit.lines().len(), 2, "failures have a file of their own");
}

#[test]
fn a_new_device_has_an_empty_log_that_is_whole() {
    assert_eq!(Unit::new().audit.read().unwrap().state, AuditState::default());
}

#[test]
fn every_byte_of_a_line_counts() {
    let unit = Unit::with(3);
    let whole = unit.lines();
    for at in 0..whole[1].len() {
        let mut touched = whole[1].clone().into_bytes();
        touched[at] ^= 1;
        let Ok(touched) = String::from_utf8(touched) else { continue };
        if touched.contains(['\n', '\r']) {
            continue;
        }
        unit.put_lines(&[whole[0].clone(), touched, whole[2].clone()]);
        assert!(!unit.breaks().is_empty(), "byte {at}");
    }
    unit.put_lines(&whole);
    assert!(unit.breaks().is_empty());
}

#[test]
fn lines_that_are_cut_out_moved_or_copied_from_another_place_are_told() {
    let unit = Unit::with(5);
    let journal = Journal::Done;
    let whole = unit.lines();
    let with = |order: &[usize]| {
        unit.put_lines(&order.iter().map(|at| whole[*at].clone()).collect::<Vec<_>>());
        unit.breaks()
    };
    assert_eq!(with(&[0, 1, 3, 4]), [Break::Gap { journal, after: 2, before: 4 }]);
    assert_eq!(with(&[0, 1, 2, 3]), [Break::End { journal, to: 5 }]);
    assert_eq!(with(&[1, 2, 3, 4]), [Break::Beginning { journal, from: 1 }]);
    assert!(!with(&[0, 2, 1, 3, 4]).is_empty());
    assert!(!with(&[0, 1, 2, 3, 4, 4]).is_empty());
    unit.put("refused.log", &(whole[0].clone() + "\n"));
    unit.put_lines(&whole);
    assert!(!unit.breaks().is_empty(), "a line of the other journal");
}

#[test]
fn a_log_of_another_unit_and_a_log_without_its_head_are_told() {
    let (unit, other) = (Unit::with(3), Unit::with(3));
    let own = unit.text("audit.head");
    unit.put("audit.log", &other.text("audit.log"));
    assert!(!unit.breaks().is_empty());
    unit.put("audit.head", &other.text("audit.head"));
    assert!(unit.breaks().contains(&Break::Head));
    unit.put("audit.head", &own);
    fs::remove_file(unit.data.join("audit.log")).unwrap();
    assert_eq!(unit.breaks(), [Break::End { journal: Journal::Done, to: 3 }]);
}

#[test]
fn a_head_that_was_taken_away_is_told_for_as_long_as_the_log_lasts() {
    let unit = Unit::with(3);
    fs::remove_file(unit.data.join("audit.head")).unwrap();
    unit.put_lines(&unit.lines()[..2]);
    assert_eq!(unit.breaks(), [Break::Head]);
    unit.audit.record(BY, Event::LoggedOut);
    assert_eq!(unit.breaks(), [Break::Resumed { journal: Journal::Done, n: 3 }]);
    assert_eq!(unit.lines().len(), 3);
}

#[test]
fn a_cut_log_goes_on_and_the_gap_stays() {
    let unit = Unit::with(4);
    unit.put_lines(&unit.lines()[..2]);
    unit.audit.record(BY, Event::LoggedOut);
    assert_eq!(unit.breaks(), [Break::Gap { journal: Journal::Done, after: 2, before: 5 }]);
}

#[test]
fn a_power_cut_at_any_byte_of_a_line_or_before_the_head_breaks_nothing() {
    let unit = Unit::with(3);
    let (whole, head) = (unit.text("audit.log"), unit.text("audit.head"));
    unit.audit.record(BY, Event::LoggedOut);
    let line = unit.lines().pop().unwrap();
    for cut in 0..=line.len() {
        unit.put("audit.head", &head);
        unit.put("audit.log", &format!("{whole}{}", &line[..cut]));
        assert!(unit.breaks().is_empty(), "cut at {cut}");
        let again = log(&unit.data);
        again.record(BY, Event::PasswordChanged);
        assert!(again.read().unwrap().state.breaks.is_empty(), "cut at {cut}, and going on");
        let last = again.read().unwrap().entries.remove(0);
        assert_eq!((last.n, last.what.as_str()), (if cut == line.len() { 5 } else { 4 }, "password"), "cut at {cut}");
    }
}

#[test]
fn rotation_keeps_the_chain_and_a_lost_older_file_is_told() {
    let unit = Unit::new();
    let name = CsrName::parse(&"n".repeat(120)).unwrap();
    // As many lines as both files hold, and half a file more.
    let lines = 5 * Journal::Done.file_size() / 2 / 300;
    let lock = unit.store.lock().unwrap();
    let event = Event::Renamed { csr: &name, to: &name };
    for _ in 0..lines / 50 {
        (0..49).for_each(|_| unit.audit.buffer().push(event.entry(Timestamp::UNIX_EPOCH, BY)));
        unit.audit.record_under(&lock, BY, event);
    }
    drop(lock);
    let state = unit.audit.read().unwrap().state;
    assert_eq!(state.breaks, []);
    assert!(state.entries < lines / 50 * 50 && state.entries > lines / 4, "{} of {lines}", state.entries);
    let older = unit.data.join("audit.log.1");
    let text = fs::read_to_string(&older).unwrap();
    fs::write(&older, text.split_once('\n').unwrap().1).unwrap();
    assert!(matches!(unit.breaks()[..], [Break::Beginning { .. }]));
    fs::remove_file(&older).unwrap();
    assert!(matches!(unit.breaks()[..], [Break::Beginning { .. }]));
}

#[test]
fn a_rotation_whose_head_was_not_written_any_more_is_whole() {
    let unit = Unit::with(3);
    let journal = Journal::Done;
    let head = unit.text("audit.head");
    fs::rename(unit.data.join("audit.log"), unit.data.join("audit.log.1")).unwrap();
    assert!(unit.breaks().is_empty(), "cut between rotation and line");
    unit.audit.record(BY, Event::LoggedOut);
    assert!(unit.breaks().is_empty());
    unit.put("audit.head", &head);
    assert!(unit.breaks().is_empty(), "cut between line and head");
    unit.audit.record(BY, Event::LoggedOut);
    assert!(unit.breaks().is_empty());
    fs::remove_file(unit.data.join("audit.log.1")).unwrap();
    assert_eq!(unit.breaks(), [Break::Beginning { journal, from: 1 }]);
}

#[test]
fn no_text_of_an_entry_makes_a_line_of_its_own() {
    let unit = Unit::with(1);
    let lock = unit.store.lock().unwrap();
    let mut entry = Event::LoggedIn.entry(Timestamp::UNIX_EPOCH, BY);
    entry.detail = Some("a\n{\"n\":9}\r\u{2028}\u{1b}[2J\",\"mac\":\"x\"}".to_owned());
    unit.audit.write(&lock, Journal::Done, vec![entry.clone()]).unwrap();
    drop(lock);
    assert_eq!(unit.lines().len(), 2);
    assert_eq!(unit.audit.read().unwrap().entries.iter().find(|one| one.n == 2).unwrap().detail, entry.detail);
    assert!(unit.breaks().is_empty());
}

#[test]
fn a_line_that_was_just_recorded_is_missed_when_it_is_taken_away() {
    let unit = Unit::with(3);
    let name = CsrName::parse("nas").unwrap();
    let lock = unit.store.lock().unwrap();
    unit.audit.record_under(&lock, BY, Event::Created { csr: &name, key: "P-256" });
    drop(lock);
    assert!(unit.lines().len() == 4 && unit.breaks().is_empty());
    unit.put_lines(&unit.lines()[..3]);
    assert_eq!(unit.breaks(), [Break::End { journal: Journal::Done, to: 4 }]);
}
