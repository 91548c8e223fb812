//! Programs that set and remove the DNS records of dns-01: root's `enroll.toml` names them, and nothing else can.
//!
//! Whoever controls the console must not be able to name a program or a path. What a hook prints is dropped: it may hold a
//! secret of its own.

use crate::deploy::{DeployError, trusted};
use crate::enroll::Programs;
use crate::messages::hooks as say;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use signet_domain::enrollment::Failure;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks whether it has ended.
const PAUSE: Duration = Duration::from_millis(20);
/// The largest `enroll.toml`, bytes.
const MOST: u64 = 64 * 1024;
/// Set by systemd: the folder of the unit's `LoadCredential=`.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// What a hook has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Set the record, and return when the zone's servers show it.
    Present,
    /// Remove it.
    Cleanup,
}

/// A program that may be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    program: PathBuf,
}

impl Hook {
    /// The program that `file` has under this name.
    ///
    /// # Errors
    /// Where there is none, or where somebody else than root could have written the file, the program, or a folder above them.
    pub fn find(file: &Path, name: &str) -> Result<Self, Failure> {
        let content = trusted::of_root(file, MOST).map_err(|error| untrusted(&error))?;
        let text = String::from_utf8(content.unwrap_or_default()).unwrap_or_default();
        let programs = Programs::parse(&text, file).map_err(|error| untrusted(&error))?;
        let program = programs.hooks.get(name).ok_or_else(|| say::unknown(name, file))?.clone();
        trusted::program_of_root(&program).map_err(|error| untrusted(&error))?;
        Ok(Self { program })
    }

    /// Runs it, for at most a minute.
    pub fn run(&self, task: Task, name: &str, value: &str) -> Result<(), Failure> {
        self.run_for(task, name, value, PATIENCE)
    }

    fn run_for(&self, task: Task, name: &str, value: &str, patience: Duration) -> Result<(), Failure> {
        let word = match task {
            Task::Present => "present",
            Task::Cleanup => "cleanup",
        };
        let mut command = Command::new(&self.program);
        command.args([word, name, value]).current_dir("/");
        // Nothing of our surroundings but the folder of its own secrets.
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.env("SIGNET_NAME", name).env("SIGNET_VALUE", value);
        if let Some(folder) = std::env::var_os(CREDENTIALS) {
            command.env(CREDENTIALS, folder);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // A group of its own, so that what it has started ends with it.
        let mut child = command.process_group(0).spawn().map_err(|error| say::not_run(&self.program, &error))?;
        let group = Pid::from_child(&child);
        let until = Instant::now() + patience;
        // Its number stays its own until it is waited for below.
        let has_ended =
            || waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT);
        let mut in_time = false;
        while !in_time && Instant::now() < until {
            match has_ended() {
                Ok(None) => std::thread::sleep(PAUSE),
                Ok(Some(_)) | Err(_) => in_time = true,
            }
        }
        // What a hook leaves running is nobody's.
        let _ = kill_process_group(group, Signal::KILL);
        let status = child.wait().map_err(|error| say::not_run(&self.program, &error))?;
        match in_time {
            true if status.success() => Ok(()),
            true => Err(say::failed(&self.program, word, status)),
            false => Err(say::too_long(&self.program, word, patience.as_secs())),
        }
    }
}

fn untrusted(error: &DeployError) -> Failure {
    match error {
        DeployError::Untrusted { path, why } => say::untrusted(path, why),
        DeployError::Wrong { path, line, what } => say::wrong(path, *line, what),
        other => say::unreadable(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    struct Folder(tempfile::TempDir);

    impl Folder {
        /// A folder of root's with a hook; none where this is not root.
        fn new(script: &str) -> Option<Self> {
            if !rustix::process::geteuid().is_root() {
                signet_testing::skip("files of root's need root");
                return None;
            }
            let this = Self(tempfile::tempdir().unwrap());
            std::fs::write(this.at("hook"), format!("#!/bin/sh\n{script}\n")).unwrap();
            this.mode("hook", 0o755);
            std::fs::write(this.at("enroll.toml"), format!("[hooks]\ntest = {:?}\n", this.at("hook"))).unwrap();
            this.mode("enroll.toml", 0o644);
            Some(this)
        }

        fn at(&self, name: &str) -> PathBuf {
            self.0.path().canonicalize().unwrap().join(name)
        }

        fn mode(&self, name: &str, mode: u32) {
            std::fs::set_permissions(self.at(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }

        fn find(&self) -> Result<Hook, Failure> {
            Hook::find(&self.at("enroll.toml"), "test")
        }
    }

    #[test]
    fn a_hook_gets_its_words_and_nothing_of_our_surroundings() {
        let Some(folder) = Folder::new("echo secret; { printf '%s|' \"$0\" \"$@\"; env; } > \"${0%/*}/said\"") else {
            return;
        };
        folder.find().unwrap().run(Task::Present, "_acme-challenge.nas.example", "-value").unwrap();
        let said = std::fs::read_to_string(folder.at("said")).unwrap();
        let words = format!("{}|present|_acme-challenge.nas.example|-value|", folder.at("hook").display());
        assert!(said.starts_with(&words), "{said}");
        assert!(said.contains("SIGNET_NAME=_acme-challenge.nas.example\n") && said.contains("SIGNET_VALUE=-value\n"));
        assert!(!said.contains("CARGO") && !said.contains("HOME="), "{said}");
    }

    #[test]
    fn how_it_ended_is_said_and_nothing_that_it_printed() {
        let Some(folder) = Folder::new("echo secret-1; echo secret-2 >&2; exit 3") else { return };
        let failure = folder.find().unwrap().run(Task::Cleanup, "a", "b").unwrap_err();
        assert_eq!(failure.code, "hook_failed");
        assert!(failure.what.contains("exit status: 3") && !format!("{failure:?}").contains("secret"), "{failure:?}");
    }

    #[test]
    fn one_that_hangs_is_ended_with_all_that_it_started() {
        let Some(folder) = Folder::new("sleep 1000 & echo $! > \"${0%/*}/pid\"; wait") else { return };
        let hook = folder.find().unwrap();
        let failure = hook.run_for(Task::Present, "a", "b", Duration::from_millis(500)).unwrap_err();
        assert_eq!(failure.code, "hook_time");
        let pid = std::fs::read_to_string(folder.at("pid")).unwrap();
        // Gone, or waiting for its new parent to notice.
        signet_testing::until("what it started has ended", || {
            let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
            status.is_empty() || status.contains(") Z ")
        });
    }

    #[test]
    fn only_what_is_roots_alone_is_run() {
        let Some(folder) = Folder::new("exit 0") else { return };
        folder.find().unwrap();
        let code = |found: Result<Hook, Failure>| found.unwrap_err().code;
        assert_eq!(code(Hook::find(&folder.at("enroll.toml"), "other")), "hook_unknown");
        assert_eq!(code(Hook::find(&folder.at("nothing.toml"), "test")), "hook_unknown");
        folder.mode("hook", 0o775);
        let failure = folder.find().unwrap_err();
        assert!(failure.code == "hook_untrusted" && failure.what.contains("hook"), "{failure:?}");
        folder.mode("hook", 0o755);
        folder.mode("enroll.toml", 0o666);
        assert_eq!(code(folder.find()), "hook_untrusted");
        folder.mode("enroll.toml", 0o644);
        std::os::unix::fs::chown(folder.at("hook"), Some(1234), None).unwrap();
        assert_eq!(code(folder.find()), "hook_untrusted");
        std::fs::write(folder.at("enroll.toml"), "[hook]\n").unwrap();
        assert_eq!(code(folder.find()), "hook_settings");
        std::fs::write(folder.at("enroll.toml"), "[hooks]\ntest = \"hook\"\n").unwrap();
        assert_eq!(code(folder.find()), "hook_untrusted");
    }
}
