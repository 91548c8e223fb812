//! A vendor's brand: our name is on no page of it, and its pictures, colours and words are.

mod files;
mod refusals;

use crate::every_route::ROUTES;
use crate::harness::answering::{answer, request};
use crate::harness::authority::{Authority, Term};
use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::origin::Answer;
use crate::harness::page::{Page, parse};
use crate::harness::wizard;
use files::{MINIMAL, Vendor};

const OURS: &str = "signet";

/// Our name is in neither head nor body, in any case. Cookies' names are not on a page (docs/decisions.md).
fn has_none_of_our_name(what: &str, answer: &Answer) {
    let text = String::from_utf8_lossy(&answer.raw).to_lowercase();
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.starts_with("set-cookie:") && line.contains(OURS)).collect();
    assert!(lines.is_empty(), "{what}: {lines:?}");
}

/// The same of a page that a browser shows.
fn page_has_none(page: Page) -> Page {
    let source = page.source().to_lowercase();
    assert!(!source.contains(OURS), "{}: {:?}", page.path, source.lines().find(|line| line.contains(OURS)));
    page
}

/// Opens every route of the console as GET and POST.
fn every_route(browser: &mut Browser, who: &str) {
    for (method, path, ..) in ROUTES.iter().filter(|(_, path, ..)| *path != "/licences") {
        let answer = match *method {
            "POST" => browser.post_once(path, "application/x-www-form-urlencoded", b"name=other"),
            _ => browser.get_once(path),
        };
        has_none_of_our_name(&format!("{who} {method} {path}"), &answer);
    }
}

#[test]
fn no_page_or_download_of_a_branded_console_has_our_name_but_the_page_about_licences() {
    let Some(vendor) = Vendor::new() else { return };
    let console = Console::listening_at(&[], &vendor.config());
    every_route(&mut console.browser(), "before the setup");
    let mut owner = console.set_up();
    wizard::make(&mut owner, "nas", "https-ecc");
    every_route(&mut console.browser(), "stranger");
    every_route(&mut owner, "owner");

    // The steps of the wizard, each with its mistakes, and what is asked before and after.
    let options = page_has_none(wizard::to_options(&mut owner, "other", ""));
    page_has_none(owner.send(options.step().set("lifetime", "soon").press("next")));
    let subject = page_has_none(owner.send(options.step().press("next")));
    page_has_none(
        owner.send(subject.step().set("country", "").set("san", "https://nas/x\nb\u{fc}_cher").press("next")),
    );
    let constraints = page_has_none(owner.send(wizard::subject(&subject).press("next")));
    page_has_none(owner.send(constraints.step().check("bc_enabled").set("bc_path_length", "x").press("next")));
    page_has_none(wizard::begin(&mut owner));
    page_has_none(wizard::to_confirm(&mut owner, "last", "https-rsa"));
    let import = page_has_none(wizard::to_import(&mut owner, "import"));
    page_has_none(owner.send(import.step().set("signing_request", "no request").press("next")));
    let certified = page_has_none(wizard::to_certificate(&mut owner, "certified"));
    page_has_none(owner.send(certified.step().set("certificate", "no certificate").press("next")));

    // A certificate, and all that can be done with it.
    let authority = Authority::new();
    let asked = request(&console, "served", "--profile=https-ecc");
    let certificate = authority.sign_with(&asked, "", &Term::Days(90));
    let form = owner.get("/csrs/served/certificate").form("/csrs/served/certificate");
    page_has_none(owner.send(form.file("certificate_file", "a.crt", &certificate).enter()));
    let form = owner.get("/reply").form("/reply").file("certificate_file", "a.crt", b"nothing");
    page_has_none(owner.send(form.enter()));
    answer(&console, &authority, &certificate, &["served"]);
    for path in
        ["", "/certificate/download", "/pkcs12", "/key", "/deploy", "/try", "/delete", "/expiry.ics", "/download"]
    {
        let path = format!("/csrs/served{path}");
        has_none_of_our_name(&path, &owner.get_once(&path));
    }
    let event = String::from_utf8(owner.get_once("/csrs/served/expiry.ics").body).unwrap();
    assert!(event.contains("\r\nPRODID:-//Acme Certificates//Acme Certificates "), "{event}");
    let form = owner.get("/csrs/served/pkcs12").form("/csrs/served/pkcs12").set("password", "wrong");
    page_has_none(owner.send(form.enter()));
    std::fs::write(console.data().join("csrs/damaged.pem"), "nothing").unwrap();
    for path in ["/csrs", "/csrs/damaged", "/nothing", "/static/nothing.css"] {
        has_none_of_our_name(path, &owner.get_once(path));
    }

    let licences = owner.get("/help").link("Licences of this software");
    assert!(owner.get(&licences).expect(200, "Licences of this software").main().contains("made with Signet"));
}

#[test]
fn pages_have_the_vendors_name_pictures_colours_and_words() {
    let Some(vendor) = Vendor::new() else { return };
    let console = Console::listening_at(&[], &vendor.config());
    let mut owner = console.set_up();
    let page = owner.get("/csrs");
    assert_eq!(page.texts("title"), ["Certificate Signing Requests – Acme Certificates"]);
    assert!(page.texts("a.brand")[0].starts_with("Acme Certificates"), "{:?}", page.texts("a.brand"));
    let attribute = |selector: &str, name: &str| {
        let html = page.html();
        let found = html.select(&parse(selector)).next().unwrap_or_else(|| panic!("no {selector}"));
        found.attr(name).unwrap().to_owned()
    };
    let policy = "default-src 'none'; sandbox; frame-ancestors 'none'";
    for (path, kind, stem) in [
        (attribute("a.brand img", "src"), "image/svg+xml; charset=utf-8", "logo-"),
        (attribute("a.brand source", "srcset"), "image/svg+xml; charset=utf-8", "logo-dark-"),
        (attribute("link[rel=icon]", "href"), "image/png", "favicon-"),
    ] {
        assert!(path.starts_with(&format!("/static/{stem}")), "{path}");
        let answer = console.browser().get_once(&path);
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        assert_eq!((answer.status, header("content-type")), (200, kind.to_owned()), "{path}");
        assert_eq!(
            (header("content-security-policy"), header("x-content-type-options")),
            (policy.into(), "nosniff".into())
        );
        assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
    }
    assert_eq!(attribute("link[rel=icon]", "type"), "image/png");
    let sheets: Vec<String> =
        page.html().select(&parse("link[rel=stylesheet]")).map(|link| link.attr("href").unwrap().to_owned()).collect();
    let [own, colours] = &*sheets else { panic!("{sheets:?}") };
    assert!(own.starts_with("/static/style-") && colours.starts_with("/static/colours-"), "{sheets:?}");
    let css = String::from_utf8(console.browser().get_once(colours).body).unwrap();
    assert!(css.contains("--brand: light-dark(#003b71, #8ec5ff)"), "{css}");
    assert!(!page.source().contains("style="), "colours come by the sheet alone");
    assert_eq!(attribute("footer a", "href"), "https://support.acme.example/nas?a=1&b=2");
    assert_eq!(page.texts("footer a"), ["Ask Acme"]);

    let help = owner.get("/help").expect(200, "Help").main();
    assert!(help.contains("Call us") && !help.contains("How it works"), "{help}");
    let mut stranger = console.browser();
    let form = stranger.get("/login").form("/login").set("password", "not the password");
    let refused = stranger.send(form.enter()).at_field("password");
    assert!(refused.contains("If the password is lost, press the button Reset."), "{refused}");
    wizard::make(&mut owner, "nas", "https-ecc");
    assert!(owner.get("/csrs/nas").source().contains(">acme-certs "), "the command line");
}

#[test]
fn a_name_alone_changes_only_the_name() {
    let Some(_) = Vendor::new() else { return };
    let console = Console::listening_at(&[], MINIMAL);
    let page = console.browser().get("/login");
    assert!(page.texts("title")[0].ends_with("Acme Certificates"));
    assert_eq!(page.html().select(&parse("link[rel=stylesheet]")).count(), 1);
    assert_eq!(page.html().select(&parse("footer, a.brand img")).count(), 0);
    assert_eq!(page.html().select(&parse("a.brand .seal")).count(), 1);
    let (plain, _) = Console::owned();
    let page = plain.browser().get("/login");
    assert_eq!(page.texts("title"), ["Log in – Signet"]);
}

#[test]
fn a_first_request_begins_with_the_devices_defaults() {
    let defaults = "[subject.defaults]\ncountry = \"AT\"\norganization = \"Acme & Söhne\"\nstate = \"Wien\"\n";
    let console = Console::listening_at(&[], defaults);
    let mut owner = console.set_up();
    let form = wizard::to_subject(&mut owner, "nas", "https-ecc").step();
    assert_eq!((&*form.value("country"), &*form.value("organization")), ("AT", "Acme & Söhne"));
    assert_eq!((&*form.value("state"), &*form.value("city")), ("Wien", ""));
    let create = |name: &str, more: &[&str]| {
        let name = format!("--name={name}");
        let who = ["csr", "create", "--key-type=EC", "--city=Wien", "--email=a@nas.local", "--san=nas.local"];
        console.run([&who[..], &[&*name], more].concat())
    };
    create("one", &[]).worked();
    create("two", &["--country=DE", "--state=Berlin"]).worked();
    let shown = |name: &str| console.run(["csr", "show", name]).worked();
    assert!(shown("one").contains("Acme & Söhne") && shown("one").contains("AT"), "{}", shown("one"));
    assert!(shown("two").contains("Berlin") && !shown("two").contains("Wien\n  "), "{}", shown("two"));
    // An empty flag is an answer, too: here a state is required.
    assert_ne!(create("three", &["--state="]).code, 0);
    // The next request begins with the last one, not with the defaults.
    let form = wizard::to_subject(&mut owner, "next", "https-ecc").step();
    assert_eq!(form.value("country"), "DE");
    assert!(owner.get("/csrs/one").source().contains("--country=AT"));
}
