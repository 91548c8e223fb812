//! Every refusal that ACME knows has a sentence and a remedy of its own, and the CA's words beside it.

use crate::acme::problem::Problem;
use crate::error::{ClientError, Kind};
use signet_domain::enrollment::{ChallengeKind, Identifier};

fn failure(kind: &str, status: u16) -> crate::Failure {
    let text = format!(r#"{{"type":"urn:ietf:params:acme:error:{kind}","detail":"a\u001b[2J {}"}}"#, "x".repeat(2000));
    let mut problem: Problem = serde_json::from_str(&text).unwrap();
    problem.status = status;
    ClientError::Problem(Box::new(problem)).failure()
}

#[test]
fn each_problem_has_words_of_ours_and_the_cas_beside_them() {
    let mut seen = std::collections::HashSet::new();
    for (kind, status, code, meaning) in [
        ("rateLimited", 429, "rate_limited", Kind::Later),
        ("caa", 0, "caa", Kind::Validation),
        ("dns", 0, "dns", Kind::Validation),
        ("connection", 0, "connection", Kind::Validation),
        ("unauthorized", 0, "wrong_response", Kind::Validation),
        ("unauthorized", 403, "unauthorized", Kind::Settings),
        ("rejectedIdentifier", 400, "rejected_identifier", Kind::Refused),
        ("badCSR", 400, "bad_csr", Kind::Refused),
        ("badPublicKey", 400, "bad_key", Kind::Refused),
        ("externalAccountRequired", 403, "external_account_required", Kind::Settings),
        ("userActionRequired", 403, "user_action_required", Kind::Settings),
        ("accountDoesNotExist", 400, "account_does_not_exist", Kind::Settings),
        ("alreadyReplaced", 409, "already_replaced", Kind::Later),
        ("invalidContact", 400, "contact", Kind::Settings),
        ("invalidProfile", 400, "profile", Kind::Settings),
        ("serverInternal", 500, "server_internal", Kind::Unreachable),
        ("whatever", 400, "refused", Kind::Refused),
    ] {
        let failure = failure(kind, status);
        assert_eq!((failure.code.as_str(), failure.kind), (code, meaning), "{kind}");
        assert!(seen.insert(failure.what.clone()), "{}", failure.what);
        assert!(
            failure.what.ends_with('.') && failure.remedy.ends_with('.'),
            "{kind}: {} {}",
            failure.what,
            failure.remedy
        );
        let detail = failure.detail.unwrap();
        assert!(detail.starts_with("a\\u{1b}[2J x") && detail.chars().count() <= 301, "{detail}");
    }
}

#[test]
fn what_could_not_be_proved_is_told_by_how_it_was_checked() {
    for (kind, challenge, code, what, remedy) in [
        ("unauthorized", ChallengeKind::Http01, "wrong_response", "Something else", "/.well-known/acme-challenge/"),
        ("unauthorized", ChallengeKind::TlsAlpn01, "wrong_response", "Something else", "port 443"),
        ("unauthorized", ChallengeKind::Dns01, "wrong_response", "does not see the TXT record", "zone"),
        ("incorrectResponse", ChallengeKind::Dns01, "wrong_response", "does not see the TXT record", "zone"),
        ("dns", ChallengeKind::Http01, "dns", "no usable DNS entry", "A and AAAA"),
        ("dns", ChallengeKind::Dns01, "dns", "could not look up the TXT record", "DNSSEC"),
        ("connection", ChallengeKind::Dns01, "dns", "could not look up the TXT record", "DNSSEC"),
        ("connection", ChallengeKind::TlsAlpn01, "connection", "could not connect", "443 for tls-alpn-01"),
    ] {
        let text = format!(r#"{{"type":"urn:ietf:params:acme:error:{kind}","detail":"words"}}"#);
        let problem: Problem = serde_json::from_str(&text).unwrap();
        let identifier = Identifier { r#type: "dns".to_owned(), value: "nas.example".to_owned() };
        let failure = ClientError::Problem(Box::new(problem.of(&identifier, challenge.word()))).failure();
        let fits = failure.what.contains(what) && failure.what.ends_with(" for nas.example.");
        assert!(failure.code == code && fits && failure.remedy.contains(remedy), "{kind} {challenge:?}: {failure:?}");
    }
}

#[test]
fn a_contact_that_is_missing_is_told_as_such() {
    let text = r#"{"type":"urn:ietf:params:acme:error:malformed","detail":"Contact information is missing"}"#;
    let failure = ClientError::Problem(Box::new(serde_json::from_str(text).unwrap())).failure();
    assert_eq!((failure.code.as_str(), failure.kind), ("contact", Kind::Settings));
    assert!(failure.what.contains("asks for a contact address"), "{}", failure.what);
}

#[test]
fn a_compound_problem_names_whom_it_concerns() {
    let text = r#"{"type":"urn:ietf:params:acme:error:compound","detail":"several","subproblems":[
        {"type":"urn:ietf:params:acme:error:caa","detail":"forbidden","identifier":{"type":"dns","value":"a.example"}},
        {"type":"urn:ietf:params:acme:error:dns","detail":"none","identifier":{"type":"dns","value":"b.example"}}]}"#;
    let failure = ClientError::Problem(Box::new(serde_json::from_str(text).unwrap())).failure();
    assert_eq!(failure.code, "caa");
    assert!(failure.what.contains("for a.example, b.example"), "{}", failure.what);
    assert_eq!(failure.detail.as_deref(), Some("forbidden"));
}
