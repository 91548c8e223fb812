//! The shipped units: right by systemd's own judgement, tight, and what they rely on works: activation by socket, READY,
//! the watchdog.

use crate::harness::browser::Browser;
use crate::harness::console::{run, signet};
use crate::harness::origin::Origin;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A process that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where a console is, and its setup code, from the lines that it prints at its first start.
fn announced(mut printed: impl Iterator<Item = String>) -> (Origin, String) {
    let mut said = |label: &str| {
        let line = printed.find(|line| line.starts_with(label)).unwrap();
        line.split_once(": ").unwrap().1.trim().to_owned()
    };
    let address = said("URL").strip_prefix("https://").unwrap().trim_end_matches('/').parse().unwrap();
    let fingerprint = said("Fingerprint");
    let pairs = fingerprint.split(' ').next().unwrap().split(':');
    let fingerprint = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    let code = said("Setup code");
    // The last line: nothing is written into a pipe that is closed.
    said("Data");
    (Origin { address, fingerprint, proxied: None }, code)
}

pub(super) fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        signet_testing::skip(&format!("there is no {program} here"));
    }
    found
}

/// The installed units with the program where this test has it, so that systemd finds it.
fn units(folder: &Path) -> Vec<PathBuf> {
    units_of(folder, &[])
}

/// As they are installed with more arguments.
fn units_of(folder: &Path, arguments: &[&str]) -> Vec<PathBuf> {
    let root = folder.join("root");
    std::fs::create_dir(&root).unwrap();
    let mut install = Command::new(env!("CARGO_BIN_EXE_signet"));
    run(install.args(["install", "--root"]).arg(&root).args(arguments), b"").worked();
    let mut units = Vec::new();
    for entry in std::fs::read_dir(root.join("usr/lib/systemd/system")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap().replace("/usr/bin/signet", env!("CARGO_BIN_EXE_signet"));
        let unit = folder.join(path.file_name().unwrap());
        std::fs::write(&unit, text).unwrap();
        units.push(unit);
    }
    units.sort();
    units
}

/// Those that are services.
fn services(folder: &Path) -> Vec<PathBuf> {
    let mut services = units(folder);
    services.retain(|unit| unit.extension().unwrap() == "service");
    assert!(services.len() > 3, "{services:?}");
    services
}

#[test]
fn systemd_finds_nothing_wrong_with_any_unit() {
    if !has("systemd-analyze") {
        return;
    }
    for arguments in [&[][..], &["--port", "none"], &["--port", "8443", "--redirect-port", "8080"]] {
        let folder = tempfile::tempdir().unwrap();
        let units = units_of(folder.path(), arguments);
        assert_eq!(units.len(), 15);
        let ran = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&units), b"");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn every_service_is_rated_at_0_6_or_better_and_those_with_root_or_the_network_at_1_2() {
    if !has("systemd-analyze") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for unit in services(folder.path()) {
        let ran =
            run(Command::new("systemd-analyze").args(["security", "--offline=true", "--no-pager"]).arg(&unit), b"");
        let text = String::from_utf8_lossy(&ran.out).into_owned();
        let rated = text.lines().find_map(|line| line.split_once("exposure level for ")?.1.split_once(": "));
        let (name, level) = rated.unwrap_or_else(|| panic!("{text}{}", ran.err));
        let level: f32 = level.split(' ').next().unwrap().parse().unwrap();
        println!("{name}: {level}");
        // Handing over takes root: to read the console's files, to give copies away, to be heard by systemctl.
        // Enrolling takes the network, and nothing of the console's.
        let is_wide = unit.ends_with("signet-deploy.service") || unit.ends_with("signet-enroll.service");
        let bound = if is_wide { 1.2 } else { 0.6 };
        assert!(level <= bound, "{text}");
    }
}

#[test]
fn a_console_that_is_given_its_socket_serves_on_it() {
    if !has("systemd-socket-activate") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // systemd opens the port itself: one that was free a moment ago.
    let port = signet_testing::free_port();
    let listen = format!("--listen=127.0.0.1:{port}");
    let mut child = Command::new("systemd-socket-activate")
        .args([&listen, "--fdname=https", env!("CARGO_BIN_EXE_signet"), "--data"])
        .arg(folder.path().join("data"))
        .args(["serve", "--setup-code-file", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let _child = Ends(child);
    // The first connection starts it; until the port is open there is none.
    let started = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    assert!(started);
    let (origin, _) = announced(stdout.lines().map(Result::unwrap));
    assert_eq!(origin.address.port(), port);
    let answer = Browser::new(origin).get_once("/healthz");
    assert_eq!((answer.status, answer.body), (200, b"ok\n".to_vec()));
}

#[test]
fn a_console_that_is_given_a_unix_socket_serves_proxies_on_it() {
    if !has("systemd-socket-activate") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (data, socket) = (folder.path().join("data"), folder.path().join("signet.sock"));
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("signet.toml"), "[proxy]\ntrusted = [\"unix\"]\n").unwrap();
    let child = Command::new("systemd-socket-activate")
        .arg(format!("--listen={}", socket.display()))
        .args(["--fdname=proxy", env!("CARGO_BIN_EXE_signet"), "--data"])
        .arg(&data)
        .args(["serve", "--setup-code-file", "-"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _child = Ends(child);
    let mut connected = None;
    for _ in 0..1000 {
        connected = UnixStream::connect(&socket).ok();
        if connected.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut stream = connected.expect("systemd listens");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: nas\r\nConnection: close\r\n\r\n").unwrap();
    let answer = crate::harness::origin::read_answer(&mut stream, false).unwrap();
    assert_eq!((answer.status, answer.body), (200, b"ok\n".to_vec()));
}

#[test]
fn systemd_is_told_when_it_serves_that_it_lives_and_that_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let next = || {
        let mut bytes = [0; 4096];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    let child = signet(&folder.path().join("data"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "400000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Ends(child);
    let mut stdout = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = stdout.find_map(|line| Some(line.strip_prefix("URL:")?.trim().to_owned())).unwrap();
    let mut told = vec![next()];
    assert!(told[0].contains("READY=1"), "{told:?}");
    let address = url.strip_prefix("https://").unwrap().trim_end_matches('/');
    TcpStream::connect(address).unwrap();
    while told.iter().filter(|said| said.contains("WATCHDOG=1")).count() < 3 {
        told.push(next());
    }
    rustix::process::kill_process(rustix::process::Pid::from_child(&child.0), rustix::process::Signal::TERM).unwrap();
    while !told.last().unwrap().contains("STOPPING=1") {
        told.push(next());
    }
    assert!(child.0.wait().unwrap().success());
}

#[test]
fn what_is_installed_is_printed_with_its_mode_and_installing_again_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let install =
        || run(Command::new(env!("CARGO_BIN_EXE_signet")).args(["install", "--root"]).arg(root.path()), b"").worked();
    let first = install();
    for wanted in ["0755  ", "usr/bin/signet", "0644  ", "etc/signet/signet.toml", "usr/lib/sysusers.d/signet.conf"] {
        assert!(first.contains(wanted), "{wanted}: {first}");
    }
    assert!(install().lines().all(|line| !line.starts_with("made ") && !line.starts_with("replaced ")));
    let version = run(Command::new(root.path().join("usr/bin/signet")).arg("--version"), b"").worked();
    assert!(version.starts_with("signet "));
}

/// Every call that the console makes in a life of its own is one that its unit allows.
#[test]
fn the_filter_of_system_calls_allows_what_the_console_does() {
    if !has("systemd-analyze") || !crate::harness::strace::can_trace() {
        return;
    }
    let allowed = filter(include_str!("../../systemd/signet.service"));
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o"]).arg(&log).arg(env!("CARGO_BIN_EXE_signet")).arg("--data");
    command.arg(folder.path().join("data")).args(["serve", "--listen", "127.0.0.1:0", "--setup-code-file", "-"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut child = Ends(child);
    let stdout = BufReader::new(child.0.stdout.take().unwrap());
    let (origin, code) = announced(stdout.lines().map(Result::unwrap));
    let mut browser = Browser::new(origin);
    let form = browser.get("/").form("/setup").set("setup_code", &code);
    let words = crate::harness::console::PASSWORD;
    let form = form.set("password", words).set("password_confirm", words).enter();
    browser.send(form).expect(200, "Certificate Signing Requests");
    crate::harness::wizard::make(&mut browser, "nas", "https-rsa");
    // strace would not hand the signal on.
    let pid = std::fs::read_to_string(folder.path().join("data/serve.lock")).unwrap();
    let pid = rustix::process::Pid::from_raw(pid.lines().next().unwrap().trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    child.0.wait().unwrap();
    let traced = std::fs::read_to_string(&log).unwrap();
    assert!(traced.contains(" accept4(") && traced.contains(" fsync("), "it was not traced:\n{traced}");
    let mut refused: Vec<String> = traced
        .lines()
        .filter_map(|line| Some(line.split_whitespace().nth(1)?.split_once('(')?.0.to_owned()))
        // Its own sockets are not its own under the unit; execve is systemd's.
        .filter(|call| !["execve", "bind", "listen", "socket", "setsockopt"].contains(&call.as_str()))
        .filter(|call| !allowed.contains(call))
        .collect();
    refused.sort();
    refused.dedup();
    assert_eq!(refused, Vec::<String>::new());
}

/// A console that is killed again and again is started again and again; its memory has room over what it grants visitors.
#[test]
fn the_console_is_started_again_however_often_it_is_killed_and_has_the_memory_that_it_grants() {
    let unit = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/signet.service")).unwrap();
    let set = |key: &str| {
        let lines: Vec<&str> = unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect();
        assert_eq!(lines.len(), 1, "{key}");
        lines[0].to_owned()
    };
    assert_eq!(
        (set("StartLimitIntervalSec"), set("Restart"), set("RestartSec")),
        ("0".into(), "on-failure".into(), "2".into())
    );
    let most: u32 = set("MemoryMax").trim_end_matches('M').parse().unwrap();
    assert_eq!(most, signet_app::config::Config::default().memory_mib + 80);
}

/// Processes of one user could read each other's keys, where the kernel does not keep them apart.
#[test]
fn no_service_may_read_or_write_the_memory_of_another_process() {
    if !has("systemd-analyze") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for unit in services(folder.path()) {
        let allowed = filter(&std::fs::read_to_string(&unit).unwrap());
        for call in ["process_vm_readv", "process_vm_writev", "ptrace", "pidfd_getfd"] {
            assert!(allowed.contains("read") && !allowed.contains(call), "{} allows {call}", unit.display());
        }
    }
}

/// The calls that a unit allows: its lines, with systemd's sets opened.
pub(super) fn filter(unit: &str) -> std::collections::HashSet<String> {
    let ran = run(Command::new("systemd-analyze").args(["--no-pager", "syscall-filter"]), b"");
    let mut sets = std::collections::HashMap::<String, Vec<String>>::new();
    let mut current = String::new();
    for line in String::from_utf8(ran.out).unwrap().lines() {
        let word = line.trim();
        if line.starts_with('@') {
            current = word.to_owned();
        } else if !word.is_empty() && !word.starts_with('#') {
            sets.entry(current.clone()).or_default().push(word.to_owned());
        }
    }
    fn open(name: &str, sets: &std::collections::HashMap<String, Vec<String>>) -> Vec<String> {
        match name.starts_with('@') {
            true => sets[name].iter().flat_map(|word| open(word, sets)).collect(),
            false => vec![name.to_owned()],
        }
    }
    let mut allowed = std::collections::HashSet::new();
    for line in unit.lines() {
        let Some(words) = line.strip_prefix("SystemCallFilter=") else { continue };
        match words.strip_prefix('~') {
            None => allowed.extend(words.split(' ').flat_map(|word| open(word, &sets))),
            // What is allowed by @default stays, as systemd has it.
            Some(words) => words.split(' ').flat_map(|word| open(word, &sets)).for_each(|call| {
                allowed.remove(&call);
            }),
        }
    }
    allowed
}
