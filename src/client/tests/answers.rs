//! A CA that answers what it should not, or asks to wait.

use super::server::{BASE, Server, TestCa, said};
use super::{Memory, Order, enrolled, run};
use crate::enrollment::{Outcome, Step};
use crate::{AccountKey, Failure};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A CA that issues for every name at once, but for what `other` answers instead.
fn ca(other: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> impl Fn(&str, &str) -> Vec<u8> {
    move |line, _| {
        let nonce = "Replay-Nonce: abc\r\n";
        let at = |path: &str| format!("{nonce}Location: {BASE}{path}\r\n");
        let order = |status: &str| {
            format!(
                r#"{{"status":"{status}","authorizations":[],"finalize":"{BASE}/finalize","certificate":"{BASE}/certificate"}}"#
            )
        };
        if let Some(answer) = other(line) {
            return answer;
        }
        match line {
            "GET /dir" => {
                let url = |path: &str| format!("{BASE}/{path}");
                let directory = serde_json::json!({
                    "newNonce": url("nonce"), "newAccount": url("account"), "newOrder": url("order"),
                    "meta": { "termsOfService": url("terms") },
                });
                said(200, "", &directory.to_string())
            }
            "HEAD /nonce" => format!("HTTP/1.1 200 X\r\n{nonce}\r\n").into_bytes(),
            "POST /account" => said(201, &at("/accounts/1"), "{}"),
            "POST /order" => said(201, &at("/orders/1"), &order("ready")),
            "POST /orders/1" => said(200, nonce, &order("ready")),
            "POST /finalize" => said(200, nonce, &order("valid")),
            "POST /certificate" => said(200, nonce, "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"),
            other => panic!("{other}"),
        }
    }
}

fn problem(status: u16, kind: &str) -> Option<Vec<u8>> {
    let body = format!(r#"{{"type":"urn:ietf:params:acme:error:{kind}","detail":"words"}}"#);
    Some(said(status, "Replay-Nonce: abc\r\n", &body))
}

/// What becomes of one try, and what the CA was asked.
fn tried(
    memory: &mut Memory,
    other: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> (Outcome, Vec<String>) {
    let roots = TestCa::new();
    let key = AccountKey::generate().unwrap();
    run(async {
        let server = Server::start(roots.server(|_| {}), ca(other)).await;
        let url = format!("{}/dir", server.url);
        let order = Order { replaces: Some("aYhb.AIdl"), ..Order::of(&["nas.test"]) };
        let outcome = enrolled(&url, roots.pem.as_bytes(), &key, &order, memory).await;
        let asked = server.asked.lock().unwrap().clone();
        (outcome, asked)
    })
}

fn failed(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn count(asked: &[String], line: &str) -> usize {
    asked.iter().filter(|one| *one == line).count()
}

#[test]
fn an_order_goes_from_account_to_certificate_and_its_url_is_kept_before_the_csr_is_sent() {
    let mut memory = Memory::default();
    let (outcome, asked) = tried(&mut memory, |_| None);
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(asked.last().unwrap(), "POST /certificate");
    assert_eq!(memory.steps, [Step::Ordering, Step::Ordering, Step::Finalizing]);
    assert!(memory.progress.order.unwrap().ends_with("/orders/1"));
    assert!(memory.account.url.unwrap().ends_with("/accounts/1"));
}

#[test]
fn html_where_the_directory_should_be_is_named() {
    let (outcome, _) = tried(&mut Memory::default(), |line| {
        (line == "GET /dir").then(|| said(200, "Content-Type: text/html\r\n", "<html>"))
    });
    let failure = failed(outcome);
    assert_eq!(failure.code, "not_acme");
    assert!(failure.what.contains("status 200, text/html"), "{}", failure.what);
}

#[test]
fn a_server_that_rejects_every_nonce_is_given_up_for_now() {
    let (outcome, asked) =
        tried(&mut Memory::default(), |line| if line == "POST /order" { problem(400, "badNonce") } else { None });
    let failure = failed(outcome);
    assert_eq!(failure.code, "nonces");
    assert!(failure.kind.is_tried_again());
    assert_eq!(count(&asked, "POST /order"), 12);
}

#[test]
fn a_ca_that_asks_to_wait_for_three_days_is_left_alone_for_three_days() {
    let mut memory = Memory::default();
    let (outcome, _) = tried(&mut memory, |line| {
        let order = format!(r#"{{"status":"processing","authorizations":[],"finalize":"{BASE}/finalize"}}"#);
        (line == "POST /finalize").then(|| said(200, "Replay-Nonce: abc\r\nRetry-After: 259200\r\n", &order))
    });
    let Outcome::Waiting(until) = outcome else { panic!("{outcome:?}") };
    let wait = until.as_second() - crate::enrollment::Keeper::now(&memory).as_second();
    assert!((259_000..=259_200).contains(&wait), "{wait}");
    assert_eq!(memory.progress.step, Step::Waiting);
    assert!(memory.progress.order.is_some());
}

#[test]
fn a_rate_limit_keeps_the_cas_time() {
    let (outcome, _) = tried(&mut Memory::default(), |line| {
        let body = r#"{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many certificates"}"#;
        (line == "POST /order").then(|| said(429, "Replay-Nonce: abc\r\nRetry-After: 3600\r\n", body))
    });
    let failure = failed(outcome);
    assert_eq!((failure.code.as_str(), failure.wait), ("rate_limited", Some(3600)));
}

#[test]
fn a_ca_that_asks_for_a_second_is_asked_again_after_it_and_one_that_asks_for_more_is_left_alone() {
    let body = r#"{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many requests"}"#;
    let refused = || said(429, "Replay-Nonce: abc\r\nRetry-After: 1\r\n", body);
    let seen = AtomicUsize::new(0);
    let began = Instant::now();
    let (outcome, asked) = tried(&mut Memory::default(), move |line| {
        // Each kind of call once: one that nobody signs, and one that is signed.
        let is_first =
            matches!(line, "GET /dir" | "POST /order") && seen.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        is_first.then(refused)
    });
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert!(began.elapsed() >= Duration::from_secs(2), "it did not wait");
    assert_eq!((count(&asked, "GET /dir"), count(&asked, "POST /order")), (2, 2));
    // More than it waits for on the spot.
    let (outcome, asked) = tried(&mut Memory::default(), |line| {
        (line == "POST /order").then(|| said(503, "Replay-Nonce: abc\r\nRetry-After: 31\r\n", ""))
    });
    let failure = failed(outcome);
    assert_eq!((failure.code.as_str(), failure.wait, count(&asked, "POST /order")), ("busy", Some(31), 1));
}

#[test]
fn an_account_that_the_ca_has_lost_is_made_again_once_with_the_same_key() {
    let lost = AtomicUsize::new(0);
    let mut memory = Memory::default();
    let (outcome, asked) = tried(&mut memory, move |line| match line {
        "POST /order" if lost.fetch_add(1, Ordering::Relaxed) == 0 => problem(400, "accountDoesNotExist"),
        _ => None,
    });
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    // Its first account, the search for it, which finds it here.
    assert_eq!(count(&asked, "POST /account"), 2);
    let (outcome, asked) =
        tried(
            &mut Memory::default(),
            |line| if line == "POST /order" { problem(400, "accountDoesNotExist") } else { None },
        );
    assert_eq!(failed(outcome).code, "account_does_not_exist");
    assert_eq!(count(&asked, "POST /order"), 2);
}

#[test]
fn an_order_that_the_ca_has_forgotten_is_placed_again() {
    let mut memory = Memory::default();
    let (outcome, asked) = tried(&mut memory, {
        let times = AtomicUsize::new(0);
        move |line| match line {
            "POST /orders/1" if times.fetch_add(1, Ordering::Relaxed) == 0 => problem(404, "malformed"),
            _ => None,
        }
    });
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(count(&asked, "POST /order"), 2);
}

#[test]
fn an_account_that_is_lost_after_the_order_costs_the_order() {
    let lost = AtomicUsize::new(0);
    let mut memory = Memory::default();
    let (outcome, asked) = tried(&mut memory, move |line| match line {
        "POST /orders/1" if lost.fetch_add(1, Ordering::Relaxed) == 0 => problem(400, "accountDoesNotExist"),
        _ => None,
    });
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(count(&asked, "POST /order"), 2);
}

#[test]
fn an_order_without_its_account_is_another_cas_and_not_asked_for() {
    let mut memory = Memory::default();
    memory.progress.order = Some("https://localhost:1/orders/1".to_owned());
    let (outcome, asked) = tried(&mut memory, |_| None);
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert_eq!(count(&asked, "POST /order"), 1);
}

#[test]
fn an_answer_that_is_lost_is_looked_for_at_the_order() {
    let mut memory = Memory::default();
    // The CSR arrives, and the connection ends.
    let (outcome, _) = tried(&mut memory, |line| (line == "POST /finalize").then(Vec::new));
    assert!(failed(outcome).kind.is_tried_again());
    assert_eq!(memory.progress.step, Step::Finalizing);
    assert!(memory.progress.order.is_some());
}

#[test]
fn an_order_that_is_invalid_is_not_asked_for_again() {
    let mut memory = Memory::default();
    let (outcome, _) = tried(&mut memory, |line| {
        let order = format!(
            r#"{{"status":"invalid","authorizations":[],"finalize":"{BASE}/finalize","error":{{"type":"urn:ietf:params:acme:error:caa","detail":"no"}}}}"#
        );
        (line == "POST /orders/1").then(|| said(200, "Replay-Nonce: abc\r\n", &order))
    });
    assert_eq!(failed(outcome).code, "caa");
    assert_eq!(memory.progress.order, None);
}

#[test]
fn an_order_that_names_a_replaced_certificate_is_placed_once_without_it() {
    for kind in ["alreadyReplaced", "malformed"] {
        let detail = r#"{"type":"urn:ietf:params:acme:error:KIND","detail":"replaces: it has a replacement"}"#;
        let mut memory = Memory::default();
        let (outcome, asked) = tried(&mut memory, {
            let times = AtomicUsize::new(0);
            move |line| match line {
                "POST /order" if times.fetch_add(1, Ordering::Relaxed) == 0 => {
                    Some(said(409, "Replay-Nonce: abc\r\n", &detail.replace("KIND", kind)))
                }
                _ => None,
            }
        });
        assert!(matches!(outcome, Outcome::Done(_)), "{kind}: {outcome:?}");
        assert_eq!(count(&asked, "POST /order"), 2, "{kind}");
        assert!(memory.progress.without_replaces);
    }
    let (outcome, asked) =
        tried(
            &mut Memory::default(),
            |line| {
                if line == "POST /order" { problem(409, "alreadyReplaced") } else { None }
            },
        );
    assert_eq!(failed(outcome).code, "already_replaced");
    assert_eq!(count(&asked, "POST /order"), 2, "once");
}

/// What a CA says of a certificate, and what is made of it.
fn suggested(answer: Vec<u8>) -> Result<Option<(String, Option<u64>)>, String> {
    let roots = TestCa::new();
    let key = AccountKey::generate().unwrap();
    run(async {
        let server = Server::start(roots.server(|_| {}), move |line, _| match line {
            "GET /dir" => {
                let url = |path: &str| format!("{BASE}/{path}");
                let directory = serde_json::json!({
                    "newNonce": url("nonce"), "newAccount": url("account"), "newOrder": url("order"),
                    "renewalInfo": url("ari/"),
                });
                said(200, "", &directory.to_string())
            }
            "GET /ari/aYhb.AIdl" => answer.clone(),
            other => panic!("{other}"),
        })
        .await;
        let https = crate::Https::new(crate::Roots::Pem(roots.pem.as_bytes()), None).unwrap();
        let key = AccountKey::read(&key).unwrap();
        let mut acme = crate::Acme::open(https, &format!("{}/dir", server.url), key).await.unwrap();
        let looked = acme.renewal_info("aYhb.AIdl").await.map_err(|error| error.failure().code)?;
        let now = "2026-12-01T00:00:00Z".parse().unwrap();
        Ok(looked.map(|looked| {
            let window = looked.value.suggested_window;
            (format!("{} {}", window.start, window.end), looked.retry_after.map(|after| after.seconds(now)))
        }))
    })
}

#[test]
fn a_suggested_window_is_read_and_what_is_none_is_told() {
    let window = r#"{"suggestedWindow":{"start":"2027-01-02T04:00:00+00:00","end":"2027-01-03T04:00:00Z"},"explanationURL":"x"}"#;
    let times = "2027-01-02T04:00:00Z 2027-01-03T04:00:00Z".to_owned();
    assert_eq!(suggested(said(200, "Retry-After: 21600\r\n", window)), Ok(Some((times.clone(), Some(21600)))));
    let date = "Retry-After: Tue, 01 Dec 2026 01:00:00 GMT\r\n";
    assert_eq!(suggested(said(200, date, window)), Ok(Some((times, Some(3600)))));
    assert_eq!(suggested(said(404, "", "")), Ok(None));
    assert_eq!(suggested(said(200, "", "<html>")), Err("not_acme".to_owned()));
    assert_eq!(suggested(said(200, "", r#"{"suggestedWindow":{"start":"soon"}}"#)), Err("not_acme".to_owned()));
    assert_eq!(suggested(problem(503, "serverInternal").unwrap()), Err("busy".to_owned()));
}
