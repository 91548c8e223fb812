//! A power cut in the middle of the wizard costs the login and nothing that was typed.

use crate::harness::console::{Console, PASSWORD};
use crate::harness::openssl::verifies;
use crate::harness::wizard::{self, SUBJECT};

#[test]
fn a_server_killed_in_the_wizard_lets_the_owner_log_in_and_go_on() {
    let (console, mut browser) = Console::owned();
    let page = wizard::to_subject(&mut browser, "nas", "https-ecc");
    let open = wizard::subject(&page).set("email", "not an address");
    let typed = open.answers();

    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    // The page that is open is sent as it stands: the login carries what was typed.
    let login = browser.send(open.press("next")).expect(403, "Log in");
    let wrong = browser.send(login.form("/login").set("password", "not the password").enter());
    let page = browser.send(wrong.expect(422, "Error: Log in").form("/login").set("password", PASSWORD).enter());
    let page = page.expect(200, "You are logged in again");
    let again = page.form("/wizard/subject");
    for answer in &typed {
        assert!(again.answers().contains(answer), "{answer:?} is lost: {:?}", again.answers());
    }
    // The mistake is told after it, with everything else kept.
    let page = browser.send(again.enter()).expect(422, "Error: Certificate Subject");
    assert_eq!(page.mistakes()[0].0, "email");
    assert_eq!(page.step().answers(), typed);
    let page = browser.send(page.step().set("email", "root@nas.local").press("next")).expect(200, "Extra Constraints");

    // And once more, this time by opening the console anew.
    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    assert_eq!(page.path, "/wizard/constraints");
    let login = browser.get("/wizard").expect(200, "Log in");
    let page =
        browser.send(login.form("/login").set("password", PASSWORD).enter()).expect(200, "A request is unfinished");
    let page = browser.click(&page, "Continue").expect(200, "Extra Constraints");
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    for (field, value) in
        [("Name", "nas"), ("State", "Bavaria"), ("Email", "root@nas.local"), ("EC Curve", "SECP384R1")]
    {
        assert_eq!(page.fact(field), value);
    }
    assert!(SUBJECT.iter().all(|(_, value)| value.lines().all(|line| page.main().contains(line))), "{}", page.main());
    browser.send(page.step().press("save")).expect(200, "nas");
    verifies(&browser.get_once("/csrs/nas/download").body);
}

#[test]
fn what_was_made_before_a_kill_is_there_after_it() {
    let (console, mut browser) = Console::owned();
    wizard::make(&mut browser, "nas", "https-ecc");
    let before = browser.get_once("/csrs/nas/download").body;
    let console = console.kill_and_start_again();
    assert!(console.printed.iter().all(|(label, _)| label != "Setup code"), "the code is made once");
    browser.origin = console.origin.clone();
    let login = browser.get("/csrs/nas").expect(200, "Log in");
    browser.send(login.form("/login").set("password", PASSWORD).enter()).expect(200, "nas");
    assert_eq!(browser.get_once("/csrs/nas/download").body, before);
}

#[test]
fn secrets_are_not_carried_over_a_login() {
    let (console, mut browser) = Console::owned();
    let page = wizard::make(&mut browser, "nas", "https-ecc");
    let form = browser.click(&page, "Export private key…").form("/csrs/nas/key");
    let form = form.set("password", PASSWORD).set("passphrase", "sesame open").set("passphrase_confirm", "sesame open");
    let import = wizard::to_import(&mut browser, "other").step();
    let import =
        import.set("signing_request", "pasted request").set("private_key", "pasted key").set("passphrase", "sesame");

    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    let login = browser.send(form.enter()).expect(403, "Log in");
    assert!(!login.source().contains("sesame") && !login.source().contains("battery"));
    let login = browser.send(import.press("next")).expect(403, "Log in");
    assert!(!login.source().contains("sesame") && !login.source().contains("pasted+key"));
    let page = browser.send(login.form("/login").set("password", PASSWORD).enter());
    let page = page.expect(200, "You are logged in again");
    assert_eq!(page.form("/wizard/import").value("signing_request"), "pasted request");
    browser.send(page.form("/wizard/import").enter()).expect(422, "Error: Import request");
}

#[test]
fn a_form_that_is_too_large_for_a_login_is_lost_and_the_page_says_so() {
    let (console, mut browser) = Console::owned();
    let forms = [20, 40, 100].map(|kib| {
        let page = wizard::to_import(&mut browser, "nas").step();
        (kib, page.set("signing_request", &"r".repeat(kib * 1024)))
    });
    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    for (kib, form) in forms {
        let login = browser.send(form.press("next")).expect(403, "Log in");
        let carried = login.source().contains("carried_form");
        assert_eq!((carried, login.main().contains("is larger than the 32 KiB")), (kib == 20, kib != 20), "{kib} KiB");
    }
    // The way back is there all the same.
    let login = browser.get("/wizard/import").expect(200, "Log in");
    assert_eq!(login.form("/login").value("next"), "/wizard/import");
    let long = format!("/login?next=/csrs?q={}", "a".repeat(600));
    assert!(!browser.get(&long).expect(200, "Log in").source().contains("aaaa"));
}

#[test]
fn the_console_ends_by_itself_when_it_is_told_to() {
    let (mut console, _browser) = Console::owned();
    assert!(console.terminate().success());
}
