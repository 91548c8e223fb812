//! The playbook and the script of docs/automation.md, as they are printed there: Ansible over ten devices, and cron over one.

use crate::harness::authority::{Authority, Term};
use crate::harness::console::{Console, Ran, run, signet};
use crate::harness::python::python;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const DOCUMENT: &str = include_str!("../../docs/automation.md");

/// The first block of this language that begins so.
fn block(language: &str, begins: &str) -> String {
    let fence = format!("```{language}\n");
    let mut blocks = DOCUMENT.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.find(|block| block.starts_with(begins)).unwrap_or_else(|| panic!("no {language} {begins}")).to_owned()
}

/// Ten data directories, and what lies between them and the CA.
struct Fleet {
    folder: TempDir,
    ca: Authority,
    /// The names of each device's certificate.
    names: BTreeMap<String, Vec<String>>,
}

/// What a run says of the hosts: those of each task that changed something, and the sums.
struct Played {
    text: String,
    changed: BTreeMap<String, BTreeSet<String>>,
    sums: BTreeMap<String, BTreeMap<String, u32>>,
}

impl Played {
    fn of(ran: Ran) -> Self {
        let text = String::from_utf8(ran.out).unwrap() + &ran.err;
        let (mut changed, mut sums): (BTreeMap<String, BTreeSet<String>>, BTreeMap<_, _>) = Default::default();
        let mut task = String::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("TASK [") {
                task = rest.split(']').next().unwrap().to_owned();
            } else if let Some(rest) = line.strip_prefix("changed: [") {
                changed.entry(task.clone()).or_default().insert(rest.split(']').next().unwrap().to_owned());
            } else if let Some((host, counts)) = line.split_once(" : ok=") {
                let counts = format!("ok={counts}");
                let pairs = counts.split_whitespace().filter_map(|pair| pair.split_once('='));
                sums.insert(
                    host.trim().to_owned(),
                    pairs.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect(),
                );
            }
        }
        Self { text, changed, sums }
    }

    /// Hosts with this in their sums.
    fn hosts(&self, what: &str) -> BTreeSet<String> {
        self.sums.iter().filter(|(_, sums)| sums[what] > 0).map(|(host, _)| host.clone()).collect()
    }
}

fn set(hosts: &[&str]) -> BTreeSet<String> {
    hosts.iter().map(|host| (*host).to_owned()).collect()
}

impl Fleet {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["incoming", "outgoing", "home"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("play.yml"), block("yaml", "- name: Certificates")).unwrap();
        let host = |number: u32| format!("nas-{number:02}");
        let names = (1..=10).map(|number| (host(number), vec![format!("{}.example.com", host(number))])).collect();
        Self { folder, ca: Authority::new(), names }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self, host: &str) -> PathBuf {
        self.at(&format!("data-{host}"))
    }

    fn play(&self, more: &[&str]) -> Played {
        let mut inventory = format!(
            "all:\n  vars:\n    ansible_connection: local\n    ansible_python_interpreter: {:?}\n    signet: {:?}\n    signet_incoming: {:?}\n    signet_outgoing: {:?}\n  hosts:\n",
            // Found by Ansible itself, it may be one that does not run.
            python().get_program(),
            signet(Path::new("/")).get_program(),
            self.at("incoming"),
            self.at("outgoing")
        );
        for (host, names) in &self.names {
            let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
            write!(
                inventory,
                "    {host}:\n      signet_data: {:?}\n      signet_requests: |\n        [[csr]]\n        name = \"web\"\n        \
                 profile = \"https-ecc\"\n        country = \"DE\"\n        state = \"Bavaria\"\n        city = \"Munich\"\n        \
                 organization = \"Example GmbH\"\n        email = \"it@example.com\"\n        san = [{}]\n",
                self.data(host),
                names.join(", ")
            )
            .unwrap();
        }
        std::fs::write(self.at("hosts.yml"), inventory).unwrap();
        let mut command = python();
        command.args(["-m", "ansible", "playbook", "--forks", "2", "--inventory"]).arg(self.at("hosts.yml"));
        command.args(more).arg(self.at("play.yml")).current_dir(self.folder.path());
        for variable in ["STATE_DIRECTORY", "SIGNET_DATA", "ANSIBLE_CONFIG"] {
            command.env_remove(variable);
        }
        let home = self.at("home");
        command.env("HOME", &home).env("ANSIBLE_HOME", home).env("LC_ALL", "C.UTF-8").env("ANSIBLE_NOCOLOR", "1");
        Played::of(run(&mut command, b""))
    }

    /// A run that fails nowhere.
    fn plays(&self, more: &[&str]) -> Played {
        let played = self.play(more);
        assert_eq!(played.sums.len(), 10, "{}", played.text);
        assert!(played.hosts("failed").is_empty(), "{}", played.text);
        played
    }

    /// What waits for the CA, by host.
    fn outgoing(&self) -> Vec<(String, PathBuf)> {
        let files = std::fs::read_dir(self.at("outgoing")).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files
            .map(|path| (path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned(), path))
            .collect();
        files.sort();
        files
    }

    /// The CA: signs all that waits, and takes the requests away.
    fn sign(&self, term: &Term<'_>) {
        for (host, path) in self.outgoing() {
            let leaf = self.ca.sign_with(&std::fs::read(&path).unwrap(), "", term);
            std::fs::write(self.at(&format!("incoming/{host}.pem")), [leaf, self.ca.issuing.clone()].concat()).unwrap();
            std::fs::remove_file(path).unwrap();
        }
    }

    fn log_lines(&self) -> BTreeMap<String, usize> {
        let lines = |host: &String| {
            std::fs::read_to_string(self.data(host).join("audit.log")).map_or(0, |text| text.lines().count())
        };
        self.names.keys().map(|host| (host.clone(), lines(host))).collect()
    }

    fn signet(&self, host: &str, line: &str) -> Ran {
        run(signet(&self.data(host)).args(line.split_whitespace()), b"")
    }
}

#[test]
fn the_playbook_keeps_ten_devices_as_they_are_declared() {
    let mut fleet = Fleet::new();
    let all: BTreeSet<String> = fleet.names.keys().cloned().collect();
    // A check of devices that have nothing yet says what would be made, and makes nothing.
    for host in &all {
        assert_eq!(fleet.signet(host, "csr list").code, 66);
    }
    let would = fleet.plays(&["--check"]);
    assert_eq!(would.changed["Requests are as declared"], all, "{}", would.text);
    let made = fleet.plays(&[]);
    assert_eq!(made.changed["Requests are as declared"], all, "{}", made.text);
    assert_eq!(fleet.outgoing().len(), 10);
    // Twice: nothing changed, and no line in any log.
    let before = fleet.log_lines();
    let again = fleet.plays(&[]);
    assert_eq!((again.hosts("changed"), fleet.log_lines()), (BTreeSet::new(), before), "{}", again.text);

    // The CA answers; a console that runs takes its certificate over.
    fleet.sign(&Term::Days(90));
    let console = Console::start_at(&fleet.data("nas-01"));
    let would = fleet.plays(&["--check"]);
    let done = fleet.plays(&[]);
    let task = "Certificates from the CA are added";
    assert_eq!((&would.changed[task], &done.changed[task]), (&all, &all), "{}\n{}", would.text, done.text);
    assert_eq!(done.changed["The console uses the current certificate"], all, "{}", done.text);
    let shown: serde_json::Value =
        serde_json::from_str(&fleet.signet("nas-01", "console show --json").worked()).unwrap();
    assert_eq!((&shown["csr"], &shown["reload_pending"]), (&"web".into(), &false.into()));
    assert_eq!(shown["serving"]["certificate_sha256"], shown["certificate_sha256"]);
    drop(console);
    assert!(fleet.plays(&["--check"]).hosts("changed").is_empty());

    // A name more, and a certificate whose time is over: what `--check` says is what is done.
    fleet.names.get_mut("nas-03").unwrap().push("files.example.com".to_owned());
    let path = fleet.data("nas-04").join("csrs/web.pem");
    let text = std::fs::read_to_string(&path).unwrap();
    let request = fleet.signet("nas-04", "csr export web").worked();
    let old = fleet.ca.sign_with(request.as_bytes(), "", &Term::Dates("20250101000000Z", "20250401000000Z"));
    let kept = text.split("-----BEGIN CERTIFICATE-----").next().unwrap().to_owned();
    std::fs::write(&path, kept + std::str::from_utf8(&old).unwrap()).unwrap();
    std::fs::remove_file(fleet.at("incoming/nas-04.pem")).unwrap();
    let before = fleet.log_lines();
    let would = fleet.plays(&["--check"]);
    assert_eq!(fleet.log_lines(), before);
    let done = fleet.plays(&[]);
    for played in [&would, &done] {
        assert_eq!(played.changed["Requests are as declared"], set(&["nas-03"]), "{}", played.text);
        assert_eq!(played.changed["What is due is renewed"], set(&["nas-04"]), "{}", played.text);
        assert_eq!(played.hosts("changed"), set(&["nas-03", "nas-04"]), "{}", played.text);
    }
    let waiting: Vec<String> = fleet.outgoing().into_iter().map(|(host, _)| host).collect();
    assert_eq!(waiting, ["nas-03", "nas-04"]);
    let again = fleet.plays(&[]);
    assert!(again.hosts("changed").is_empty(), "a renewal that waits is not made twice: {}", again.text);
    fleet.sign(&Term::Days(90));
    let added = fleet.plays(&[]);
    assert_eq!(added.changed["Certificates from the CA are added"], set(&["nas-03", "nas-04"]), "{}", added.text);
    let current: serde_json::Value =
        serde_json::from_str(&fleet.signet("nas-03", "csr show web --follow --json").worked()).unwrap();
    assert_eq!((&current["supersedes"], &current["san"][1]), (&"web".into(), &"DNS:files.example.com".into()));
    assert_eq!(fleet.signet("nas-04", "csr needs-renewal web --follow").code, 1);

    // A file with one certificate that is refused: the device fails with the reason, keeps nothing of it, and the others go on.
    let other = "csr create --name other --profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san o.local";
    fleet.signet("nas-05", other).worked();
    let other = fleet.signet("nas-05", "csr export other").worked();
    let web = fleet.signet("nas-05", "csr export web").worked();
    let expired = fleet.ca.sign_with(other.as_bytes(), "", &Term::Dates("20250101000000Z", "20250401000000Z"));
    let fitting = fleet.ca.sign_with(web.as_bytes(), "", &Term::Days(60));
    std::fs::write(fleet.at("incoming/nas-05.pem"), [expired, fitting, fleet.ca.issuing.clone()].concat()).unwrap();
    let before = fleet.log_lines();
    let played = fleet.play(&[]);
    assert_eq!(played.hosts("failed"), set(&["nas-05"]), "{}", played.text);
    assert!(played.text.contains("2025-04-01"), "{}", played.text);
    assert_eq!(fleet.log_lines(), before, "nothing of the file is kept");
}

#[test]
fn the_script_for_cron_renews_reports_and_keeps_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let (data, metrics, script) =
        (folder.path().join("data"), folder.path().join("metrics"), folder.path().join("signet.sh"));
    std::fs::create_dir(&metrics).unwrap();
    std::fs::write(&script, block("sh", "#!/bin/sh")).unwrap();
    let create = "csr create --name web --profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";
    assert_eq!(run(signet(&data).args(create.split(' ')), b"").code, 0);
    let cron = || {
        let mut command = Command::new("sh");
        command.arg(&script).env("SIGNET", signet(&data).get_program()).env("DATA", &data).env("METRICS", &metrics);
        run(&mut command, b"")
    };
    let ran = cron();
    assert_eq!(ran.code, 0, "{}", ran.err);
    let numbers = std::fs::read(metrics.join("signet.prom")).unwrap();
    let checked = run(Command::new("promtool").args(["check", "metrics"]), &numbers);
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert_eq!(std::fs::read_dir(&metrics).unwrap().count(), 1, "no half of a file is left");
    // A certificate whose time is over is renewed once.
    let ca = Authority::new();
    let request = run(signet(&data).args(["csr", "export", "web"]), b"").worked();
    let old = ca.sign_with(request.as_bytes(), "", &Term::Dates("20250101000000Z", "20250401000000Z"));
    let path = data.join("csrs/web.pem");
    let text = std::fs::read_to_string(&path).unwrap() + std::str::from_utf8(&old).unwrap();
    std::fs::write(&path, text).unwrap();
    let names = || std::fs::read_dir(data.join("csrs")).unwrap().count();
    for _ in 0..2 {
        let ran = cron();
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(String::from_utf8(ran.out).unwrap().contains("its certificate expired on"));
        assert_eq!(names(), 2);
    }
    // What is broken is told by the script's end, and the numbers of before stay.
    std::fs::write(&path, "nothing").unwrap();
    let ran = cron();
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(String::from_utf8(ran.out).unwrap().contains("BROKEN"));
}
