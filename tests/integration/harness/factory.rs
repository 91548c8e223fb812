//! A factory's station: a requests file, lists of units, and what came of them.

use super::console::{Ran, run, signet};
use serde_json::Value;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// One ECC request for each unit.
pub const REQUESTS: &str = r#"
[[csr]]
name = "web-{serial}"
profile = "https-ecc"
ec_curve = "SECP256R1"
country = "DE"
state = "Bavaria"
city = "Munich"
organization = "Example GmbH"
email = "root@{hostname}.local"
san = ["{hostname}", "{hostname}.local"]
"#;

pub struct Station(pub TempDir);

impl Station {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("requests.toml"), REQUESTS).unwrap();
        Self(folder)
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A list of `count` units.
    pub fn list(&self, name: &str, count: usize) -> PathBuf {
        let mut text = "serial,model,hostname,mac\n".to_owned();
        for number in 0..count {
            writeln!(text, "NX4-{number:05},Vault 4,vault-{number:05},").unwrap();
        }
        let path = self.at(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// `provision --batch`, not yet begun, into `OUT`, with the station's requests.
    pub fn batch(&self, list: &Path, out: &Path) -> Command {
        let mut command = signet(&self.at("unused"));
        command.args(["provision", "--jobs", "2", "--requests"]).arg(self.at("requests.toml"));
        command.arg("--batch").arg(list).arg("--out").arg(out);
        command
    }

    /// `provision` of one unit into `data`, with the station's manifest.
    pub fn provision(&self, data: &Path, more: &[&str]) -> Ran {
        let mut command = signet(data);
        command.args(["provision", "--requests"]).arg(self.at("requests.toml"));
        command.arg("--manifest").arg(self.at("manifest.jsonl"));
        run(command.args(more), b"")
    }
}

/// The lines of a manifest.
pub fn lines(manifest: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(manifest).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Fails unless the directory is the unit of the line: its identity and every CSR have the keys that it tells.
pub fn is_the_unit_of(data: &Path, line: &Value) {
    use super::openssl::{openssl, public_of_key, verifies};
    let serial = line["serial"].as_str().unwrap();
    for leftover in ["pending", "provision.json"] {
        assert!(!data.join(leftover).exists(), "{serial}: {leftover}");
    }
    let device: Value = serde_json::from_slice(&std::fs::read(data.join("device.json")).unwrap()).unwrap();
    assert_eq!(device["serial"], line["serial"]);
    assert!(data.join("factory/setup.json").exists());
    let identity = std::fs::read(data.join("identity.pem")).unwrap();
    assert_eq!(identity, std::fs::read(data.join("factory/identity.pem")).unwrap());
    let sha256 = |der: &[u8]| hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der));
    let public = public_of_key(&identity, None);
    assert_eq!(sha256(&public), line["spki_sha256"].as_str().unwrap(), "{serial}");
    let csrs = line["csrs"].as_array().unwrap();
    assert_eq!(std::fs::read_dir(data.join("csrs")).unwrap().count(), csrs.len(), "{serial}");
    for csr in csrs {
        let file = std::fs::read(data.join(format!("csrs/{}.pem", csr["name"].as_str().unwrap()))).unwrap();
        let public = public_of_key(&file, None);
        assert_eq!(sha256(&public), csr["spki_sha256"].as_str().unwrap(), "{serial}");
        let der = openssl("req -outform DER", &file);
        verifies(&der);
        assert_eq!(der, openssl("req -outform DER", csr["pem"].as_str().unwrap().as_bytes()), "{serial}");
    }
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
