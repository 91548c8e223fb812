//! What the command line shows on terminals of 80 and 120 columns, as a whole: compared with files in `tests/golden`.
//!
//! `SIGNET_GOLDEN=write cargo test --test integration golden::` writes the files anew, to be read as a change is read.

use crate::harness::authority::{Authority, Term};
use crate::harness::console::{plain_signet, run};
use crate::harness::terminal::on_terminal;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const WIDTHS: [u16; 2] = [80, 120];

/// Commands, a line each, on a terminal: each with what it showed and how it ended.
fn shown(folder: &Path, columns: u16, lines: &[String]) -> String {
    let mut all = String::new();
    for line in lines {
        let mut command = plain_signet();
        command.args(line.split(' ').filter(|word| !word.is_empty())).current_dir(folder).env("NO_COLOR", "1");
        let shown = on_terminal(&mut command, columns);
        all.push_str(&format!("$ signet {}\n{}[{}]\n\n", line.trim(), shown.text, shown.code));
    }
    all
}

/// What is another at each run and each day, replaced by as many characters: fingerprints, base64, times, serial numbers.
fn masked(text: &str) -> String {
    let is_pairs = |word: &str| {
        word.len() > 5
            && word.split(':').all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let mask_word = |word: &str| {
        let bare = word.trim_matches([':', ',', '.', ')', '(']);
        let is_date = bare.len() == 10 && bare.starts_with("20") && bare.matches('-').count() == 2;
        let is_time =
            bare.len() == 5 && bare.as_bytes()[2] == b':' && bare.bytes().filter(u8::is_ascii_digit).count() == 4;
        match () {
            () if is_date => word.replace(bare, "2026-01-02"),
            () if is_time => word.replace(bare, "03:04"),
            () if is_pairs(bare) => word.replace(bare, &vec!["AB"; bare.split(':').count()].join(":")),
            () => word.to_owned(),
        }
    };
    let (mut is_pem, mut is_serial) = (false, false);
    let mut masked = String::new();
    for line in text.lines() {
        if is_pem && !line.starts_with("-----") {
            continue;
        }
        // Of nineteen bytes now and then.
        let is_pairs_alone = line.trim_start() != line && is_pairs(line.trim());
        if is_serial && is_pairs_alone {
            continue;
        }
        is_serial = line.starts_with("Serial number ");
        let line = if is_serial { "Serial number              AB:AB:AB" } else { line };
        is_pem = line.starts_with("-----BEGIN");
        masked.push_str(&line.split(' ').map(mask_word).collect::<Vec<_>>().join(" "));
        masked.push('\n');
        if is_pem {
            masked.push_str("...\n");
        }
    }
    masked
}

/// Compares with the file of that name, or writes it.
fn is_as_kept(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("SIGNET_GOLDEN").is_some_and(|how| how == "write") {
        return std::fs::write(path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let first = kept.lines().zip(text.lines()).find(|(kept, now)| kept != now);
    assert!(kept == text, "{} is not what is shown now, first here: {first:?}\n{text}", path.display());
}

fn words(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// The path of each command, from the manual pages: `csr create`.
fn commands(folder: &Path) -> Vec<String> {
    run(plain_signet().arg("man").arg(folder), b"").worked();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.filter_map(|name| name.strip_suffix(".1").map(str::to_owned)).collect();
    names.sort_unstable();
    let dashed = ["needs-renewal", "add-certificate", "factory-reset"];
    let spaced = names.iter().map(|name| {
        let name = name.trim_start_matches("signet").trim_start_matches('-');
        let dashed = dashed.iter().find(|dashed| name.ends_with(**dashed)).unwrap_or(&"");
        let (before, last) = name.split_at(name.len() - dashed.len());
        format!("{}{last}", before.replace('-', " "))
    });
    spaced.collect()
}

#[test]
fn help_is_as_kept() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = commands(folder.path()).into_iter().map(|path| format!("{path} --help")).collect();
    assert!(lines.len() > 30, "{lines:?}");
    for columns in WIDTHS {
        is_as_kept(&format!("help-{columns}.txt"), &shown(folder.path(), columns, &lines));
    }
}

struct Device(TempDir);

impl Device {
    /// Requests of every status, one with sixty names and one with a long name.
    fn new() -> Self {
        let device = Self(tempfile::tempdir().unwrap());
        let authority = Authority::new();
        // Half a day more, so that a slow machine sees the same number of days.
        let day = |days: i64| {
            let now = jiff::Timestamp::from_second(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64).unwrap();
            let at = jiff::tz::TimeZone::UTC.to_datetime(now + jiff::SignedDuration::from_hours(24 * days + 12));
            at.strftime("%Y%m%d%H%M%SZ").to_string()
        };
        let of = |from: i64, until: i64| Some((day(from), day(until)));
        let long = "backup-console-of-the-second-floor-west".to_owned() + &"-x".repeat(40);
        for (name, more, term) in [
            ("nas", "--san=nas.local --san=192.0.2.7", of(-1, 300)),
            ("due", "--san=due.example.org", of(-280, 12)),
            ("waiting", "--san=nas.local --san=192.0.2.7", None),
            ("rack-7", "MANY", of(-1, 90)),
            (&long, "--san=nas.local", None),
            ("broken", "--san=nas.local", None),
            ("next", "--san=nas.local --supersedes=waiting", None),
            ("over", "--san=over.example.org", of(-300, -200)),
        ] {
            let many: Vec<String> = (1..=60).map(|number| format!("--san=n{number}.rack-7.example.org")).collect();
            let create = format!(
                "csr create --name={name} --profile=https-ecc --ec-curve=SECP256R1 --country=DE --state=Bavaria --city=Munich \
                 --organization=Example --email=root@nas.local {}",
                if more == "MANY" { many.join(" ") } else { more.to_owned() }
            );
            device.run(&create);
            let request = device.run(&format!("csr export {name}"));
            match &term {
                None => {}
                Some((from, until)) if name != "over" => {
                    let certificate = [
                        authority.sign_with(request.as_bytes(), "", &Term::Dates(from, until)),
                        authority.issuing.clone(),
                    ]
                    .concat();
                    let file = authority.file("issued.pem", &certificate);
                    device.run(&format!("csr add-certificate --certificate={file}"));
                }
                // It would be refused today.
                Some((from, until)) => {
                    let certificate = authority.sign_with(request.as_bytes(), "", &Term::Dates(from, until));
                    let mut file = std::fs::OpenOptions::new().append(true).open(device.file(name)).unwrap();
                    file.write_all(&certificate).unwrap();
                }
            }
        }
        std::fs::write(device.file("broken"), "nothing").unwrap();
        device
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(format!("data/csrs/{name}.pem"))
    }

    fn run(&self, line: &str) -> String {
        let mut command = plain_signet();
        command.args(["--data", "data"]).args(line.split(' ')).current_dir(self.0.path());
        run(&mut command, b"").worked()
    }
}

#[test]
fn lists_and_details_are_as_kept() {
    let device = Device::new();
    for columns in WIDTHS {
        let text = shown(device.0.path(), columns, &words(&["--data data csr list"]));
        is_as_kept(&format!("list-{columns}.txt"), &masked(&text));
        let lines = words(&[
            "--data data csr show waiting",
            "--data data csr show nas",
            "--data data csr show rack-7",
            "--data data csr needs-renewal due",
            "--data data csr expiry nas",
        ]);
        is_as_kept(&format!("show-{columns}.txt"), &masked(&shown(device.0.path(), columns, &lines)));
    }
    // Elsewhere nothing is left out, and a request is one line.
    let whole = device.run("csr list");
    assert_eq!(whole.lines().count(), 9, "{whole}");
    let many = whole.lines().find(|line| line.starts_with("rack-7")).unwrap();
    assert!(many.ends_with("n59.rack-7.example.org, n60.rack-7.example.org"), "{many}");
}

#[test]
fn errors_are_as_kept() {
    let folder = tempfile::tempdir().unwrap();
    let made = "--data data csr create --name nas --ec-curve SECP256R1 --country DE --state Bavaria --city Munich \
                --organization Example --email root@nas.local --san nas.local";
    run(plain_signet().args(made.split_whitespace()).current_dir(folder.path()), b"").worked();
    std::fs::create_dir(folder.path().join("theirs")).unwrap();
    std::fs::write(folder.path().join("theirs/thesis.txt"), "").unwrap();
    let lines = words(&[
        "lst",
        "csr lst",
        "csr list --jsn",
        "--listen 0.0.0.0:8443",
        "csr show",
        "csr import --name nas",
        "--data data csr create --name second",
        "--data data csr create --name second --country Germany --key-length 512",
        "--data data csr create --name two words",
        "--data data csr create --from nas.toml",
        "--data data csr show nobody",
        "--data data csr add-certificate nas --certificate nowhere.crt",
        "--data data csr expiry nas",
        "--data data csr key nas",
        "--data data csr delete nas",
        "--data data csr rename nas a.b",
        "--data nowhere csr list",
        "--data theirs csr list",
        "--data data --config nowhere.toml csr list",
        "--color sometimes csr list",
        "help lst",
    ]);
    for columns in WIDTHS {
        is_as_kept(&format!("errors-{columns}.txt"), &shown(folder.path(), columns, &lines));
    }
}

#[test]
fn colours_are_used_on_terminals_unless_somebody_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let made = "--data data csr create --name nas --ec-curve SECP256R1 --country DE --state Bavaria --city Munich \
                --organization Example --email root@nas.local --san nas.local";
    run(plain_signet().args(made.split_whitespace()).current_dir(folder.path()), b"").worked();
    let on_terminal = |line: &str, variables: &[(&str, &str)]| {
        let mut command = plain_signet();
        command.args(line.split(' ')).current_dir(folder.path()).env("TERM", "xterm").envs(variables.iter().copied());
        on_terminal(&mut command, 80).text.contains('\u{1b}')
    };
    for line in ["--data data csr list", "--data data check", "--data data csr show nobody", "lst", "csr create --help"]
    {
        assert!(on_terminal(line, &[]), "{line}");
        assert!(on_terminal(line, &[("NO_COLOR", "")]), "{line}");
        assert!(!on_terminal(line, &[("NO_COLOR", "1")]), "{line}");
        assert!(!on_terminal(line, &[("TERM", "dumb")]), "{line}");
        assert!(!on_terminal(&format!("--color=never {line}"), &[]), "{line}");
        assert!(on_terminal(&format!("--color always {line}"), &[("NO_COLOR", "1")]), "{line}");
        let piped = |more: &str| {
            let ran = run(plain_signet().args(format!("{more}{line}").split(' ')).current_dir(folder.path()), b"");
            ran.err.contains('\u{1b}') || ran.out.contains(&b'\x1b')
        };
        assert!(!piped(""), "{line}");
        assert!(piped("--color=always "), "{line}");
    }
}
