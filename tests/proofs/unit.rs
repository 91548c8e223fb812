//! One unit: a data directory, the command line over it, and the console that serves it.

use crate::alone::Alone;
use crate::client::Client;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// The owner's password in every proof.
pub const PASSWORD: &str = "correct horse battery staple";

/// What a `csr create` asks for where it does not matter: an EC key, which is made at once.
pub const ASKED: [&str; 14] = [
    "--key-type",
    "EC",
    "--country",
    "DE",
    "--state",
    "Berlin",
    "--city",
    "Berlin",
    "--organization",
    "Example",
    "--email",
    "root@nas.local",
    "--san",
    "nas.local",
];

/// The long numbers, asked for by `SIGNET_PROOFS=full`.
pub fn full() -> bool {
    std::env::var("SIGNET_PROOFS").is_ok_and(|how| how == "full")
}

/// xorshift64 from a printed seed.
pub struct Random(u64);

impl Random {
    pub fn new() -> Self {
        use std::hash::{BuildHasher, RandomState};
        let seed = std::env::var("SIGNET_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed: u64 = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        println!("SIGNET_SEED={seed}");
        Self(seed | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A data directory; it goes when the last clone is dropped. Until then no other proof runs.
#[derive(Clone)]
pub struct Unit {
    folder: Arc<TempDir>,
    data: PathBuf,
    _alone: Alone,
}

impl Unit {
    pub fn new() -> Self {
        let alone = Alone::wait();
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = folder.path().join("data");
        Self { folder, data, _alone: alone }
    }

    /// A unit with CSRs of these names.
    pub fn with(names: &[&str]) -> Self {
        let unit = Self::new();
        for name in names {
            unit.create(name);
        }
        unit
    }

    /// Another unit with the same CSRs, keys and all.
    pub fn copy(&self) -> Self {
        let copy = Self::new();
        let copied = Command::new("cp").arg("-a").arg(&self.data).arg(&copy.data).status().unwrap();
        assert!(copied.success());
        copy
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A file beside the data directory.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command line, with nothing of the tester's own surroundings.
    pub fn command(&self) -> Command {
        signet(&self.data)
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Standard output of a command that must work.
    pub fn works(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn create(&self, name: &str) {
        self.works(&[&["csr", "create", "--name", name], ASKED.as_slice()].concat());
    }

    /// Every CSR's name and state.
    pub fn states(&self) -> BTreeMap<String, String> {
        let listed: serde_json::Value = serde_json::from_str(&self.works(&["csr", "list", "--json"])).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        listed.as_array().unwrap().iter().map(|csr| (text(&csr["name"]), text(&csr["state"]))).collect()
    }

    /// The bytes of every CSR's file.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = self.data.join("csrs");
        if !folder.try_exists().unwrap() {
            return BTreeMap::new();
        }
        let listed = std::fs::read_dir(folder).unwrap();
        let file =
            |path: PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap());
        listed.map(|entry| file(entry.unwrap().path())).collect()
    }

    /// Starts over the directory as after a power cut, and has the doctor look: every CSR whole, nothing half-made.
    #[track_caller]
    pub fn is_whole(&self, when: &str) {
        let is_good = |state: &String| state == "ready" || state == "answered";
        assert!(self.states().values().all(is_good), "{when}: {:?}", self.states());
        let output = self.run(&["check", "--json"]);
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        for finding in report["findings"].as_array().unwrap() {
            // The room, the names and the user of the machine that tests are not what is proved here.
            let about = finding["about"].as_str().unwrap();
            let fine = finding["state"] == "fine"
                || ["space", "identity", "directory", "owner", "filesystem"].contains(&about);
            assert!(fine, "{when}: {finding}");
        }
    }

    /// Serves at a free port.
    pub fn serve(&self) -> Console {
        Console::start(self.clone(), &mut self.command())
    }
}

/// The command line over a directory.
pub fn signet(data: &Path) -> Command {
    plain(Command::new(program()), data)
}

/// The program that is proved: `SIGNET_BIN`, such as one that ships, or the one that was just built.
pub fn program() -> OsString {
    std::env::var_os("SIGNET_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_signet").into())
}

/// The command with nothing of the tester's own surroundings.
pub fn plain(mut command: Command, data: &Path) -> Command {
    for variable in [
        "SIGNET_DATA",
        "COLUMNS",
        "NO_COLOR",
        "STATE_DIRECTORY",
        "JOURNAL_STREAM",
        "NOTIFY_SOCKET",
        "LISTEN_FDS",
        "LISTEN_PID",
        "SIGNET_LOG",
    ] {
        command.env_remove(variable);
    }
    command.arg("--data").arg(data);
    command
}

/// A console that serves; killed when dropped.
pub struct Console {
    pub unit: Unit,
    pub child: Child,
    pub address: SocketAddr,
    pub setup_code: Option<String>,
    log: Arc<Mutex<String>>,
}

impl Console {
    /// As [`Unit::serve`], by a command of its own surroundings.
    pub fn start(unit: Unit, command: &mut Command) -> Self {
        Self::start_at(unit, command, "0.0.0.0:0")
    }

    /// As [`Console::start`], at addresses of the caller's.
    pub fn start_at(unit: Unit, command: &mut Command, listen: &str) -> Self {
        let serve = command.args(["serve", "--listen", listen, "--setup-code-file", "-"]).stdin(Stdio::null());
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let mut stderr = child.stderr.take().unwrap();
        std::thread::spawn({
            let log = Arc::clone(&log);
            move || {
                let mut chunk = [0; 4096];
                while let Ok(count @ 1..) = stderr.read(&mut chunk) {
                    log.lock().unwrap().push_str(&String::from_utf8_lossy(&chunk[..count]));
                }
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (mut address, mut setup_code) = (None, None);
        for line in lines.by_ref() {
            if let Some(url) = line.strip_prefix("URL:") {
                address = url.trim().strip_prefix("https://").and_then(|rest| rest.trim_end_matches('/').parse().ok());
            }
            if let Some(code) = line.strip_prefix("Setup code:") {
                setup_code = Some(code.trim().to_owned());
            }
            // The last one.
            if line.starts_with("Data:") {
                break;
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.unwrap_or_else(|| panic!("it does not serve: {}", log.lock().unwrap()));
        Self { unit, child, address, setup_code, log }
    }

    /// A visitor whose owner is logged in; sets the console up where it has no owner.
    pub fn owner(&self) -> Client {
        self.owner_at(self.address)
    }

    /// As [`Console::owner`], by another of its addresses.
    pub fn owner_at(&self, address: SocketAddr) -> Client {
        let mut client = Client::new(address);
        if self.unit.data().join("owner.json").exists() {
            let page = client.get("/login");
            let answer = client.send(&page, "/login", &[("password", PASSWORD)], None);
            assert_eq!(answer.status, 303, "{}", answer.text());
            return client;
        }
        let page = client.get("/setup");
        let typed = [
            ("setup_code", self.setup_code.as_deref().unwrap()),
            ("password", PASSWORD),
            ("password_confirm", PASSWORD),
        ];
        let answer = client.send(&page, "/setup", &typed, None);
        assert_eq!(answer.status, 303, "{}", answer.text());
        client
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }

    /// Resident memory, KiB: all of it for a program of the shipped size. What the kernel has read of a larger one, built without
    /// optimization, counts as much as the shipped program may be.
    pub fn resident(&self) -> u64 {
        const PROGRAM: u64 = 8 * 1024;
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let kib = |label: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(label)).unwrap();
            line.trim().trim_end_matches(" kB").trim().parse().unwrap()
        };
        kib("RssAnon:") + kib("RssShmem:") + kib("RssFile:").min(PROGRAM)
    }

    /// False when it has ended, or was killed.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Open files.
    pub fn open_files(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.id());
        match std::fs::read_dir(&folder) {
            Ok(files) => files.count(),
            // Of a process that is not dumpable only root reads the names; the number is the folder's size (Linux 6.2).
            Err(_) => usize::try_from(std::fs::metadata(&folder).unwrap().len()).unwrap(),
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
