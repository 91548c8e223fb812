//! Real CAs answer our requests: each answer finds its request in whatever form it comes, is held against what was asked,
//! and is kept with its chain in order.

use crate::harness::authority::{Authority, Term};
use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, run};
use crate::harness::openssl::{openssl, openssl_text};
use crate::harness::page::Page;
use serde_json::Value;
use signet::app::App;
use signet::app::audit::Actor;
use signet::app::config::Config;
use signet::clock::Clock;
use signet::domain::name::CsrName;
use signet::store::{Opening, Store};
use std::process::Command;

/// A name for each key, and how it is asked for.
const KEYS: [(&str, &str); 5] = [
    ("rsa", "--profile=https-rsa"),
    ("p256", "--profile=https-ecc --ec-curve=SECP256R1"),
    ("p384", "--profile=https-ecc --ec-curve=SECP384R1"),
    ("brainpool", "--profile=https-ecc --ec-curve=BrainpoolP512R1 --digest-algorithm=SHA512"),
    ("edwards", "--profile=https-ecc --ec-curve=ed25519"),
];
const WHO: &str = "--country=DE --state=Bavaria --city=Munich --organization=Example --email=root@nas.local \
    --common=nas.example.org --san=nas.local --san=192.0.2.7 --san=2001:db8::7 --lifetime=90";

/// Makes a CSR; its request as PEM.
fn request(console: &Console, name: &str, how: &str) -> Vec<u8> {
    let arguments = format!("csr create --name={name} {how} {WHO}");
    console.run(arguments.split_whitespace()).worked();
    console.run(["csr", "export", name]).worked().into_bytes()
}

/// `csr answer` with a file's content; what it prints as JSON.
fn answer(console: &Console, authority: &Authority, content: &[u8], more: &[&str]) -> Value {
    let file = authority.file("answer", content);
    let ran = console.run([&["csr", "answer", "--json", "--certificate", &file], more].concat());
    serde_json::from_str(&ran.worked()).unwrap()
}

/// The differences that are none of `same`: field, what was asked, what came, kind.
fn differences(answer: &Value) -> Vec<[&str; 4]> {
    let rows = answer["differences"].as_array().unwrap().iter();
    let rows = rows.map(|row| ["field", "asked", "got", "kind"].map(|key| row[key].as_str().unwrap()));
    rows.filter(|row| row[3] != "same").collect()
}

fn show(console: &Console, name: &str) -> Value {
    serde_json::from_str(&console.run(["csr", "show", name, "--json"]).worked()).unwrap()
}

fn der(pem: &[u8]) -> Vec<u8> {
    openssl("x509 -outform DER", pem)
}

/// An answer in every form that CAs send, from its leaf as PEM.
fn forms(authority: &Authority, leaf: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let chain = [leaf, &authority.issuing, &authority.root].concat();
    let shuffled = [&authority.root[..], b"Dear customer,\r\nhere it is:\r\n", leaf, &authority.issuing, leaf].concat();
    let text = String::from_utf8(chain.clone()).unwrap();
    vec![
        ("PEM", leaf.to_vec()),
        ("DER", der(leaf)),
        ("a chain", chain.clone()),
        ("a shuffled chain with text around it", shuffled),
        ("CRLF", text.replace('\n', "\r\n").into_bytes()),
        ("PKCS#7", authority.pkcs7(&chain, "PEM", false)),
        ("PKCS#7 in DER", authority.pkcs7(&chain, "DER", false)),
        ("PKCS#7 with a revocation list", authority.pkcs7(&chain, "DER", true)),
        ("what openssl prints with -text", openssl("x509 -text", leaf)),
    ]
}

/// Gives an answer by the browser; the page of asked and got.
fn give(browser: &mut Browser, path: &str, content: &[u8]) -> Page {
    let form = browser.get(path).form(path).file("certificate_file", "answer.crt", content);
    browser.send(form.enter())
}

/// The rows of asked and got: what was asked, what came, the badge.
fn rows(page: &Page) -> Vec<(String, String, String)> {
    let (asked, got) = (page.texts("td[data-label=Asked]"), page.texts("td[data-label=Got]"));
    let badges = page.texts("td[data-label=Result]");
    asked.into_iter().zip(got).zip(badges).map(|((asked, got), badge)| (asked, got, badge)).collect()
}

#[test]
fn openssls_ca_answers_every_key_in_every_form() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    for (place, (name, how)) in KEYS.into_iter().enumerate() {
        let leaf = authority.sign(&request(&console, name, how));
        let forms = forms(&authority, &leaf);
        for (form, content) in &forms {
            let found = answer(&console, &authority, content, &["--dry-run"]);
            assert_eq!(found[0]["csr"]["name"], name, "{form}");
            assert_eq!(found[0]["csr"]["state"], "ready", "{form}");
            assert_eq!(differences(&found[0]), [[""; 4]; 0], "{form}");
            let links = if ["PEM", "DER", "what openssl prints with -text"].contains(form) { 1 } else { 3 };
            assert_eq!(found[0]["chain"].as_array().unwrap().len(), links, "{form}");
        }
        // One form of each key is kept, by the page that finds the request itself.
        let (form, content) = &forms[2 + place];
        let page = give(&mut browser, "/reply", content).expect(200, "Check the answer");
        assert!(rows(&page).iter().all(|(asked, got, badge)| asked == got && badge == "as asked"), "{form}");
        assert_eq!(page.texts("caption"), ["All came as asked"]);
        let kept = browser.send(page.form("/reply").press("take")).expect(200, &format!("Edit CSR: {name}"));
        assert!(kept.fact("Issued by") == "Example-issuing" && kept.fact("Valid until").contains("days left"));
        assert_eq!(kept.fact("Chain above it"), "Example-issuing\nExample-root");
        let shown = show(&console, name);
        assert_eq!(
            (&shown["state"], shown["certificate"]["days_left"].as_i64().unwrap() > 80),
            (&"answered".into(), true)
        );
        let chain: String =
            shown["certificate"]["chain"].as_array().unwrap().iter().map(|pem| pem.as_str().unwrap()).collect();
        assert_eq!(chain.as_bytes(), [&leaf[..], &authority.issuing, &authority.root].concat(), "{form}");
        authority.accepts(chain.as_bytes());
    }
}

#[test]
fn the_downloads_are_what_came_and_the_file_still_holds_request_and_key() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let asked = request(&console, "nas", "--profile=https-ecc");
    assert_eq!(browser.get_once("/csrs/nas/certificate/download").status, 404);
    console.run(["csr", "export", "nas", "--chain"]).refused(66);
    let leaf = authority.sign(&asked);
    let chain = [&leaf[..], &authority.issuing, &authority.root].concat();
    answer(&console, &authority, &chain, &["nas"]);
    let mut get = |query: &str| browser.get_once(&format!("/csrs/nas/certificate/download{query}"));
    for (query, file, bytes) in [
        ("", "nas.crt", leaf.clone()),
        ("?format=der", "nas.cer", der(&leaf)),
        ("?chain=on", "nas.chain.pem", chain.clone()),
    ] {
        let got = get(query);
        assert_eq!((got.status, &got.body), (200, &bytes), "{query}");
        assert_eq!(got.header("content-disposition"), Some(format!("attachment; filename=\"{file}\"").as_str()));
    }
    assert_eq!(get("?chain=on&format=der").status, 400);
    assert_eq!(console.run(["csr", "export", "nas", "--certificate"]).worked().as_bytes(), leaf);
    assert_eq!(console.run(["csr", "export", "nas", "--certificate", "--der"]).out, der(&leaf));
    assert_eq!(console.run(["csr", "export", "nas", "--chain"]).worked().as_bytes(), chain);
    assert_eq!(console.run(["csr", "export", "nas"]).worked().as_bytes(), asked);
    let file = std::fs::read(console.data().join("csrs/nas.pem")).unwrap();
    let public = |arguments: &str| openssl_text(arguments, &file);
    assert_eq!(public("x509 -noout -pubkey"), public("pkey -pubout"));
    assert_eq!(public("req -noout -pubkey"), public("pkey -pubout"));
}

#[test]
fn a_ca_that_drops_a_name_is_found_out() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let cfssl = authority.cfssl();
    let ecc = request(&console, "nas", "--profile=https-ecc");
    let dropped = |answer: &Value| {
        let rows = differences(answer);
        assert!(rows.iter().all(|row| row[3] == "dropped"), "{rows:?}");
        rows.iter().map(|row| row[1].to_owned()).collect::<Vec<_>>()
    };
    let by_openssl = authority.sign_with(&ecc, "subjectAltName=DNS:nas.example.org,IP:192.0.2.7", &Term::Days(90));
    let found = answer(&console, &authority, &by_openssl, &["--dry-run"]);
    assert_eq!(dropped(&found[0]), ["DNS:nas.local", "IP:2001:db8::7"]);
    let template =
        "expiration_days = 90\ndns_name = nas.example.org\nip_address = 192.0.2.7\nsigning_key\ntls_www_server\n";
    let by_gnutls = authority.certtool(&ecc, template);
    let found = answer(&console, &authority, &by_gnutls, &["--dry-run"]);
    assert_eq!(dropped(&found[0]), ["DNS:nas.local", "IP:2001:db8::7"], "{found}");
    // cfssl knows no emailAddress in a subject.
    let by_cfssl = cfssl.sign(&ecc, &["nas.local"]);
    let found = answer(&console, &authority, &by_cfssl, &["--dry-run"]);
    assert_eq!(dropped(&found[0]), ["root@nas.local", "IP:192.0.2.7", "IP:2001:db8::7", "DNS:nas.example.org"]);
    let page = give(&mut browser, "/csrs/nas/certificate", &by_cfssl).expect(200, "Check the answer to nas");
    assert!(
        rows(&page).contains(&("DNS:nas.example.org".into(), String::new(), "dropped".into())),
        "{:?}",
        rows(&page)
    );
    assert!(page.main().contains("4 things that you asked for did not come"), "{}", page.main());
    browser.send(page.form("/csrs/nas/certificate").press("take")).expect(200, "Edit CSR: nas");
    assert_eq!(show(&console, "nas")["state"], "answered");
}

#[test]
fn cfssl_and_gnutls_answer_what_they_know() {
    let (console, _) = Console::owned();
    let authority = Authority::new();
    let cfssl = authority.cfssl();
    for (name, how) in KEYS {
        let request = request(&console, name, how);
        let mut answers = Vec::new();
        if ["rsa", "p256", "p384"].contains(&name) {
            answers.push(("cfssl", cfssl.sign(&request, &[])));
        }
        if name != "brainpool" {
            let template = "expiration_days = 90\nhonor_crq_extensions\n";
            answers.push(("GnuTLS", authority.certtool(&request, template)));
        }
        for (ca, leaf) in answers {
            let shuffled = [&authority.root[..], &leaf, &authority.issuing].concat();
            let kept = answer(&console, &authority, &shuffled, &[]);
            assert_eq!((&kept[0]["csr"]["name"], &kept[0]["changed"]), (&name.into(), &true.into()), "{ca}");
            let lost = |row: &[&str; 4]| ca == "cfssl" && (row[1] == "root@nas.local" || row[1] == "Key Encipherment");
            let rows = differences(&kept[0]);
            assert!(rows.iter().all(lost), "{ca} {name}: {rows:?}");
            let chain = console.run(["csr", "export", name, "--chain"]).worked();
            assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 3);
            assert!(der(chain.as_bytes()) == der(&leaf), "{ca} {name}");
            authority.accepts(chain.as_bytes());
        }
    }
}

#[test]
fn several_answers_at_once_go_each_to_its_request_or_to_those_that_are_chosen() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let requests = ["one", "two", "three"].map(|name| request(&console, name, "--profile=https-ecc"));
    let all: Vec<u8> = requests.iter().flat_map(|request| authority.sign(request)).collect();
    let page = give(&mut browser, "/reply", &all).expect(200, "Check the answer");
    assert_eq!(page.texts("main h2"), ["one", "two", "three"]);
    let none = page.form("/reply").uncheck("csr-one").uncheck("csr-two").uncheck("csr-three").press("take");
    let none = browser.send(none).expect(422, "Error: Check the answer");
    assert_eq!(none.mistakes(), [("certificate".to_owned(), "No request is chosen.".to_owned())]);
    let two = page.form("/reply").uncheck("csr-one").press("take");
    browser.send(two).expect(200, "Certificate Signing Requests");
    assert_eq!(
        ["one", "two", "three"].map(|name| show(&console, name)["state"].clone()),
        ["ready", "answered", "answered"]
    );
    let kept = answer(&console, &authority, &all, &[]);
    let kept: Vec<(&str, bool)> = kept
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["csr"]["name"].as_str().unwrap(), one["changed"] == true))
        .collect();
    assert_eq!(kept, [("one", true), ("two", false), ("three", false)]);
}

#[test]
fn openssl_and_keytool_open_the_pkcs12() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let leaf = authority.sign(&request(&console, "nas", "--profile=https-rsa"));
    assert_eq!(browser.get_once("/csrs/nas/pkcs12").status, 404);
    answer(&console, &authority, &[&leaf[..], &authority.issuing, &authority.root].concat(), &[]);
    // Java knows no other letters than ASCII's in a passphrase.
    let passphrase = "walnut ferry 2718";
    let form = |browser: &mut Browser, password: &str, confirm: &str| {
        let form = browser.get("/csrs/nas/pkcs12").form("/csrs/nas/pkcs12").set("password", password);
        form.set("passphrase", passphrase).set("passphrase_confirm", confirm).enter()
    };
    let sent = form(&mut browser, PASSWORD, "other");
    browser.send(sent).expect(422, "Error: PKCS#12 of nas");
    let sent = form(&mut browser, "not the password", passphrase);
    let refused = browser.send(sent).expect(422, "Error: PKCS#12 of nas");
    assert_eq!(refused.mistakes()[0].0, "password");
    let sent = form(&mut browser, PASSWORD, passphrase);
    let got = browser.send_once(sent);
    assert_eq!((got.status, got.header("content-type")), (200, Some("application/x-pkcs12")));
    let file = authority.file("passphrase", format!("{passphrase}\n").as_bytes());
    let out = authority.file("nas.p12", b"");
    std::fs::remove_file(&out).unwrap();
    console.run(["csr", "pkcs12", "nas", "--passphrase-file", &file, "--out", &out]).worked();
    for bundle in [got.body, std::fs::read(&out).unwrap()] {
        let opened = openssl_text(&format!("pkcs12 -nodes -passin file:{file}"), &bundle);
        assert_eq!(opened.matches("BEGIN CERTIFICATE").count(), 3);
        let public = |arguments: &str| openssl_text(arguments, opened.as_bytes());
        assert_eq!(public("pkey -pubout"), public("x509 -noout -pubkey"));
        let wrong = run(Command::new("openssl").args(["pkcs12", "-nodes", "-passin", "pass:wrong"]), &bundle);
        assert_ne!(wrong.code, 0);
        if Command::new("keytool").arg("-help").output().is_err() {
            println!("skipped: there is no keytool");
            continue;
        }
        let path = authority.file("java.p12", &bundle);
        let arguments =
            ["-J-Dfile.encoding=UTF-8", "-list", "-rfc", "-keystore", &path, "-storepass:env", "SIGNET_PASS"];
        let listed =
            run(Command::new("keytool").args(arguments).env("SIGNET_PASS", passphrase).env("LC_ALL", "C.UTF-8"), b"");
        let text = String::from_utf8(listed.out).unwrap();
        assert!(listed.code == 0 && text.contains("PrivateKeyEntry"), "{text} {}", listed.err);
        assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 3, "{text}");
    }
    let log = browser.get("/audit").main();
    assert_eq!(log.matches("Exported the private key (PKCS#12, encrypted)").count(), 2, "{log}");
    assert!(
        log.contains("Took the CA's answer (by Example-issuing until") && log.contains("Gave a wrong password"),
        "{log}"
    );
}

#[test]
fn one_that_ends_soon_or_has_ended_stands_first_and_is_told_everywhere() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let now = Clock::System.now();
    let day = |days: i64| {
        let time = now + jiff::SignedDuration::from_hours(24 * days);
        time.strftime("%Y%m%d%H%M%SZ").to_string()
    };
    for name in ["alpha", "beta", "gamma", "omega"] {
        request(&console, name, "--profile=https-ecc");
    }
    let request = |name: &str| console.run(["csr", "export", name]).worked().into_bytes();
    let due = authority.sign_with(&request("omega"), "", &Term::Dates(&day(-170), &day(20)));
    answer(&console, &authority, &due, &[]);
    let good = authority.sign_with(&request("beta"), "", &Term::Days(190));
    answer(&console, &authority, &good, &[]);
    // Taken when it was still good.
    let over = authority.sign_with(&request("gamma"), "", &Term::Dates(&day(-90), &day(-2)));
    let store = Store::open(&console.data(), Opening::default()).unwrap();
    let then = App::new(store, Config::default(), Clock::Fixed(now - jiff::SignedDuration::from_hours(24 * 50)));
    then.take_answer(&CsrName::parse("gamma").unwrap(), &over, Actor::CommandLine(0)).unwrap();

    let list = browser.get("/csrs");
    let names = |page: &Page| page.texts("td[data-label=Name] a");
    assert_eq!(names(&list), ["gamma", "omega", "alpha", "beta"]);
    let states = list.texts("td[data-label=State] .badge");
    assert_eq!(states, ["expired", "due", "ready", "answered"]);
    assert!(list.main().contains("2 certificates end soon or have ended"), "{}", list.main());
    assert_eq!(names(&browser.get("/csrs?sort=name")), ["alpha", "beta", "gamma", "omega"]);
    assert_eq!(names(&browser.click(&list, "State")), ["gamma", "omega", "beta", "alpha"]);
    assert_eq!(show(&console, "gamma")["state"], "expired");
    let left = show(&console, "gamma")["certificate"]["days_left"].as_i64().unwrap();
    assert!((-3..=-2).contains(&left), "{left}");
    let listed = console.run(["csr", "list"]).worked();
    for (name, state) in [("alpha", "ready"), ("beta", "answered"), ("gamma", "expired"), ("omega", "due")] {
        assert!(listed.lines().any(|line| line.starts_with(name) && line.contains(state)), "{listed}");
    }
    let doctor = console.run(["check", "--json"]);
    let said = String::from_utf8(doctor.out).unwrap();
    assert!(doctor.code == 1 && said.contains("The CSR gamma: its certificate has expired"), "{said}");
    assert!(said.contains("The CSR omega: its certificate is due"), "{said}");
    assert!(browser.get("/csrs/omega").main().contains("due"));
}
