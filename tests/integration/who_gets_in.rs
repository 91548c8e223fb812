//! Who gets in and who does not: one owner, waits for those who guess, and sessions that end when they should.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD};
use crate::harness::form::Submission;
use crate::harness::page::Page;
use std::fs;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const LIST: &str = "Certificate Signing Requests";

fn login_form(browser: &mut Browser, password: &str) -> Submission {
    browser.get("/login").form("/login").set("password", password).enter()
}

fn log_in(browser: &mut Browser) -> Page {
    let form = login_form(browser, PASSWORD);
    browser.send(form)
}

/// Guesses until the console wants the guesser to wait; gives that page.
fn guess_until_told_to_wait(browser: &mut Browser) -> Page {
    for _ in 0..4 {
        let form = login_form(browser, "a wrong password");
        let page = browser.send(form);
        if page.status == 429 {
            return page;
        }
        assert_eq!(page.expect(422, "Error: Log in").mistakes()[0].0, "password");
    }
    panic!("four wrong passwords in a row cost nothing")
}

#[test]
fn of_many_setups_at_the_same_time_one_wins() {
    let console = Console::first_boot();
    let code = console.said("Setup code");
    let together = Barrier::new(3);
    let outcomes: Vec<(String, bool)> = std::thread::scope(|scope| {
        let runners: Vec<_> = (0..3)
            .map(|runner| {
                let (mut browser, together, code) = (console.browser(), &together, &code);
                scope.spawn(move || {
                    let password = format!("the password of runner {runner}");
                    let form = browser.get("/").form("/setup").set("setup_code", code);
                    let form = form.set("password", &password).set("password_confirm", &password).enter();
                    together.wait();
                    let page = browser.send(form);
                    (password, page.title() == LIST)
                })
            })
            .collect();
        runners.into_iter().map(|runner| runner.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|(_, won)| *won).count(), 1, "{outcomes:?}");
    for (password, won) in &outcomes {
        let mut browser = console.browser();
        let form = login_form(&mut browser, password);
        assert_eq!(browser.send(form).title() == LIST, *won, "{password}");
    }
    assert_eq!(console.browser().get_once("/setup").status, 404);
}

#[test]
fn a_wrong_code_is_told_at_its_field_and_nothing_else_is_served_before_the_setup() {
    let console = Console::first_boot();
    let mut browser = console.browser();
    for path in ["/", "/csrs", "/login", "/wizard", "/account", "/audit", "/csrs/nas/key"] {
        assert_eq!(browser.get(path).expect(200, "Set up this console").path, "/setup", "{path}");
    }
    let form = browser.get("/setup").form("/setup").set("setup_code", "AAAA-BBBB-CCCC-DDDD");
    let form = form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter();
    let page = browser.send(form).expect(422, "Error: Set up this console");
    assert_eq!(page.mistakes()[0].0, "setup_code");
    // Case, blanks and dashes of the code do not matter; the password must not be the code.
    let code = console.said("Setup code");
    let typed = code.to_lowercase().replace('-', " ");
    let form = page.form("/setup").set("setup_code", &typed).set("password", &code).set("password_confirm", &code);
    let page = browser.send(form.enter()).expect(422, "Error: Set up this console");
    assert_eq!(page.mistakes()[0].0, "password");
    let form = page.form("/setup").set("setup_code", &typed);
    browser.send(form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter()).expect(200, LIST);
}

#[test]
fn who_guesses_waits_and_what_was_asked_for_is_kept() {
    let (console, _owner) = Console::owned();
    let mut browser = console.browser();
    let mut refused = browser.get("/csrs?q=nas").expect(200, "Log in");
    for _ in 0..4 {
        refused = browser.send(refused.form("/login").set("password", "a wrong password").enter());
    }
    let refused = refused.expect(429, "Error: Log in");
    let wait: u64 = refused.answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=300).contains(&wait), "{wait}");
    assert!(refused.mistakes()[0].1.contains(&format!("{wait} second")), "{:?}", refused.mistakes());
    // Even the right one is not looked at before that, and is then.
    let form = refused.form("/login").set("password", PASSWORD);
    assert_eq!(form.value("next"), "/csrs?q=nas");
    browser.send(form.clone().enter()).expect(429, "Error: Log in");
    let until = Instant::now() + Duration::from_secs(30);
    let page = loop {
        let page = browser.send(form.clone().enter());
        if page.status != 429 || Instant::now() > until {
            break page;
        }
    };
    assert_eq!(page.expect(200, LIST).path, "/csrs?q=nas");
}

#[test]
fn waits_survive_a_clean_stop_and_a_recovery_from_lockout_ends_them_at_once() {
    let (mut console, _owner) = Console::owned();
    guess_until_told_to_wait(&mut console.browser());
    assert!(console.terminate().success());
    let kept = fs::read_to_string(console.data().join("login.json")).unwrap();
    assert!(kept.contains("127.0.0.1") && !kept.contains('T'), "counts, not clock times: {kept}");
    let console = console.start_again();
    let mut browser = console.browser();
    let form = login_form(&mut browser, PASSWORD);
    browser.send(form).expect(429, "Error: Log in");
    console.run(["recover", "lockout", "--yes"]).worked();
    log_in(&mut browser).expect(200, LIST);
}

#[test]
fn a_login_page_that_was_opened_before_a_restart_works_after_it() {
    let (console, _owner) = Console::owned();
    let mut browser = console.browser();
    let form = login_form(&mut browser, PASSWORD);
    let console = console.kill_and_start_again();
    browser.origin = console.origin.clone();
    browser.send(form).expect(200, LIST);
}

#[test]
fn login_rotates_the_cookie_and_a_planted_one_opens_nothing() {
    let (console, owner) = Console::owned();
    let cookie = &owner.jar.session();
    let mut browser = console.browser();
    let form = login_form(&mut browser, PASSWORD);
    let planted = browser.clone();
    browser.send(form).expect(200, LIST);
    assert_ne!(browser.jar.value(cookie), planted.jar.value(cookie));
    for (mut other, what) in [(planted, "known before the login"), (console.browser(), "none")] {
        other.get("/csrs").expect(200, "Log in");
        assert!(!other.jar.value(cookie).is_empty(), "{what}");
    }
}

#[test]
fn logout_ends_the_session_on_the_server_too() {
    let (_console, mut browser) = Console::owned();
    let stolen = browser.clone();
    let form = browser.get("/csrs").form("/logout").enter();
    browser.send(form).expect(200, "Log in");
    for mut other in [stolen, browser] {
        other.get("/csrs").expect(200, "Log in");
    }
}

#[test]
fn a_new_password_ends_every_other_session_and_opens_alone() {
    let (console, mut browser) = Console::owned();
    let mut other = console.browser();
    log_in(&mut other).expect(200, LIST);
    let new = "a horse, a battery, and a staple";
    let form = browser.get("/account").form("/account/password").set("current_password", "a wrong password");
    let form = form.set("password", new).set("password_confirm", new);
    let page = browser.send(form.clone().enter()).expect(422, "Error: Account");
    assert_eq!(page.mistakes()[0].0, "current_password");
    other.get("/csrs").expect(200, LIST);
    browser.send(form.set("current_password", PASSWORD).enter()).expect(200, "Account");
    browser.get("/csrs").expect(200, LIST);
    other.get("/csrs").expect(200, "Log in");
    assert_eq!(log_in(&mut other).status, 422, "the old password");
    let form = login_form(&mut other, new);
    other.send(form).expect(200, LIST);
}

#[test]
fn a_form_of_one_session_is_refused_in_another() {
    let (console, mut browser) = Console::owned();
    let mut other = console.browser();
    log_in(&mut other).expect(200, LIST);
    let form = browser.get("/account").form("/logout").enter();
    other.send(form).expect(403, "Error: This form was not accepted");
    other.get("/csrs").expect(200, LIST);
}
