//! An answer that is kept: its downloads, its state everywhere, several at once, and what a power cut leaves of it.

use crate::harness::answering::{answer, der, give, request, show};
use crate::harness::authority::{Authority, Term};
use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, run};
use crate::harness::openssl::{openssl, openssl_text};
use crate::harness::page::Page;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_app::clock::Clock;
use signet_app::config::Config;
use signet_domain::name::CsrName;
use signet_store::{Opening, Store};
use std::process::Command;

#[test]
fn the_downloads_are_what_came_and_the_file_still_holds_request_and_key() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let asked = request(&console, "nas", "--profile=https-ecc");
    assert_eq!(browser.get_once("/csrs/nas/certificate/download").status, 404);
    console.run(["csr", "export", "nas", "--chain"]).refused(80);
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
fn several_answers_at_once_go_each_to_its_request_or_to_those_that_are_chosen() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let requests = ["one", "two", "three"].map(|name| request(&console, name, "--profile=https-ecc"));
    let all: Vec<u8> = requests.iter().flat_map(|request| authority.sign(request)).collect();
    let page = give(&mut browser, "/reply", &all).expect(200, "Check the certificate");
    assert_eq!(page.texts("main h2"), ["Certificate for one", "Certificate for two", "Certificate for three"]);
    let none = page.form("/reply").uncheck("csr-one").uncheck("csr-two").uncheck("csr-three").press("take");
    let none = browser.send(none).expect(422, "Error: Check the certificate");
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
fn of_several_certificates_none_is_kept_where_one_is_refused() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let requests = ["one", "two", "three"].map(|name| request(&console, name, "--profile=https-ecc"));
    let state = || ["one", "two", "three"].map(|name| show(&console, name)["state"].as_str().unwrap().to_owned());
    let [one, two, three] = &requests;
    let day = |days: i64| {
        let time = Clock::System.now() + jiff::SignedDuration::from_hours(24 * days);
        time.strftime("%Y%m%d%H%M%SZ").to_string()
    };
    let over = authority.sign_with(three, "", &Term::Dates(&day(-90), &day(-2)));
    let both = [authority.sign(one), authority.sign(two)].concat();

    // The command has a verdict for each, and keeps none.
    let file = authority.file("answers.pem", &[&both[..], &over].concat());
    for dry_run in [&[][..], &["--dry-run"]] {
        let ran = console.run([&["csr", "answer", "--certificate", &file], dry_run].concat());
        assert!(ran.code == 65 && ran.out.is_empty(), "{}", ran.err);
        assert!(ran.err.contains("error: --certificate: three: The certificate expired on"), "{}", ran.err);
        for name in ["one", "two"] {
            let fits = format!("error: --certificate: {name}: The certificate fits, but it was not kept");
            assert!(ran.err.contains(&fits), "{}", ran.err);
        }
        assert_eq!(state(), ["ready"; 3]);
    }

    // So has the page, where one is chosen that got no certificate; the choice can be made again.
    let page = give(&mut browser, "/reply", &both).expect(200, "Check the certificate");
    let refused = browser.send(page.form("/reply").smuggle("csr-three", "on").press("take"));
    let refused = refused.expect(422, "Error: Check the certificate");
    let told: Vec<String> = refused.mistakes().into_iter().map(|(_, what)| what).collect();
    assert!(told.len() == 3 && told[0].starts_with("three: The certificate for"), "{told:?}");
    assert!(told[1].starts_with("one: The certificate fits") && told[2].starts_with("two: "), "{told:?}");
    assert_eq!(state(), ["ready"; 3]);
    let again = refused.form("/reply").check("csr-one").check("csr-two").press("take");
    browser.send(again).expect(200, "Certificate Signing Requests");
    assert_eq!(state(), ["answered", "answered", "ready"]);
}

#[test]
fn a_choice_without_a_valid_name_is_refused_and_not_told_as_kept() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let leaf = authority.sign(&request(&console, "nas", "--profile=https-ecc"));
    for other in [true, false] {
        let page = give(&mut browser, "/reply", &leaf).expect(200, "Check the certificate");
        let form = page.form("/reply").smuggle("csr-no name", "on");
        let form = if other { form } else { form.without("csr-nas") };
        let refused = browser.send(form.press("take")).expect(422, "Error: Check the certificate");
        assert_eq!(
            refused.mistakes(),
            [("certificate".to_owned(), "\"no name\" is not the name of a request.".to_owned())]
        );
        assert_eq!(show(&console, "nas")["state"], "ready");
    }
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
            signet_testing::skip("there is no keytool");
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
        log.contains("Added the certificate (by Example-issuing until") && log.contains("Entered a wrong password"),
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
    let then = Services::open(store, Config::default(), Clock::Fixed(now - jiff::SignedDuration::from_hours(24 * 50)));
    then.certificates.keep(&[CsrName::parse("gamma").unwrap()], &over, Actor::CommandLine(0)).unwrap();

    let list = browser.get("/csrs");
    let names = |page: &Page| page.texts("td.name a");
    assert_eq!(names(&list), ["gamma", "omega", "alpha", "beta"]);
    let states = list.texts("td.state .status");
    let date = |days| signet_domain::time::date(now + jiff::SignedDuration::from_hours(24 * days as i64));
    assert_eq!(states[0], format!("Expired on {}", date(-2)));
    assert!(states[1] == "Expires in 19 days" || states[1] == "Expires in 20 days", "{states:?}");
    assert_eq!(states[2], "Waiting for the CA");
    assert!(states[3].starts_with("Valid until 20"), "{states:?}");
    assert!(list.main().contains("2 certificates expire soon or have expired"), "{}", list.main());
    assert_eq!(names(&browser.get("/csrs?sort=name")), ["alpha", "beta", "gamma", "omega"]);
    assert_eq!(names(&browser.click(&list, "Status")), ["gamma", "omega", "beta", "alpha"]);
    assert_eq!(show(&console, "gamma")["state"], "expired");
    let left = show(&console, "gamma")["certificate"]["days_left"].as_i64().unwrap();
    assert!((-3..=-2).contains(&left), "{left}");
    let listed = console.run(["csr", "list"]).worked();
    let next =
        [("alpha", "waiting for the CA"), ("beta", "valid until"), ("gamma", "expired on"), ("omega", "expires in")];
    for (name, status) in next {
        assert!(listed.lines().any(|line| line.starts_with(name) && line.contains(status)), "{listed}");
    }
    let doctor = console.run(["check", "--json"]);
    let said = String::from_utf8(doctor.out).unwrap();
    assert!(doctor.code == 1 && said.contains("The request gamma: its certificate expired on"), "{said}");
    assert!(said.contains("The request omega: its certificate is due for renewal"), "{said}");
    assert!(browser.get("/csrs/omega").main().contains("Next: renew the certificate."));
}

#[test]
fn a_console_killed_between_looking_and_keeping_keeps_it_after_the_login() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let leaf = authority.sign(&request(&console, "nas", "--profile=https-ecc"));
    let page = give(&mut browser, "/reply", &leaf).expect(200, "Check the certificate");
    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    assert_eq!(show(&console, "nas")["state"], "ready");
    let login = browser.send(page.form("/reply").press("take")).expect(403, "Log in");
    let page = browser.send(login.form("/login").set("password", PASSWORD).enter());
    let again = page.expect(200, "You are logged in again").form("/reply");
    browser.send(again.enter()).expect(200, "nas");
    let console = console.kill_and_start_again();
    assert_eq!(show(&console, "nas")["state"], "answered");
    assert_eq!(console.run(["csr", "export", "nas", "--certificate"]).worked().as_bytes(), leaf);
}

#[test]
fn of_two_requests_with_one_key_both_are_offered_and_one_is_chosen() {
    let (console, mut browser) = Console::owned();
    let authority = Authority::new();
    let asked = request(&console, "nas", "--profile=https-ecc");
    let key = authority.file("key", console.run(["csr", "key", "nas", "--unencrypted"]).worked().as_bytes());
    // The same key, and less that is asked for.
    let less = openssl(&format!("req -new -key {key} -subj /CN=nas.example.org"), b"");
    let less = authority.file("less.csr", &less);
    console.run(["csr", "import", "--name", "again", "--request", &less, "--key", &key]).worked();
    let leaf = authority.sign(&asked);
    let page = give(&mut browser, "/reply", &leaf).expect(200, "Check the certificate");
    assert_eq!(page.texts("main h2"), ["Certificate for nas"]);
    let form = page.form("/reply");
    assert_eq!((form.value("csr-nas").as_str(), form.value("csr-again").as_str()), ("on", ""));
    browser.send(form.uncheck("csr-nas").check("csr-again").press("take")).expect(200, "again");
    assert_eq!(
        (&show(&console, "nas")["state"], &show(&console, "again")["state"]),
        (&"ready".into(), &"answered".into())
    );
    // By command without a name it is the one that fits.
    let told = answer(&console, &authority, &leaf, &[]);
    assert_eq!((&told[0]["csr"]["name"], &told[0]["others"]), (&"nas".into(), &serde_json::json!(["again"])));
}
