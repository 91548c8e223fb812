//! Save is pressed once or many times and makes one CSR; pages and cookies of other drafts change nothing.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD};
use crate::harness::wizard::{self, subject};

/// What is done to a cookie's value.
type Change = Box<dyn Fn(&str) -> String>;

fn names(browser: &mut Browser) -> Vec<String> {
    browser.get("/csrs").texts("td.name")
}

#[test]
fn saving_twice_makes_one_csr_and_leads_to_it() {
    let (_console, mut browser) = Console::owned();
    let confirm = wizard::to_confirm(&mut browser, "nas", "https-ecc");
    let draft = browser.jar.clone();
    let save = confirm.step().press("save");
    browser.send(save.clone()).expect(200, "nas");
    let first = browser.get_once("/csrs/nas/download").body;
    // A double click's second request, without and with the draft's cookies; Back and Save again is the same.
    browser.send(save.clone()).expect(200, "nas");
    let session = browser.jar.clone();
    browser.jar = draft.clone();
    browser.send(save.clone()).expect(200, "nas");
    browser.jar = session;
    assert_eq!(names(&mut browser), ["nas"]);

    // And after a rename it leads to the new name, even when another CSR has the old one by now.
    let form = browser.get("/csrs/nas").form("/csrs/nas");
    browser.send(form.set("name", "renamed").enter()).expect(200, "renamed");
    wizard::make(&mut browser, "nas", "https-ecc");
    let page = browser.send(save).expect(200, "renamed");
    assert_eq!(page.path.split('?').next(), Some("/csrs/renamed"));
    assert_eq!(browser.get_once("/csrs/renamed/download").body, first);
    assert_eq!(names(&mut browser), ["nas", "renamed"]);
}

#[test]
fn two_saves_at_the_same_time_make_one_csr() {
    let (_console, mut browser) = Console::owned();
    let confirm = wizard::to_confirm(&mut browser, "nas", "https-rsa");
    let save = confirm.step().press("save");
    let clicks: Vec<_> = (0..4)
        .map(|_| {
            let (mut tab, save) = (browser.clone(), save.clone());
            std::thread::spawn(move || tab.send(save).expect(200, "nas").texts("pre.pem")[0].clone())
        })
        .collect();
    let seen: Vec<String> = clicks.into_iter().map(|click| click.join().unwrap()).collect();
    assert!(seen.iter().all(|pem| *pem == seen[0]), "each click shows the same request");
    assert_eq!(names(&mut browser), ["nas"]);
}

#[test]
fn another_page_of_a_finished_draft_is_told_so_and_changes_nothing() {
    let (_console, mut browser) = Console::owned();
    let step = wizard::to_subject(&mut browser, "nas", "https-ecc");
    let old = subject(&step).set("city", "Nuremberg").press("next");
    let constraints = browser.send(subject(&step).press("next")).expect(200, "Extra Constraints");
    let confirm = browser.send(constraints.step().press("next")).expect(200, "Confirm Options");
    browser.send(confirm.step().press("save")).expect(200, "nas");
    let notice = browser.send(old).expect(409, "This request is already saved");
    assert_eq!(notice.link("Open the request"), "/csrs/nas");
    assert_eq!(names(&mut browser), ["nas"]);
}

#[test]
fn a_page_of_another_tabs_draft_is_told_so_and_changes_nothing() {
    let (_console, mut browser) = Console::owned();
    let first = wizard::to_subject(&mut browser, "first", "https-ecc");
    let second = wizard::to_subject(&mut browser, "second", "https-rsa");
    let notice = browser.send(subject(&first).press("next")).expect(409, "You have started another request");
    assert_eq!(notice.link("Continue"), "/wizard/subject");
    let page = browser.send(subject(&second).press("next")).expect(200, "Extra Constraints");
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    assert_eq!((page.fact("Name"), page.fact("Key Type")), ("second".to_owned(), "RSA".to_owned()));
}

#[test]
fn a_name_that_was_taken_meanwhile_is_told_on_confirm() {
    let (_console, mut browser) = Console::owned();
    let mut tab = browser.clone();
    let confirm = wizard::to_confirm(&mut browser, "nas", "https-ecc");
    wizard::make(&mut tab, "NAS", "https-ecc");
    let refused = browser.send(confirm.step().press("save")).expect(422, "Error: Confirm Options");
    assert!(refused.source().contains("A request named nas already exists"));
    let page = browser.click(&refused, "Change the name").expect(200, "Identifier and Type");
    let page = browser.send(page.step().set("name", "nas-2").press("next")).expect(200, "Confirm Options");
    browser.send(page.step().press("save")).expect(200, "nas-2");
    assert_eq!(names(&mut browser), ["NAS", "nas-2"]);
}

#[test]
fn back_keeps_what_was_typed_and_even_what_is_wrong() {
    let (_console, mut browser) = Console::owned();
    let page = wizard::to_subject(&mut browser, "nas", "https-ecc");
    let half = page.step().set("city", "Munich").set("email", "not an address");
    let page = browser.send(half.press("back")).expect(200, "Certificate Options");
    let page = browser.send(page.step().set("ec_curve", "SECP256R1").press("next")).expect(200, "Certificate Subject");
    assert_eq!((page.step().value("city"), page.step().value("email")), ("Munich".into(), "not an address".into()));
    // A step that is opened too early leads to the first one missing.
    for early in ["/wizard/constraints", "/wizard/confirm", "/wizard/import"] {
        assert_eq!(browser.get(early).path, "/wizard/subject", "{early}");
    }
}

#[test]
fn a_changed_answer_comes_back_to_confirm() {
    let (_console, mut browser) = Console::owned();
    let confirm = wizard::to_confirm(&mut browser, "nas", "https-ecc");
    let page = browser.click(&confirm, "Change Certificate Options").expect(200, "Certificate Options");
    let page = browser.send(page.step().set("digest_algorithm", "SHA512").press("next")).expect(200, "Confirm Options");
    assert_eq!(page.fact("Digest Algorithm"), "SHA512");
    // Another profile presets steps 2 and 4 anew and says so.
    let page = browser.click(&page, "Change Identifier and Type");
    let page = browser.send(page.step().set("profile", "https-rsa").press("next")).expect(200, "Certificate Options");
    assert!(page.main().contains("The profile has replaced the options and constraints"), "{}", page.main());
    assert_eq!((page.step().value("key_type"), page.step().value("digest_algorithm")), ("RSA".into(), "SHA256".into()));
}

#[test]
fn cookies_that_are_tampered_foreign_or_stale_start_over_with_a_plain_sentence() {
    const SENTENCE: &str = "Your unfinished request has expired or was started on another device. Please start again.";
    let (_other, mut foreign) = Console::owned();
    wizard::to_subject(&mut foreign, "foreign", "https-ecc");
    let foreign = foreign.jar.value(&foreign.jar.draft(0)).to_owned();

    let (_console, mut browser) = Console::owned();
    let changes: [(&str, Change); 5] = [
        (
            "one character",
            Box::new(|value| format!("{}{}", if value.starts_with('A') { 'B' } else { 'A' }, &value[1..])),
        ),
        ("cut short", Box::new(|value| value[..value.len() / 2].to_owned())),
        ("no base64", Box::new(|_| "no.base64".to_owned())),
        ("another unit's", Box::new(move |_| foreign.clone())),
        ("its end", Box::new(|value| format!("{value}AAAA"))),
    ];
    for (what, change) in changes {
        let page = wizard::to_subject(&mut browser, "nas", "https-ecc");
        let name = browser.jar.draft(0);
        browser.jar.tamper(&name, change);
        let mut other = browser.clone();
        let posted = browser.send(subject(&page).press("next")).expect(200, "Identifier and Type");
        let opened = other.get("/wizard/subject").expect(200, "Identifier and Type");
        for page in [posted, opened] {
            assert!(page.main().contains(SENTENCE), "{what}: {}", page.main());
            assert_eq!(page.step().value("name"), "", "{what}");
        }
    }
    // A draft ends with the owner's generation.
    wizard::to_subject(&mut browser, "nas", "https-ecc");
    let account = browser.get("/account").form("/account/password").set("current_password", PASSWORD);
    let new = "a horse, a battery, and a staple";
    browser.send(account.set("password", new).set("password_confirm", new).enter()).expect(200, "Account");
    assert!(browser.get("/wizard/subject").expect(200, "Identifier and Type").main().contains(SENTENCE));
}
