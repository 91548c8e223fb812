//! Steps that many behaviours share: becoming the owner, and the wizard with answers that are right.

use super::browser::Browser;
use super::console::Console;
use super::forms::Form;
use super::page::Page;

/// The owner's password in every test.
pub(crate) const PASSWORD: &str = "seven lamps by the river";

/// A browser whose user has set up the console and is logged in.
pub(crate) fn owner(console: &mut Console) -> Browser {
    let mut browser = Browser::new(console);
    let form = browser.get("/").expect(200, "/setup").form("/setup").set("setup_code", &console.setup_code());
    let form = form.set("password", PASSWORD).set("password_confirm", PASSWORD);
    form.enter(&mut browser).expect(200, "/csrs");
    browser
}

/// Logs in at the login page, wherever that leads.
pub(crate) fn log_in(browser: &mut Browser) -> Page {
    browser.get("/login").expect(200, "/login").form("/login").set("password", PASSWORD).enter(browser)
}

/// Step 1 of a new draft, answered; the page behind it.
pub(crate) fn begin(browser: &mut Browser, name: &str, profile: &str) -> Page {
    let mut page = browser.get("/wizard");
    if page.place() == "/wizard" {
        page = page.form("/wizard").enter(browser);
    }
    let form = page.expect(200, "/wizard/identity").form("/wizard/identity").set("name", name).set("type", "csr");
    form.set("profile", profile).press(browser, "next")
}

/// The subject that a test asks for, where it does not matter.
pub(crate) fn fill_subject(form: Form) -> Form {
    form.set("country", "DE")
        .set("state", "Berlin")
        .set("city", "Berlin")
        .set("organization", "Example GmbH")
        .set("organizational_unit", "Storage")
        .set("email", "root@nas.local")
        .set("common", "nas.example.org")
        .set("san", "nas.local\n192.0.2.7")
}

/// The wizard up to its Confirm page, with a profile's preset.
pub(crate) fn up_to_confirm(browser: &mut Browser, name: &str, profile: &str) -> Page {
    let options = begin(browser, name, profile).expect(200, "/wizard/options");
    let subject = options.form("/wizard/options").press(browser, "next").expect(200, "/wizard/subject");
    let constraints = fill_subject(subject.form("/wizard/subject")).press(browser, "next");
    let constraints = constraints.expect(200, "/wizard/constraints");
    constraints.form("/wizard/constraints").press(browser, "next").expect(200, "/wizard/confirm")
}

/// The whole wizard; the page of the CSR that it made.
pub(crate) fn make(browser: &mut Browser, name: &str, profile: &str) -> Page {
    let confirm = up_to_confirm(browser, name, profile);
    confirm.form("/wizard/confirm").press(browser, "save").expect(200, &format!("/csrs/{name}"))
}
