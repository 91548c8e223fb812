//! Updates of DNS at BIND: where records belong, what stays of others, and each refusal by its own words.

use crate::dns::{DnsError, Place, Updater};
use crate::{ClientError, Failure};
use jiff::Timestamp;
use signet_domain::authority::{DnsServer, TsigAlgorithm};
use signet_testing::bind::{Bind, KEY, POWERLESS, secondary};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

const VALUE: &str = "LPsIwTo7o8BoG0-vjCyGQGBWSVIPxI-i_X336eUOQZo";

fn now() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "a test against a real server")]
    Timestamp::now().as_second()
}

fn updater(bind: &Bind, zone: Option<&str>, key: [&str; 3]) -> Updater {
    let [name, algorithm, secret] = key;
    let settings = DnsServer {
        address: bind.address().parse().unwrap(),
        zone: zone.map(str::to_owned),
        key: name.to_owned(),
        algorithm: TsigAlgorithm::ALL.into_iter().find(|one| one.word() == algorithm).unwrap(),
    };
    use base64::Engine;
    Updater::new(&settings, &base64::prelude::BASE64_STANDARD.decode(secret).unwrap()).unwrap()
}

fn place(owner: &str, zone: &str) -> Place {
    Place { owner: owner.to_owned(), zone: zone.to_owned() }
}

#[test]
fn a_record_is_added_and_removed_beside_those_of_others() {
    let bind = Bind::start();
    let updater = updater(&bind, None, KEY);
    let here = updater.place("*.one.test").unwrap();
    assert_eq!(here, place("_acme-challenge.one.test", "one.test"));
    // As for a name and its wildcard; again, as after a kill.
    for value in [VALUE, "another", VALUE] {
        updater.add(&here, value, now()).unwrap();
    }
    assert_eq!(bind.texts("_acme-challenge.one.test"), 3);
    updater.wait(&[(here.clone(), VALUE.to_owned())], Duration::ZERO, &|| false).unwrap();
    for value in [VALUE, "another", VALUE] {
        updater.remove(&here, value, now()).unwrap();
    }
    assert_eq!(bind.texts("_acme-challenge.one.test"), 1, "the one of somebody else stays");
    // More than a datagram holds.
    let values: Vec<String> = (0..20).map(|number| format!("{number}{VALUE}")).collect();
    values.iter().for_each(|value| updater.add(&here, value, now()).unwrap());
    let all: Vec<_> = values.into_iter().map(|value| (here.clone(), value)).collect();
    updater.wait(&all, Duration::ZERO, &|| false).unwrap();
}

#[test]
fn a_record_belongs_where_cname_records_and_zones_say() {
    let bind = Bind::start();
    let found = |zone: Option<&str>, name: &str| updater(&bind, zone, KEY).place(name);
    assert_eq!(found(None, "nas.two.test").unwrap(), place("_acme-challenge.nas.two.test", "two.test"));
    assert_eq!(found(Some("two.test"), "alias.one.test").unwrap(), place("alias.two.test", "two.test"));
    let said = |found: Result<Place, DnsError>| found.unwrap_err().to_string();
    let cut = said(found(None, "nas.sub.one.test"));
    assert_eq!(
        cut,
        "_acme-challenge.nas.sub.one.test is in the zone sub.one.test, which this DNS server has delegated to another one"
    );
    let other = said(found(Some("two.test"), "nas.one.test"));
    assert_eq!(other, "_acme-challenge.nas.one.test is in the zone one.test, not in two.test");
    let foreign = found(None, "nas.three.test").unwrap_err();
    assert!(matches!(foreign, DnsError::NotAuthoritative(_)), "{foreign}");
}

#[test]
fn each_refusal_has_its_own_code_and_remedy() {
    let bind = Bind::start();
    let here = place("_acme-challenge.nas.one.test", "one.test");
    let refused = |key: [&str; 3], time: i64| -> Failure {
        updater(&bind, None, key).add(&here, VALUE, time).unwrap_err().failure()
    };
    let [name, algorithm, secret] = KEY;
    for (key, time, code, word) in [
        (["unknown", algorithm, secret], now(), "tsig_key", "BADKEY"),
        ([name, "hmac-sha512", secret], now(), "tsig_key", "algorithm"),
        ([name, algorithm, POWERLESS[2]], now(), "tsig_signature", "BADSIG"),
        (KEY, now() - 3600, "tsig_time", "BADTIME"),
        (POWERLESS, now(), "dns_refused", "refuses"),
    ] {
        let failure = refused(key, time);
        assert!(failure.code == code && failure.what.contains(word) && failure.remedy.ends_with('.'), "{failure:?}");
        assert!(!format!("{failure:?}").contains(&secret[..8]));
    }
    let elsewhere = updater(&bind, None, KEY).add(&place("a.three.test", "three.test"), VALUE, now()).unwrap_err();
    assert_eq!(elsewhere.failure().code, "dns_zone");
    assert_eq!(bind.texts("_acme-challenge.nas.one.test"), 0);
    let address = bind.address();
    drop(bind);
    let gone = crate::dns::shown(address.parse().unwrap(), &here, VALUE).unwrap_err().failure();
    assert_eq!(gone.code, "dns_unreachable");
}

#[test]
fn a_record_that_is_not_shown_in_time_is_told_from_an_old_one() {
    let bind = Bind::start();
    let updater = updater(&bind, None, KEY);
    let waited = |owner: &str, is_cancelled: bool| {
        let placed = [(place(owner, "one.test"), VALUE.to_owned())];
        updater.wait(&placed, Duration::ZERO, &|| is_cancelled).unwrap_err()
    };
    assert_eq!(waited("_acme-challenge.nas.one.test", false).failure().code, "dns_not_shown");
    let old = waited("_acme-challenge.one.test", false).failure();
    assert!(old.code == "dns_old_record" && old.kind.is_tried_again(), "{old:?}");
    assert!(matches!(waited("_acme-challenge.one.test", true), ClientError::Cancelled));
}

#[test]
fn all_servers_of_the_zone_are_waited_for_that_answer() {
    // Nobody is at the other one.
    let bind = Bind::start_with("@ NS slow\n@ NS nobody\nslow A 127.53.71.2\nnobody A 127.53.71.3\n");
    // It shows the record after two looks.
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let says = move || (counted.fetch_add(1, Relaxed) >= 2).then(|| VALUE.to_owned());
    if !secondary("127.53.71.2", says) {
        return signet_testing::skip("port 53 cannot be listened on");
    }
    let updater = updater(&bind, None, KEY);
    let here = updater.place("nas.two.test").unwrap();
    updater.add(&here, VALUE, now()).unwrap();
    let slow: SocketAddr = "127.53.71.2:53".parse().unwrap();
    assert!(updater.servers(&here).unwrap().contains(&slow));
    let placed = [(here, VALUE.to_owned())];
    let early = updater.wait(&placed, Duration::ZERO, &|| false).unwrap_err();
    assert!(early.to_string().contains("127.53.71.2:53 does not show"), "{early}");
    updater.wait(&placed, Duration::from_secs(60), &|| false).unwrap();
    assert_eq!(asked.load(Relaxed), 3);
}
