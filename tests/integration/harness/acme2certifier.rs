//! acme2certifier, an ACME server with profiles and ARI (RFC 9773), which `tests/run` installs beside the second parser.

use super::python::python;
use signet_testing::free_port;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// It ends when it is dropped.
pub struct Acme2certifier {
    children: Vec<Child>,
    folder: TempDir,
    /// The directory's URL.
    pub url: String,
}

impl Acme2certifier {
    /// One that checks names at this address, whatever they are. It suggests to renew a certificate from this part of its life
    /// on, in percent, for an hour. None where ports below 1024 cannot be listened on: it looks for answers at port 80 alone, and asks a
    /// name server at port 53.
    pub fn start(address: &str, renew: i32) -> Option<Self> {
        // At other addresses of this device the ports may be in use.
        if TcpListener::bind((address, 80)).is_err() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let control = free_port();
        let names = Command::new("pebble-challtestsrv")
            .args(["-dns01", &format!("{address}:53"), "-management", &format!("127.0.0.1:{control}")])
            .args(["-defaultIPv4", address, "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pebble-challtestsrv runs");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/acme2certifier_server.py");
        let mut server = python()
            .arg(script)
            .arg(folder.path())
            .args([&port.to_string(), address, &renew.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python runs");
        let mut said = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let this = Self { children: vec![names, server], folder, url: format!("https://127.0.0.1:{port}/directory") };
        assert_eq!(said, "ready\n", "acme2certifier does not start");
        Some(this)
    }

    /// The root of what it issues, and of its own certificate, a file.
    pub fn root(&self) -> String {
        self.folder.path().join("root.pem").to_str().unwrap().to_owned()
    }
}

impl Drop for Acme2certifier {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
