//! Root's terminal stays root's while a command runs as the owner of the directory: that user may trace and steer their own
//! processes, and whoever holds a terminal can type into it.

use crate::root::{OWNER, given_away, is_root};
use crate::unit::{ASKED, PASSWORD, Unit};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A command that runs as root's on a terminal of its own, and what that shows.
struct Terminal {
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    shown: Vec<u8>,
    name: String,
    child: Child,
}

impl Terminal {
    /// `configure` puts a command behind the one that makes the terminal its session's.
    fn running(configure: impl FnOnce(&mut Command)) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap().into_string().unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let inside = rustix::fs::open(&name, flags, Mode::empty()).unwrap();
        let mut command = Command::new("setsid");
        // What the session's shell leaves open goes along: descriptor 7 is the terminal, too. A shell starts what runs in its
        // background without Ctrl-C, and the tests may run there.
        let session = r#"exec 7<>/dev/tty; exec env --default-signal=INT,QUIT "$@""#;
        command.args(["--ctty", "sh", "-c", session, "sh"]);
        for variable in
            ["SIGNET_DATA", "COLUMNS", "NO_COLOR", "STATE_DIRECTORY", "JOURNAL_STREAM", "NOTIFY_SOCKET", "SIGNET_LOG"]
        {
            command.env_remove(variable);
        }
        // Words are looked for; styles have a test of their own.
        command.env("NO_COLOR", "1").env("TERM", "xterm");
        configure(&mut command);
        let child = command
            .stdin(inside.try_clone().unwrap())
            .stdout(inside.try_clone().unwrap())
            .stderr(inside)
            .spawn()
            .unwrap();
        let keyboard = File::from(keyboard);
        let (send, screen) = channel();
        let mut reader = keyboard.try_clone().unwrap();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            // The end is an error, once nobody holds the other side.
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if send.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { keyboard, screen, shown: Vec::new(), name, child }
    }

    /// `signet` with these arguments, on `unit`.
    fn signet(unit: &Unit, program: &Path, arguments: &[&str]) -> Self {
        Self::running(|command| {
            command.arg(program).arg("--data").arg(unit.data()).args(arguments);
        })
    }

    /// Waits until the text is shown.
    #[track_caller]
    fn shows(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.shown().contains(text) {
            match self.screen.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown.extend(bytes),
                Err(_) => panic!("{text:?} is not shown: {}", self.shown()),
            }
        }
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    fn types(&mut self, keys: &[u8]) {
        self.keyboard.write_all(keys).unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The process that runs as the owner: the command's own, or a child of it.
    fn owners_process(&self) -> u32 {
        let end = Instant::now() + PATIENCE;
        let root = self.child.id();
        let uid = format!("\nUid:\t{OWNER}\t{OWNER}\t{OWNER}\t{OWNER}\n");
        loop {
            let is_ours = |pid: &u32| *pid == root || stat(*pid).is_some_and(|stat| stat[1] == root.to_string());
            let is_owners = |pid: &u32| {
                std::fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| status.contains(&uid))
            };
            let processes = std::fs::read_dir("/proc").unwrap();
            let mut pids = processes.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
            if let Some(pid) = pids.find(|pid| is_ours(pid) && is_owners(pid)) {
                return pid;
            }
            assert!(Instant::now() < end, "nothing runs as the owner: {}", self.shown());
            std::thread::yield_now();
        }
    }

    /// All that was shown to the end, and how the command ended.
    fn ends(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        while let Ok(bytes) = self.screen.recv_timeout(PATIENCE) {
            self.shown.extend(bytes);
        }
        (status, self.shown())
    }
}

/// The fields of `/proc/PID/stat` behind the name: state, parent, group, session, terminal.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// Runs a program as the directory's owner.
fn as_owner(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={OWNER}"), &format!("--regid={OWNER}"), "--clear-groups", program]);
    command
}

/// The owner reads no memory of the process and cannot trace it, by which it could be made to do anything.
#[track_caller]
fn is_out_of_reach(pid: u32) {
    let read = as_owner("dd").arg(format!("if=/proc/{pid}/mem")).args(["count=1", "bs=1"]).output().unwrap();
    assert!(String::from_utf8_lossy(&read.stderr).contains("Permission denied"), "{read:?}");
    let traced =
        as_owner("timeout").args(["10", "strace", "-qq", "-o", "/dev/null", "-p"]).arg(pid.to_string()).output();
    let traced = traced.unwrap();
    assert!(String::from_utf8_lossy(&traced.stderr).contains("Operation not permitted"), "{traced:?}");
}

fn gone(pid: u32) -> bool {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        // A zombie that nobody has waited for runs no more.
        if stat(pid).is_none_or(|stat| stat[0] == "Z") {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

#[test]
fn the_owners_process_has_no_terminal_and_is_out_of_the_owners_reach() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let mut terminal = Terminal::signet(&unit, &program, &["recover", "password"]);
    terminal.shows("Type yes to continue: ");
    let pid = terminal.owners_process();
    let stat = stat(pid).unwrap();
    assert_eq!((stat[3].as_str(), stat[4].as_str()), (pid.to_string().as_str(), "0"), "session and terminal");
    let open: Vec<_> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .map(|entry| std::fs::read_link(entry.unwrap().path()).unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(
        open.len() >= 3 && !open.iter().any(|file| *file == terminal.name || file.starts_with("/dev/tty")),
        "{open:?}"
    );
    is_out_of_reach(pid);
    terminal.types(b"no\n");
    let (status, shown) = terminal.ends();
    assert!(status.code() == Some(1) && shown.contains("Nothing was changed."), "{status}: {shown}");
}

#[test]
fn a_recovery_is_asked_for_on_roots_terminal() {
    if !is_root() {
        return;
    }
    let unit = Unit::with(&["other"]);
    unit.serve().owner();
    assert!(unit.data().join("owner.json").exists(), "{PASSWORD}");
    let (unit, program) = crate::root::given(unit);
    for (typed, is_done) in [("no\n", false), ("\x04", false), ("yes\n", true)] {
        let mut terminal = Terminal::signet(&unit, &program, &["recover", "password"]);
        terminal.shows("Type yes to continue: ");
        // It is root that is asked: nobody else reads here.
        terminal.types(typed.as_bytes());
        let (status, shown) = terminal.ends();
        assert_eq!(status.code(), Some(if is_done { 0 } else { 1 }), "{shown}");
        assert_eq!(shown.contains("Done: recover password"), is_done, "{shown}");
        assert_eq!(unit.data().join("owner.json").exists(), !is_done);
    }
}

#[test]
fn what_is_pasted_on_the_terminal_reaches_the_command() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let [request, key] = ["request", "key"].map(|name| unit.beside(name));
    let config = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=nas.local/C=DE"];
    let san = ["-addext", "subjectAltName=DNS:nas.local"];
    let made =
        Command::new("openssl").args(config).args(san).arg("-out").arg(&request).arg("-keyout").arg(&key).output();
    assert!(made.unwrap().status.success());
    std::fs::set_permissions(&request, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let mut terminal = Terminal::running(|command| {
        command.arg(&program).arg("--data").arg(unit.data());
        command.args(["csr", "import", "--name", "pasted", "--key", "-", "--request"]).arg(&request);
    });
    let pasted = std::fs::read(&key).unwrap();
    terminal.types(&[&pasted, b"\x04".as_slice()].concat());
    let (status, shown) = terminal.ends();
    assert!(status.success(), "{shown}");
    assert!(unit.data().join("csrs/pasted.pem").exists());
}

#[test]
fn styles_and_the_width_reach_the_owners_process_and_back() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let list = |configure: &dyn Fn(&mut Command)| {
        let terminal = Terminal::running(|command| {
            configure(command);
            // The shell's own, which a terminal that says nothing leaves to the variable.
            command.arg("env").arg("COLUMNS=40").arg(&program).arg("--data").arg(unit.data()).args(["csr", "list"]);
        });
        let (status, shown) = terminal.ends();
        assert!(status.success(), "{shown}");
        shown
    };
    let plain = list(&|_| {});
    assert!(plain.contains("NAME") && !plain.contains('\u{1b}'), "{plain}");
    assert!(plain.lines().all(|line| line.trim_end().chars().count() <= 60), "{plain}");
    let styled = list(&|command| {
        command.env_remove("NO_COLOR");
    });
    assert!(styled.contains("\u{1b}[1mNAME") && styled.contains("\u{1b}[0m") && !styled.contains("\\u{"), "{styled}");
}

#[test]
fn exit_codes_pass_and_ctrl_c_ends_both() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let (status, shown) = Terminal::signet(&unit, &program, &["csr", "show", "missing"]).ends();
    assert!(status.code() == Some(66) && shown.contains("error: "), "{status}: {shown}");
    let (status, shown) = Terminal::signet(&unit, &program, &["csr", "list"]).ends();
    assert!(status.success() && shown.contains("other"), "{status}: {shown}");
    for (keys, code) in [(b"\x03", 130), (b"\x1c", 131)] {
        let mut terminal = Terminal::signet(&unit, &program, &["recover", "password"]);
        terminal.shows("Type yes to continue: ");
        let pid = terminal.owners_process();
        terminal.types(keys);
        let (status, shown) = terminal.ends();
        assert_eq!(status.code(), Some(code), "{shown}");
        assert!(gone(pid));
    }
    // Who kills root's process ends the owner's.
    let mut terminal = Terminal::signet(&unit, &program, &["recover", "password"]);
    terminal.shows("Type yes to continue: ");
    let pid = terminal.owners_process();
    terminal.signal(Signal::KILL);
    terminal.ends();
    assert!(gone(pid));
}

#[test]
fn a_terminal_gets_text_and_a_file_gets_every_byte() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let der = unit.run(&["csr", "export", "other", "--der"]).stdout;
    assert!(der.iter().any(|byte| *byte < 9) && der.iter().any(|byte| *byte > 127));
    let (status, shown) = Terminal::signet(&unit, &program, &["csr", "export", "other", "--der"]).ends();
    // The terminal makes CR and LF of each newline.
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t') || c == char::REPLACEMENT_CHARACTER;
    assert!(status.success() && !shown.is_empty() && !shown.contains(obeyed), "{shown:?}");
    let file = unit.beside("request.der");
    let (status, shown) = Terminal::running(|command| {
        command.args(["sh", "-c", r#"out=$1; shift; exec "$@" > "$out""#, "sh"]).arg(&file).arg(&program);
        command.arg("--data").arg(unit.data()).args(["csr", "export", "other", "--der"]);
    })
    .ends();
    assert!(status.success() && shown.is_empty(), "{shown}");
    assert_eq!(std::fs::read(&file).unwrap(), der);
}

#[test]
fn a_console_that_root_serves_on_a_terminal_is_told_to_reload_and_to_stop() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let path = unit.beside("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let next = || {
        let mut bytes = [0; 4096];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    let mut terminal = Terminal::running(|command| {
        command.env("NOTIFY_SOCKET", &path).arg(&program).arg("--data").arg(unit.data());
        command.args(["serve", "--listen", "127.0.0.1:0"]);
    });
    let main = next();
    assert!(next().contains("READY=1"));
    let pid = terminal.owners_process();
    assert_eq!(main.trim(), format!("MAINPID={pid}"), "systemd hears the process that serves");
    terminal.shows("Data:");
    is_out_of_reach(pid);
    terminal.signal(Signal::HUP);
    assert!(next().contains("RELOADING=1"));
    assert!(next().contains("READY=1"));
    terminal.signal(Signal::TERM);
    assert!(next().contains("STOPPING=1"));
    let (status, shown) = terminal.ends();
    assert!(status.success(), "{shown}");
}

#[test]
fn a_socket_of_systemds_reaches_the_process_that_serves() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let port = signet_testing::free_port();
    let listen = format!("--listen=127.0.0.1:{port}");
    let mut terminal = Terminal::running(|command| {
        command
            .args(["systemd-socket-activate", &listen, "--fdname=https"])
            .arg(&program)
            .arg("--data")
            .arg(unit.data());
    });
    terminal.shows("Listening on");
    let mut visitor = TcpStream::connect(("127.0.0.1", port)).unwrap();
    terminal.shows(&format!("https://127.0.0.1:{port}/"));
    // An answer, if only the hint for plain HTTP: from then on signals are listened for.
    visitor.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    visitor.set_read_timeout(Some(PATIENCE)).unwrap();
    visitor.read_exact(&mut [0; 8]).unwrap();
    let pid = terminal.owners_process();
    assert_ne!(pid, terminal.child.id());
    terminal.signal(Signal::TERM);
    let (status, shown) = terminal.ends();
    assert!(status.success(), "{shown}");
}

/// As the units run it: no process of the same user gets at the memory, from the first line of `main`; and what a process
/// may not do then (`/proc/self` is root's) is not missed.
#[test]
fn every_command_is_out_of_reach_of_its_own_user() {
    if !is_root() {
        return;
    }
    let (unit, program) = given_away();
    let log = unit.beside("trace");
    let trace = Command::new("strace").args(["-f", "-o"]).arg(&log).arg(&program).arg("--version").output().unwrap();
    assert!(trace.status.success(), "{trace:?}");
    let trace = std::fs::read_to_string(&log).unwrap();
    let first = trace.find("prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE)").unwrap_or_else(|| panic!("{trace}"));
    assert!(first < trace.find("write(1").unwrap() && trace.contains("RLIMIT_CORE"), "{trace}");

    let create = as_owner(program.to_str().unwrap())
        .arg("--data")
        .arg(unit.data())
        .args(["csr", "create", "--name", "mine"])
        .args(ASKED)
        .output()
        .unwrap();
    assert!(create.status.success(), "{create:?}");
    let left: Vec<_> =
        std::fs::read_dir(unit.data().join("csrs")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.len() == 2 && left.iter().any(|name| name == "mine.pem"), "{left:?}");

    let mut serve = as_owner(program.to_str().unwrap())
        .arg("--data")
        .arg(unit.data())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Held to the end: a console that cannot say where it is stops.
    let mut lines = BufReader::new(serve.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.by_ref().any(|line| line.starts_with("Data:")));
    is_out_of_reach(serve.id());
    assert!(serve.try_wait().unwrap().is_none(), "it was there to be traced");
    serve.kill().unwrap();
    serve.wait().unwrap();
}
