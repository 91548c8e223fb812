//! "Who will sign this?" on the last step: the kinds of CA, what each makes of the request, and the changes of one click.

use crate::harness::answering::request;
use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::page::Page;
use crate::harness::wizard;

/// The last step with this subject and key; nothing of the subject is required.
fn confirm(browser: &mut Browser, name: &str, key: &[(&str, &str)], subject: &[(&str, &str)]) -> Page {
    let page = wizard::to_options(browser, name, "https-rsa");
    let form = key.iter().fold(page.step(), |form, (field, value)| form.set(field, value));
    let page = browser.send(form.press("next")).expect(200, "Certificate Subject");
    let form = subject.iter().fold(page.step(), |form, (field, value)| form.set(field, value));
    let page = browser.send(form.press("next")).expect(200, "Extra Constraints");
    browser.send(page.step().press("next")).expect(200, "Confirm Options")
}

fn console() -> (Console, Browser) {
    let console = Console::listening_at(&[], "[subject]\nrequired = []\n");
    let browser = console.set_up();
    (console, browser)
}

fn found(page: &Page) -> Vec<String> {
    page.texts("#signer li")
}

fn chosen(page: &Page) -> Vec<String> {
    page.texts("#signer button[aria-pressed=true]")
}

#[test]
fn who_is_likely_to_sign_is_chosen_first_and_another_kind_stays_chosen() {
    let (console, mut browser) = console();
    let page = confirm(&mut browser, "public", &[], &[("san", "nas.example.org")]);
    assert_eq!((chosen(&page), found(&page)), (vec!["Public CA".to_owned()], Vec::new()));
    let private = [("san", "nas.local\nnas.example.org")];
    let page = confirm(&mut browser, "private", &[], &private);
    assert_eq!((chosen(&page), found(&page)), (vec!["Own CA by hand".to_owned()], Vec::new()));
    let page = browser.send(page.form_with("signer").press_value("signer", "public")).expect(200, "Confirm Options");
    assert_eq!(chosen(&page), ["Public CA"]);
    assert!(page.path.contains("/wizard/confirm"), "{}", page.path);
    // It is there after a step was changed, and nothing was saved.
    let page = browser.get("/wizard/subject?return=confirm");
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    assert_eq!(chosen(&page), ["Public CA"]);
    assert!(browser.get("/csrs").texts("td.name").is_empty());
    // The device's own CA goes before the names.
    console.run(["ca", "add", "home", "--acme", "https://ca.home.arpa/acme"]).worked();
    let page = confirm(&mut browser, "again", &[], &[("san", "nas.example.org")]);
    assert_eq!(chosen(&page), ["Own CA by ACME"]);
}

#[test]
fn each_finding_is_taken_away_by_one_click_that_changes_nothing_else() {
    let (console, mut browser) = console();
    let names = "NAS.example.org\nnas.local, email:root@example.org";
    let subject = [("common", "Our NAS"), ("organization", "Example"), ("san", names)];
    let key = [("key_length", "1024"), ("digest_algorithm", "SHA1"), ("lifetime", "398")];
    let mut page = confirm(&mut browser, "nas", &key, &subject);
    page = browser.send(page.form_with("signer").press_value("signer", "public")).expect(200, "Confirm Options");
    let all = found(&page);
    assert_eq!(all.len(), 7, "{all:#?}");
    assert!(all[0].starts_with("Refused ACME orders host names") && all[0].contains("RFC 8555, 7.4"), "{}", all[0]);
    for (left, change) in (0..7).rev().zip([
        "san:Remove email:root@example.org",
        "common:Use nas.example.org as the common name",
        "san:Remove DNS:nas.local",
        "key_length:Use 2048 bits",
        "digest_algorithm:Use SHA256",
        "organization:Leave them empty",
        "lifetime:Request 200 days",
    ]) {
        page = browser.send(page.form_with("signer").press_value("change", change)).expect(200, "Confirm Options");
        assert_eq!(found(&page).len(), left, "after {change}: {:#?}", found(&page));
    }
    assert!(page.main().contains("Nothing in the way"), "{}", page.main());
    // An old page's button does nothing.
    let old = page.step().smuggle("change", "san:Remove DNS:nas.example.org");
    let page = browser.send(old.press("back")).expect(200, "Extra Constraints");
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    assert_eq!(page.fact("Subject Alternate Names"), "DNS:nas.example.org");
    assert_eq!((page.fact("Common Name"), page.fact("Organization")), ("nas.example.org".into(), "none".into()));
    let saved = browser.send(page.step().press("save")).expect(200, "nas");
    assert!(saved.main().contains("RSA 2048"), "{}", saved.main());
    let json = console.run(["csr", "check", "nas", "--for", "public", "--json"]).worked();
    assert!(json.contains("\"findings\": []") || json.contains("\"findings\":[]"), "{json}");
}

#[test]
fn where_no_single_change_helps_a_link_leads_to_the_step() {
    let (_console, mut browser) = console();
    // Without these names there would be none.
    let page = confirm(&mut browser, "nas", &[], &[("san", "nas.local\n192.168.1.20")]);
    let page = browser.send(page.form_with("signer").press_value("signer", "public")).expect(200, "Confirm Options");
    assert_eq!(found(&page).len(), 1, "{:?}", found(&page));
    assert_eq!(page.texts("#signer button[name=change]"), [""; 0]);
    let link = scraper::Selector::parse("#signer a").unwrap();
    let html = page.html();
    let leads = html.select(&link).map(|link| link.attr("href").unwrap()).collect::<Vec<_>>();
    assert_eq!(leads, ["/wizard/subject?return=confirm#san"]);
    // A key that is kept is not replaced by a click.
    let (console, mut browser) = Console::owned();
    request(&console, "old", "--key-type=EC --ec-curve=BrainpoolP256R1 --san=nas.example.org");
    let page = browser.get("/csrs/old");
    let page =
        browser.send(page.form("/csrs/old/renew").check("same_key").press("")).expect(200, "Identifier and Type");
    let page = browser.send(page.step().press("next")).expect(200, "Confirm Options");
    let page = browser.send(page.form_with("signer").press_value("signer", "public")).expect(200, "Confirm Options");
    assert!(found(&page).concat().contains("do not accept keys of the kind BrainpoolP256R1"), "{:?}", found(&page));
    // The one button is for names.
    assert_eq!(page.texts("#signer button[name=change]"), ["Remove these names"], "{:?}", found(&page));
}
