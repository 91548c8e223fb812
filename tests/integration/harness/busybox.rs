//! A device without systemd: a root file system with busybox and what `signet install` puts into it, in namespaces of its own,
//! with a shell as its first process. Its network is the machine's, so that a test's browser reaches it.

use super::console::run;
use super::unprivileged::is_root;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// The console's user on the device.
pub const USER: u32 = 990;
pub const GROUP: u32 = 991;

/// The line behind what a command has printed, with its exit code.
const END: &str = "-- end of command ";

/// A root file system.
pub struct Image(TempDir);

/// The device as it runs; everything on it ends when this is dropped.
pub struct Device {
    image: Image,
    shell: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    /// What its console's terminal has shown.
    screen: Arc<Mutex<Vec<u8>>>,
    _terminal: OwnedFd,
}

/// None where this machine cannot have such a device.
pub fn image() -> Option<Image> {
    let has = |program: &str| Command::new(program).arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !is_root() {
        signet_testing::skip("only root can make a device's namespaces");
        return None;
    }
    for program in ["busybox", "unshare", "ldd"] {
        if has(program).is_err() {
            signet_testing::skip(&format!("there is no {program} here"));
            return None;
        }
    }
    let image = Image(tempfile::tempdir().unwrap());
    for folder in ["bin", "proc", "dev", "run", "tmp", "var/lib", "var/log", "etc/init.d", "usr/bin"] {
        std::fs::create_dir_all(image.at(folder)).unwrap();
    }
    let script = format!(
        "set -e; cp \"$(command -v busybox)\" {0}/bin/busybox; chmod 755 {0}; busybox --list | while read name; do [ \
         $name = busybox ] || ln -s busybox {0}/bin/$name; done",
        image.0.path().display()
    );
    run(Command::new("sh").args(["-c", &script]), b"").worked();
    image.write(
        "etc/passwd",
        &format!("root:x:0:0::/root:/bin/sh\nsignet:x:{USER}:{GROUP}::/var/lib/signet:/bin/false\n"),
    );
    image.write("etc/group", &format!("root:x:0:\nwww-data:x:33:\nsignet:x:{GROUP}:\n"));
    image.libraries();
    Some(image)
}

impl Image {
    /// A path of the device, as this machine sees it.
    pub fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        std::fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::fs::write(self.at(path), text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.at(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// `signet install` with these arguments; gives what it printed.
    pub fn install(&self, arguments: &[&str]) -> String {
        let mut install = Command::new(binary());
        run(install.args(["install", "--root"]).arg(self.0.path()).args(arguments), b"").worked()
    }

    /// What a program that is not static needs.
    fn libraries(&self) {
        let said = run(Command::new("ldd").arg(binary()), b"");
        // What ships is static: it needs none.
        for word in String::from_utf8(said.out).unwrap().split_whitespace().filter(|word| word.starts_with('/')) {
            let to = self.at(word.trim_start_matches('/'));
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(word, to).unwrap();
        }
    }

    /// Starts it. Its console is a terminal that is read here.
    pub fn boot(self) -> Device {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap();
        let name = name.to_str().unwrap();
        // Held open, so that the terminal does not end with the first who closes it.
        let terminal = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let (mut shown, kept) = (File::from(ours), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = shown.read(&mut bytes) {
                kept.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        let inside = format!(
            "set -e; cd {root}; mount --make-rprivate /; mount -t proc proc proc; mount -t tmpfs tmpfs run; mount -t tmpfs \
             tmpfs dev; for device in null zero random urandom; do : > dev/$device; mount --bind /dev/$device \
             dev/$device; done; : > dev/console; mount --bind {name} dev/console; PATH=$PATH:/usr/sbin; exec env -i PATH=/bin:/usr/bin $(command -v chroot) \
             {root} /bin/sh -c 'while IFS= read -r line; do eval \"$line\"; echo \"{END}$?\"; done'",
            root = self.0.path().display()
        );
        let mut shell = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "sh", "-c", &inside])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (input, output) = (shell.stdin.take().unwrap(), BufReader::new(shell.stdout.take().unwrap()));
        Device { image: self, shell, input, output, screen, _terminal: terminal }
    }
}

impl Device {
    /// Runs a line of the device's shell; gives what it printed and its exit code.
    pub fn run(&mut self, line: &str) -> (String, i32) {
        assert!(!line.contains('\n'));
        writeln!(self.input, "{line}").unwrap();
        let mut text = String::new();
        loop {
            let before = text.len();
            assert!(self.output.read_line(&mut text).unwrap() > 0, "the device has ended: {line}: {text}");
            // What is printed last may lack its line's end.
            if let Some(at) = text[before..].find(END) {
                let code = text[before + at + END.len()..].trim().parse().unwrap();
                text.truncate(before + at);
                return (text, code);
            }
        }
    }

    /// The same of a line that works.
    pub fn works(&mut self, line: &str) -> String {
        let (text, code) = self.run(line);
        assert_eq!(code, 0, "{line}: {text} {}", self.shown());
        text
    }

    /// Waits until a line works.
    pub fn until(&mut self, line: &str) {
        for _ in 0..300 {
            if self.run(line).1 == 0 {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        let processes = self.run("ps").0;
        panic!("it never came: {line}\n{processes}\n{}", self.shown());
    }

    pub fn image(&self) -> &Image {
        &self.image
    }

    /// What is on its console's terminal.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Its first process ends, and with it all others.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}

fn binary() -> PathBuf {
    let binary = std::env::var_os("SIGNET_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_signet").into());
    Path::new(&binary).to_path_buf()
}
