//! A DNS server for tests: Debian's BIND as the primary server of two zones that take signed updates. It is also the
//! resolver of the CA, which follows CNAME records from one zone into the other; nobody answers for what is in neither.
//!
//! `one.test` has a delegated child `sub.one.test`, a CNAME record from `_acme-challenge.alias.one.test` into `two.test`, and a TXT
//! record of somebody else at `_acme-challenge.one.test`.

use crate::free_port;
use std::net::{TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The key that may change TXT records, and one that may not: name, algorithm, secret.
pub const KEY: [&str; 3] = ["signet", "hmac-sha256", "c2lnbmV0LXNlY3JldC1zaWduZXQtc2VjcmV0LXNpZ24="];
/// The other one.
pub const POWERLESS: [&str; 3] = ["powerless", "hmac-sha512", "cG93ZXJsZXNzLXBvd2VybGVzcy1wb3dlcmxlc3M="];

/// A name server at port 53 of this address, which answers each question with the text that `says` gives as a TXT record, and says
/// that it has the zone. False where the port cannot be opened. It ends with the process.
pub fn secondary(address: &str, mut says: impl FnMut() -> Option<String> + Send + 'static) -> bool {
    let Ok(socket) = UdpSocket::bind((address, 53)) else { return false };
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((count, from)) = socket.recv_from(&mut buffer) {
            let mut answer = buffer.get(..count).unwrap_or_default().to_vec();
            // An answer, and with authority.
            if let Some(flags) = answer.get_mut(2) {
                *flags = 0x84;
            }
            if let Some(text) = says()
                && let Some(number) = answer.get_mut(7)
                && let Ok(length) = u8::try_from(text.len())
            {
                *number = 1;
                answer.extend(b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x1e\x00");
                answer.extend([length + 1, length]);
                answer.extend(text.as_bytes());
            }
            let _ = socket.send_to(&answer, from);
        }
    });
    true
}

/// It ends when it is dropped.
#[derive(Debug)]
pub struct Bind {
    child: Child,
    folder: TempDir,
    /// Where it listens at 127.0.0.1, by UDP and TCP.
    pub port: u16,
}

impl Bind {
    /// Starts it.
    ///
    /// # Panics
    /// Where it cannot be started: `tests/run` installs it.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts it with these lines more in the file of `two.test`.
    ///
    /// # Panics
    /// As [`Bind::start`].
    #[expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
    pub fn start_with(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (port, nobody) = (free_port(), free_port());
        let path = folder.path().display();
        let keys = [KEY, POWERLESS].map(|[name, algorithm, secret]| {
            format!("key \"{name}\" {{ algorithm {algorithm}; secret \"{secret}\"; }};\n")
        });
        let zone = |name: &str| {
            format!(
                "zone \"{name}\" {{ type primary; file \"{path}/{name}\"; update-policy {{ grant {} zonesub TXT; }}; }};\n",
                KEY[0]
            )
        };
        let config = format!(
            "options {{ directory \"{path}\"; listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
             recursion yes; allow-recursion {{ any; }}; forward only; forwarders {{ 127.0.0.1 port {nobody}; }};
             pid-file none; session-keyfile none; dnssec-validation no; allow-transfer {{ none; }}; empty-zones-enable no; }};
             controls {{ }};\n{}{}{}",
            keys.concat(),
            zone("one.test"),
            zone("two.test"),
        );
        let head = |zone: &str| {
            format!(
                "$TTL 30\n@ SOA ns.{zone}. owner.{zone}. 1 3600 600 86400 1\n@ NS ns.{zone}.\nns A 127.0.0.1\n@ A 127.0.0.1\n* A 127.0.0.1\n"
            )
        };
        let one = "sub NS ns.elsewhere.test.\n_acme-challenge.alias CNAME alias.two.test.\n_acme-challenge TXT \"others\"\nalias A 127.0.0.1\n";
        for (name, text) in
            [("named.conf", config), ("one.test", head("one.test") + one), ("two.test", head("two.test") + more)]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut command = Command::new("named");
        command.args(["-f", "-n", "1", "-c"]).arg(folder.path().join("named.conf"));
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let this = Self { child, folder, port };
        this.wait();
        this
    }

    /// Its address, as settings have it.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A file with the secret of a key.
    ///
    /// # Panics
    /// Where it cannot be written.
    #[expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
    pub fn secret(&self, key: [&str; 3]) -> PathBuf {
        let path = self.folder.path().join(format!("{}.key", key[0]));
        std::fs::write(&path, format!("{}\n", key[2])).unwrap();
        path
    }

    /// How many TXT records it has of this name.
    ///
    /// # Panics
    /// Where it does not answer.
    #[expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
    pub fn texts(&self, name: &str) -> u16 {
        self.asked(name).unwrap()
    }

    fn asked(&self, name: &str) -> Option<u16> {
        let mut request = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            request.push(u8::try_from(label.len()).ok()?);
            request.extend(label.as_bytes());
        }
        request.extend([0, 0, 16, 0, 1]);
        let socket = UdpSocket::bind("127.0.0.1:0").ok()?;
        socket.connect(("127.0.0.1", self.port)).ok()?;
        socket.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        socket.send(&request).ok()?;
        let mut answer = [0; 4096];
        socket.recv(&mut answer).ok()?;
        Some(u16::from_be_bytes([answer[6], answer[7]]))
    }

    /// Its folder, for files of a test's own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    #[expect(clippy::panic, reason = "a panic is how a test fails")]
    fn wait(&self) {
        for _ in 0..600 {
            // It listens before it has read its zones.
            let listens = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
            if listens && self.asked("_acme-challenge.one.test") == Some(1) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("BIND does not listen at port {}", self.port);
    }
}

impl Drop for Bind {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
