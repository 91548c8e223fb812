//! Certificates that are due: in the list's order, and by the doctor.

use super::authority::Authority;
use super::{Device, NAMES, csr};
use crate::Services;
use crate::audit::Actor;
use crate::check::{State, check};
use crate::clock::Clock;
use crate::config::Config;
use crate::requests::index::Sort;
use jiff::{SignedDuration, Timestamp};
use signet_domain::record::Record;

#[test]
fn those_that_are_due_stand_first_and_the_rest_by_name() {
    let device = Device::new(&["a", "b", "c", "d", "e"]);
    let root = Authority::root("Home CA");
    for (name, days) in [("b", 300), ("d", 60), ("e", 35)] {
        let answer = root.sign(&device.request(name), NAMES, days);
        device.services().certificates.keep(&[csr(name)], answer.as_bytes(), Actor::CommandLine(0)).unwrap();
    }
    let services = device.services();
    let names = |services: &Services, sort, descending| {
        let part = services.catalog.list("", (sort, descending), (0, 9)).unwrap();
        let names: String = part.lines.iter().map(|summary| summary.name.as_str()).collect();
        (names, part.due)
    };
    assert_eq!(names(&services, Sort::Due, false), ("abcde".to_owned(), 0));
    assert_eq!(names(&services, Sort::Expiry, false), ("edbac".to_owned(), 0));
    assert_eq!(names(&device.later(25), Sort::Due, false), ("eabcd".to_owned(), 1));
    assert_eq!(names(&device.later(50), Sort::Due, false), ("edabc".to_owned(), 2));
    assert_eq!(names(&device.later(50), Sort::Name, false), ("abcde".to_owned(), 2));
    let part = device.later(50).catalog.list("", (Sort::Due, false), (1, 2)).unwrap();
    assert_eq!(part.lines.iter().map(|summary| summary.name.as_str()).collect::<String>(), "da");
}

/// What the doctor says of the CSRs so many days later.
fn said(device: &Device, days: i64) -> (State, String) {
    said_at(device, Clock::System.now() + SignedDuration::from_hours(24 * days))
}

fn said_at(device: &Device, now: Timestamp) -> (State, String) {
    let report = check(&device.data(), &Ok(Config::default()), Clock::Fixed(now));
    let one = report.findings().iter().find(|finding| finding.about == "csrs").unwrap();
    assert!(one.what.ends_with('.') && (one.fix.is_empty() || one.fix.ends_with('.')), "{one:?}");
    (one.state, format!("{} {}", one.what, one.fix))
}

#[test]
fn the_doctor_tells_what_is_due_what_has_ended_and_a_chain_that_does_not_hold() {
    let device = Device::new(&["nas"]);
    let (root, services) = (Authority::root("Home CA"), device.services());
    let answer = root.sign(&device.request("nas"), NAMES, 90) + &root.certificate;
    services.certificates.keep(&[csr("nas")], answer.as_bytes(), Actor::CommandLine(0)).unwrap();
    assert_eq!(said(&device, 1).0, State::Fine);
    let (state, words) = said(&device, 70);
    assert!(
        state == State::Attention && words.contains("its certificate is due") && words.contains("days left"),
        "{words}"
    );
    let (state, words) = said(&device, 95);
    assert!(state == State::Attention && words.contains("its certificate expired on"), "{words}");
    assert_eq!(said_at(&device, Timestamp::UNIX_EPOCH).0, State::Fine, "an unknown clock condemns nothing");

    let content = services.catalog.readable(&csr("nas")).unwrap();
    let keep = |certificates: &[Vec<u8>]| {
        let record = Record { ..content.record.clone() };
        services.store.lock().unwrap().set_answer(&csr("nas"), &record, certificates).unwrap();
        said(&device, 1)
    };
    let other = Authority::root("Home CA");
    let der = |pem: &str| signet_pki::pem::scan(pem).unwrap()[0].der().unwrap().to_vec();
    let (state, words) = keep(&[content.certificates[0].clone(), der(&other.certificate)]);
    assert!(state == State::Broken && words.contains("is not signed by Home CA"), "{words}");
    let (state, words) = keep(&[der(&root.certificate)]);
    assert!(state == State::Broken && words.contains("for another key"), "{words}");
    let (state, words) = keep(&[vec![0x30, 3, 2, 1, 1]]);
    assert!(state == State::Broken && words.contains("cannot be read"), "{words}");
    // The request is as good as before.
    assert_eq!(services.catalog.readable(&csr("nas")).unwrap().der, content.der);
    assert_eq!(services.catalog.readable(&csr("nas")).unwrap().state(services.clock.now()), "answered");
}
