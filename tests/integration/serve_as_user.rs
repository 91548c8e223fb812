//! `serve --user`: the sockets are root's to open, and everything after that is done by a user without any right of root's.

use crate::harness::console::{Ran, run};
use crate::harness::terminal::on_terminal;
use crate::harness::unprivileged::{Unprivileged, is_root};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The user of the tests, in every /etc/passwd.
const NOBODY: u32 = 65534;

/// A data directory of nobody's, and a folder that is root's alone.
struct Scene {
    user: Unprivileged,
    roots: tempfile::TempDir,
}

impl Scene {
    /// None where the tests are not root's.
    fn new() -> Option<Self> {
        if !is_root() {
            signet_testing::skip("only root becomes another user");
            return None;
        }
        let scene = Self { user: Unprivileged::new(), roots: tempfile::tempdir().unwrap() };
        std::fs::create_dir(scene.data()).unwrap();
        std::fs::set_permissions(scene.data(), PermissionsExt::from_mode(0o700)).unwrap();
        scene.user.owns(&scene.data());
        std::fs::set_permissions(scene.roots.path(), PermissionsExt::from_mode(0o700)).unwrap();
        Some(scene)
    }

    fn data(&self) -> PathBuf {
        self.user.at("data")
    }

    fn at(&self, name: &str) -> String {
        self.roots.path().join(name).to_str().unwrap().to_owned()
    }

    fn serve(&self, arguments: &str) -> Command {
        let mut command = Command::new(self.user.at("signet"));
        command.env_remove("SIGNET_DATA").env_remove("STATE_DIRECTORY").arg("--data").arg(self.data());
        command.args(["serve", "--user", "nobody"]).args(arguments.split_whitespace());
        command
    }

    fn refused(&self, arguments: &str, code: i32) -> (String, String) {
        run(&mut self.serve(arguments), b"").refused(code)
    }
}

/// A console that serves, and what it printed.
struct Started {
    child: Child,
    printed: Vec<String>,
}

impl Started {
    fn new(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut printed: Vec<String> = Vec::new();
        while printed.last().is_none_or(|line| !line.starts_with("Data:")) {
            let Some(line) = lines.next() else {
                let mut said = String::new();
                child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("it does not serve: {printed:?} {said}");
            };
            printed.push(line);
        }
        Self { child, printed }
    }

    fn said(&self, label: &str) -> &str {
        let line = self.printed.iter().find(|line| line.starts_with(label));
        line.unwrap_or_else(|| panic!("{label}: {:?}", self.printed)).split_once(": ").unwrap().1.trim()
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

/// A port that only root may listen on, on loopback.
fn low_port() -> u16 {
    let free = (600..1024).rev().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("a port below 1024 is free")
}

fn is_code(text: &str) -> bool {
    text.len() == 19 && text.split('-').all(|group| group.len() == 4)
}

/// Every thread of a process is the user's, with nothing of root's left and no way back.
fn has_no_rights(pid: &str) {
    let mut threads = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let status = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
        let line = |label: &str| {
            let found = status.lines().find_map(|line| line.strip_prefix(label)).unwrap_or_else(|| panic!("{label}"));
            found.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        };
        let user = vec![NOBODY.to_string(); 4];
        assert_eq!((line("Uid:"), line("Gid:"), line("Groups:")), (user.clone(), user, Vec::<String>::new()));
        for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
            assert_eq!(line(set), ["0000000000000000"], "{set}");
        }
        assert_eq!(line("NoNewPrivs:"), ["1"]);
        threads += 1;
    }
    assert!(threads > 1);
}

#[test]
fn a_low_port_and_a_unix_socket_of_roots_are_served_by_a_user_without_rights() {
    let Some(scene) = Scene::new() else { return };
    let (port, socket) = (low_port(), scene.at("signet.sock"));
    let config = scene.at("signet.toml");
    // The console reads it, too.
    std::fs::set_permissions(scene.roots.path(), PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(
        &config,
        format!("listen = [\"127.0.0.1:{port}\", \"unix:{socket}\"]\n[proxy]\ntrusted = [\"unix\"]\n"),
    )
    .unwrap();
    let started = Started::new(scene.serve("--setup-code-file -").arg("--config").arg(&config));
    assert_eq!(started.said("URL"), format!("https://127.0.0.1:{port}/"));
    assert!(is_code(started.said("Setup code")), "{:?}", started.printed);
    let found = std::fs::metadata(&socket).unwrap();
    assert_eq!((found.uid(), found.mode() & 0o777), (0, 0o660));
    for entry in std::fs::read_dir(scene.data()).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().uid(), NOBODY, "{:?}", entry.path());
    }
    let shown = run(Command::new("curl").args(["-sk", &format!("https://127.0.0.1:{port}/healthz")]), b"").worked();
    assert_eq!(shown, "ok\n");
    let shown = run(Command::new("curl").args(["-s", "--unix-socket", &socket, "http://nas/healthz"]), b"").worked();
    assert_eq!(shown, "ok\n");
    has_no_rights(&started.child.id().to_string());
    // Nobody of the same user reads its memory.
    let memory = run(
        Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", "cat"])
            .arg(format!("/proc/{}/environ", started.child.id())),
        b"",
    );
    assert_ne!(memory.code, 0);
    started.end();
}

#[test]
fn who_is_not_root_and_who_would_stay_root_is_refused() {
    let Some(scene) = Scene::new() else { return };
    let other = run(scene.user.signet(&scene.data()).args(["serve", "--user", "nobody"]), b"");
    assert!(other.refused(77).0.contains("only root can"));
    let as_user = |name: &str| {
        let mut command = Command::new(scene.user.at("signet"));
        run(command.arg("--data").arg(scene.data()).args(["serve", "--listen", "127.0.0.1:0", "--user", name]), b"")
    };
    for (name, what) in [("root", "is root"), ("no-such-user", "There is no user"), ("", "There is no user")] {
        let (said, _) = as_user(name).refused(65);
        assert!(said.starts_with("--user: ") && said.contains(what), "{said}");
    }
    assert_eq!(std::fs::read_dir(scene.data()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn a_data_directory_of_another_user_and_one_that_cannot_be_made_are_refused() {
    let Some(scene) = Scene::new() else { return };
    let serve = |data: &Path| {
        let mut command = Command::new(scene.user.at("signet"));
        command.arg("--data").arg(data).args(["serve", "--user", "nobody", "--listen", "127.0.0.1:0"]);
        run(command.args(["--setup-code-file", "-"]), b"")
    };
    let roots = scene.roots.path().join("data");
    std::fs::create_dir(&roots).unwrap();
    std::fs::set_permissions(scene.roots.path(), PermissionsExt::from_mode(0o755)).unwrap();
    for data in [roots.clone(), scene.roots.path().join("new")] {
        let ran: Ran = serve(&data);
        assert_eq!(ran.code, 77, "{}", ran.err);
    }
    assert_eq!(std::fs::read_dir(&roots).unwrap().count(), 0);
    assert!(!scene.roots.path().join("new").exists());
}

#[test]
fn what_the_user_could_have_written_does_not_say_where_root_listens() {
    let Some(scene) = Scene::new() else { return };
    let port = low_port();
    let config = scene.data().join("signet.toml");
    std::fs::write(&config, format!("listen = [\"127.0.0.1:{port}\"]\n[limits]\ncsrs = 7\n")).unwrap();
    scene.user.owns(&config);
    let started = Started::new(&mut scene.serve("--listen 127.0.0.1:0 --setup-code-file -"));
    assert!(!started.said("URL").ends_with(&format!(":{port}/")));
    started.end();
    // Without a flag, too; the system's file may name a place that is taken here.
    if !Path::new("/etc/signet/signet.toml").exists() {
        match TcpListener::bind("127.0.0.1:8443") {
            Ok(free) => {
                drop(free);
                let started = Started::new(&mut scene.serve(""));
                assert_eq!(started.said("URL"), "https://127.0.0.1:8443/");
                let said = started.end();
                assert!(said.contains("`listen` and `redirect` in") && said.contains("are ignored"), "{said}");
            }
            Err(_) => drop(scene.refused("", 69)),
        }
    }
}

#[test]
fn the_code_goes_into_a_file_of_roots_that_is_new_or_empty() {
    let Some(scene) = Scene::new() else { return };
    let (file, taken) = (scene.at("code"), scene.at("taken"));
    std::fs::write(&taken, "mine").unwrap();
    let open = scene.at("open");
    std::fs::write(&open, "").unwrap();
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o644)).unwrap();
    let link = scene.at("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    for path in [&taken, &open, &link] {
        let (said, _) = scene.refused(&format!("--listen 127.0.0.1:0 --setup-code-file {path}"), 79);
        assert!(said.contains(path.as_str()), "{said}");
        assert_eq!(std::fs::read_dir(scene.data()).unwrap().count(), 0);
    }
    scene.refused(&format!("--listen 127.0.0.1:0 --setup-code-file {}", scene.at("none/code")), 73);
    assert_eq!((std::fs::read(&taken).unwrap(), std::fs::read(&open).unwrap()), (b"mine".to_vec(), Vec::new()));
    // One that a start without an end has left.
    std::fs::write(&file, "").unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let arguments = format!("--listen 127.0.0.1:0 --setup-code-file {file}");
    let started = Started::new(&mut scene.serve(&arguments));
    assert_eq!(started.said("Setup code"), format!("written to {file} (mode 0600)"));
    let found = std::fs::metadata(&file).unwrap();
    assert_eq!((found.uid(), found.mode() & 0o7777), (0, 0o600));
    let code = std::fs::read_to_string(&file).unwrap();
    assert!(is_code(code.trim()), "{code}");
    started.end();
    // A second start shows none, and does not mind the file.
    let started = Started::new(&mut scene.serve(&arguments));
    assert!(started.said("Setup code").starts_with("made earlier"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), code);
}

/// A terminal that only root can open, and what it shows.
fn terminal() -> (String, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().to_str().unwrap().to_owned();
    std::fs::set_permissions(&name, PermissionsExt::from_mode(0o600)).unwrap();
    (name, File::from(ours))
}

#[test]
fn a_device_is_shown_the_code_also_where_only_root_can_open_it() {
    let Some(scene) = Scene::new() else { return };
    let (name, mut shown) = terminal();
    let _held = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    let mut first_line = || {
        let (mut text, mut byte) = (Vec::new(), [0]);
        while byte[0] != b'\n' {
            shown.read_exact(&mut byte).unwrap();
            text.push(byte[0]);
        }
        String::from_utf8(text).unwrap().trim().to_owned()
    };
    let (said, _) = scene.refused("--listen 127.0.0.1:0 --setup-code-file /dev/null", 65);
    assert!(said.starts_with("--setup-code-file: ") && said.contains("/dev/null"), "{said}");
    let started = Started::new(&mut scene.serve(&format!("--listen 127.0.0.1:0 --setup-code-file {name}")));
    assert_eq!(started.said("Setup code"), format!("shown on {name}"));
    let line = first_line();
    assert!(is_code(line.strip_prefix("Setup code:").unwrap().trim()), "{line}");
    let open = std::fs::read_dir(format!("/proc/{}/fd", started.child.id())).unwrap();
    let open = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    assert!(open.into_iter().all(|to| to != Path::new(&name)), "it does not hold it");
    started.end();
    // By a command of root's that goes on as the owner.
    let mut recover = Command::new(scene.user.at("signet"));
    recover.arg("--data").arg(scene.data()).args([
        "recover",
        "password",
        "--yes",
        "--new-code",
        "--setup-code-file",
        &name,
    ]);
    let said = run(&mut recover, b"").worked();
    assert!(said.contains(&format!("shown on {name}")), "{said}");
    assert!(is_code(first_line().strip_prefix("Setup code:").unwrap().trim()));
}

#[test]
fn started_on_roots_terminal_it_cannot_reach_it() {
    let Some(scene) = Scene::new() else { return };
    // It waits until the console serves, looks at its process, and ends it.
    let script = format!(
        "{} --data {data} serve --user nobody --listen 127.0.0.1:0 & main=$!; for n in $(seq 300); do [ -s \
         {data}/serve.lock ] && break; sleep 0.1; done; pid=$(head -n 1 {data}/serve.lock | tr -d ' '); port=$(ss -Hltnp | grep \
         pid=$pid, | sed 's/.*127.0.0.1:\\([0-9]*\\) .*/\\1/'); for n in $(seq 300); do curl -ksfo /dev/null \
         https://127.0.0.1:$port/healthz && break; sleep 0.1; done; cat \
         /proc/$pid/stat | sed 's/.*) //' | cut -d ' ' -f 5 | sed 's/^/terminal /'; ls -l /proc/$pid/fd | grep -c \
         /dev/pts | sed 's/^/descriptors /'; grep ^Uid /proc/$pid/status; kill -TERM $main; wait $main",
        scene.user.at("signet").display(),
        data = scene.data().display()
    );
    let shown = on_terminal(Command::new("setsid").args(["--ctty", "--wait", "bash", "-c", &script]), 120);
    for line in ["terminal 0\n", "descriptors 0\n", "Uid:\t65534"] {
        assert!(shown.text.contains(line), "{line}: {}", shown.text);
    }
    assert!(shown.text.contains("Setup code:   "), "{}", shown.text);
}
