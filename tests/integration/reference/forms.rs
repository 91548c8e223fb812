//! The fields of the forms: each page takes those that the document gives it, and refuses every other.

use super::source::between;
use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::page::{Page, parse};
use crate::harness::reference::{agree, code, codes, headings, rows, table};
use crate::harness::wizard::{begin, make, to_certificate, to_confirm, to_import, to_options};
use std::collections::{BTreeMap, BTreeSet};

const FORM: &str = "application/x-www-form-urlencoded";

/// The documented fields by path, without `csrf_token`.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let all_steps: BTreeSet<String> = table("All steps of the wizard").iter().map(|row| code(&row[0])).collect();
    let mut forms = BTreeMap::new();
    for title in headings(4).into_iter().filter(|title| title.starts_with('`')) {
        let fields: BTreeSet<String> = rows(title).iter().map(|row| code(&row[0])).collect();
        for path in codes(title) {
            let mut fields = fields.clone();
            if path.starts_with("/wizard/") {
                fields.extend(all_steps.iter().cloned());
            }
            assert!(forms.insert(path.clone(), fields).is_none(), "{path} is there twice");
        }
    }
    forms
}

/// Every field that some form has, by the document and by the source.
fn candidates(forms: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let documented = forms.values().flatten().cloned();
    let read = ["text", "trimmed", "secret", "file", "checkbox", "button"];
    let in_code = read.into_iter().flat_map(|how| between("src/web/", &format!("fields.{how}(\""), "\""));
    let of_steps = signet_domain::fields::every().map(|field| field.name.to_owned());
    let in_code: BTreeSet<String> = in_code.chain(of_steps).collect();
    assert!(in_code.len() > 35, "{in_code:?}");
    documented.chain(in_code).chain(["unknown".to_owned()]).collect()
}

/// One page's form, as a visitor of it would send it.
struct Probe<'a> {
    browser: &'a Browser,
    path: String,
    token: String,
    draft: Option<String>,
}

impl<'a> Probe<'a> {
    fn new(browser: &'a mut Browser, path: &str, page: &Page) -> Self {
        let form =
            page.html().select(&parse("form input[name=csrf_token]")).next().unwrap().attr("value").unwrap().to_owned();
        let draft =
            page.html().select(&parse("input[name=draft]")).next().map(|it| it.attr("value").unwrap().to_owned());
        browser.seen.clear();
        Self { browser, path: path.replace("NAME", "nas"), token: form, draft }
    }

    /// What a form with this one field is answered, by a tab of its own.
    fn status(&self, field: &str) -> u16 {
        let mut pairs = vec![("csrf_token", self.token.as_str())];
        pairs.extend(self.draft.as_deref().map(|draft| ("draft", draft)));
        let field = field.replace("NAME", "nas");
        if !field.is_empty() && (field != "draft" || self.draft.is_none()) {
            pairs.push((&field, "on"));
        }
        let body = serde_urlencoded::to_string(&pairs).unwrap();
        self.browser.clone().post_once(&self.path, FORM, body.as_bytes()).status
    }

    /// Unknown fields first: they change nothing. What saves or deletes comes last.
    fn takes(&self, fields: &BTreeSet<String>, candidates: &BTreeSet<String>) {
        // Boxes of one kind are read by one loop; a sample of them is refused elsewhere.
        let is_box = |name: &str| (name.starts_with("eku_") || name.starts_with("ku_")) && !name.ends_with("critical");
        let sampled = |name: &&String| !is_box(name) || name.ends_with("_CLIENT_AUTH") || name.ends_with("_crl_sign");
        for field in candidates.iter().filter(|field| !fields.contains(*field)).filter(sampled) {
            assert_eq!(
                self.status(field),
                400,
                "{}: docs/reference.md does not name {field}, which it takes",
                self.path
            );
        }
        assert_ne!(self.status(""), 400, "{}: a form without fields", self.path);
        let last = ["save", "confirm"];
        for field in fields.iter().filter(|field| !last.contains(&field.as_str())) {
            assert_ne!(self.status(field), 400, "{}: docs/reference.md names {field}, which it refuses", self.path);
        }
        for field in fields.iter().filter(|field| last.contains(&field.as_str())) {
            assert_ne!(self.status(field), 400, "{}: docs/reference.md names {field}, which it refuses", self.path);
        }
    }
}

#[test]
fn each_form_takes_the_documented_fields_and_no_other() {
    let forms = documented();
    let candidates = candidates(&forms);
    let mut left: BTreeSet<&String> = forms.keys().collect();
    let console = Console::first_boot();
    let mut visitor = console.browser();
    let page = visitor.get("/setup");
    Probe::new(&mut visitor, "/setup", &page).takes(&forms["/setup"], &candidates);
    left.remove(&"/setup".to_owned());
    let mut owner = console.set_up();
    make(&mut owner, "nas", "https-ecc");
    console.run(["ca", "add", "nas", "--acme", "https://ca.example.com/acme"]).worked();
    // The last form of the wizard saves, so it comes after the other steps; deletion and logout end the rest.
    let at_end = ["/wizard/confirm", "/csrs/NAME/delete", "/logout"];
    let steps = ["/wizard/identity", "/wizard/options", "/wizard/subject", "/wizard/constraints"];
    to_confirm(&mut owner, "probe", "https-ecc");
    for path in steps {
        let page = owner.get(path);
        Probe::new(&mut owner, path, &page).takes(&forms[path], &candidates);
        left.remove(&path.to_owned());
    }
    let page = owner.get("/wizard/confirm");
    Probe::new(&mut owner, at_end[0], &page).takes(&forms[at_end[0]], &candidates);
    let page = to_import(&mut owner, "import");
    Probe::new(&mut owner, "/wizard/import", &page).takes(&forms["/wizard/import"], &candidates);
    left.remove(&"/wizard/import".to_owned());
    let page = to_certificate(&mut owner, "certified");
    Probe::new(&mut owner, "/wizard/certificate", &page).takes(&forms["/wizard/certificate"], &candidates);
    left.remove(&"/wizard/certificate".to_owned());
    left.remove(&at_end[0].to_owned());
    let list = owner.get("/csrs");
    let others: Vec<&String> = left.iter().copied().filter(|path| !at_end.contains(&path.as_str())).collect();
    assert!(others.len() > 10, "{others:?}");
    for path in others {
        Probe::new(&mut owner, path, &list).takes(&forms[path], &candidates);
    }
    for path in &at_end[1..] {
        Probe::new(&mut owner, path, &list).takes(&forms[*path], &candidates);
    }
}

#[test]
fn every_route_that_takes_a_form_has_its_fields_documented() {
    let routes = table("Routes").into_iter().filter(|row| row[1].contains("POST")).map(|row| code(&row[0]));
    agree("Form fields", routes, documented().into_keys());
}

/// What a select or a group of radio buttons offers; none for other fields.
fn offered(page: &Page, field: &str) -> Vec<String> {
    let html = page.html();
    let selector = parse(&format!("select[name={field}] option, input[type=radio][name={field}]"));
    html.select(&selector).map(|option| option.attr("value").unwrap().to_owned()).collect()
}

#[test]
fn choices_and_defaults_are_those_of_the_pages() {
    let (_console, mut owner) = Console::owned();
    let first = begin(&mut owner);
    let second = to_options(&mut owner, "nas", "");
    let mut choices = 0;
    for (page, path) in [(first, "/wizard/identity"), (second, "/wizard/options")] {
        for row in table(&format!("`{path}`")) {
            let field = code(&row[0]);
            let offered = offered(&page, &field);
            if offered.is_empty() {
                continue;
            }
            choices += 1;
            let named = row[1].split(';').next().unwrap();
            let mut documented = codes(named);
            if named.starts_with("empty") {
                documented.insert(0, String::new());
            }
            assert_eq!(offered, documented, "{path} {field}");
            let default = codes(&row[2]).into_iter().next().unwrap_or_default();
            assert_eq!(page.step().value(&field), default, "{path} {field}");
        }
    }
    assert_eq!(choices, 7);
}
