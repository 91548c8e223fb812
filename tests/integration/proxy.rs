//! Behind the device's own web server: addresses, origin, cookies and links, and proxies that do it wrong.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, Ran, run, signet};
use crate::harness::origin::Answer;
use crate::harness::proxied::Proxied;
use crate::harness::serving::Serving;
use crate::harness::unprivileged::{Unprivileged, is_root};
use crate::harness::wizard;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Command;

const BASE: &str = "/certificates";
const HOST: &str = "nas.example.com";

/// A console behind a proxy that passes on what it should, and a browser at that proxy.
fn behind(base_path: &str, more: &str) -> (Console, Browser) {
    let config = format!("[proxy]\ntrusted = [\"unix\"]\nbase_path = \"{base_path}\"\n{more}\n");
    let console = Console::listening_at(&["unix:SOCKET"], &config);
    let browser = browser_of(&console, base_path, "X-Forwarded-For: 192.0.2.7\r\n");
    (console, browser)
}

fn browser_of(console: &Console, base_path: &str, headers: &str) -> Browser {
    let mut browser = console.browser();
    browser.origin.proxied = Some(Proxied {
        socket: console.socket(),
        host: HOST.to_owned(),
        base_path: base_path.to_owned(),
        headers: headers.to_owned(),
    });
    browser
}

fn set_up(console: &Console, browser: &mut Browser) {
    let page = browser.get("/").expect(200, "Set up this console");
    assert!(page.texts("dl.facts").is_empty(), "no fingerprint of a certificate that nobody sees");
    assert!(page.main().contains("Check the address"), "{}", page.main());
    let form = page.form("/setup").set("setup_code", &console.said("Setup code"));
    let sent = form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter();
    browser.send(sent).expect(200, "Certificate Signing Requests");
}

fn guess(browser: &mut Browser, password: &str) -> u16 {
    let form = browser.get("/login").form("/login").set("password", password);
    browser.send(form.enter()).status
}

/// The sources of the log's lines, newest last.
fn logged(console: &Console) -> String {
    console.run(["audit", "--json"]).worked()
}

/// What comes back for bytes sent as they are.
fn raw(console: &Console, request: &str) -> Answer {
    let mut socket = UnixStream::connect(console.socket()).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    crate::harness::origin::read_answer(&mut socket, false).unwrap()
}

#[test]
fn every_page_of_a_walk_is_below_the_base_path() {
    for base_path in [BASE, "/apps/tls_1.0~x", ""] {
        let (console, mut browser) = behind(base_path, "");
        set_up(&console, &mut browser);
        wizard::make(&mut browser, "nas", "https-ecc");
        for path in [
            "/csrs",
            "/csrs?q=nas",
            "/csrs/nas",
            "/csrs/nas/key",
            "/csrs/nas/certificate",
            "/csrs/nas/delete",
            "/reply",
            "/console",
            "/account",
            "/audit",
            "/help",
            "/wizard",
        ] {
            browser.get(path);
        }
        browser.get("/nothing").expect(404, "Error: Page not found");
        browser.get("/static/nothing.css").expect(404, "Error: Page not found");
        let style = browser
            .get("/csrs")
            .html()
            .select(&crate::harness::page::parse("link[rel=stylesheet]"))
            .next()
            .unwrap()
            .attr("href")
            .unwrap()
            .to_owned();
        assert_eq!(browser.get_once(&style).status, 200);
        let download = browser.get_once("/csrs/nas/download");
        assert!(download.body.starts_with(b"-----BEGIN CERTIFICATE REQUEST-----"));
        // The login stands in for a page, and leads back to it.
        let mut other = browser_of(&console, base_path, "X-Forwarded-For: 192.0.2.8\r\n");
        let page = other.get("/csrs/nas/key").expect(200, "Log in");
        let page = other.send(page.form("/login").set("password", PASSWORD).enter());
        assert_eq!((page.status, page.path.as_str()), (200, "/csrs/nas/key"));
    }
}

#[test]
fn nothing_is_tried_where_the_browser_does_not_see_it() {
    let (console, mut browser) = behind(BASE, "");
    set_up(&console, &mut browser);
    let page = browser.get("/console");
    assert!(page.main().contains("You are connected through this device's web server"), "{}", page.main());
    wizard::make(&mut browser, "nas", "https-ecc");
    let trial = browser.get("/csrs/nas/try");
    assert!(trial.html().select(&crate::harness::page::parse("form[action$='/try']")).next().is_none());
    // At its own port the same console has its fingerprints, and its session is another one.
    let own = console.browser().get("/").expect(200, "Log in");
    assert_eq!(own.path, "/login");
}

#[test]
fn a_guesser_waits_and_the_owner_does_not_whoever_both_come_by() {
    let (console, mut owner) = behind(BASE, "");
    set_up(&console, &mut owner);
    let mut guesser = browser_of(&console, BASE, "X-Forwarded-For: 203.0.113.66\r\n");
    let guesses: Vec<u16> = (0..4).map(|_| guess(&mut guesser, "a wrong password")).collect();
    assert!(guesses.contains(&429), "{guesses:?}");
    // The same words with whatever a stranger puts before what the proxy adds.
    for forged in
        ["192.0.2.7, 203.0.113.66", "192.0.2.7,,203.0.113.66", &format!("{}203.0.113.66", "192.0.2.7, ".repeat(100))]
    {
        let mut same =
            browser_of(&console, BASE, &format!("X-Forwarded-For: {forged}\r\nForwarded: for=192.0.2.7\r\n"));
        assert_eq!(guess(&mut same, PASSWORD), 429, "{forged}");
    }
    owner.get("/csrs").expect(200, "Certificate Signing Requests");
    let mut other = browser_of(&console, BASE, "X-Forwarded-For: 192.0.2.8\r\n");
    assert_eq!(guess(&mut other, PASSWORD), 200);
    let log = logged(&console);
    assert!(log.contains("203.0.113.66") && log.contains("192.0.2.8"), "{log}");
}

#[test]
fn a_guesser_of_the_owners_ipv6_lan_waits_and_the_owner_does_not() {
    let (console, mut owner) = behind(BASE, "");
    set_up(&console, &mut owner);
    for (guesser, owner) in [("2001:db8::66", "2001:db8::7"), ("fe80::66", "fe80::7")] {
        let at = |address: &str| browser_of(&console, BASE, &format!("X-Forwarded-For: {address}\r\n"));
        let guesses: Vec<u16> = (0..12).map(|_| guess(&mut at(guesser), "a wrong password")).collect();
        assert!(guesses.contains(&429), "{guesses:?}");
        assert_eq!(guess(&mut at(owner), PASSWORD), 200, "{owner}");
    }
}

#[test]
fn what_a_stranger_says_at_the_consoles_own_port_is_not_believed() {
    let console = Console::listening_at(&[], "[proxy]\ntrusted = [\"192.0.2.1\"]\nbase_path = \"/certificates\"\n");
    let mut owner = console.set_up();
    let get = owner.head("GET", "/healthz", &[("X-Forwarded-For", "192.0.2.7"), ("Forwarded", "for=192.0.2.7")]);
    assert_eq!(owner.exchange(get.into_bytes()).status, 200);
    let form = console.browser().get("/login").form("/login").set("password", "a wrong password").enter();
    let body = String::from_utf8(form.body).unwrap();
    let mut stranger = console.browser();
    let token = stranger.get("/login").form("/login").set("password", "a wrong password").enter();
    assert!(!body.is_empty() && !token.body.is_empty());
    let length = token.body.len().to_string();
    let head = stranger.head(
        "POST",
        "/login",
        &[
            ("X-Forwarded-For", "192.0.2.7"),
            ("Forwarded", "for=192.0.2.7"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", &length),
        ],
    );
    assert_eq!(stranger.exchange([head.as_bytes(), &token.body].concat()).status, 422);
    let log = logged(&console);
    assert!(!log.contains("192.0.2.7") && log.contains("127.0.0.1"), "{log}");
    assert!(owner.jar.session().starts_with("__Host-"), "no base path here");
}

#[test]
fn garbage_about_a_visitor_is_the_proxys_own_and_hurts_nobody() {
    let (mut console, mut owner) = behind(BASE, "");
    set_up(&console, &mut owner);
    let many = "10.0.0.1, ".repeat(1_000);
    for garbage in ["", ",,,,", "unknown", "\u{fc}", "<script>", "999.1.1.1", "[::1", &format!("{many}x")] {
        let request = format!(
            "GET {BASE}/login HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: {garbage}\r\nConnection: close\r\n\r\n"
        );
        assert_eq!(raw(&console, &request).status, 200, "{garbage}");
    }
    let lines = "X-Forwarded-For: 192.0.2.66\r\n".repeat(90);
    let request = format!("GET {BASE}/healthz HTTP/1.1\r\nHost: {HOST}\r\n{lines}Connection: close\r\n\r\n");
    assert_eq!(raw(&console, &request).status, 200);
    let mut unknown = browser_of(&console, BASE, "X-Forwarded-For: unknown\r\n");
    assert_eq!(guess(&mut unknown, "a wrong password"), 422);
    assert!(logged(&console).contains("127.0.0.1"));
    console.lives();
}

#[test]
fn a_proxy_that_takes_the_base_path_away_works_and_one_that_adds_it_twice_gets_a_page_that_says_so() {
    let (console, mut browser) = behind(BASE, "");
    set_up(&console, &mut browser);
    let get = |path: &str| raw(&console, &format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"));
    let stripped = get("/csrs/nas");
    assert_eq!((stripped.status, stripped.header("location")), (303, Some("/certificates/login?next=%2Fcsrs%2Fnas")));
    assert_eq!(get("/login").status, 200);
    for path in [BASE, "/certificates/"] {
        assert_eq!(get(path).header("location"), Some("/certificates/login"), "{path}");
    }
    let twice = get("/certificates/certificates/login");
    let page = String::from_utf8(twice.body).unwrap();
    assert_eq!(twice.status, 404);
    assert!(page.contains("contains /certificates twice") && page.contains("href=\"/certificates/\""), "{page}");
    let else_where = get("/certificatesx/login");
    assert_eq!(else_where.status, 404);
}

#[test]
fn a_proxy_that_changes_host_works_with_a_public_url_and_for_browsers_that_say_where_they_are() {
    for (public_url, site, status) in [
        ("public_url = \"https://nas.example.com/certificates\"", "", 200),
        ("", "Sec-Fetch-Site: same-origin\r\n", 200),
        ("", "", 403),
    ] {
        let (console, mut browser) = behind(BASE, public_url);
        set_up(&console, &mut browser);
        let form = browser.get("/account").form("/logout").enter();
        let cookie = browser.jar.header("/logout").unwrap();
        let body = String::from_utf8(form.body).unwrap();
        let request = format!(
            "POST {BASE}/logout HTTP/1.1\r\nHost: localhost\r\nOrigin: https://{HOST}\r\n{site}Cookie: {cookie}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let expected = if status == 200 { 303 } else { status };
        assert_eq!(raw(&console, &request).status, expected, "{public_url} {site}");
    }
    // A public URL is the only one.
    let (console, mut browser) = behind("", "public_url = \"https://other.example.com\"");
    let page = browser.get("/").form("/setup").set("setup_code", &console.said("Setup code"));
    let page = browser.send(page.set("password", PASSWORD).set("password_confirm", PASSWORD).enter());
    assert_eq!(page.status, 403);
    assert!(page.main().contains("Open the console at https://other.example.com/ instead."), "{}", page.main());
}

#[test]
fn a_proxy_that_drops_cookies_gets_a_page_that_says_so() {
    let (console, mut browser) = behind(BASE, "");
    set_up(&console, &mut browser);
    let mut other = browser_of(&console, BASE, "");
    let form = other.get("/login").form("/login").set("password", PASSWORD).enter();
    let mut without = browser_of(&console, BASE, "");
    let page = without.send(form).expect(403, "Error: This form was not accepted");
    assert!(page.main().contains("did not send the console's cookie"), "{}", page.main());
    assert!(page.main().contains("must pass cookies on unchanged"), "{}", page.main());
}

#[test]
fn two_consoles_at_one_host_name_do_not_end_each_others_sessions() {
    let (first, mut browser) = Console::owned();
    let (second, mut other) = Console::owned();
    assert_ne!(browser.jar.session(), other.jar.session());
    // One jar for both, as a browser keeps for one host name.
    let cookie = format!(
        "{}={}; Path=/; Secure; HttpOnly; SameSite=Strict",
        other.jar.session(),
        other.jar.value(&other.jar.session())
    );
    browser.jar.take(&cookie);
    browser.get("/csrs").expect(200, "Certificate Signing Requests");
    browser.origin = second.origin.clone();
    browser.get("/csrs").expect(200, "Certificate Signing Requests");
    browser.origin = first.origin.clone();
    let form = browser.get("/csrs").form("/logout").enter();
    browser.send(form).expect(200, "Log in");
    browser.origin = second.origin.clone();
    browser.get("/csrs").expect(200, "Certificate Signing Requests");
    other.get("/csrs").expect(200, "Certificate Signing Requests");
}

#[test]
fn plain_http_on_loopback_is_for_trusted_addresses() {
    let console = Console::listening_at(&["http://127.0.0.1:0"], "[proxy]\ntrusted = [\"127.0.0.1\"]\n");
    let plain = console.said("For proxies");
    let mut stream = TcpStream::connect(plain.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200") && answer.ends_with("ok\n"), "{answer}");
}

fn serve(config: &str, arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("signet.toml"), config).unwrap();
    run(signet(&data).arg("serve").args(arguments), b"")
}

#[test]
fn a_place_where_nobody_is_trusted_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let socket = format!("unix:{}", folder.path().join("s").display());
    let (what, fix) = serve("", &["--listen", &socket]).refused(78);
    assert!(what.contains("is for trusted proxies") && what.contains("\"unix\""), "{what}");
    assert!(fix.contains("[proxy]"), "{fix}");
    let (what, _) = serve("[proxy]\ntrusted = [\"unix\"]\n", &["--listen", "http://127.0.0.1:0"]).refused(78);
    assert!(what.contains("\"127.0.0.1\""), "{what}");
    // Whoever connects there comes from 127.0.0.1.
    let (what, _) = serve("[proxy]\ntrusted = [\"127.0.0.2\"]\n", &["--listen", "http://127.0.0.2:0"]).refused(78);
    assert!(what.contains("does not have \"127.0.0.1\""), "{what}");
    let ran = serve("", &["--listen", "http://0.0.0.0:0"]);
    assert_eq!(ran.code, 64);
    assert!(ran.err.contains("not on loopback"), "{}", ran.err);
    let (what, _) = serve("[proxy]\ntrusted = [\"unix\"]\n", &["--listen", "unix:/no/such/folder/s"]).refused(69);
    assert!(what.contains("/no/such/folder/s"), "{what}");
}

#[test]
fn the_socket_is_its_owners_and_its_groups() {
    let (console, _) = behind("", "");
    let mode = std::fs::metadata(console.socket()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o660);
    assert_eq!(console.said("For proxies"), format!("unix:{}", console.socket().display()));
}

#[test]
fn in_the_folder_of_the_document_the_console_binds_the_web_server_connects_and_nobody_else_does() {
    if !is_root() {
        return signet_testing::skip("only root can give a folder to the console's user");
    }
    let user = Unprivileged::new();
    let (data, folder) = (user.at("data"), user.at("run"));
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("signet.toml"), "[proxy]\ntrusted = [\"unix\"]\n").unwrap();
    user.owns(&data);
    // As the document says, with a user and a group that are on every machine.
    let document = include_str!("../../docs/integration.md");
    let recipe = document.split('`').find(|code| code.starts_with("install -d ")).unwrap();
    let words = recipe.split_whitespace().skip(1).map(|word| match word {
        "signet" => "65534",
        "www-data" => "33",
        "/run/signet" => folder.to_str().unwrap(),
        word => word,
    });
    assert!(Command::new("install").args(words).status().unwrap().success());
    let socket = folder.join("signet.sock");
    let _console = Serving::at(&data, &format!("unix:{}", socket.display()));
    let healthz = |ids: [&str; 2]| {
        let mut command = Command::new("setpriv");
        command.args(ids).args(["--clear-groups", "curl", "-sS", "--unix-socket"]);
        let ran = run(command.arg(&socket).arg("http://localhost/healthz"), b"");
        (String::from_utf8(ran.out).unwrap(), ran.err)
    };
    assert_eq!(healthz(["--reuid=33", "--regid=33"]), ("ok\n".to_owned(), String::new()));
    let (answer, error) = healthz(["--reuid=65533", "--regid=65533"]);
    assert!(answer.is_empty() && !error.is_empty(), "{answer} {error}");
}

#[test]
fn a_crowd_at_the_proxy_keeps_nobody_out_but_itself() {
    let (mut console, mut owner) = behind(BASE, "");
    set_up(&console, &mut owner);
    let begun = format!(
        "POST {BASE}/login HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: 203.0.113.66\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 60000\r\n\r\npassword="
    );
    let mut crowd: Vec<UnixStream> = (0..300)
        .map(|_| {
            let mut socket = UnixStream::connect(console.socket()).unwrap();
            socket.write_all(begun.as_bytes()).unwrap();
            socket
        })
        .collect();
    let refused = crate::harness::origin::read_answer(crowd.last_mut().unwrap(), false).unwrap();
    assert_eq!(refused.status, 503, "128 of them are this visitor's share");
    owner.get("/csrs").expect(200, "Certificate Signing Requests");
    let mut newcomer = browser_of(&console, BASE, "X-Forwarded-For: 192.0.2.9\r\n");
    assert_eq!(guess(&mut newcomer, PASSWORD), 200);
    drop(crowd);
    console.lives();
}
