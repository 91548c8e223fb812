//! A private CA by OpenSSL: answers requests as a CA does, with its root beside.

use super::console::Console;
use super::openssl::openssl;
use std::fmt::Write;
use std::path::Path;
use tempfile::TempDir;

/// A root and its key.
pub struct Authority(TempDir);

impl Authority {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (key, root) = (folder.path().join("ca.key"), folder.path().join("ca.pem"));
        std::fs::write(&key, openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", b"")).unwrap();
        let arguments = format!(
            "req -x509 -new -key {} -days 3650 -subj /CN=TestRoot -addext basicConstraints=critical,CA:TRUE",
            key.display()
        );
        std::fs::write(&root, openssl(&arguments, b"")).unwrap();
        Self(folder)
    }

    /// The root, PEM.
    pub fn root(&self) -> String {
        std::fs::read_to_string(self.0.path().join("ca.pem")).unwrap()
    }

    /// A certificate for a request (PEM), with these names and further lines of OpenSSL's extensions.
    pub fn certify(&self, request: &[u8], names: &str, extensions: &str) -> String {
        let file = self.0.path().join("extensions");
        std::fs::write(&file, format!("subjectAltName={names}\n{extensions}\n")).unwrap();
        let at = |name: &str| self.0.path().join(name).display().to_string();
        let (ca, key) = (at("ca.pem"), at("ca.key"));
        let arguments = format!("x509 -req -CA {ca} -CAkey {key} -CAcreateserial -days 60 -extfile {}", file.display());
        String::from_utf8(openssl(&arguments, request)).unwrap()
    }

    /// Makes a CSR on a console's device and takes this CA's answer to it; gives the certificate, DER.
    pub fn answers(&self, console: &Console, name: &str, more: &[&str]) -> Vec<u8> {
        let mut arguments = vec!["csr", "create", "--name", name, "--country", "DE", "--state", "Berlin"];
        arguments.extend(["--city", "Berlin", "--organization", "Example", "--email", "root@nas.local"]);
        arguments.extend(["--san", "nas.example"]);
        arguments.extend(if more.is_empty() { &["--profile", "https-ecc"] } else { more });
        console.run(arguments).worked();
        let request = console.run(["csr", "export", name]).worked();
        let leaf = self.certify(request.as_bytes(), "DNS:nas.example", "extendedKeyUsage=serverAuth");
        let mut answer = leaf.clone();
        write!(answer, "{}", self.root()).unwrap();
        let file = self.0.path().join("answer.pem");
        std::fs::write(&file, answer).unwrap();
        console.run(["csr", "answer", name, "--certificate", path(&file)]).worked();
        openssl("x509 -outform DER", leaf.as_bytes())
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
