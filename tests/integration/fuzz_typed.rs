//! What people type and what clients send, at random: names, answers, forms and cookies never panic, and what is
//! accepted holds together.
//!
//! `PROPTEST_CASES` sets how many cases each test runs; a failure prints its seed.

use proptest::prelude::*;
use signet::web::form::RawForm;
use signet::web::router::Route;
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::extensions::{CaCertificate, KeyUsageBit, ReadCa, Usage};
use signet_domain::policy::Policy;
use signet_domain::san::{San, SanList};
use signet_domain::subject::SubjectAnswers;
use std::cell::Cell;

/// Pieces that mean something in a name.
fn name() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9.-]{1,12}",
        2 => prop::sample::select(vec![
            "DNS:", "IP:", "IP Address:", "email:", "URI:", "*.", "xn--", "https://", "[", "]", "::", ":", "/24", "@", "%", "..",
            "\u{fc}", "\u{df}", "\u{5d0}", "\u{200d}", "\u{ff0e}", "192.0.2.1", "2001:db8::1", "\\", "\0", "\u{202e}", " ",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(|c| c.to_string()),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

struct NoCa;
impl ReadCa for NoCa {
    fn read_ca(&self, _: &str) -> Result<CaCertificate, String> {
        Err("there is no CA here".into())
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// How many of the random inputs came as far as what a test asserts.
#[derive(Default)]
struct Judged(Cell<usize>);

impl Judged {
    fn one(&self) {
        self.0.set(self.0.get() + 1);
    }

    /// Without any, the test has said nothing.
    #[track_caller]
    fn some(&self) {
        assert!(self.0.get() > 0, "no input came so far");
    }
}

#[test]
fn names_never_panic_and_say_the_same_when_read_again() {
    let judged = Judged::default();
    proptest!(config(), |(entry in name())| {
        if let Ok(san) = San::parse(&entry) {
            let again = San::parse(&san.to_string());
            prop_assert_eq!(again.as_ref(), Ok(&san), "{}", entry);
            judged.one();
        }
    });
    judged.some();
}

#[test]
fn lists_of_names_never_panic_and_stay_within_their_bound() {
    let judged = Judged::default();
    proptest!(config(), |(entries in prop::collection::vec(name(), 0..12), common in name())| {
        if let Ok(names) = SanList::parse(&entries.join("\n"), &common) {
            prop_assert!(names.len() <= SanList::MAX);
            let mut seen: Vec<String> = names.iter().map(|name| name.to_string()).collect();
            seen.sort();
            seen.dedup();
            prop_assert_eq!(seen.len(), names.len(), "each once");
            judged.one();
        }
    });
    judged.some();
}

#[test]
fn subjects_never_panic() {
    let judged = Judged::default();
    proptest!(config(), |(texts in prop::collection::vec(name(), 8))| {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().unwrap();
        let answers = SubjectAnswers {
            country: next(), state: next(), city: next(), organization: next(),
            organizational_unit: next(), email: next(), common: next(), san: next(),
        };
        if let Err(mistakes) = answers.parse(&Policy::default()) {
            prop_assert!(!mistakes.is_empty());
            for mistake in mistakes.iter() {
                prop_assert!(!mistake.what.is_empty() && !mistake.fix.is_empty());
            }
            judged.one();
        }
    });
    judged.some();
}

#[test]
fn constraints_never_panic() {
    let judged = Judged::default();
    proptest!(config(), |(
        switches in prop::collection::vec(any::<bool>(), 9),
        path in "[-+0-9a ]{0,5}",
        issuer in "[0-9a-fA-F: \n-]{0,60}",
        usages in prop::sample::subsequence(Usage::ALL.to_vec(), 0..=11),
        bits in prop::sample::subsequence(KeyUsageBit::ALL.to_vec(), 0..=9),
    )| {
        let answers = ConstraintsAnswers {
            bc_enabled: switches[0], bc_ca: switches[1], bc_path_length: path, bc_critical: switches[2],
            aki_enabled: switches[3], aki_issuer: issuer, aki_cert_issuer: switches[4],
            eku_enabled: switches[5], eku: usages, eku_critical: switches[6],
            ku_enabled: switches[7], ku: bits, ku_critical: switches[8],
        };
        if let Ok(extensions) = answers.parse(None, &NoCa) {
            prop_assert_eq!(extensions.key_usage.is_some(), switches[7]);
            prop_assert!(extensions.extended_key_usage.is_none_or(|extended| !extended.usages.is_empty()));
            judged.one();
        }
    });
    judged.some();
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn forms_never_panic(body in prop::collection::vec(prop_oneof![
        3 => prop::sample::select(b"abn=&%+0123456789fFcC\r\n;".to_vec()),
        1 => any::<u8>(),
    ], 0..200)) {
        let _ = RawForm::parse(&body);
    }

    #[test]
    fn paths_never_panic(path in "(/[a-zA-Z0-9._%~-]{0,12}){0,5}|.{0,40}") {
        let _ = Route::parse(&path);
    }
}
