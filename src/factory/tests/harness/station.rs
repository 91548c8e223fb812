//! A station: the real binary over a folder of its own.

use super::server::Server;
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A server with a ledger, its roles and a login of each.
pub fn factory() -> Option<Server> {
    let server = Server::start()?;
    let station = Station::new("maker");
    let made = station.run(&["ledger", "init", "--roles", "--ledger", &server.url("postgres")]);
    assert!(made.worked().contains("Created the ledger"));
    server.sql("factory", "postgres", "CREATE ROLE station LOGIN IN ROLE signet_station");
    server.sql("factory", "postgres", "CREATE ROLE printer LOGIN IN ROLE signet_labels");
    Some(server)
}

pub struct Station {
    pub name: &'static str,
    folder: TempDir,
}

/// What a run said.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Its output, after it has worked.
    pub fn worked(&self) -> &str {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        &self.out
    }

    /// What is wrong, after it was refused with this code.
    pub fn refused(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(self.err.lines().any(|line| line.starts_with("error: ")), "{}", self.err);
        &self.err
    }
}

impl Station {
    pub fn new(name: &'static str) -> Self {
        Self { name, folder: tempfile::tempdir().unwrap() }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path as an argument.
    pub fn path(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_signet-factory"));
        command.args(arguments).stdin(Stdio::null()).current_dir(self.folder.path());
        for variable in ["DATABASE_URL", "PGPASSWORD", "PGPASSFILE", "PGUSER", "SIGNET_DATA"] {
            command.env_remove(variable);
        }
        command.env("HOME", self.folder.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// `provision` of one device into the folder `data`, not begun yet.
    pub fn single(&self, url: &str, data: &str, serial: &str, more: &[&str]) -> Command {
        let data = self.path(data);
        let mut command = self.command(&["--data", &data, "--wait", "0", "provision", "--serial", serial]);
        command.args(["--hostname", "vault", "--ledger", url, "--station", self.name]).args(more);
        if !more.contains(&"--labels-key") {
            command.arg("--no-codes");
        }
        command
    }

    pub fn provision(&self, url: &str, data: &str, serial: &str, more: &[&str]) -> Ran {
        Ran::of(self.single(url, data, serial, more).output().unwrap())
    }

    /// `provision --batch` into `out`, not begun yet.
    pub fn batch(&self, url: &str, list: &Path, more: &[&str]) -> Command {
        let mut command = self.command(&["--wait", "60", "provision", "--jobs", "2", "--batch"]);
        command.arg(list).arg("--out").arg(self.at("out")).args(["--ledger", url, "--station", self.name]).args(more);
        command
    }

    /// A list of these numbers.
    pub fn list(&self, numbers: impl IntoIterator<Item = usize>) -> PathBuf {
        let mut text = "serial,model,hostname,mac\n".to_owned();
        for number in numbers {
            writeln!(text, "NX4-{number:05},Vault 4,vault-{number:05},").unwrap();
        }
        let path = self.at("devices.csv");
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The label printer's key pair, as OpenSSL makes it: paths of the private and of the public half.
    pub fn keys(&self) -> (String, String) {
        let (private, public) = (self.path("labels.key"), self.path("labels.pub"));
        let openssl = |arguments: &[&str]| assert!(Command::new("openssl").args(arguments).status().unwrap().success());
        openssl(&["genpkey", "-algorithm", "X25519", "-out", &private]);
        openssl(&["pkey", "-in", &private, "-pubout", "-out", &public]);
        (private, public)
    }
}

/// JSON, a value a line.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
