//! The real binary as a process over a directory of its own, and its command line over the same directory.

use super::browser::Browser;
use super::origin::Origin;
use rustix::process::{Pid, Signal, kill_process};
use signet_testing::until;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

/// The owner's password in every test.
pub const PASSWORD: &str = "correct horse battery staple";

/// A console that serves. It ends when it is dropped.
pub struct Console {
    child: Child,
    folder: Arc<TempDir>,
    data: PathBuf,
    pub origin: Origin,
    /// What it printed before it began to serve.
    pub printed: Vec<(String, String)>,
    log: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Console {
    /// The first start over an empty directory.
    pub fn first_boot() -> Self {
        Self::start(Arc::new(tempfile::tempdir().unwrap()), &[])
    }

    /// A console whose owner is logged in.
    pub fn owned() -> (Self, Browser) {
        let console = Self::first_boot();
        let browser = console.set_up();
        (console, browser)
    }

    /// The same with every log line that there is.
    pub fn owned_and_talkative() -> (Self, Browser) {
        let console = Self::start(Arc::new(tempfile::tempdir().unwrap()), &[("SIGNET_LOG", "trace")]);
        let browser = console.set_up();
        (console, browser)
    }

    /// A start over a folder whose `data` was made before.
    pub fn start_over(folder: Arc<TempDir>) -> Self {
        Self::start(folder, &[])
    }

    /// A start over a data directory that lies in another folder.
    pub fn start_at(data: &Path) -> Self {
        Self::start_over_path(Arc::new(tempfile::tempdir().unwrap()), data, &[])
    }

    /// The same with these variables.
    pub fn start_at_with(data: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_over_path(Arc::new(tempfile::tempdir().unwrap()), data, environment)
    }

    fn start(folder: Arc<TempDir>, environment: &[(&str, &str)]) -> Self {
        let data = folder.path().join("data");
        Self::start_over_path(folder, &data, environment)
    }

    /// A first start with this configuration, which also listens at these places. `SOCKET` in them is a path in its folder.
    pub fn listening_at(places: &[&str], config: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("signet.toml"), config).unwrap();
        let socket = folder.path().join("signet.sock");
        let places = places.iter().map(|place| place.replace("SOCKET", socket.to_str().unwrap())).collect::<Vec<_>>();
        Self::start_listening(folder, &data, &[], &places)
    }

    /// The Unix socket of [`Console::listening_at`].
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("signet.sock")
    }

    fn start_over_path(folder: Arc<TempDir>, data: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_listening(folder, data, environment, &[])
    }

    fn start_listening(folder: Arc<TempDir>, data: &Path, environment: &[(&str, &str)], places: &[String]) -> Self {
        let mut command = signet(data);
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--setup-code-file", "-"])
            .args(places.iter().flat_map(|place| ["--listen", place]))
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (sender, lines) = mpsc::channel();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let readers = vec![
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines() {
                    let _ = sender.send(line.unwrap());
                }
            }),
            std::thread::spawn({
                let log = Arc::clone(&log);
                move || copy(stderr, &log)
            }),
        ];
        let mut printed = Vec::new();
        // The last line before it serves is the data directory's.
        while printed.last().is_none_or(|(label, _): &(String, String)| label != "Data") {
            let line = lines.recv_timeout(Duration::from_secs(120)).unwrap_or_else(|_| {
                let _ = child.kill();
                panic!("it does not serve: {printed:?} {}", String::from_utf8_lossy(&log.lock().unwrap()))
            });
            let (label, value) = line.split_once(": ").unwrap_or((&line, ""));
            printed.push((label.to_owned(), value.trim().to_owned()));
        }
        let said = |label: &str| said(&printed, label);
        let url = said("URL");
        let address = url.strip_prefix("https://").and_then(|rest| rest.strip_suffix('/')).unwrap().parse().unwrap();
        let fingerprint = said("Fingerprint");
        let fingerprint = fingerprint.split(' ').next().unwrap();
        let fingerprint = fingerprint.split(':').map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
        let origin = Origin { address, fingerprint, proxied: None };
        Self { child, folder, data: data.to_owned(), origin, printed, log, readers }
    }

    /// What stands behind a label of the lines printed at start.
    pub fn said(&self, label: &str) -> String {
        said(&self.printed, label)
    }

    /// A browser that was never here.
    pub fn browser(&self) -> Browser {
        Browser::new(self.origin.clone())
    }

    pub fn set_up(&self) -> Browser {
        let mut browser = self.browser();
        let form = browser.get("/").form("/setup");
        let form = form.set("setup_code", &self.said("Setup code"));
        let sent = form.set("password", PASSWORD).set("password_confirm", PASSWORD).enter();
        browser.send(sent).expect(200, "Certificate Signing Requests");
        browser
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// What it wrote to standard error so far.
    pub fn log(&self) -> Vec<u8> {
        self.log.lock().unwrap().clone()
    }

    /// The same once this text is in it. The console writes and this process reads at the same time, so what it has written
    /// need not have come here yet.
    pub fn log_with(&self, text: &str) -> String {
        let log = || String::from_utf8(self.log()).unwrap();
        until(&format!("{text:?} is not in the log"), || log().contains(text));
        log()
    }

    /// All that it wrote to standard error, after it was ended as `kill -9` ends it.
    pub fn whole_log(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        String::from_utf8(self.log()).unwrap()
    }

    /// The process's resident memory.
    pub fn resident_kib(&self) -> u64 {
        self.status_kib("VmRSS:")
    }

    /// The most resident memory that it had so far.
    pub fn peak_kib(&self) -> u64 {
        self.status_kib("VmHWM:")
    }

    /// A figure of proc_pid_status(5).
    fn status_kib(&self, label: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(label)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Fails unless it still serves.
    pub fn lives(&mut self) {
        assert_eq!(self.child.try_wait().unwrap(), None, "it ended: {}", String::from_utf8_lossy(&self.log()));
        let answer = self.browser().get_once("/healthz");
        assert_eq!((answer.status, answer.body), (200, b"ok\n".to_vec()));
    }

    /// The process, as `kill -9` ends it, and a new one over the same directory.
    pub fn kill_and_start_again(mut self) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        Self::start(Arc::clone(&self.folder), &[])
    }

    /// A new process over the same directory, after the old one has ended.
    pub fn start_again(self) -> Self {
        let (folder, data) = (Arc::clone(&self.folder), self.data.clone());
        drop(self);
        Self::start_over_path(folder, &data, &[])
    }

    /// Asks it to end.
    pub fn terminate(&mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Runs a command over the same directory.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        run(signet(&self.data()).args(arguments), b"")
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.readers.drain(..).for_each(|reader| drop(reader.join()));
    }
}

fn said(printed: &[(String, String)], label: &str) -> String {
    let found = printed.iter().find(|(other, _)| other == label);
    found.unwrap_or_else(|| panic!("no line {label} in {printed:?}")).1.clone()
}

fn copy(mut from: impl Read, to: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        to.lock().unwrap().extend_from_slice(&chunk[..count]);
    }
}

/// The command line over a data directory, with nothing of the tester's own surroundings. `SIGNET_BIN` names another
/// binary than Cargo's, and `SIGNET_RUNNER` the emulator that runs it: `cross/smoke` tests what ships by them.
pub fn signet(data: &Path) -> Command {
    let mut command = plain_signet();
    command.arg("--data").arg(data);
    command
}

/// The same without a data directory.
pub fn plain_signet() -> Command {
    let binary = std::env::var_os("SIGNET_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_signet").into());
    let runner = std::env::var_os("SIGNET_RUNNER").filter(|runner| !runner.is_empty());
    let mut command = Command::new(runner.as_ref().unwrap_or(&binary));
    if runner.is_some() {
        command.arg(&binary);
    }
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
        "INVOCATION_ID",
    ] {
        command.env_remove(variable);
    }
    command
}

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

impl Ran {
    /// Standard output, of a command that worked.
    pub fn worked(self) -> String {
        assert_eq!(self.code, 0, "{}", self.err);
        String::from_utf8(self.out).unwrap()
    }

    /// As [`Ran::refused`], of a command that said before how far it got.
    pub fn refused_after_notes(mut self, code: i32) -> (String, String) {
        let lines: Vec<&str> = self.err.lines().collect();
        let first = lines.iter().position(|line| line.starts_with("error: ")).unwrap_or(0);
        self.err = lines[first..].join("\n");
        self.refused(code)
    }

    /// Standard error's two lines, of a command that did not: what failed, and what to do.
    pub fn refused(self, code: i32) -> (String, String) {
        let lines: Vec<&str> = self.err.lines().collect();
        assert_eq!(self.code, code, "{}", self.err);
        assert_eq!(lines.len(), 2, "an error is two lines: {}", self.err);
        let is_json = self.out.starts_with(b"{\"schema\":2,\"error\":");
        assert!(self.out.is_empty() || is_json, "a refusal prints nothing: {}", String::from_utf8_lossy(&self.out));
        let what = lines[0].strip_prefix("error: ").unwrap_or_else(|| panic!("no error: {}", self.err));
        (what.to_owned(), lines[1].to_owned())
    }
}

/// Runs a command to its end with `input` on its standard input.
pub fn run(command: &mut Command, input: &[u8]) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    // It may end without having read everything.
    let _ = child.stdin.take().unwrap().write_all(input);
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    Ran { code: status.code().unwrap_or(-1), out: stdout, err: String::from_utf8_lossy(&stderr).into_owned() }
}
