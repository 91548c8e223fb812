//! A PostgreSQL server over a folder of its own, as a user that is not root: the server refuses root.

use signet_testing::skip;
use std::cell::Cell;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The user that the server runs as where the test is root's.
const USER: &str = "nobody";

pub struct Server {
    folder: TempDir,
    name: &'static str,
    programs: PathBuf,
    /// Also of its socket's name.
    port: Cell<u16>,
}

impl Server {
    /// A running server with the database `factory`; none where PostgreSQL is missing.
    pub fn start() -> Option<Self> {
        let server = Self::made()?;
        server.as_user("initdb", &["--no-sync", "-U", "postgres", "-A", "trust", "-E", "UTF8", "-D", &server.data()]);
        server.go();
        server.sql("postgres", "postgres", "CREATE DATABASE factory");
        Some(server)
    }

    fn made() -> Option<Self> {
        let Some(programs) = programs() else {
            skip("PostgreSQL is missing: install Debian's package postgresql");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let server = Self { folder, name: "main", programs, port: Cell::new(5432) };
        for name in ["main", "standby"] {
            let inside = server.folder.path().join(name);
            std::fs::create_dir(&inside).unwrap();
            server.give(&inside);
        }
        Some(server)
    }

    /// A standby of this server. It must not outlive it.
    pub fn standby(&self) -> Standby<'_> {
        let path = |name: &str| self.folder.path().join("standby").join(name).to_str().unwrap().to_owned();
        self.as_user(
            "pg_basebackup",
            &[
                "-R",
                "-c",
                "fast",
                "--no-sync",
                "-X",
                "stream",
                "-U",
                "postgres",
                "-h",
                &self.socket(),
                "-D",
                &path("data"),
            ],
        );
        let options = format!("-k {} -c listen_addresses=", path(""));
        self.as_user("pg_ctl", &["-w", "-s", "-D", &path("data"), "-l", &path("log"), "-o", &options, "start"]);
        Standby(self)
    }

    /// Gives a folder or a file to the server's user.
    pub fn give(&self, path: &Path) {
        if is_root() {
            assert!(Command::new("chown").arg(USER).arg(path).status().unwrap().success());
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(self.name).join(name).to_str().unwrap().to_owned()
    }

    pub fn data(&self) -> String {
        self.path("data")
    }

    /// The folder of its socket.
    pub fn socket(&self) -> String {
        self.path("")
    }

    pub fn go(&self) {
        self.go_with("-c listen_addresses=");
    }

    /// Starts it with TLS on a TCP port of its own, which it returns.
    pub fn go_with_tls(&self) -> u16 {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        self.port.set(free.local_addr().unwrap().port());
        drop(free);
        self.go_with("-c listen_addresses=127.0.0.1 -c ssl=on -c ssl_ca_file=ca.pem");
        self.port.get()
    }

    fn go_with(&self, more: &str) {
        let options = format!("-k {} -p {} -c max_connections=50 {more}", self.socket(), self.port.get());
        self.as_user("pg_ctl", &["-w", "-s", "-D", &self.data(), "-l", &self.path("log"), "-o", &options, "start"]);
    }

    /// Ends it as a power cut does: nothing is finished.
    pub fn stop_immediately(&self) {
        self.as_user("pg_ctl", &["-w", "-s", "-D", &self.data(), "-m", "immediate", "stop"]);
    }

    /// Restarts it as an update of its package does: clients are sent away.
    pub fn restart(&self) {
        let options = format!("-k {} -p {} -c max_connections=50 -c listen_addresses=", self.socket(), self.port.get());
        let log = self.path("log");
        let data = self.data();
        self.as_user("pg_ctl", &["-w", "-s", "-D", &data, "-l", &log, "-o", &options, "-m", "fast", "restart"]);
    }

    /// One of its programs, as its user. Panics where it fails.
    pub fn as_user(&self, program: &str, arguments: &[&str]) -> String {
        let program = self.programs.join(program);
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", USER, "--regid", "nogroup", "--clear-groups"]).arg(&program);
                command
            }
            false => Command::new(&program),
        };
        let ran = command.args(arguments).current_dir("/").env("LC_ALL", "C").output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{}: {told}", program.display());
        told
    }

    /// Rows as text, or what the server refused.
    pub fn try_sql(&self, database: &str, user: &str, sql: &str) -> Result<String, String> {
        let ran = Command::new(self.programs.join("psql"))
            .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-h", &self.socket(), "-U", user, "-d", database])
            .args(["-c", sql])
            .env("PGPORT", self.port.get().to_string())
            .output()
            .unwrap();
        match ran.status.success() {
            true => Ok(String::from_utf8(ran.stdout).unwrap().trim_end().to_owned()),
            false => Err(String::from_utf8_lossy(&ran.stderr).into_owned()),
        }
    }

    pub fn sql(&self, database: &str, user: &str, sql: &str) -> String {
        self.try_sql(database, user, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// A number from the ledger, as its owner sees it.
    pub fn count(&self, sql: &str) -> usize {
        self.sql("factory", "postgres", sql).parse().unwrap()
    }

    /// The URL for a login, by the socket.
    pub fn url(&self, user: &str) -> String {
        self.url_of("factory", user)
    }

    pub fn url_of(&self, database: &str, user: &str) -> String {
        format!("postgres://{user}@/{database}?host={}", self.socket())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.stop_immediately()));
    }
}

pub struct Standby<'a>(&'a Server);

impl Standby<'_> {
    pub fn url(&self, user: &str) -> String {
        let folder = self.0.folder.path().join("standby");
        format!("postgres://{user}@/factory?host={}", folder.to_str().unwrap())
    }
}

impl Drop for Standby<'_> {
    fn drop(&mut self) {
        let data = self.0.folder.path().join("standby/data");
        let stop = ["-w", "-s", "-D", data.to_str().unwrap(), "-m", "immediate", "stop"];
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.0.as_user("pg_ctl", &stop)));
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder of the newest server's programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    found.retain(|folder| folder.join("initdb").exists());
    found.sort();
    found.pop()
}
