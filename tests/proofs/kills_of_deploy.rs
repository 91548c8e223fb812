//! `signet deploy` killed before every system call: through `live` there is the old pair or the new one, never a mixture, and
//! the next run finishes, tells the service, and leaves nothing behind. The same where the copies are taken away.

use crate::strace::{allowed, read, under};
use crate::unit::{Unit, full};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A unit whose CSR `one` is handed to a service, in the state before the run that is killed.
struct Device(Unit);

impl Device {
    /// `one` is answered and wanted, and was handed over; the second answer, of a renewal with a new key, is there.
    fn before_a_renewal() -> Self {
        let device = Self::with_copies();
        device.ready("two");
        let id = device.record("one")["id"].clone();
        device.set("two", "supersedes", id);
        device
    }

    /// As above without the renewal: the owner has taken the word back.
    fn before_the_end() -> Self {
        let device = Self::with_copies();
        device.set("one", "deploy", false.into());
        device
    }

    fn with_copies() -> Self {
        let device = Self::listed();
        device.ready("one");
        let output = device.deploy().output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        device
    }

    /// The service is set up; it writes down which version it was told of.
    fn listed() -> Self {
        let device = Self(Unit::new());
        let script =
            format!("readlink {}/one/live >> {}", device.copies().display(), device.0.beside("told").display());
        let entry = format!("[[deploy]]\ncsr = \"one\"\nreload = [\"/bin/sh\", \"-c\", \"{script}\"]\n");
        std::fs::write(device.0.beside("deploy.toml"), format!("directory = {:?}\n{entry}", device.copies())).unwrap();
        device
    }

    /// The same state elsewhere.
    fn again(&self) -> Self {
        let device = Self::listed();
        for (from, to) in [(self.0.data(), device.0.data()), (&self.copies(), &device.copies())] {
            assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
        }
        device
    }

    fn copies(&self) -> PathBuf {
        self.0.beside("copies")
    }

    /// A certificate for the CSR's own key, and the owner's word.
    fn ready(&self, name: &str) {
        self.0.create(name);
        let file = self.file(name);
        let key = file.to_str().unwrap();
        let output = openssl(&["req", "-x509", "-key", key, "-subj", "/CN=nas", "-days", "10"]);
        let text = std::fs::read_to_string(&file).unwrap() + &String::from_utf8(output.stdout).unwrap();
        std::fs::write(&file, text).unwrap();
        self.set(name, "deploy", true.into());
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.data().join(format!("csrs/{name}.pem"))
    }

    fn parts(&self, name: &str) -> [String; 3] {
        let text = std::fs::read_to_string(self.file(name)).unwrap();
        let (before, rest) = text.split_once("-----BEGIN SIGNET RECORD-----\n").unwrap();
        let (record, after) = rest.split_once("-----END SIGNET RECORD-----\n").unwrap();
        [before.to_owned(), record.replace('\n', ""), after.to_owned()]
    }

    fn record(&self, name: &str) -> serde_json::Value {
        use base64::Engine;
        let [_, record, _] = self.parts(name);
        serde_json::from_slice(&base64::engine::general_purpose::STANDARD.decode(record).unwrap()).unwrap()
    }

    fn set(&self, name: &str, field: &str, value: serde_json::Value) {
        use base64::Engine;
        let mut record = self.record(name);
        record[field] = value;
        let record = base64::engine::general_purpose::STANDARD.encode(record.to_string());
        let lines: Vec<&str> = record.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let [before, _, after] = self.parts(name);
        let begin = "-----BEGIN SIGNET RECORD-----\n";
        let text = format!("{before}{begin}{}\n-----END SIGNET RECORD-----\n{after}", lines.join("\n"));
        std::fs::write(self.file(name), text).unwrap();
    }

    /// Root's side.
    fn deploy(&self) -> Command {
        let mut command = self.0.command();
        command.arg("--config").arg(self.0.beside("deploy.toml")).arg("deploy");
        command
    }

    /// The public key that the service finds, by certificate and by key alike; none without a live version.
    fn live(&self, when: &str) -> Option<Vec<u8>> {
        let live = self.copies().join("one/live");
        std::fs::symlink_metadata(&live).ok()?;
        let file = |name: &str| live.join(name).to_str().unwrap().to_owned();
        let key = openssl(&["pkey", "-pubout", "-in", &file("privkey.pem")]);
        for name in ["cert.pem", "fullchain.pem"] {
            let certificate = openssl(&["x509", "-noout", "-pubkey", "-in", &file(name)]);
            assert!(certificate.status.success() && certificate.stdout == key.stdout, "{when}: a mixed pair");
        }
        Some(key.stdout)
    }

    fn told(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.0.beside("told")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).output().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What changes something, gives it away or starts a command. The long mode takes every call.
const CHANGING: &str =
    "openat,write,fsync,renameat2,renameat,unlinkat,mkdirat,symlinkat,fchmod,fchown,flock,vfork,clone3";

/// How often a run makes each call. Its children are not traced: what is configured to be run is not ours.
fn calls(device: &Device) -> BTreeMap<String, usize> {
    let to = device.0.beside("trace");
    let filter = if full() { "trace=all".to_owned() } else { format!("trace={CHANGING}") };
    let output = under(&["-e", &filter], &to, &device.deploy()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut counts = BTreeMap::new();
    // Of the threads that strace saw the run itself is the one that begins with the program.
    let own =
        read(&to).into_iter().max_by_key(|calls| calls.iter().filter(|call| call.line.contains("/copies")).count());
    for call in own.unwrap() {
        // A start is strace's; between these calls nothing changes that anybody could see.
        let passive = ["execve", "exit_group", "brk", "mmap", "munmap", "mprotect", "rt_sigaction", "rt_sigprocmask"];
        if !passive.contains(&call.name.as_str()) {
            *counts.entry(call.name).or_default() += 1;
        }
    }
    counts
}

/// Kills a run at each of its calls, and lets the next one finish. `judge` looks at both, told what the state before was.
fn killed_everywhere(before: &Device, judge: impl Fn(&Device, bool, &str) -> bool) {
    let counts = calls(&before.again());
    let (mut runs, mut seen) = (0, [0, 0]);
    for (call, count) in counts {
        for number in 1..=count {
            let device = before.again();
            let when = format!("killed before {call} {number}");
            let inject = format!("inject={call}:signal=KILL:when={number}");
            let trace = format!("trace={call}");
            // Without -f, so that the call of a child is not counted.
            let run = device.deploy();
            let mut strace = Command::new("strace");
            strace.args(["-o", "/dev/null", "-e", &trace, "-e", &inject]).arg(run.get_program()).args(run.get_args());
            let output = strace.output().unwrap();
            if output.status.success() {
                // The reload is waited for by looking; how often is chance.
                assert!(
                    ["wait4", "clock_nanosleep", "nanosleep", "clock_gettime"].contains(&call.as_str()),
                    "{when}: it was not"
                );
                continue;
            }
            runs += 1;
            seen[usize::from(judge(&device, false, &when))] += 1;
            let next = device.deploy().output().unwrap();
            assert!(next.status.success(), "{when}: {}", String::from_utf8_lossy(&next.stderr));
            assert!(judge(&device, true, &when), "{when}: the next run did not finish");
        }
    }
    println!("killed at {runs} calls, old state {} times, new {}", seen[0], seen[1]);
    assert!(seen[0] > 0 && seen[1] > 0, "the kills did not reach both sides: {seen:?}");
}

#[test]
fn a_renewal_is_there_whole_or_not_at_all_and_the_service_is_told() {
    if !allowed() {
        return;
    }
    let key_of =
        |device: &Device, name: &str| openssl(&["pkey", "-pubout", "-in", device.file(name).to_str().unwrap()]).stdout;
    killed_everywhere(&Device::before_a_renewal(), |device, over, when| {
        let live = device.live(when).unwrap_or_else(|| panic!("{when}: nothing is live"));
        let is_new = live == key_of(device, "two");
        assert!(is_new || live == key_of(device, "one"), "{when}");
        if over {
            let folder = device.copies().join("one");
            let version = std::fs::read_link(folder.join("live")).unwrap();
            assert_eq!(device.told().last().unwrap(), version.to_str().unwrap(), "{when}: the service was not told");
            let left = names(&folder);
            assert!(left.len() == 5 && left.iter().all(|name| !name.starts_with('.')), "{when}: {left:?}");
            assert_eq!(std::fs::read_to_string(folder.join("reloaded")).unwrap().trim(), version.to_str().unwrap());
        }
        is_new
    });
}

#[test]
fn what_is_taken_away_goes_link_first() {
    if !allowed() {
        return;
    }
    killed_everywhere(&Device::before_the_end(), |device, over, when| {
        let gone = device.live(when).is_none();
        if over {
            assert_eq!(names(&device.copies()), [".lock"], "{when}");
        }
        gone
    });
}
