//! What the wizard does not ask: a profile is chosen already and its steps are folded, the subject comes from the last
//! request, and where a refusal knows the right value, a button puts it in.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD};
use crate::harness::factory::{Station, lines};
use crate::harness::form::Submission;
use crate::harness::page::Page;
use crate::harness::wizard::{SUBJECT, begin, make, subject, to_constraints, to_options, to_subject};
use std::sync::Arc;

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields are behind a line that unfolds them.
fn is_folded(page: &Page) -> bool {
    let (folded, open) = (page.texts("details.fold:not([open]) input"), page.texts("details.fold[open] input"));
    assert!(folded.is_empty() || open.is_empty());
    !folded.is_empty()
}

#[test]
fn the_first_page_chooses_a_profile_and_a_form_without_the_field_chooses_none() {
    let (_console, mut browser) = Console::owned();
    let page = begin(&mut browser);
    assert_eq!(page.step().value("profile"), "https-rsa");
    let Submission { path, body, .. } = page.step().set("name", "nas").press("next");
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("&profile=https-rsa"), "{body}");
    let body = body.replace("&profile=https-rsa", "");
    assert_eq!(browser.post_once(&path, FORM, body.as_bytes()).status, 303);
    assert_eq!(browser.get("/wizard/identity").step().value("profile"), "", "what was sent is kept");
    let page = browser.get("/wizard/options").expect(200, "Certificate Options");
    assert!(page.texts("details").is_empty(), "without a profile nothing is folded");
    let page = browser.send(page.step().press("next"));
    let page = browser.send(subject(&page).press("next")).expect(200, "Extra Constraints");
    for field in ["bc_enabled", "eku_enabled", "ku_enabled"] {
        assert_eq!(page.step().value(field), "", "{field}");
    }
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    assert_eq!(page.fact("Profile"), "None");
}

#[test]
fn with_a_profile_steps_2_and_4_are_a_summary_with_the_fields_folded() {
    let (_console, mut browser) = Console::owned();
    for (profile, key, usage) in [
        ("https-rsa", "RSA 2048", "Digital Signature, Key Encipherment, critical"),
        ("https-ecc", "EC SECP384R1", "Digital Signature, critical"),
    ] {
        let page = to_options(&mut browser, profile, profile);
        assert!(is_folded(&page), "{}", page.main());
        assert_eq!(
            (page.fact("Key"), page.fact("Digest"), page.fact("Requested lifetime")),
            (key.into(), "SHA256".into(), "200 days".into())
        );
        let page = browser.send(page.step().enter()).expect(200, "Certificate Subject");
        let page = browser.send(subject(&page).press("next")).expect(200, "Extra Constraints");
        assert!(is_folded(&page), "{}", page.main());
        assert_eq!(page.fact("Extended Key Usage"), "Web server (SERVER_AUTH), not critical");
        assert_eq!(page.fact("Key Usage"), usage);
        assert!(!page.main().contains(": off"), "what is off is not worth a line");
        let page = browser.send(page.step().enter()).expect(200, "Confirm Options");
        assert_eq!(page.fact("Extended Key Usage"), "Web server (SERVER_AUTH), not critical");
        // Whoever comes back to change something finds the fields open.
        for step in ["options", "constraints"] {
            let page = browser.get(&format!("/wizard/{step}?return=confirm"));
            assert!(!is_folded(&page) && !page.texts("details.fold[open]").is_empty(), "{step}");
        }
    }
}

#[test]
fn answers_that_are_not_the_profiles_any_more_are_not_folded() {
    let (_console, mut browser) = Console::owned();
    let page = to_options(&mut browser, "nas", "https-rsa");
    let refused =
        browser.send(page.step().set("lifetime", "soon").press("next")).expect(422, "Error: Certificate Options");
    assert!(refused.texts("details").is_empty(), "a mistake is seen");
    let page = browser.send(refused.step().set("lifetime", "90").press("next")).expect(200, "Certificate Subject");
    let page = browser.send(page.step().press("back")).expect(200, "Certificate Options");
    assert!(page.texts("details").is_empty() && page.step().value("lifetime") == "90");
    browser.send(page.step().press("next"));
    let page = browser.get("/wizard/subject");
    let page = browser.send(subject(&page).press("next")).expect(200, "Extra Constraints");
    assert!(is_folded(&page), "step 4 is still the profile's");
    let refused =
        browser.send(page.step().check("ku_encipher_only").press("next")).expect(422, "Error: Extra Constraints");
    assert!(refused.texts("details").is_empty() && refused.mistakes()[0].0 == "ku_encipher_only");
}

#[test]
fn the_subject_is_filled_in_from_the_last_request_and_says_so() {
    let (_console, mut browser) = Console::owned();
    let first = to_subject(&mut browser, "first", "https-ecc");
    assert!(!first.main().contains("last request"), "there is none");
    assert!(SUBJECT.iter().all(|(field, _)| first.step().value(field).is_empty()));
    make(&mut browser, "first", "https-ecc");
    let page = to_subject(&mut browser, "second", "https-rsa");
    assert!(page.main().contains("Filled in from your last request, first."), "{}", page.main());
    for (field, value) in SUBJECT {
        assert_eq!(page.step().value(field), value, "{field}");
    }
    // What is entered now counts from here on, also where it is nothing.
    let form = page.step().set("organizational_unit", "").set("common", "second.example.org");
    let page = browser.send(form.press("next")).expect(200, "Extra Constraints");
    let page = browser.send(page.step().press("back")).expect(200, "Certificate Subject");
    assert!(!page.main().contains("last request"));
    assert_eq!(page.step().value("organizational_unit"), "");
    let page = browser.send(page.step().press("next"));
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    browser.send(page.step().press("save")).expect(200, "second");
    let page = to_subject(&mut browser, "third", "https-rsa");
    assert!(page.main().contains("last request, second."));
    assert_eq!(page.step().value("common"), "second.example.org");
}

#[test]
fn nothing_is_filled_in_from_what_the_factory_made() {
    let station = Station::new();
    station.provision(&station.at("data"), &["--serial", "NX4-1", "--hostname", "vault"]).worked();
    let code = lines(&station.at("manifest.jsonl"))[0]["setup_code"].as_str().unwrap().to_owned();
    let console = Console::start_over(Arc::new(station.0));
    let mut browser = console.browser();
    let form = browser.get("/setup").form("/setup").set("setup_code", &code);
    let list = browser.send(form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter());
    assert!(list.source().contains("web-NX4-1"), "{}", list.main());
    let page = to_subject(&mut browser, "nas", "https-rsa");
    assert!(!page.main().contains("last request"), "{}", page.main());
    assert!(SUBJECT.iter().all(|(field, _)| page.step().value(field).is_empty()));
}

/// The page after the button of a refusal was pressed.
fn corrected(browser: &mut Browser, page: &Page, correction: &str) -> Page {
    let buttons = page.step().buttons("correct").into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert!(buttons.iter().any(|button| button == correction), "{correction} is not among {buttons:?}");
    browser.send(page.step().press_value("correct", correction))
}

#[test]
fn a_refusal_that_knows_the_right_value_has_a_button_that_puts_it_in() {
    let (_console, mut browser) = Console::owned();
    let page = to_subject(&mut browser, "nas", "https-ecc");
    let typed = "nas.local\nhttps://nas.lan:8443/x, 192.0.2.7\nIP:nas.home\n10.0.0.0/24";
    let form = subject(&page)
        .set("common", "https://nas.example.org/")
        .set("email", "Root <root@nas.local>")
        .set("san", typed);
    let page = browser.send(form.press("next")).expect(422, "Error: Certificate Subject");
    let buttons = ["email:root@nas.local", "common:nas.example.org", "san:nas.lan", "san:DNS:nas.home"];
    assert_eq!(page.step().buttons("correct"), buttons, "a network is not one address");
    let words = page.texts("button[name=correct]");
    assert_eq!(words, ["Use root@nas.local", "Use nas.example.org", "Use nas.lan", "Use DNS:nas.home"]);

    let page = corrected(&mut browser, &page, "san:nas.lan").expect(422, "Error: Certificate Subject");
    assert_eq!(page.step().value("san"), typed.replace("https://nas.lan:8443/x", "nas.lan"), "only that entry");
    assert_eq!(page.step().value("email"), "Root <root@nas.local>", "nothing else is changed");
    assert_eq!(page.mistakes().len(), 4, "what else is wrong is still told");
    let page = corrected(&mut browser, &page, "common:nas.example.org").expect(422, "Error: Certificate Subject");
    let page = corrected(&mut browser, &page, "email:root@nas.local").expect(422, "Error: Certificate Subject");
    let page = corrected(&mut browser, &page, "san:DNS:nas.home").expect(422, "Error: Certificate Subject");
    assert_eq!((page.mistakes().len(), page.step().buttons("correct").len()), (1, 0));
    // Enter means Next and not the first button of a refusal.
    let san = page.step().value("san").replace("10.0.0.0/24", "nas:80");
    let page = browser.send(page.step().set("san", &san).enter()).expect(422, "Error: Certificate Subject");
    let again = browser.send(page.step().enter()).expect(422, "Error: Certificate Subject");
    assert_eq!(again.step().value("san"), san);
    // The last one is put in, the page says no mistake any more, and nothing is saved before Next.
    let page = corrected(&mut browser, &again, "san:nas").expect(200, "Certificate Subject");
    assert_eq!(page.step().value("san"), "nas.local\nnas.lan, 192.0.2.7\nDNS:nas.home\nnas");
    assert_eq!(browser.get("/wizard/constraints").title(), "Certificate Subject", "the step is not taken yet");
    let page = browser.send(page.step().press("next")).expect(200, "Extra Constraints");
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    assert_eq!((page.fact("Common Name"), page.fact("Email")), ("nas.example.org".into(), "root@nas.local".into()));
}

#[test]
fn a_button_of_a_page_that_was_changed_since_puts_nothing_in() {
    let (_console, mut browser) = Console::owned();
    let page = to_subject(&mut browser, "nas", "https-ecc");
    let page =
        browser.send(subject(&page).set("san", "nas:80").press("next")).expect(422, "Error: Certificate Subject");
    for (san, correct) in [
        ("nas.example.org", "san:nas"),
        ("nas:80", "san:evil.example"),
        ("nas:80", "common:nas"),
        ("nas:80", "nothing:nas"),
        ("nas:80", "san"),
    ] {
        let form = page.step().set("san", san).smuggle("correct", correct);
        let answer = browser.send(form.enter());
        assert!([200, 422].contains(&answer.status), "{correct}: {}", answer.status);
        if answer.title().ends_with("Certificate Subject") {
            assert_eq!(answer.step().value("san"), san, "{correct}");
            assert_eq!(answer.step().value("common"), "nas.example.org");
        }
    }
}

#[test]
fn a_name_that_is_not_allowed_or_taken_has_a_button_with_one_that_is() {
    let (_console, mut browser) = Console::owned();
    make(&mut browser, "nas", "https-ecc");
    let page = begin(&mut browser);
    let page = browser.send(page.step().set("name", "my nas").press("next")).expect(422, "Error: Identifier and Type");
    let page = corrected(&mut browser, &page, "name:my_nas").expect(200, "Identifier and Type");
    assert_eq!(page.step().value("name"), "my_nas");
    let page = browser.send(page.step().set("name", "NAS").press("next")).expect(422, "Error: Identifier and Type");
    let form = page.step();
    assert_eq!(form.buttons("correct").len(), 1);
    let free = form.buttons("correct").concat();
    assert!(free.starts_with("name:NAS-20"), "{free}");
    let page = corrected(&mut browser, &page, &free).expect(200, "Identifier and Type");
    browser.send(page.step().press("next")).expect(200, "Certificate Options");

    // The page that renames a request does it, too.
    let page = browser.get("/csrs/nas");
    let page = browser
        .send(page.form("/csrs/nas").set("name", "my nas").set("note", "Sent.").press(""))
        .expect(422, "Error: nas");
    let page = browser.send(page.form("/csrs/nas").press_value("correct", "name:my_nas")).expect(200, "nas");
    let form = page.form("/csrs/nas");
    assert_eq!((form.value("name"), form.value("note")), ("my_nas".into(), "Sent.".into()));
    browser.send(form.press("")).expect(200, "my_nas");
}

#[test]
fn a_request_without_extended_key_usage_is_advised_as_a_servers_and_nothing_required_is_advised_away() {
    let (console, mut browser) = Console::owned();
    let page = to_constraints(&mut browser, "nas", "https-rsa");
    let told = |page: &Page| page.texts(".advice li").concat();
    let with = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    let with = browser.send(with.form_with("signer").press_value("signer", "public")).expect(200, "Confirm Options");
    assert!(told(&with).contains("Public CAs do not sign for DNS:nas.local"), "{}", told(&with));
    assert!(told(&with).contains("leave out of the certificate: Organizational Unit."), "{}", told(&with));
    let page = browser.get("/wizard/constraints");
    let without = browser.send(page.step().uncheck("eku_enabled").press("next")).expect(200, "Confirm Options");
    assert_eq!(told(&without), told(&with));

    let mut create: Vec<String> = ["csr", "create", "--name=by-command"].map(str::to_owned).into();
    for (field, value) in SUBJECT {
        create.extend(value.lines().map(|value| format!("--{}={value}", field.replace('_', "-"))));
    }
    // Its names are of its own network: its own CA is likely to sign.
    let ran = console.run(&create);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    console.run(["ca", "add", "le", "--acme", "letsencrypt"]).worked();
    create[2] = "--name=again".to_owned();
    let ran = console.run(&create);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("advice: --san: Public CAs do not sign for DNS:nas.local"), "{}", ran.err);
    assert!(!ran.err.contains("Email"), "{}", ran.err);
}
