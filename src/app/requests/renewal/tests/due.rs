//! When a CSR is due to be renewed, by clocks that can be trusted and others.

use super::*;
use crate::requests::renewal::due::Due;

#[test]
fn it_is_due_when_its_certificate_comes_to_an_end() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let due = |now: Timestamp, within: Option<u16>| {
        let services = unit.clock(now);
        let relatives = services.catalog.relatives(&services.catalog.readable(&name("nas")).unwrap().record).unwrap();
        services.renewals.due(&name("nas"), relatives, within).unwrap()
    };
    assert_eq!(due(today(), None), Due::NotAnswered);
    unit.answer("nas", today());
    let end = today() + days(365);
    assert!(
        matches!(due(today(), None), Due::Later(expiry) if expiry.validity.ends == end && !expiry.serial.is_empty())
    );
    assert!(matches!(due(end - days(30) - SignedDuration::from_secs(1), None), Due::Later(_)));
    for (now, within) in
        [(end - days(30), None), (end, Some(30)), (end, Some(0)), (end + days(3000), Some(0)), (today(), Some(365))]
    {
        assert!(matches!(due(now, within), Due::Now(_)), "{now} {within:?}");
    }
    let new = unit.renewed("nas", false);
    assert!(matches!(due(end, None), Due::Superseded(by) if by.name == new && !by.answered));
}

#[test]
fn a_clock_before_the_build_date_tells_only_what_is_due_by_that_date() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let services = unit.clock(Timestamp::UNIX_EPOCH);
    let due = || services.renewals.due(&name("nas"), Relatives::default(), None).unwrap();
    unit.answer("nas", today());
    assert!(matches!(due(), Due::ClockUnknown(_)));
    // It ended before this program was built, so it has ended, whatever the clock says.
    unit.answer("nas", clock::build_date() - days(366));
    assert!(matches!(due(), Due::Now(_)));
}

#[test]
fn a_certificate_without_an_end_is_never_due() {
    let unit = Unit::new();
    unit.make("nas", "nas.local");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("certificate").display().to_string();
    let days = "2912000";
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "/dev/null",
        "-subj",
        "/CN=nas",
        "-days",
        days,
        "-outform",
        "DER",
        "-out",
        &path,
    ]);
    let record = Record { answered: Some(today()), ..unit.read(&name("nas")).record };
    let mut certificate = std::fs::read(&path).unwrap();
    // GeneralizedTime of RFC 5280 4.1.2.5, which openssl 3.0 takes no date for.
    // Two bytes would be found in a key or signature, too, now and then.
    let is_time =
        |found: &[u8]| found[..2] == [0x18, 15] && found[2..16].iter().all(u8::is_ascii_digit) && found[16] == b'Z';
    let at = certificate.windows(17).rposition(is_time).unwrap();
    certificate[at + 2..at + 17].copy_from_slice(b"99991231235959Z");
    unit.services.store.lock().unwrap().set_answer(&name("nas"), &record, &[certificate]).unwrap();
    let due = unit.services.renewals.due(&name("nas"), Relatives::default(), Some(3650)).unwrap();
    assert!(matches!(due, Due::Later(expiry) if !expiry.has_end()));
}
