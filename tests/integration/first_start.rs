//! A first start makes nothing before it can serve, and puts no setup code in force that nobody has seen; commands that only
//! look make no data directory; and a place that costs the keys or the console's rights is told.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, run, signet};
use crate::harness::factory::Station;
use crate::harness::folder::listing;
use crate::harness::origin::Origin;
use crate::harness::unprivileged::{Unprivileged, is_root};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A console that serves, and the lines that it printed; it ends when it is dropped.
struct Started {
    child: Child,
    printed: Vec<String>,
}

impl Started {
    fn new(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut printed = Vec::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        while printed.last().is_none_or(|line: &String| !line.starts_with("Data:")) {
            match lines.next() {
                Some(line) => printed.push(line),
                None => {
                    let mut said = String::new();
                    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                    panic!("it does not serve: {printed:?} {said}");
                }
            }
        }
        Self { child, printed }
    }

    fn said(&self, label: &str) -> String {
        let line = self.printed.iter().find(|line| line.starts_with(label));
        line.unwrap_or_else(|| panic!("{label}: {:?}", self.printed)).split_once(": ").unwrap().1.trim().to_owned()
    }

    fn opens_with(&self, code: &str) {
        let address = self.said("URL").strip_prefix("https://").unwrap().trim_end_matches('/').parse().unwrap();
        let fingerprint = self.said("Fingerprint");
        let pairs = fingerprint.split(' ').next().unwrap().split(':');
        let fingerprint = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
        let mut browser = Browser::new(Origin { address, fingerprint, proxied: None });
        let form = browser.get("/").form("/setup").set("setup_code", code);
        let form = form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter();
        browser.send(form).expect(200, "Certificate Signing Requests");
    }

    /// Ends it; gives standard error.
    fn end(mut self) -> String {
        self.child.kill().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A code as it is printed.
fn is_code(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == 4 && groups.iter().all(|group| group.len() == 4 && group.chars().all(|c| c.is_ascii_alphanumeric()))
}

fn serve<'a>(command: &'a mut Command, more: &[&str]) -> &'a mut Command {
    command.args(["serve", "--listen", "127.0.0.1:0"]).args(more)
}

#[test]
fn a_start_whose_port_is_taken_makes_nothing_and_the_next_one_shows_the_code() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    for name in ["missing", "empty"] {
        let data = folder.path().join(name);
        if name == "empty" {
            std::fs::create_dir(&data).unwrap();
        }
        for _ in 0..3 {
            let mut command = signet(&data);
            let (what, _) =
                run(command.args(["serve", "--setup-code-file", "-", "--listen", &address]), b"").refused(69);
            assert!(what.contains(&address), "{what}");
            assert_eq!(data.exists(), name == "empty");
            assert!(!data.exists() || std::fs::read_dir(&data).unwrap().next().is_none());
        }
        let started = Started::new(serve(&mut signet(&data), &["--setup-code-file", "-"]));
        let code = started.said("Setup code");
        assert!(is_code(&code), "{code}");
        started.opens_with(&code);
    }
}

#[test]
fn a_config_that_is_wrong_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("signet.toml");
    std::fs::write(&config, "[limits]\ncsrs = 0\n").unwrap();
    let data = folder.path().join("data");
    run(serve(signet(&data).arg("--config").arg(&config), &[]), b"").refused(78);
    assert!(!data.exists());
}

#[test]
fn no_code_goes_into_a_pipe_and_none_is_in_force_that_nobody_has_seen() {
    // A user without rights: root may show it on /dev/console.
    let user = Unprivileged::new();
    let data = user.at("data");
    for _ in 0..2 {
        let started = Started::new(serve(&mut user.signet(&data), &[]));
        let told = started.said("Setup code");
        assert!(told.starts_with("not made") && told.contains("recover password --new-code"), "{told}");
        assert!(!data.join("factory/setup.json").exists());
        let said = started.end();
        assert!(!said.contains("Setup code"), "{said}");
    }
    let file = user.at("code");
    let file = file.to_str().unwrap();
    let started = Started::new(serve(&mut user.signet(&data), &["--setup-code-file", file]));
    assert_eq!(started.said("Setup code"), format!("written to {file} (mode 0600)"));
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o7777, 0o600);
    let code = std::fs::read_to_string(file).unwrap();
    assert!(is_code(code.trim()), "{code}");
    started.opens_with(code.trim());
    started.end();
    // With an owner nothing is written: the same command starts again.
    Started::new(serve(&mut user.signet(&data), &["--setup-code-file", file]));
    assert_eq!(std::fs::read_to_string(file).unwrap(), code);
}

#[test]
fn a_file_that_is_there_already_is_not_written_over_and_no_code_is_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("code"));
    std::fs::write(&file, "mine").unwrap();
    let ran = run(serve(&mut signet(&data), &["--setup-code-file", file.to_str().unwrap()]), b"");
    assert_eq!(ran.code, 79, "{}", ran.err);
    assert!(ran.err.contains(file.to_str().unwrap()), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    assert!(!data.join("factory/setup.json").exists());
}

#[test]
fn a_terminal_is_shown_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let line = format!(
        "timeout -s TERM 120 {} --data {} serve --listen 127.0.0.1:0",
        env!("CARGO_BIN_EXE_signet"),
        data.display()
    );
    let mut child = Command::new("script")
        .args(["-qefc", &line, "/dev/null"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find(|line| line.contains("Setup code:")).unwrap();
    let code = line.split_once("Setup code:").unwrap().1.trim().to_owned();
    assert!(is_code(&code), "{line}");
    // It is in force once the last line is there.
    assert!(lines.any(|line| line.contains("Data:")));
    assert!(data.join("factory/setup.json").exists());
    let pid = std::fs::read_to_string(data.join("serve.lock")).unwrap();
    let pid = rustix::process::Pid::from_raw(pid.lines().next().unwrap().trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    drop(lines);
    child.wait().unwrap();
}

#[test]
fn a_new_code_is_refused_where_nobody_would_see_it_and_goes_to_a_file_that_is_named() {
    let user = Unprivileged::new();
    let data = user.at("data");
    let started = Started::new(serve(&mut user.signet(&data), &["--setup-code-file", "-"]));
    started.opens_with(&started.said("Setup code"));
    started.end();
    let before = listing(&data);
    let recover =
        |more: &[&str]| run(user.signet(&data).args(["recover", "password", "--yes", "--new-code"]).args(more), b"");
    let (what, fix) = recover(&[]).refused(64);
    assert!(what.contains("cannot be shown") && fix.contains("--setup-code-file"), "{what} {fix}");
    assert_eq!(listing(&data), before);
    let file = user.at("code");
    let said = recover(&["--setup-code-file", file.to_str().unwrap()]).worked();
    let code = std::fs::read_to_string(&file).unwrap();
    assert!(is_code(code.trim()) && !said.contains(code.trim()), "{said}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o600);
    let started = Started::new(serve(&mut user.signet(&data), &[]));
    assert!(started.said("Setup code").starts_with("made earlier"));
    started.opens_with(code.trim());
    let alone = run(user.signet(&data).args(["recover", "password", "--setup-code-file", "x"]), b"");
    assert_eq!(alone.code, 64, "it belongs to --new-code: {}", alone.err);
}

#[test]
fn commands_that_only_look_say_that_there_is_no_data_directory_and_make_none() {
    let folder = tempfile::tempdir().unwrap();
    let (missing, empty) = (folder.path().join("typo"), folder.path().join("empty"));
    std::fs::create_dir(&empty).unwrap();
    std::fs::write(folder.path().join("certificate"), "").unwrap();
    let certificate = folder.path().join("certificate");
    let answer = format!("csr answer --certificate {}", certificate.display());
    let commands = [
        "csr list",
        "csr list --json",
        "csr show a",
        "csr export a",
        "csr key a --unencrypted",
        "csr renew a",
        "csr rename a b",
        "csr delete a --yes",
        "csr expiry a",
        "csr deploy a",
        &answer,
        "console show",
        "console use a",
        "console back",
        "recover password --yes",
        "recover lockout --dry-run",
        "recover factory-reset --yes",
    ];
    for line in commands {
        for data in [&missing, &empty] {
            let (what, fix) = run(signet(data).args(line.split(' ')), b"").refused(66);
            assert_eq!(what, format!("there is no data directory at {}", data.display()), "{line}");
            assert!(fix.contains("--data"), "{fix}");
        }
        assert!(!missing.exists() && std::fs::read_dir(&empty).unwrap().next().is_none(), "{line}");
    }
    assert_eq!(run(signet(&missing).args(["csr", "needs-renewal", "a"]), b"").code, 255);
    assert_eq!(run(signet(&missing).arg("check"), b"").code, 66);
    assert!(!missing.exists());
    let create = "csr create --name a --profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";
    let said = run(signet(&missing).args(create.split(' ')), b"").worked();
    assert!(said.contains(missing.to_str().unwrap()), "it says where: {said}");
}

#[test]
fn data_in_memory_is_told_by_check_and_at_the_start() {
    let folder = tempfile::tempdir_in("/dev/shm").expect("/dev/shm is a tmpfs that can be written to");
    let data = folder.path().join("data");
    let started = Started::new(serve(&mut signet(&data), &["--setup-code-file", "-"]));
    let said = started.end();
    assert!(said.contains("warning: ") && said.contains("in memory (tmpfs)"), "{said}");
    let ran = run(signet(&data).arg("check"), b"");
    let text = String::from_utf8(ran.out).unwrap();
    assert_eq!(ran.code, 1, "{text}");
    let line = text.lines().find(|line| line.contains("in memory (tmpfs)")).unwrap();
    assert!(line.starts_with("attention") && line.contains("next reboot") && line.contains("Move"), "{line}");
}

#[test]
fn data_of_roots_is_told_by_check_and_at_the_start_and_that_of_another_user_is_not() {
    let told = |data: &Path| {
        let said = Started::new(serve(&mut signet(data), &["--setup-code-file", "-"])).end();
        let checked = String::from_utf8(run(signet(data).arg("check"), b"").out).unwrap();
        let line = checked.lines().find(|line| line.contains("belongs to root, so the console runs as root"));
        assert!(line.is_none_or(|line| line.starts_with("attention") && line.contains("chown")), "{checked}");
        (said.contains("the console runs as root"), line.is_some())
    };
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(told(&folder.path().join("data")), (is_root(), is_root()));
    // Root becomes the owner of another user's.
    let user = Unprivileged::new();
    let data = user.at("data");
    std::fs::create_dir(&data).unwrap();
    user.owns(&data);
    assert_eq!(told(&data), (false, false));
}

#[test]
fn the_factory_makes_a_directory_and_warns_of_no_user() {
    let station = Station::new();
    let data = station.at("data");
    let ran = station.provision(&data, &["--serial", "NX4-1", "--hostname", "vault"]);
    assert!(!ran.err.contains("runs as root"), "{}", ran.err);
    ran.worked();
    assert!(data.join("device.json").exists());
}

#[test]
fn a_console_that_was_made_says_where_a_new_code_comes_from() {
    let console = Console::first_boot().kill_and_start_again();
    assert!(console.said("Setup code").starts_with("made earlier"), "{:?}", console.printed);
}
