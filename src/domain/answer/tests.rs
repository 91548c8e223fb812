//! Asked against got, and certificates in time.

use super::*;

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn part(label: &str, value: &str) -> (String, String) {
    (label.to_owned(), value.to_owned())
}

fn asked() -> Terms {
    Terms {
        subject: vec![
            part("Common Name", "nas.example.org"),
            part("Country", "NL"),
            part("Organization", "Example"),
            part("Organizational Unit", "Storage"),
        ],
        names: texts(&["DNS:nas.example.org", "DNS:nas.local", "IP:192.0.2.7"]),
        key_usage: texts(&["Digital Signature", "Key Encipherment"]),
        extended_key_usage: texts(&["SERVER_AUTH"]),
        basic_constraints: Some("not a CA".to_owned()),
        lifetime: Some(200),
    }
}

fn rows(asked: &Terms, got: &Terms) -> Vec<String> {
    let row = |row: &Difference| format!("{:?} {}: {} -> {}", row.kind, row.field, row.asked, row.got);
    asked_and_got(asked, got).iter().map(row).collect()
}

#[test]
fn what_came_as_asked_is_the_same_in_every_field() {
    let rows = asked_and_got(&asked(), &asked());
    assert_eq!(rows.len(), 4 + 3 + 2 + 1 + 1 + 1);
    assert!(rows.iter().all(|row| row.kind == Kind::Same && row.asked == row.got && !row.got.is_empty()));
}

#[test]
fn tells_what_a_ca_dropped_added_and_changed() {
    let got = Terms {
        subject: vec![
            part("Country", "NL"),
            part("Organization", "Example B.V."),
            part("Common Name", "nas.example.org"),
        ],
        names: texts(&["DNS:NAS.example.org", "DNS:www.nas.example.org"]),
        key_usage: texts(&["Digital Signature"]),
        extended_key_usage: texts(&["SERVER_AUTH", "CLIENT_AUTH"]),
        basic_constraints: None,
        lifetime: Some(90),
    };
    assert_eq!(
        rows(&asked(), &got),
        [
            "Same Common Name: nas.example.org -> nas.example.org",
            "Same Country: NL -> NL",
            "Changed Organization: Example -> Example B.V.",
            "Dropped Organizational Unit: Storage -> ",
            "Same Subject Alternative Names: DNS:nas.example.org -> DNS:NAS.example.org",
            "Dropped Subject Alternative Names: DNS:nas.local -> ",
            "Dropped Subject Alternative Names: IP:192.0.2.7 -> ",
            "Added Subject Alternative Names:  -> DNS:www.nas.example.org",
            "Same Key Usage: Digital Signature -> Digital Signature",
            "Dropped Key Usage: Key Encipherment -> ",
            "Same Extended Key Usage: SERVER_AUTH -> SERVER_AUTH",
            "Added Extended Key Usage:  -> CLIENT_AUTH",
            "Dropped Basic Constraints: not a CA -> ",
            "Changed Lifetime: 200 days -> 90 days",
        ]
    );
}

#[test]
fn parts_that_stand_twice_are_paired_by_value_first() {
    let asked = Terms { subject: vec![part("OU", "one"), part("OU", "two"), part("OU", "three")], ..Terms::default() };
    let got = Terms { subject: vec![part("OU", "two"), part("OU", "four"), part("DC", "org")], ..Terms::default() };
    assert_eq!(
        rows(&asked, &got),
        ["Changed OU: one -> four", "Same OU: two -> two", "Dropped OU: three -> ", "Added DC:  -> org"]
    );
}

#[test]
fn a_lifetime_counts_only_where_one_was_wished_for() {
    let got = Terms { lifetime: Some(90), ..Terms::default() };
    assert_eq!(rows(&Terms::default(), &got), [] as [&str; 0]);
    let asked = Terms { lifetime: Some(1), ..Terms::default() };
    assert_eq!(rows(&asked, &Terms::default()), ["Changed Lifetime: 1 day -> without end"]);
}

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

#[test]
fn days_of_a_lifetime_are_the_nearest() {
    let from = at("2026-11-24T00:00:00Z");
    for (to, days) in [
        ("2027-02-22T00:00:00Z", 90),
        ("2027-02-21T23:59:59Z", 90),
        ("2026-11-25T00:01:00Z", 1),
        ("2026-11-24T01:00:00Z", 1),
        ("2026-11-20T00:00:00Z", 1),
    ] {
        assert_eq!(lifetime_days(from, at(to)), days, "{to}");
    }
    assert_eq!(lifetime_days(Timestamp::MIN, Timestamp::MAX), 7_304_482);
}

#[test]
fn a_certificate_is_due_from_thirty_days_on_and_ends_after_its_last_second() {
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-12-31T12:00:00Z"));
    for (now, verdict, days_left) in [
        ("2025-12-31T23:59:59Z", Verdict::NotYet, 364),
        ("2026-01-01T00:00:00Z", Verdict::Good, 364),
        ("2026-12-01T11:59:59Z", Verdict::Good, 30),
        ("2026-12-01T12:00:00Z", Verdict::Due, 30),
        ("2026-12-31T00:00:00Z", Verdict::Due, 0),
        ("2026-12-31T12:00:00Z", Verdict::Due, 0),
        ("2026-12-31T12:00:01Z", Verdict::Expired, -1),
    ] {
        let standing = Standing::at(from, to, at(now), true);
        assert_eq!(standing, Standing { verdict, days_left, clock_known: true }, "{now}");
        assert_eq!(standing.is_refused(), verdict == Verdict::Expired);
    }
}

#[test]
fn a_short_life_is_due_when_a_third_is_left() {
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-01-07T00:00:00Z"));
    assert_eq!(Standing::at(from, to, at("2026-01-04T23:59:59Z"), true).verdict, Verdict::Good);
    assert_eq!(Standing::at(from, to, at("2026-01-05T00:00:00Z"), true).verdict, Verdict::Due);
}

#[test]
fn nothing_is_refused_by_a_clock_that_is_not_known() {
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-12-31T00:00:00Z"));
    let standing = Standing::at(from, to, at("1970-01-01T00:00:00Z"), false);
    assert_eq!((standing.verdict, standing.is_refused()), (Verdict::NotYet, false));
    let standing = Standing::at(from, to, at("2030-01-01T00:00:00Z"), false);
    assert_eq!((standing.verdict, standing.is_refused()), (Verdict::Expired, false));
    // A validity the wrong way round is never valid.
    assert_eq!(Standing::at(to, from, at("2026-06-01T00:00:00Z"), true).verdict, Verdict::Expired);
}

#[test]
fn a_name_is_covered_by_itself_and_by_a_wildcard_for_its_first_label() {
    let certified = ["DNS:nas.local", "DNS:*.example.org", "IP:192.0.2.7"].map(str::to_owned);
    for name in ["DNS:NAS.local", "DNS:www.example.org", "DNS:WWW.Example.ORG", "DNS:*.example.org", "IP:192.0.2.7"] {
        assert!(covers(&certified, name), "{name}");
    }
    for name in
        ["DNS:example.org", "DNS:a.b.example.org", "DNS:.example.org", "IP:192.0.2.8", "email:a@example.org", ""]
    {
        assert!(!covers(&certified, name), "{name}");
    }
}
