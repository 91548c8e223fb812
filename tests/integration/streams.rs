//! Where output goes and what surrounds a command: pipes that end, devices that are full, a locale and a umask of any kind, a disk
//! that is read-only, a lock that somebody holds.

use crate::harness::console::{Ran, run, signet};
use crate::harness::unprivileged::is_root;
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const WHO: &str =
    "--profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";

fn device() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for name in ["one", "two"] {
        assert_eq!(at(&data, &format!("csr create --name {name} {WHO}")).code, 0);
    }
    (folder, data)
}

fn at(data: &Path, line: &str) -> Ran {
    run(signet(data).args(line.split_whitespace()), b"")
}

fn log_lines(data: &Path) -> usize {
    std::fs::read_to_string(data.join("audit.log")).unwrap().lines().count()
}

/// Commands that print much or little, text or JSON.
const PRINT: [&str; 9] = [
    "csr list",
    "csr list --json",
    "csr show one",
    "csr show one --json",
    "csr export one",
    "check --json",
    "metrics",
    "audit",
    "--help",
];

#[test]
fn a_full_device_is_told_as_one() {
    let (_folder, data) = device();
    for line in PRINT {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = signet(&data).args(line.split_whitespace()).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(83), "{line}: {told}");
        assert!(told.starts_with("error: cannot write to standard output: No space left"), "{line}: {told}");
    }
}

#[test]
fn a_pipe_that_ends_is_no_error() {
    let (_folder, data) = device();
    for line in PRINT {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output =
            signet(&data).args(line.split_whitespace()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let fits = output.status.code() == Some(0) || (line.starts_with("check") && output.status.code() == Some(1));
        assert!(fits, "{line}: {:?} {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn closed_descriptors_harm_nothing() {
    let (_folder, data) = device();
    let before = std::fs::read(data.join("csrs/one.pem")).unwrap();
    for (number, closed) in [">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"].into_iter().enumerate() {
        let binary = signet(&data).get_program().to_str().unwrap().to_owned();
        let line = format!("{binary} --data {} csr create --name c{number} {WHO} {closed}", data.display());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success(), "{closed}");
        assert!(data.join(format!("csrs/c{number}.pem")).exists(), "{closed}");
    }
    assert_eq!(std::fs::read(data.join("csrs/one.pem")).unwrap(), before);
    assert_eq!(at(&data, "check").code & !1, 0, "{}", at(&data, "check").err);
}

#[test]
fn locale_umask_and_an_empty_environment_change_nothing() {
    let (folder, data) = device();
    let plain = at(&data, "csr list --json").worked();
    for variables in [
        &[("LANG", "C")][..],
        &[("LC_ALL", "de_DE.ISO-8859-1")],
        &[("LANG", "C"), ("TERM", "dumb"), ("TZ", "Asia/Tokyo")],
    ] {
        let mut command = signet(&data);
        command.env_clear().envs(variables.iter().copied()).args(["csr", "list", "--json"]);
        assert_eq!(run(&mut command, b"").worked(), plain, "{variables:?}");
    }
    let binary = signet(&data).get_program().to_str().unwrap().to_owned();
    let out = folder.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let fresh = folder.path().join("fresh");
    let lines = format!(
        "umask 000; s='{binary} --data {}'; $s csr create --name u {WHO} && $s csr key u --unencrypted --out {out}/u.key && \
         $s csr export u --out {out}/u.csr && $s csr note u seen",
        fresh.display(),
        out = out.display()
    );
    assert!(Command::new("sh").args(["-c", &lines]).stdout(Stdio::null()).status().unwrap().success());
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(fresh.clone()), mode(fresh.join("csrs")), mode(fresh.join("csrs/u.pem"))), (0o700, 0o700, 0o600));
    assert_eq!(
        (mode(out.join("u.key")), mode(out.join("u.csr")), mode(fresh.join("audit.log"))),
        (0o600, 0o644, 0o600)
    );
}

#[test]
fn a_key_that_could_not_be_written_is_not_recorded_as_exported() {
    let (folder, data) = device();
    let before = log_lines(&data);
    let passphrase = folder.path().join("passphrase");
    std::fs::write(&passphrase, "open sesame\n").unwrap();
    std::fs::write(folder.path().join("taken"), "mine").unwrap();
    for out in ["none/one.key", "taken", "."] {
        let out = folder.path().join(out).display().to_string();
        let ran = at(&data, &format!("csr key one --unencrypted --out {out}"));
        assert!(matches!(ran.code, 73 | 79), "{out}: {}", ran.err);
        let ran = at(&data, &format!("csr key one --passphrase-file {} --out {out}", passphrase.display()));
        assert!(matches!(ran.code, 73 | 79), "{out}: {}", ran.err);
    }
    assert_eq!(log_lines(&data), before);
    assert_eq!(std::fs::read_to_string(folder.path().join("taken")).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left beside them");
    let dry = format!("csr key one --unencrypted --out {} --dry-run", folder.path().join("one.key").display());
    assert!(at(&data, &dry).worked().starts_with("Would write"));
    assert_eq!((log_lines(&data), folder.path().join("one.key").exists()), (before, false));
}

#[test]
fn a_lock_that_somebody_holds_is_waited_for_as_long_as_it_is_said() {
    let (_folder, data) = device();
    let lock = File::open(data.join("lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let begun = Instant::now();
    let (what, fix) = at(&data, "csr note one x --wait 0").refused(75);
    assert!(
        what.contains("is busy") && fix.contains("try again") && begun.elapsed() < Duration::from_secs(4),
        "{what} {fix}"
    );
    let mut waiting =
        signet(&data).args(["csr", "note", "one", "x", "--wait", "60"]).stdout(Stdio::piped()).spawn().unwrap();
    // It waits: whoever holds the lock for a while ends it.
    assert!(waiting.try_wait().unwrap().is_none());
    drop(lock);
    assert!(waiting.wait().unwrap().success());
    at(&data, "csr note one x --wait 9999").refused_usage();
}

impl Ran {
    fn refused_usage(self) {
        assert_eq!(self.code, 64, "{}", self.err);
    }
}

#[test]
fn quiet_says_nothing_but_errors_and_what_was_asked_for() {
    let (folder, data) = device();
    let out = folder.path().join("one.csr").display().to_string();
    let weak = format!("csr create --name weak --key-type RSA --key-length 1024 {WHO} --profile https-rsa");
    for line in [
        weak.replace("--profile https-ecc ", ""),
        "csr note one x".into(),
        format!("csr export one --out {out}"),
        "csr rename two three".into(),
    ] {
        let ran = at(&data, &format!("{line} --quiet"));
        assert_eq!((ran.code, ran.out.len(), ran.err.as_str()), (0, 0, ""), "{line}");
    }
    assert!(at(&data, "csr export one --quiet").worked().starts_with("-----BEGIN"));
    assert!(!at(&data, "csr list --quiet").worked().is_empty());
    at(&data, "csr show nobody --quiet").refused(66);
}

#[test]
fn names_are_found_in_any_case() {
    let (folder, data) = device();
    let out = folder.path().join("x").display().to_string();
    for line in ["csr show ONE", "csr note One x", "csr rename TWO three", "csr renew ONE", "csr export oNe"] {
        assert_eq!(at(&data, line).code, 0, "{line}");
    }
    let record: Value = serde_json::from_str(&at(&data, "csr show THREE --json").worked()).unwrap();
    assert_eq!(record["name"], "three");
    at(&data, &format!("csr key ONE --unencrypted --out {out}")).worked();
    at(&data, "csr delete THREE --yes").worked();
    assert!(!data.join("csrs/three.pem").exists());
    // Two that differ in case alone, put there by hand: each is found by its own letters.
    std::fs::copy(data.join("csrs/one.pem"), data.join("csrs/ONE.pem")).unwrap();
    for name in ["one", "ONE"] {
        let record: Value = serde_json::from_str(&at(&data, &format!("csr show {name} --json")).worked()).unwrap();
        assert_eq!(record["name"], name);
    }
}

#[test]
fn a_read_only_disk_is_told_and_costs_nothing() {
    if !is_root() {
        signet_testing::skip("only root can mount");
        return;
    }
    let (folder, data) = device();
    let place = folder.path().join("disk");
    std::fs::create_dir(&place).unwrap();
    // In a mount namespace of its own, which ends with the shell.
    let script = format!(
        "mount -t tmpfs none {place} && cp -a {data} {place}/data && mount -o remount,ro {place} && \
         for line in 'csr create --name x {WHO}' 'csr note one x' 'csr apply -f {place}/none' 'csr delete one --yes' \
         'csr renew one' 'recover lockout --yes'; do {binary} --data {place}/data --json $line; echo \"code $?\"; done; \
         {binary} --data {place}/data csr list >/dev/null; echo \"code $?\"; {binary} --data {place}/data csr export one >/dev/null; echo \"code $?\"",
        place = place.display(),
        data = data.display(),
        binary = signet(&data).get_program().to_str().unwrap()
    );
    let output = Command::new("unshare").args(["-m", "sh", "-c", &script]).stderr(Stdio::null()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    if !text.contains("code ") {
        signet_testing::skip("no mount namespace here");
        return;
    }
    let codes: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("code ")).collect();
    assert_eq!(codes, ["83", "83", "66", "83", "83", "83", "0", "0"], "{text}");
    assert_eq!(text.matches("\"read_only_or_full\"").count(), 5, "{text}");
    let mut unread = String::new();
    File::open(data.join("lock")).unwrap().read_to_string(&mut unread).unwrap();
}
