//! The command line as a user without rights, whoever runs the tests: root is kept from reading nothing.

use super::console::signet;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Whoever owns nothing.
const NOBODY: u32 = 65534;

/// A folder that the user can reach, with a copy of the binary in it where the tests are run by root.
pub struct Unprivileged(TempDir);

impl Unprivileged {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        if is_root() {
            let copy = folder.path().join("signet");
            // By another process: a file that this one has open for writing, and any child forked meanwhile, cannot be run.
            let binary = std::env::var_os("SIGNET_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_signet").into());
            let copied = Command::new("install").args(["-m", "755"]).arg(binary).arg(&copy).status();
            assert!(copied.unwrap().success());
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Self(folder)
    }

    /// A path in the user's folder.
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The command line over `data`.
    pub fn signet(&self, data: &Path) -> Command {
        if !is_root() {
            return signet(data);
        }
        let mut command = Command::new("setpriv");
        for variable in [
            "SIGNET_DATA",
            "STATE_DIRECTORY",
            "JOURNAL_STREAM",
            "NOTIFY_SOCKET",
            "LISTEN_FDS",
            "LISTEN_PID",
            "SIGNET_LOG",
        ] {
            command.env_remove(variable);
        }
        let user = format!("--reuid={NOBODY}");
        command.args([&user, "--regid=65534", "--clear-groups"]).arg(self.at("signet")).arg("--data").arg(data);
        command
    }

    /// Gives everything below to the user.
    pub fn owns(&self, path: &Path) {
        if is_root() {
            let given = Command::new("chown").arg("-R").arg(format!("{NOBODY}:{NOBODY}")).arg(path).status().unwrap();
            assert!(given.success());
        }
    }
}

/// A file that the user may not read, until this is dropped.
pub struct Locked(PathBuf, u32);

impl Locked {
    pub fn new(path: PathBuf) -> Self {
        let owner = std::fs::metadata(&path).unwrap().uid();
        if is_root() {
            chown(&path, Some(0), None).unwrap();
        } else {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
        }
        Self(path, owner)
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // Gone where the test has failed.
        let _ = std::fs::set_permissions(&self.0, PermissionsExt::from_mode(0o600));
        if is_root() {
            let _ = chown(&self.0, Some(self.1), None);
        }
    }
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
