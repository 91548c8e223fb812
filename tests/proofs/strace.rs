//! strace: what a process asks of the kernel, and what the kernel says where we say so.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// One system call of a trace.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: String,
    /// Arguments and result as strace writes them; descriptors with their paths, `5</data/csrs>`.
    pub line: String,
    pub worked: bool,
}

impl Call {
    /// The path behind the first descriptor.
    pub fn path(&self) -> Option<&str> {
        self.paths().next()
    }

    /// The paths behind all descriptors.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.line.split('<').skip(1).filter_map(|rest| rest.split_once('>').map(|(path, _)| path))
    }

    /// The quoted strings among the arguments.
    pub fn strings(&self) -> Vec<&str> {
        self.line.split('"').skip(1).step_by(2).collect()
    }
}

/// Whether this machine has strace and lets it trace; says so where it does not. What a process hands to the kernel is in its
/// memory, which only root reads: the process is not dumpable.
pub fn allowed() -> bool {
    if !rustix::process::geteuid().is_root() {
        signet_testing::skip("only root can read what a process that is not dumpable asks of the kernel");
        return false;
    }
    let traced = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    let allowed = traced.is_ok_and(|status| status.success());
    if !allowed {
        signet_testing::skip("strace is missing or may not trace here");
    }
    allowed
}

/// `command` under strace with these options, one trace a thread at `to`.
pub fn under(options: &[&str], to: &Path, command: &Command) -> Command {
    let mut strace = Command::new("strace");
    strace
        .args(["-ff", "-y", "-s", "200", "-o"])
        .arg(to)
        .args(options)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    strace
}

/// A running process traced until this is dropped.
pub struct Attached {
    child: Child,
    to: PathBuf,
}

impl Attached {
    /// Attaches; back when every thread is traced.
    pub fn to(process: u32, options: &[&str], to: &Path) -> Self {
        let mut child = Command::new("strace")
            .args(["-ff", "-y", "-s", "200", "-o"])
            .arg(to)
            .args(options)
            .args(["-p", &process.to_string()])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        assert!(line.contains("attached"), "{line}");
        std::thread::spawn(move || said.lines().for_each(drop));
        Self { child, to: to.to_path_buf() }
    }

    /// Lets the process go, and gives what each thread did.
    pub fn end(mut self) -> Vec<Vec<Call>> {
        self.stop();
        read(&self.to)
    }

    fn stop(&mut self) {
        // Interrupted, it lets go of the process; killed, it might take the process with it.
        let _ =
            rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::INT);
        let _ = self.child.wait();
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The traces at `to`, one a thread; taken away after reading.
pub fn read(to: &Path) -> Vec<Vec<Call>> {
    let prefix = format!("{}.", to.file_name().unwrap().to_string_lossy());
    let mut threads = Vec::new();
    for entry in std::fs::read_dir(to.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with(&prefix) {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            threads.push(text.lines().filter_map(call).collect());
            std::fs::remove_file(path).unwrap();
        }
    }
    threads
}

fn call(line: &str) -> Option<Call> {
    let (name, _) = line.split_once('(')?;
    let result = line.rsplit_once(" = ")?.1;
    Some(Call { name: name.to_owned(), line: line.to_owned(), worked: !result.starts_with(['-', '?']) })
}
