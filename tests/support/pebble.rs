//! An ACME server for tests: Debian's `pebble -strict`, which rejects nonces and checks names as the tests want it, with
//! `pebble-challtestsrv` as its DNS: every name leads to 127.0.0.1.

use crate::free_port;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The external account that [`Settings::external`] asks for: its name and its key.
pub const EXTERNAL: (&str, &str) = ("kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W");

/// How it behaves.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Accounts need [`EXTERNAL`].
    pub external: bool,
    /// So many of a hundred nonces are rejected.
    pub rejects: u8,
    /// The port at which it looks for the answers to tls-alpn-01; none for one where nobody answers.
    pub tls_port: Option<u16>,
    /// The port of a name server at 127.0.0.1 that it asks; none for one of its own, for which every name leads to 127.0.0.1.
    pub dns_port: Option<u16>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { external: false, rejects: 30, tls_port: None, dns_port: None }
    }
}

/// It ends when it is dropped.
#[derive(Debug)]
pub struct Pebble {
    children: Vec<Child>,
    folder: TempDir,
    /// The directory's URL.
    pub url: String,
    /// Where it gives its own root: `/roots/0`.
    pub management: String,
    /// The port at which it looks for the answers to http-01.
    pub http_port: u16,
    /// Where its own name server takes records: `/set-txt`, `/clear-txt`.
    pub names: String,
}

impl Pebble {
    /// Starts it.
    ///
    /// # Panics
    /// Where it cannot be started: `tests/run` installs it.
    pub fn start(settings: Settings) -> Self {
        Self::start_at(settings, free_port())
    }

    /// Starts it so that it looks for answers at this port.
    ///
    /// # Panics
    /// As [`Pebble::start`].
    #[expect(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]
    pub fn start_at(settings: Settings, http_port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        certificates(folder.path());
        let (acme, management) = (free_port(), free_port());
        let tls = settings.tls_port.unwrap_or_else(free_port);
        let keys = if settings.external { format!(r#""{}": "{}""#, EXTERNAL.0, EXTERNAL.1) } else { String::new() };
        let config = format!(
            r#"{{"pebble": {{"listenAddress": "127.0.0.1:{acme}", "managementListenAddress": "127.0.0.1:{management}",
            "certificate": "{}", "privateKey": "{}", "httpPort": {http_port}, "tlsPort": {tls}, "ocspResponderURL": "",
            "externalAccountBindingRequired": {}, "externalAccountMACKeys": {{{keys}}}}}}}"#,
            at("server.pem").display(),
            at("server.key").display(),
            settings.external,
        );
        std::fs::write(at("pebble.json"), config).unwrap();
        let (own_dns, control) = (free_port(), free_port());
        let dns = settings.dns_port.unwrap_or(own_dns);
        let quiet = |command: &mut Command| {
            let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()))
        };
        let names = quiet(Command::new("pebble-challtestsrv").args([
            "-dns01",
            &format!("127.0.0.1:{own_dns}"),
            "-management",
            &format!("127.0.0.1:{control}"),
            "-defaultIPv6",
            "",
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
        ]));
        let server = quiet(
            Command::new("pebble")
                .args(["-strict", "-dnsserver", &format!("127.0.0.1:{dns}"), "-config"])
                .arg(at("pebble.json"))
                .env("PEBBLE_WFE_NONCEREJECT", settings.rejects.to_string())
                .env("PEBBLE_VA_NOSLEEP", "1"),
        );
        let this = Self {
            children: vec![names, server],
            url: format!("https://localhost:{acme}/dir"),
            management: format!("https://localhost:{management}"),
            http_port,
            names: format!("http://127.0.0.1:{control}"),
            folder,
        };
        for port in [acme, management, own_dns] {
            this.wait(port);
        }
        this
    }

    /// The root of its own certificate, PEM.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    #[expect(clippy::panic, reason = "a panic is how a test fails")]
    fn wait(&self, port: u16) {
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("pebble does not listen at port {port}");
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// DER as PEM.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).filter_map(|at| text.get(at..text.len().min(at + 64))).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// `root.pem`, and `server.pem` and `server.key` for localhost.
///
/// # Panics
/// Where it cannot write there.
#[expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
pub fn certificates(folder: &Path) {
    let key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::default();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, "Test Root");
    let root_pem = pem("CERTIFICATE", root.self_signed(&key).unwrap().der());
    let issuer = Issuer::new(root, key);
    let server = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    std::fs::write(folder.join("root.pem"), root_pem).unwrap();
    std::fs::write(folder.join("server.pem"), pem("CERTIFICATE", params.signed_by(&server, &issuer).unwrap().der()))
        .unwrap();
    std::fs::write(folder.join("server.key"), pem("PRIVATE KEY", &server.serialize_der())).unwrap();
}
