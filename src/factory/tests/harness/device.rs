//! A device: the program that ships on it, over the data directory that a station made.

use super::console::{Ran, run};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// `signet` beside `signet-factory`: cargo builds the programs of a test's own package only, so it is asked for this one.
fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_BIN_EXE_signet-factory")).parent().unwrap();
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args([
            "build",
            "--quiet",
            "--locked",
            "--offline",
            "--workspace",
            "--bin",
            "signet",
            "--profile",
            profile,
        ]);
        run(build.current_dir(env!("CARGO_MANIFEST_DIR")), b"").worked();
        folder.join("signet")
    })
}

/// A command of the device, over this data directory.
pub fn signet(data: &Path, arguments: &[&str]) -> Ran {
    run(Command::new(program()).arg("--data").arg(data).args(arguments).env_remove("SIGNET_DATA"), b"")
}

/// A device's console, which serves until it is dropped.
pub struct Booted(Child);

impl Booted {
    /// Starts the program over a data directory as an init script does, on a device without systemd.
    pub fn start(data: &Path) -> Self {
        let mut command = Command::new(program());
        command.arg("--data").arg(data).args(["serve", "--listen", "127.0.0.1:0"]);
        for variable in ["SIGNET_DATA", "INVOCATION_ID", "JOURNAL_STREAM", "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID"]
        {
            command.env_remove(variable);
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut this = Self(child);
        // The last line before it serves. What it prints afterwards is nothing.
        let mut lines = BufReader::new(this.0.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().starts_with("Data:")), "it does not serve");
        this
    }
}

impl Drop for Booted {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
