//! Login links: made by root alone, good once, within a minute, for one console and its owner of the moment.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, run, signet};
use crate::harness::page::Page;
use crate::harness::serving::Serving;
use crate::harness::unprivileged::{Unprivileged, is_root};
use crate::harness::wizard::make;
use serde_json::Value;
use signet_pki::digest::sha256;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{PoisonError, RwLock};

const LIST: &str = "Certificate Signing Requests";
const FOLDER: &str = "/run/signet-tickets";
const FORM: &str = "application/x-www-form-urlencoded";

/// True where links can be made here.
fn is_possible() -> bool {
    if !is_root() {
        signet_testing::skip("only root makes login links");
    }
    is_root()
}

/// The token of a link.
/// Whoever makes a link removes the notes of late ones, of all consoles of the machine.
static NOTES: RwLock<()> = RwLock::new(());

fn made(console: &Console, arguments: &[&str]) -> String {
    let _sweeps = NOTES.read().unwrap_or_else(PoisonError::into_inner);
    let url = format!("https://{}", console.origin.authority());
    let ran = console.run(["owner", "ticket", "--json", "--url", &url].iter().chain(arguments));
    let said: Value = serde_json::from_str(&ran.worked()).unwrap();
    let link = said["link"].as_str().unwrap();
    link.strip_prefix(&format!("{url}/ticket?token=")).unwrap_or_else(|| panic!("{link}")).to_owned()
}

fn open(browser: &mut Browser, token: &str) -> Page {
    browser.get(&format!("/ticket?token={token}"))
}

/// Opens the link and presses its button.
fn log_in(browser: &mut Browser, token: &str) -> Page {
    let page = open(browser, token).expect(200, "Log in by link");
    browser.send(page.form("/ticket").enter())
}

#[track_caller]
fn is_refused(console: &Console, token: &str, why: &str) {
    let page = log_in(&mut console.browser(), token).expect(403, "Error: This link cannot be used");
    assert!(page.main().contains(why), "{}", page.main());
    assert_eq!(page.link("Log in with the password"), "/login");
}

fn lines(data: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(data.join(name)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Where root keeps the note of a ticket, computed as the document says.
fn note(data: &Path, token: &str) -> PathBuf {
    let json = |name: &str, line: usize| -> Value {
        let text = std::fs::read_to_string(data.join(name)).unwrap();
        let text = if line == 0 { text } else { text.lines().nth(line).unwrap().to_owned() };
        serde_json::from_str(&text).unwrap()
    };
    let generation = json("owner.json", 0)["generation"].as_u64().unwrap();
    let instance = json("serve.lock", 1)["instance"].as_str().unwrap().to_owned();
    let token = signet_domain::hex::decode(token).unwrap();
    let parts = [b"signet ticket 1\0".as_slice(), &token, &generation.to_be_bytes(), instance.as_bytes()].concat();
    Path::new(FOLDER).join(signet_domain::hex::lower(&sha256(&parts)))
}

#[test]
fn a_link_lets_its_holder_in_once_and_is_recorded() {
    if !is_possible() {
        return;
    }
    let (console, _) = Console::owned_and_talkative();
    let token = made(&console, &[]);
    let (mut preview, mut holder) = (console.browser(), console.browser());
    for _ in 0..3 {
        let page = open(&mut preview, &token).expect(200, "Log in by link");
        assert_eq!(page.answer.header("referrer-policy"), Some("strict-origin"));
        assert_eq!(page.answer.header("cache-control"), Some("no-store"));
    }
    let page = open(&mut holder, &token);
    let answer = holder.send_once(page.form("/ticket").enter());
    assert_eq!((answer.status, answer.header("location")), (303, Some("/csrs")));
    assert_eq!(answer.header("referrer-policy"), Some("strict-origin"));
    holder.get("/csrs").expect(200, LIST);
    is_refused(&console, &token, "used before");
    holder.get("/csrs").expect(200, LIST);
    let whats: Vec<Value> = lines(&console.data(), "audit.log").iter().map(|line| line["what"].clone()).collect();
    assert_eq!(whats, ["setup", "ticket", "ticket-login"]);
    assert_eq!(lines(&console.data(), "refused.log")[0]["what"], "ticket-refused");
    let seen: Vec<u8> = holder.seen.concat();
    assert!(String::from_utf8_lossy(&seen).contains(&token), "the form carries it");
    // Nowhere else.
    let kept = |path: PathBuf| std::fs::read(path).unwrap_or_default();
    let everywhere = [console.log(), kept(console.data().join("audit.log")), kept(console.data().join("serve.lock"))];
    assert!(!String::from_utf8_lossy(&everywhere.concat()).contains(&token));
}

#[test]
fn of_many_who_use_a_link_at_the_same_time_one_gets_in() {
    if !is_possible() {
        return;
    }
    let (console, _) = Console::owned();
    let token = made(&console, &[]);
    let pages: Vec<(Browser, Page)> = (0..6)
        .map(|_| {
            let mut browser = console.browser();
            let page = open(&mut browser, &token);
            (browser, page)
        })
        .collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let sent = pages
            .into_iter()
            .map(|(mut browser, page)| scope.spawn(move || browser.send_once(page.form("/ticket").enter()).status));
        sent.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 403).count(), 5, "{statuses:?}");
}

#[test]
fn nothing_but_a_note_that_only_root_could_write_lets_in() {
    if !is_possible() {
        return;
    }
    let (console, _) = Console::owned();
    let folder = std::fs::metadata(FOLDER).map(|found| found.permissions().mode() & 0o7777);
    let refused = |spoil: &dyn Fn(&Path)| {
        let token = made(&console, &[]);
        let note = note(&console.data(), &token);
        assert_eq!(std::fs::metadata(&note).unwrap().permissions().mode() & 0o7777, 0o644);
        spoil(&note);
        is_refused(&console, &token, "others than root");
        std::fs::remove_file(note).unwrap();
    };
    refused(&|note| chown(note, Some(65534), None).unwrap());
    refused(&|note| std::fs::set_permissions(note, PermissionsExt::from_mode(0o664)).unwrap());
    refused(&|note| std::fs::set_permissions(note, PermissionsExt::from_mode(0o646)).unwrap());
    refused(&|note| {
        let aside = note.with_extension("aside");
        std::fs::rename(note, &aside).unwrap();
        std::os::unix::fs::symlink(&aside, note).unwrap();
    });
    if let Ok(mode) = folder {
        assert_eq!(mode, 0o711);
    }
    // Another version's note, and half a note, are none.
    for json in [r#"{"version":2,"made_ms":0,"address":null,"key_export":false}"#, "{"] {
        let token = made(&console, &[]);
        std::fs::write(note(&console.data(), &token), json).unwrap();
        is_refused(&console, &token, "not valid");
    }
}

#[test]
fn another_password_and_a_restart_end_a_link() {
    if !is_possible() {
        return;
    }
    let (console, mut owner) = Console::owned();
    let token = made(&console, &[]);
    let form = owner.get("/account").form("/account/password").set("current_password", PASSWORD);
    let other = "another password of the owner";
    owner.send(form.set("password", other).set("password_confirm", other).enter());
    is_refused(&console, &token, "not valid");
    let token = made(&console, &[]);
    let console = console.kill_and_start_again();
    is_refused(&console, &token, "not valid");
    let token = made(&console, &[]);
    log_in(&mut console.browser(), &token).expect(200, LIST);
    let (elsewhere, _) = Console::owned();
    let token = made(&console, &[]);
    is_refused(&elsewhere, &token, "not valid");
}

#[test]
fn a_link_is_late_after_a_minute_and_for_one_address() {
    if !is_possible() {
        return;
    }
    let (console, _) = Console::owned();
    // A minute, moved instead of waited for: forth, and back from before the system's start.
    for (by, why) in [(-60_001, "expired"), (600_000, "expired")] {
        let token = made(&console, &[]);
        let path = note(&console.data(), &token);
        let mut json: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let moved = json["made_ms"].as_i64().unwrap().saturating_add(by);
        // A machine that was started just now cannot be a minute old.
        json["made_ms"] = moved.max(0).into();
        if moved < 0 {
            continue;
        }
        let _nobody_sweeps = NOTES.write().unwrap_or_else(PoisonError::into_inner);
        std::fs::write(&path, json.to_string()).unwrap();
        is_refused(&console, &token, why);
    }
    let token = made(&console, &["--for", "192.0.2.7"]);
    is_refused(&console, &token, "another address");
    let token = made(&console, &["--for", "127.0.0.1"]);
    log_in(&mut console.browser(), &token).expect(200, LIST);
    let detail = lines(&console.data(), "audit.log").into_iter().rfind(|line| line["what"] == "ticket").unwrap();
    assert_eq!(detail["detail"], "for 127.0.0.1");
}

#[test]
fn a_guess_is_refused_and_recorded() {
    let (mut console, mut owner) = Console::owned();
    let form = |browser: &mut Browser, token: &str| {
        let page = open(browser, &"0".repeat(64));
        let token = format!("csrf_token={}&token={token}", page.form("/ticket").value("csrf_token"));
        browser.post_once("/ticket", FORM, token.as_bytes()).status
    };
    let mut stranger = console.browser();
    for guess in
        ["", "0", &"0".repeat(64), &"F".repeat(64), "../owner.json", &"%2e%2e%2f".repeat(20), &"0".repeat(9000)]
    {
        assert_eq!(form(&mut stranger, guess), 403, "{guess}");
    }
    for path in ["/ticket", "/ticket?token=", &format!("/ticket?token={}", "0".repeat(65))] {
        let answer = stranger.get_once(path);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/login")), "{path}");
    }
    // Guesses at links keep nobody from the password.
    let login = stranger.get("/login").form("/login").set("password", PASSWORD).enter();
    stranger.send(login).expect(200, LIST);
    owner.get("/csrs").expect(200, LIST);
    console.terminate();
    let refused = lines(&console.data(), "refused.log");
    let counted: u64 = refused.iter().map(|line| line["count"].as_u64().unwrap_or(1)).sum();
    assert!(refused.iter().all(|line| line["what"] == "ticket-refused"), "{refused:?}");
    assert_eq!(counted, 7);
}

#[test]
fn only_root_makes_a_link_and_the_consoles_user_cannot() {
    if !is_possible() {
        return;
    }
    let user = Unprivileged::new();
    let data = user.at("data");
    let first = Console::first_boot();
    drop(first.set_up());
    assert!(Command::new("cp").arg("-a").arg(first.data()).arg(&data).status().unwrap().success());
    user.owns(&data);
    // Root starts it, and it goes on as the directory's owner.
    let console = Console::start_at(&data);
    let ran =
        run(crate::harness::console::signet(&data).args(["owner", "ticket", "--quiet", "--url", "https://x"]), b"");
    let link = ran.worked();
    let token = link.trim().strip_prefix("https://x/ticket?token=").unwrap().to_owned();
    let made = lines(&data, "audit.log").pop().unwrap();
    assert_eq!((&made["what"], &made["caller"]["uid"]), (&"ticket".into(), &0.into()));
    log_in(&mut console.browser(), &token).expect(200, LIST);
    // Its user.
    let line = ["owner", "ticket", "--url", "https://x"];
    let (what, fix) = run(user.signet(&data).args(line), b"").refused(77);
    assert!(what.contains("only root can make") && fix.contains("as root"), "{what} {fix}");
    // One that claims to have been started by root writes a line into its own log, and has no link.
    let claimed = format!("{}:", std::process::id());
    let ran = run(user.signet(&data).args(line).env("SIGNET_STARTED_BY", claimed).env("SIGNET_CALLED_BY", "0"), b"");
    assert!(ran.out.is_empty(), "{}", String::from_utf8_lossy(&ran.out));
    let as_user = |script: &str| {
        let mut command = Command::new("setpriv");
        let command = command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", script]);
        command.stderr(std::process::Stdio::null()).status().unwrap().success()
    };
    assert!(as_user("true"));
    for forbidden in [
        "echo x > /run/signet-tickets/0000",
        "ls /run/signet-tickets",
        "mv /run/signet-tickets /run/mine",
        "mkdir /run/mine",
    ] {
        assert!(!as_user(forbidden), "{forbidden}");
    }
}

#[test]
fn keys_ask_for_the_password_unless_root_said_otherwise() {
    if !is_possible() {
        return;
    }
    let (console, mut owner) = Console::owned();
    make(&mut owner, "nas", "https-ecc");
    let export = |browser: &mut Browser| {
        let form = browser.get("/csrs/nas/key").form("/csrs/nas/key");
        let asks = form.has("password");
        let form = form.set("passphrase", "a passphrase").set("passphrase_confirm", "a passphrase");
        (asks, browser.send_once(form.enter()))
    };
    let mut plain = console.browser();
    log_in(&mut plain, &made(&console, &[]));
    let (asks, answer) = export(&mut plain);
    assert_eq!((asks, answer.status), (true, 422));
    let mut allowed = console.browser();
    log_in(&mut allowed, &made(&console, &["--allow-key-export"]));
    let (asks, answer) = export(&mut allowed);
    assert_eq!((asks, answer.status), (false, 200));
    assert!(answer.body.starts_with(b"-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let used = lines(&console.data(), "audit.log").into_iter().rfind(|line| line["what"] == "ticket-login").unwrap();
    assert_eq!(used["detail"], "key export allowed");
    // The password itself is changed by who knows it.
    let form = allowed.get("/account").form("/account/password").set("current_password", "");
    let form = form.set("password", "a new password of mine").set("password_confirm", "a new password of mine");
    assert_eq!(allowed.send_once(form.enter()).status, 422);
    // The session of the password is as it was.
    assert!(export(&mut owner).0);
}

#[test]
fn a_console_without_https_of_its_own_has_a_link_only_where_root_says_where_it_is() {
    if !is_possible() {
        return;
    }
    // In /run, since whoever may write to a folder above root's configuration can put another one in its place.
    let folder = tempfile::tempdir_in("/run").unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("signet.toml"), "[proxy]\ntrusted = [\"unix\"]\n").unwrap();
    let _console = Serving::at(&data, &format!("unix:{}", folder.path().join("s").display()));
    let ticket = |more: &[&str]| run(signet(&data).args(["owner", "ticket", "--quiet"]).args(more), b"");
    run(signet(&data).args(["owner", "set", "--password-stdin"]), PASSWORD.as_bytes()).worked();
    let refused = |config: &[&str]| {
        let (what, fix) = ticket(config).refused(64);
        assert!(what.contains("serves no HTTPS itself") && fix.contains("--url https://"), "{what} {fix}");
    };
    refused(&[]);
    // The data directory's own configuration is its user's to write.
    let public = "[proxy]\ntrusted = [\"unix\"]\npublic_url = \"https://nas.example.com/certificates\"\n";
    std::fs::write(data.join("signet.toml"), public).unwrap();
    refused(&[]);
    let config = folder.path().join("signet.toml");
    std::fs::write(&config, public).unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let said = ticket(&config).worked();
    assert!(said.starts_with("https://nas.example.com/certificates/ticket?token="), "{said}");
    std::fs::set_permissions(config[1], std::fs::Permissions::from_mode(0o666)).unwrap();
    refused(&config);
    let said = ticket(&["--url", "https://nas.example.com"]).worked();
    assert!(said.starts_with("https://nas.example.com/ticket?token="), "{said}");
    let made = lines(&data, "audit.log").iter().filter(|line| line["what"] == "ticket").count();
    assert_eq!(made, 2, "a link that is refused is not recorded as made");
}

#[test]
fn a_link_below_a_shared_host_name_that_lets_keys_out_has_a_warning() {
    if !is_possible() {
        return;
    }
    let (console, _) = Console::owned();
    for (url, more, warns) in [
        ("https://nas.example.com/certificates", &["--allow-key-export"][..], true),
        ("https://nas.example.com/certificates", &[], false),
        ("https://certificates.example.com/", &["--allow-key-export"], false),
    ] {
        let ran = console.run(["owner", "ticket", "--dry-run", "--url", url].iter().chain(more));
        assert_eq!((ran.code, ran.err.contains("whatever else the same host name serves")), (0, warns), "{}", ran.err);
    }
}

#[test]
fn a_link_needs_an_owner_and_a_console() {
    if !is_possible() {
        return;
    }
    let mut console = Console::first_boot();
    assert!(console.run(["owner", "ticket"]).refused(66).0.contains("no owner"));
    drop(console.set_up());
    let said = console.run(["owner", "ticket", "--dry-run"]).worked();
    assert!(said.contains("Nothing was made"), "{said}");
    assert_eq!(lines(&console.data(), "audit.log").len(), 1);
    let said = console.run(["owner", "ticket"]).worked();
    let port = console.origin.address.port();
    assert!(said.contains(&format!("https://127.0.0.1:{port}/ticket?token=")), "{said}");
    console.terminate();
    assert!(console.run(["owner", "ticket"]).refused(69).0.contains("no console is running"));
}
