//! What no browser on our pages sends: each gets a 4xx, as a page wherever the head can be read, and the console lives.

use crate::harness::browser::Browser;
use crate::harness::console::Console;
use crate::harness::origin::Answer;
use crate::harness::wizard;
use std::io::{Read, Write};

const FORM: &str = "application/x-www-form-urlencoded";

/// An owner at the subject's step, and that step's form as a body.
fn at_a_form() -> (Console, Browser, String) {
    let (console, mut browser) = Console::owned();
    let page = wizard::to_subject(&mut browser, "nas", "https-ecc");
    let body = wizard::subject(&page).press("next").body;
    (console, browser, String::from_utf8(body).unwrap())
}

fn is_a_page(answer: &Answer, status: u16, what: &str) {
    let body = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, status, "{what}: {body}");
    assert!(body.contains("<title>Error: ") && body.contains("</html>"), "{what}: {body}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{what}");
}

fn has_no_panic(console: &mut Console) {
    console.lives();
    let log = String::from_utf8_lossy(&console.log()).into_owned();
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn forms_that_no_page_sends_are_refused_as_a_page() {
    let (mut console, mut browser, body) = at_a_form();
    let many: String = (0..100).map(|number| format!("&x{number}=")).collect();
    let cases: Vec<(&str, String)> = vec![
        ("an unknown field", format!("{body}&admin=1")),
        ("a field of another step", format!("{body}&key_type=RSA")),
        ("a field twice", format!("{body}&state=Hesse")),
        ("the token twice", format!("{body}&csrf_token=x")),
        ("too many fields", format!("{body}{many}")),
        ("bytes that are not UTF-8, written as such", body.replace("Bavaria", "Bav%FFaria")),
        ("an overlong encoding", body.replace("Bavaria", "%C0%AFBavaria")),
        ("half a surrogate", body.replace("Bavaria", "%ED%A0%80")),
        ("no draft", body.replace("draft=", "other=")),
        ("a draft that is no id", body.replace("draft=", "draft=..%2F")),
    ];
    for (what, body) in cases {
        is_a_page(&browser.post_once("/wizard/subject", FORM, body.as_bytes()), 400, what);
    }
    let mut raw = body.clone().into_bytes();
    raw.extend_from_slice(b"\xff\xfe");
    is_a_page(&browser.post_once("/wizard/subject", FORM, &raw), 400, "raw bytes that are not UTF-8");
    for kind in ["", "text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary="] {
        is_a_page(&browser.post_once("/wizard/subject", kind, body.as_bytes()), 400, kind);
    }
    // A ticked box says `on` and nothing else.
    let page = browser.send(browser.clone().get("/wizard/subject").step().press("back"));
    assert_eq!(page.status, 200);
    let page = browser.get("/wizard/subject");
    let page = browser.send(wizard::subject(&page).press("next")).expect(200, "Extra Constraints");
    let sent = page.step().smuggle("bc_ca", "1").press("next");
    is_a_page(&browser.send_once(sent), 400, "a box that says something else");
    // And the draft is still there.
    browser.get("/wizard/constraints").expect(200, "Extra Constraints");
    has_no_panic(&mut console);
}

#[test]
fn broken_forms_with_files_are_refused_as_a_page() {
    let (mut console, mut browser) = Console::owned();
    let page = wizard::to_import(&mut browser, "nas");
    let whole = page.step().press("next");
    let text = String::from_utf8(whole.body.clone()).unwrap();
    let boundary = whole.content_type.split_once("boundary=").unwrap().1.to_owned();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("no end", text.trim_end().strip_suffix("--").unwrap().into()),
        ("half of it", text[..text.len() / 2].into()),
        ("another boundary", text.replace(&boundary, "other").into()),
        ("a part without a name", text.replacen("; name=\"csrf_token\"", "", 1).into()),
        ("a field twice", text.replacen("name=\"passphrase_confirm\"", "name=\"passphrase\"", 1).into()),
        ("an unknown file", text.replacen("name=\"private_key_file\"", "name=\"other_file\"", 1).into()),
        (
            "text that is not UTF-8",
            [
                b"--".as_slice(),
                boundary.as_bytes(),
                b"\r\nContent-Disposition: form-data; name=\"passphrase\"\r\n\r\n\xff\r\n--",
                boundary.as_bytes(),
                b"--\r\n",
            ]
            .concat(),
        ),
    ];
    for (what, body) in cases {
        let answer = browser.post_once("/wizard/import", &whole.content_type, &body);
        assert!((400..500).contains(&answer.status), "{what}: {}", answer.status);
        // An unknown file that is empty is no mistake of a visitor's, and yet no field of the page.
        let status = if answer.status == 403 { 403 } else { 400 };
        is_a_page(&answer, status, what);
    }
    browser.send(whole).expect(422, "Error: Import request");
    has_no_panic(&mut console);
}

#[test]
fn bodies_over_the_bound_are_read_to_their_end_so_that_the_page_is_seen() {
    let (mut console, mut browser, body) = at_a_form();
    for (path, bound) in [("/wizard/subject", 64), ("/wizard/import", 256)] {
        for more in [1, 1024 * 1024] {
            let body = format!("{body}&x={}", "a".repeat(bound * 1024 + more - body.len() - 3));
            is_a_page(&browser.post_once(path, FORM, body.as_bytes()), 413, path);
        }
        // Exactly as much as may be: refused for what is in it.
        let body = format!("{body}&x={}", "a".repeat(bound * 1024 - body.len() - 3));
        assert_ne!(browser.post_once(path, FORM, body.as_bytes()).status, 413, "{path}");
    }
    // A promise of far too much is not waited for.
    let length = (1u64 << 40).to_string();
    let request = browser.head("POST", "/wizard/subject", &[("Content-Type", FORM), ("Content-Length", &length)]);
    is_a_page(&browser.exchange(request.into_bytes()), 413, "a tebibyte that never comes");
    has_no_panic(&mut console);
}

#[test]
fn heads_that_no_browser_sends_are_refused() {
    let (mut console, mut browser, body) = at_a_form();
    let host = console.origin.authority();
    let long = "a".repeat(80 * 1024);
    let length = format!("Content-Type: {FORM}\r\nContent-Length: {}", body.len());
    // What cannot be read as a head gets a bare status, or (0) an end of the connection; all else gets a page.
    let cases: Vec<(&str, String, u16, bool)> = vec![
        ("no Host", "GET /login HTTP/1.1\r\n\r\n".into(), 400, true),
        ("two Hosts", format!("GET /login HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"), 400, true),
        ("a Host that is none", "GET /login HTTP/1.1\r\nHost: a b\r\n\r\n".into(), 400, true),
        ("a Host with a user", "GET /login HTTP/1.1\r\nHost: user@nas\r\n\r\n".into(), 400, true),
        ("a head over 64 KiB", format!("GET /login HTTP/1.1\r\nHost: {host}\r\nX: {long}\r\n\r\n"), 431, false),
        ("a path over 64 KiB", format!("GET /{long} HTTP/1.1\r\nHost: {host}\r\n\r\n"), 431, false),
        (
            "a chunked body",
            format!("POST /login HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            411,
            true,
        ),
        (
            "a chunked body with a length",
            format!("POST /login HTTP/1.1\r\nHost: {host}\r\n{length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            411,
            true,
        ),
        ("no length", format!("POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Type: {FORM}\r\n\r\n"), 411, true),
        (
            "a length of letters",
            format!("POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: x\r\n\r\n"),
            400,
            false,
        ),
        ("a length below 0", format!("POST /login HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n"), 400, false),
        ("no request", "hello\r\n\r\n".into(), 400, false),
        ("zero bytes", "\0\0\0\0\r\n\r\n".into(), 400, false),
        ("another version", format!("GET / HTTP/9.9\r\nHost: {host}\r\n\r\n"), 400, false),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), 0, false),
        ("a header without a name", format!("GET / HTTP/1.1\r\nHost: {host}\r\n: x\r\n\r\n"), 400, false),
        ("a folded header", format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: a\r\n b\r\n\r\n"), 400, false),
        ("a path outside", format!("GET /csrs/../../etc/passwd HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404, true),
        ("an encoded path", format!("GET /csrs/%2e%2e%2fowner HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404, true),
        ("a whole address", format!("GET https://evil.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n"), 303, false),
        ("a proxy's request", format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404, true),
        ("all of it", format!("OPTIONS * HTTP/1.1\r\nHost: {host}\r\n\r\n"), 404, true),
    ];
    for (what, request, status, page) in cases {
        match console.origin.exchange(request.as_bytes(), true) {
            Some(answer) if page => is_a_page(&answer, status, what),
            answer => assert_eq!(answer.map_or(0, |answer| answer.status), status, "{what}"),
        }
    }
    // Bytes that are no text in a header, and no TLS at all.
    let request = [b"GET /login HTTP/1.1\r\nHost: n\xffs\r\n\r\n".as_slice()].concat();
    is_a_page(&console.origin.exchange(&request, true).unwrap(), 400, "a Host that is no text");
    let mut plain = std::net::TcpStream::connect(console.origin.address).unwrap();
    let _ = std::io::Write::write_all(&mut plain, b"GET / HTTP/1.1\r\nHost: nas\r\n\r\n");
    let _ = std::io::Read::read_to_end(&mut plain, &mut Vec::new());
    browser.get("/wizard/subject").expect(200, "Certificate Subject");
    has_no_panic(&mut console);
}

/// All that the console says to these bytes until it closes.
fn all_said(console: &Console, bytes: &[u8]) -> String {
    let mut connection = console.origin.connect();
    let _ = connection.write_all(bytes).and_then(|()| connection.flush());
    let mut said = Vec::new();
    // It may end without a word of TLS; what came before is what counts.
    let _ = connection.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// What follows an unread body would be a request: of whoever shares a connection, or of nobody.
#[test]
fn an_answer_before_the_body_was_read_closes_the_connection_and_what_follows_is_no_request() {
    let (mut console, browser, _) = at_a_form();
    let host = console.origin.authority();
    let cookies = browser.jar.header("/wizard/subject").unwrap();
    let follows = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let length = format!("Content-Length: {}\r\n", follows.len());
    let form = format!("Content-Type: {FORM}\r\n");
    let post = |path: &str, headers: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\n{headers}\r\n")
    };
    let chunked = "Transfer-Encoding: chunked\r\n";
    let chunk = format!("{:x}\r\n{follows}\r\n0\r\n\r\n", follows.len());
    let far_too_long = format!("{form}Content-Length: {}\r\n", 8 << 20);
    let cases: Vec<(&str, String, u16)> = vec![
        ("identity", post("/wizard/subject", "Transfer-Encoding: identity\r\n"), 400),
        ("an unknown coding", post("/wizard/subject", "Transfer-Encoding: xchunked\r\n"), 400),
        ("a coding after chunked", post("/wizard/subject", "Transfer-Encoding: chunked, gzip\r\n"), 400),
        ("chunked", post("/wizard/subject", chunked) + "0\r\n\r\n", 411),
        ("chunked with a body", post("/wizard/subject", chunked) + &chunk, 411),
        ("chunked twice", post("/wizard/subject", "Transfer-Encoding: chunked, chunked\r\n") + "0\r\n\r\n", 411),
        ("chunked in two lines", post("/wizard/subject", &chunked.repeat(2)) + "0\r\n\r\n", 411),
        ("gzip and chunked", post("/wizard/subject", "Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 411),
        ("a length and chunked", post("/wizard/subject", &format!("{length}{chunked}")) + "0\r\n\r\n", 411),
        ("chunked and a length", post("/wizard/subject", &format!("{chunked}{length}")) + "0\r\n\r\n", 411),
        ("two lengths", post("/wizard/subject", "Content-Length: 0\r\nContent-Length: 5\r\n"), 400),
        ("too long to be read", post("/wizard/subject", &far_too_long), 413),
        ("a foreign form", post("/wizard/subject", &format!("{form}{length}Origin: https://evil.example\r\n")), 403),
        ("no page", post("/nowhere", &format!("{form}{length}")), 404),
        ("a page that takes no form", post("/csrs", &format!("{form}{length}")), 405),
        ("two hosts", post("/login", &format!("Host: {host}\r\n{length}")), 400),
        ("a method of none", post("/login", &length).replacen("POST", "PATCH", 1), 405),
        ("a chunked GET", format!("GET /login HTTP/1.1\r\nHost: {host}\r\n{chunked}\r\n0\r\n\r\n"), 411),
        ("a GET with a body, to no page", format!("GET /nowhere HTTP/1.1\r\nHost: {host}\r\n{length}\r\n"), 404),
        ("a head over the bound", format!("GET /login HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(80 * 1024)), 431),
    ];
    for (what, request, status) in cases {
        let said = all_said(&console, format!("{request}{follows}{follows}").as_bytes());
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {said}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{what} has two answers: {said}");
        let (head, _) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.to_ascii_lowercase().contains("\r\nconnection: close"), "{what} does not say so: {head}");
    }
    // A body that was read costs no connection: mistakes in a form are everyday.
    let body = "password=wrong";
    let whole = format!("{form}Content-Length: {}\r\n", body.len());
    let said = all_said(
        &console,
        format!("{}{body}{}", post("/login", &whole), follows.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
            .as_bytes(),
    );
    assert!(said.starts_with("HTTP/1.1 403 ") && said.ends_with("ok\n"), "{said}");
    has_no_panic(&mut console);
}

#[test]
fn cookies_that_are_not_ours_open_nothing() {
    let (mut console, mut browser, body) = at_a_form();
    let name = browser.jar.session();
    let session = browser.jar.value(&name).to_owned();
    let long = "a".repeat(8 * 1024);
    let host = console.origin.authority();
    for cookie in [
        format!("{name}="),
        format!("{name}=short"),
        format!("{name}={long}"),
        format!("{name}=\"{session}\""),
        format!("{name}={}", session.to_uppercase()),
        format!("{name}=x; {name}={session}"),
        format!("{}={session}", name.to_lowercase()),
        format!("session={session}"),
        format!(";;;=;{session}"),
        format!("\u{fc}=\u{fc}; {name}=\u{fc}"),
    ] {
        let get = format!("GET /csrs HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        let answer = console.origin.exchange(get.as_bytes(), true).unwrap();
        assert_eq!((answer.status, answer.header("location")), (303, Some("/login")), "{cookie}");
        let head = format!("POST /wizard/subject HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n");
        let post = format!("{head}Content-Type: {FORM}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let answer = console.origin.exchange(post.as_bytes(), true).unwrap();
        assert_eq!(answer.status, 403, "{cookie}");
    }
    browser.jar.tamper(&name, |_| "x".repeat(43));
    browser.get("/csrs").expect(200, "Log in");
    has_no_panic(&mut console);
}

#[test]
fn paths_that_are_none_of_ours_are_a_404_page() {
    let (mut console, mut browser) = Console::owned();
    for path in [
        "/nowhere",
        "/csrs/",
        "/csrs//",
        "//csrs",
        "/csrs/a.b",
        "/csrs/-a",
        "/csrs/a/b",
        "/csrs/a/download/x",
        "/Wizard",
        "/wizard/",
        "/wizard/admin",
        "/login/",
        "/static/",
        "/static/../owner.json",
        "/static/signet.css",
        "/owner.json",
        "/.well-known/acme-challenge/x",
        "/csrs/%00",
        "/favicon.ico",
        "/healthz/x",
    ] {
        let page = browser.get(path).expect(404, "Error: Page not found");
        assert_eq!(page.link("Back to requests"), "/csrs", "{path} shows the way back");
    }
    has_no_panic(&mut console);
}
