//! A walk through the wizard with answers that nothing is wrong with.

use super::browser::Browser;
use super::form::Form;
use super::page::Page;

/// The subject that [`subject`] types: field and value.
pub const SUBJECT: [(&str, &str); 8] = [
    ("country", "DE"),
    ("state", "Bavaria"),
    ("city", "Munich"),
    ("organization", "Example & Sons <Ltd>"),
    ("organizational_unit", "Storage"),
    ("email", "root@nas.local"),
    ("common", "nas.example.org"),
    ("san", "nas.local\n192.0.2.7"),
];

/// Step 1 of a new draft.
pub fn begin(browser: &mut Browser) -> Page {
    let page = browser.get("/wizard");
    let page =
        if page.title() == "A request is unfinished" { browser.send(page.form("/wizard").enter()) } else { page };
    page.expect(200, "Identifier and Type")
}

/// Step 2 of a new draft.
pub fn to_options(browser: &mut Browser, name: &str, profile: &str) -> Page {
    let form = begin(browser).step().set("name", name).set("profile", profile);
    browser.send(form.press("next")).expect(200, "Certificate Options")
}

/// Step 3 of a new draft, with step 2 as it was offered.
pub fn to_subject(browser: &mut Browser, name: &str, profile: &str) -> Page {
    let options = to_options(browser, name, profile);
    browser.send(options.step().press("next")).expect(200, "Certificate Subject")
}

/// Step 4 of a new draft.
pub fn to_constraints(browser: &mut Browser, name: &str, profile: &str) -> Page {
    let page = to_subject(browser, name, profile);
    browser.send(subject(&page).press("next")).expect(200, "Extra Constraints")
}

/// Step 5 of a new draft.
pub fn to_confirm(browser: &mut Browser, name: &str, profile: &str) -> Page {
    let page = to_constraints(browser, name, profile);
    browser.send(page.step().press("next")).expect(200, "Confirm Options")
}

/// A CSR: the page that Save leads to.
pub fn make(browser: &mut Browser, name: &str, profile: &str) -> Page {
    let page = to_confirm(browser, name, profile);
    browser.send(page.step().press("save")).expect(200, name)
}

/// Step 2 of an import.
pub fn to_import(browser: &mut Browser, name: &str) -> Page {
    let form = begin(browser).step().set("name", name).set("type", "import");
    browser.send(form.press("next")).expect(200, "Import request")
}

/// Step 2 of a certificate with its key.
pub fn to_certificate(browser: &mut Browser, name: &str) -> Page {
    let form = begin(browser).step().set("name", name).set("type", "certificate");
    browser.send(form.press("next")).expect(200, "Certificate and key")
}

/// Step 3, filled in.
pub fn subject(page: &Page) -> Form {
    SUBJECT.iter().fold(page.step(), |form, (field, value)| form.set(field, value))
}
