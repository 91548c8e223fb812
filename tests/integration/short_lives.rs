//! Certificates that live for an hour, some days or a few weeks: list, page, check, calendar, `needs-renewal` and renewal go by one
//! rule, 30 days or a third of a life under 45 days.

use crate::harness::answering::{answer, request, show};
use crate::harness::authority::{Authority, Term};
use crate::harness::browser::Browser;
use crate::harness::console::Console;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use signet_app::clock::Clock;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What a life is, how much of it has passed, and whether it is due then: seconds.
const LIVES: [(&str, i64, i64, bool); 12] = [
    ("an-hour-begun", HOUR, 15 * MINUTE, false),
    ("an-hour-late", HOUR, 50 * MINUTE, true),
    ("a-day-begun", DAY, 10 * HOUR, false),
    ("a-day-late", DAY, 20 * HOUR, true),
    ("six-days-begun", 6 * DAY, 3 * DAY, false),
    ("six-days-late", 6 * DAY, 5 * DAY, true),
    ("ten-days-late", 10 * DAY, 7 * DAY, true),
    ("44-days-begun", 44 * DAY, 29 * DAY, false),
    ("44-days-late", 44 * DAY, 30 * DAY, true),
    ("47-days-begun", 47 * DAY, 16 * DAY, false),
    ("47-days-late", 47 * DAY, 18 * DAY, true),
    ("90-days-begun", 90 * DAY, 59 * DAY, false),
];

struct Answered {
    ends: Timestamp,
    /// When it is due by the rule.
    due: Timestamp,
}

/// A request with a certificate that has lived for so long.
fn answered(console: &Console, authority: &Authority, name: &str, life: i64, passed: i64) -> Answered {
    let now = Timestamp::from_second(Clock::System.now().as_second()).unwrap();
    let begins = now - SignedDuration::from_secs(passed);
    let ends = begins + SignedDuration::from_secs(life);
    let openssl = |at: Timestamp| at.strftime("%Y%m%d%H%M%SZ").to_string();
    let asked = request(console, name, "--profile=https-ecc");
    let certificate = authority.sign_with(&asked, "", &Term::Dates(&openssl(begins), &openssl(ends)));
    answer(console, authority, &certificate, &[name]);
    let before = if life < 45 * DAY { life / 3 } else { 30 * DAY };
    Answered { ends, due: ends - SignedDuration::from_secs(before) }
}

/// The instant of an event's alarm; one that is told in days counts from the day of the event.
fn alarm(event: &str, ends: Timestamp) -> Timestamp {
    let line = |prefix: &str| event.lines().find_map(|line| line.trim().strip_prefix(prefix));
    if let Some(at) = line("TRIGGER;VALUE=DATE-TIME:") {
        let at = DateTime::strptime("%Y%m%dT%H%M%SZ", at).unwrap();
        return TimeZone::UTC.to_timestamp(at).unwrap();
    }
    assert_eq!(line("TRIGGER:"), Some("-P30D"), "{event}");
    ends - SignedDuration::from_hours(30 * 24)
}

fn row_of(browser: &mut Browser, name: &str) -> String {
    let rows = browser.get("/csrs").texts("tbody tr");
    rows.into_iter().find(|row| row.starts_with(name)).expect("a row")
}

#[test]
fn everything_that_tells_of_an_end_goes_by_one_rule() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    for (name, life, passed, is_due) in LIVES {
        let Answered { ends, due } = answered(&console, &authority, name, life, passed);
        assert_eq!(due <= Clock::System.now(), is_due, "{name}: the table is right");
        let state = if is_due { "due" } else { "answered" };
        assert_eq!(show(&console, name)["state"], state, "{name}");
        let ran = console.run(["csr", "needs-renewal", name]);
        assert_eq!(ran.code, i32::from(!is_due), "{name}: {}", String::from_utf8_lossy(&ran.out));
        let listed = if is_due { "Expires " } else { "Valid until " };
        let row = row_of(&mut browser, name);
        assert!(row.contains(listed), "{name}: {row}");
        let page = browser.get(&format!("/csrs/{name}"));
        let badges = page.texts(".request > .facts .badge.warn");
        let of_time = badges.iter().filter(|badge| badge.contains("left") || badge.contains("expire")).count();
        assert_eq!(of_time, usize::from(is_due), "{name}: {badges:?}");
        assert_eq!(page.main().contains("Next: renew the certificate."), is_due, "{name}");

        // The reminder is within the life, at the instant from which on it is due.
        let event = console.run(["csr", "expiry", name, "--ics"]).worked();
        let alarm = alarm(&event, ends);
        assert_eq!(alarm, due, "{name}");
        assert!(ends - SignedDuration::from_secs(life) < alarm && alarm < ends, "{name}");
        let served = browser.get_once(&format!("/csrs/{name}/expiry.ics"));
        let without_stamp = |text: &str| text.lines().filter(|line| !line.starts_with("DTSTAMP")).collect::<String>();
        assert_eq!(without_stamp(std::str::from_utf8(&served.body).unwrap()), without_stamp(&event), "{name}");
    }
    // The list has all that are due first, and the doctor speaks of these alone.
    let names = browser.get("/csrs").texts("td.name");
    let count = LIVES.iter().filter(|life| life.3).count();
    let is_due = |name: &String| LIVES.iter().any(|life| life.3 && name.starts_with(life.0));
    assert!(names.iter().take(count).all(is_due) && !names.iter().skip(count).any(is_due), "{names:?}");
    let checked = console.run(["check"]);
    let said = String::from_utf8_lossy(&checked.out).into_owned();
    assert_eq!(checked.code, 1, "{said}");
    for (name, _, _, is_due) in LIVES {
        assert_eq!(said.contains(&format!("{name}: its certificate is due")), is_due, "{name}: {said}");
    }
}

#[test]
fn a_short_lived_certificate_is_renewed_once_and_then_no_more() {
    let console = Console::first_boot();
    let authority = Authority::new();
    for (name, life, passed) in [("hour", HOUR, 45 * MINUTE), ("six", 6 * DAY, 5 * DAY), ("weeks", 47 * DAY, 20 * DAY)]
    {
        answered(&console, &authority, name, life, passed);
        assert_eq!(console.run(["csr", "needs-renewal", name, "--follow"]).code, 0, "{name}");
        let next = format!("{name}-next");
        console.run(["csr", "renew", name, "--follow", "--name", &next]).worked();
        assert_eq!(console.run(["csr", "needs-renewal", name, "--follow"]).code, 3, "{name}: one is there already");
        let asked = console.run(["csr", "export", &next]).worked();
        let now = Clock::System.now();
        let openssl = |at: Timestamp| at.strftime("%Y%m%d%H%M%SZ").to_string();
        let (from, to) = (openssl(now), openssl(now + SignedDuration::from_secs(life)));
        let certificate = authority.sign_with(asked.as_bytes(), "", &Term::Dates(&from, &to));
        answer(&console, &authority, &certificate, &[&next]);
        assert_eq!(show(&console, name)["superseded_by"], next);
        assert_eq!(console.run(["csr", "needs-renewal", name, "--follow"]).code, 1, "{name}: the new one is young");
    }
}
