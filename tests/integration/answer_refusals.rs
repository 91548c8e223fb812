//! What is refused of an answer: each cause has words of its own, the same by browser and by command, and nothing is lost
//! or changed by any of them. And what looks as if it should be refused and is not.

use crate::harness::authority::{Authority, Term};
use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::folder::listing;
use crate::harness::made::{self, ec_key};
use crate::harness::openssl::openssl;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::clock::Clock;
use signet_app::config::Config;
use signet_domain::name::CsrName;
use signet_store::{Opening, Store};
use std::collections::HashMap;

const NAS: &str = "/csrs/nas/certificate";
const WHO: &str =
    "--country=DE --state=Bavaria --city=Munich --organization=Example --email=root@nas.local --san=nas.local";

/// What is handed in, and a part of the words that refuse it: for the request named, and where none is.
struct Case {
    content: Vec<u8>,
    named: &'static str,
    found: &'static str,
}

fn case(content: impl Into<Vec<u8>>, named: &'static str, found: &'static str) -> Case {
    Case { content: content.into(), named, found }
}

fn both(content: impl Into<Vec<u8>>, words: &'static str) -> Case {
    case(content, words, words)
}

fn request(console: &Console, name: &str, how: &str) -> Vec<u8> {
    console.run(format!("csr create --name={name} {how} {WHO}").split_whitespace()).worked();
    console.run(["csr", "export", name]).worked().into_bytes()
}

fn der(pem: &[u8]) -> Vec<u8> {
    openssl("x509 -outform DER", pem)
}

fn pem(der: &[u8]) -> Vec<u8> {
    openssl("x509 -inform DER", der)
}

/// The answer with another last byte, which is its signature's.
fn forged(certificate: &[u8], byte: u8) -> Vec<u8> {
    let mut bytes = der(certificate);
    *bytes.last_mut().unwrap() ^= byte;
    pem(&bytes)
}

fn cases(authority: &Authority, nas: &[u8], other: &[u8]) -> Vec<Case> {
    let leaf = authority.sign(nas);
    let stranger = made::request(&ec_key("P-384"), "-addext subjectAltName=DNS:nas.local");
    let text = String::from_utf8(leaf.clone()).unwrap();
    let cut = text.lines().take(8).collect::<Vec<_>>().join("\n");
    let bytes = der(&leaf);
    let (last, front) = bytes.split_last().unwrap();
    // Two hundred that differ in the last byte of their signature, one behind the other.
    let many: Vec<u8> = (1..=200).flat_map(|byte| [front, &[last ^ byte]].concat()).collect();
    let past = Term::Dates("20200101000000Z", "20210101000000Z");
    let key = ec_key("P-256");
    vec![
        both("", "No certificate was given"),
        both(vec![b'x'; 300 * 1024], "larger than 256 KiB"),
        both(many, "There are 200 certificates; at most 64"),
        case(
            authority.sign(&stranger),
            "belongs neither to nas nor to another request",
            "belongs to no request of this device",
        ),
        both(authority.root.clone(), "There are only certificates of CAs (\"Example-root\")"),
        both([&authority.root[..], &authority.issuing].concat(), "(\"Example-root\", \"Example-issuing\")"),
        both(authority.sign_with(nas, "", &past), "The certificate expired on 2021-01-01"),
        both([&forged(&leaf, 1)[..], &authority.issuing].concat(), "by Example-issuing does not verify"),
        both(authority.sign_by_a_holder(nas), "which is not a CA certificate"),
        both(cut, "the line -----END CERTIFICATE----- is missing"),
        both(text.replace('M', "*"), "text is damaged"),
        both(&der(&leaf)[..300], "should follow"),
        both(nas, "request"),
        both(key, "private key"),
        both("<!doctype html><html><body>Download <a href=x>here</a></body></html>", "web page"),
        both("Dear customer, your certificate is ready.", "certificate"),
        both(authority.pkcs7(b"", "PEM", true), "contains no certificate"),
        case(authority.sign(other), "belongs to the request other, not to nas", ""),
    ]
}

/// The refusal of what is pasted or, where it is no text, chosen as a file: its words, all in one.
fn by_browser(browser: &mut Browser, path: &str, content: &[u8]) -> String {
    let form = browser.get(path).form(path);
    let form = match std::str::from_utf8(content) {
        Ok(text) => form.set("certificate", text),
        Err(_) => form.file("certificate_file", "answer.crt", content),
    };
    let page = browser.send(form.enter());
    assert_eq!(page.status, 422, "{}", page.main());
    assert!(page.title().starts_with("Error: "), "{}", page.title());
    let mistakes = page.mistakes();
    assert!(!mistakes.is_empty() && mistakes.iter().all(|(field, _)| field == "certificate"), "{mistakes:?}");
    let shown = page.form(path).value("certificate");
    assert!(!shown.contains("PRIVATE KEY"), "a key came back");
    // What was typed comes back, but for keys and what is larger than a page.
    let text = std::str::from_utf8(content).unwrap_or_default();
    if !text.contains("PRIVATE KEY") && text.len() < 60 * 1024 {
        assert_eq!(shown.trim(), text.replace("\r\n", "\n").trim());
    }
    page.at_field("certificate")
}

#[test]
fn each_cause_has_words_of_its_own_by_browser_and_by_command() {
    let (mut console, mut browser) = Console::owned();
    let authority = Authority::new();
    let nas = request(&console, "nas", "--profile=https-ecc");
    let other = request(&console, "other", "--profile=https-ecc");
    let before = listing(&console.data().join("csrs"));
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (number, Case { content, named, found }) in cases(&authority, &nas, &other).into_iter().enumerate() {
        let file = authority.file("answer", &content);
        let arguments = ["csr", "answer", "--certificate", &file];
        let (what, fix) = console.run([&arguments[..], &["nas"]].concat()).refused(65);
        assert!(what.starts_with("--certificate: ") && what.contains(named), "{number}: {what}");
        assert!(fix.ends_with('.') && fix.len() > 20, "{number}: {fix}");
        let words = by_browser(&mut browser, NAS, &content);
        let what = what.trim_start_matches("--certificate: ");
        // A page sets a command as one; a command names the data directory that it was given.
        let shown = fix.replace('`', "").replace(&format!("signet --data {}", console.data().display()), "signet");
        assert!(
            words.contains(what) && words.contains(&shown),
            "{number}: by browser {words}, by command {what} {fix}"
        );
        let told_before = seen.insert(what.to_owned(), number);
        assert_eq!(told_before, None, "{number}: {what}");
        if found.is_empty() {
            continue;
        }
        let ran = console.run(arguments);
        assert_eq!(ran.code, 65, "{}", ran.err);
        assert!(ran.err.contains(found), "{number}: {}", ran.err);
        assert!(by_browser(&mut browser, "/reply", &content).contains(found), "{number}");
    }
    assert_eq!(listing(&console.data().join("csrs")), before);
    assert!(!browser.get("/audit").main().contains("Took"));
    console.lives();
}

#[test]
fn an_ecdsa_answer_to_an_rsa_request_says_which_keys_they_are() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    request(&console, "nas", "--profile=https-rsa");
    let answer = authority.sign(&made::request(&ec_key("P-256"), "-addext subjectAltName=DNS:nas.local"));
    let words = by_browser(&mut browser, NAS, &answer);
    assert!(words.contains("Its key is EC SECP256R1, that of the request is RSA 2048"), "{words}");
    let file = authority.file("answer", &answer);
    let (what, _) = console.run(["csr", "answer", "nas", "--certificate", &file]).refused(65);
    assert!(what.contains("Its key is EC SECP256R1, that of the request is RSA 2048"), "{what}");
    let (what, _) = console.run(["csr", "answer", "nobody", "--certificate", &file]).refused(66);
    assert!(what.contains("nobody"), "{what}");
}

#[test]
fn two_megabytes_get_a_page_and_a_sentence() {
    let (mut console, mut browser) = Console::owned();
    let authority = Authority::new();
    request(&console, "nas", "--profile=https-ecc");
    let text = "All work and no play. ".repeat(2 * 1024 * 1024 / 22);
    for path in [NAS, "/reply"] {
        let form = browser.get(path).form(path).set("certificate", &text).enter();
        let page = browser.send(form).expect(413, "Error: The file is too large");
        assert!(page.main().contains("at most 320 KiB"), "{}", page.main());
    }
    let file = authority.file("answer", text.as_bytes());
    let (what, _) = console.run(["csr", "answer", "nas", "--certificate", &file]).refused(65);
    assert!(what.contains("larger than 256 KiB"), "{what}");
    console.lives();
}

#[test]
fn a_paste_and_a_file_that_differ_are_refused_and_the_same_twice_is_one() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let nas = request(&console, "nas", "--profile=https-ecc");
    let leaf = authority.sign(&nas);
    let text = String::from_utf8(leaf.clone()).unwrap();
    let form = browser.get(NAS).form(NAS).set("certificate", &text);
    let differ = browser.send(form.clone().file("certificate_file", "a.crt", &authority.root).enter());
    assert!(differ.expect(422, "Error: Add certificate to nas").at_field("certificate").contains("they differ"));
    browser.send(form.file("certificate_file", "a.crt", &leaf).enter()).expect(200, "Check the certificate for nas");
}

#[test]
fn a_loop_and_the_year_9999_are_told_and_taken() {
    let (console, _) = Console::owned();
    let authority = Authority::new();
    let nas = request(&console, "nas", "--profile=https-ecc");
    let leaf = authority.sign_with(&nas, "", &Term::Dates("20260101000000Z", "99991231235959Z"));
    let content = [&leaf[..], &authority.cross_signed(), &authority.issuing].concat();
    let file = authority.file("answer", &content);
    let ran = console.run(["csr", "answer", "--certificate", &file]);
    assert!(ran.err.contains("signed each other") && ran.err.contains("no root"), "{}", ran.err);
    let said = ran.worked();
    assert!(said.contains("does not expire"), "{said}");
    let list = console.run(["csr", "list"]).worked();
    assert!(list.contains("valid, does not expire"), "{list}");
    assert_eq!(console.run(["check"]).code & 2, 0, "the doctor condemns nothing");
}

#[test]
fn with_a_clock_of_1970_times_advise_and_refuse_nothing() {
    let (console, _) = Console::owned();
    let authority = Authority::new();
    let nas = request(&console, "nas", "--profile=https-ecc");
    let store = Store::open(&console.data(), Opening::default()).unwrap();
    let services = Services::open(store, Config::default(), Clock::Fixed(jiff::Timestamp::UNIX_EPOCH));
    let past = authority.sign_with(&nas, "", &Term::Dates("20200101000000Z", "20210101000000Z"));
    let taken = services.certificates.keep(&[CsrName::parse("nas").unwrap()], &past, Actor::CommandLine(0)).unwrap();
    let told: String = taken[0].proposal.advice.iter().map(|advice| format!("{} ", advice.text)).collect();
    assert!(told.contains("1970-01-01 00:00 UTC, which is wrong"), "{told}");
    assert!(told.contains("It expired on 2021-01-01 00:00 UTC, before this program was built"), "{told}");
    assert!(taken[0].changed);
}
