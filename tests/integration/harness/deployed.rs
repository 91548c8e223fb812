//! A device whose integrator has set services up: a data directory, a CA that answers its CSRs, root's list and copies.

use super::console::{Ran, run, signet};
use super::openssl::openssl;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The device; all of it goes when this is dropped.
pub struct Device {
    folder: TempDir,
}

/// What a service finds by its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub version: String,
    pub full: String,
    pub certificate: String,
    pub chain: String,
    pub key: String,
}

/// Root's side is root's: elsewhere its tests are recorded as skipped.
pub fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        signet_testing::skip("only root can hand over");
    }
    root
}

impl Device {
    pub fn new() -> Self {
        let device = Self { folder: tempfile::tempdir().unwrap() };
        let (key, ca) = (device.at("ca.key"), device.at("ca.pem"));
        let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=CA -days 30";
        openssl(&format!("{new} -keyout {} -out {}", key.display(), ca.display()), b"");
        std::fs::write(device.at("signet.toml"), format!("services = {:?}\n", device.list())).unwrap();
        device
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.at("data")
    }

    pub fn csr_file(&self, name: &str) -> PathBuf {
        self.data().join(format!("csrs/{name}.pem"))
    }

    /// Root's list of services.
    pub fn list(&self) -> PathBuf {
        self.at("deploy.toml")
    }

    /// Where the copies go.
    pub fn copies(&self) -> PathBuf {
        self.at("copies")
    }

    /// Writes the list: these entries, below the folder of the copies.
    pub fn set_up(&self, entries: &str) {
        std::fs::write(self.list(), format!("directory = {:?}\n{entries}", self.copies())).unwrap();
    }

    /// One entry for `csr` as `web`, which writes a line into `told` when it is reloaded.
    pub fn set_up_web(&self, csr: &str) {
        let reload = format!("reload = [\"/bin/sh\", \"-c\", \"echo told >> {}\"]", self.at("told").display());
        self.set_up(&format!("[[deploy]]\ncsr = \"{csr}\"\nas = \"web\"\n{reload}\n"));
    }

    /// How often `web` was reloaded.
    pub fn told(&self) -> usize {
        std::fs::read_to_string(self.at("told")).map_or(0, |text| text.lines().count())
    }

    /// The command line over the data directory.
    pub fn signet(&self, arguments: &str) -> Ran {
        run(signet(&self.data()).arg("--config").arg(self.at("signet.toml")).args(arguments.split(' ')), b"")
    }

    /// Root's side.
    pub fn deploy(&self) -> Ran {
        run(signet(&self.data()).arg("--config").arg(self.list()).arg("deploy"), b"")
    }

    pub fn create(&self, name: &str) {
        let asked =
            "--profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";
        self.signet(&format!("csr create --name {name} {asked}")).worked();
    }

    /// A certificate for the CSR, with the CA's behind it.
    pub fn certificates(&self, name: &str) -> String {
        let request = self.signet(&format!("csr export {name}")).worked();
        let (key, ca) = (self.at("ca.key"), self.at("ca.pem"));
        let extensions = self.at("extensions");
        std::fs::write(&extensions, "subjectAltName=DNS:nas.local\n").unwrap();
        let sign = format!(
            "x509 -req -CA {} -CAkey {} -days 10 -extfile {}",
            ca.display(),
            key.display(),
            extensions.display()
        );
        let leaf = String::from_utf8(openssl(&sign, request.as_bytes())).unwrap();
        leaf + &std::fs::read_to_string(ca).unwrap()
    }

    /// The CA answers the CSR, over an earlier answer.
    pub fn answer(&self, name: &str) {
        self.answer_with(name, &self.certificates(name));
    }

    /// The same with these certificates. The file is replaced as the console does it.
    pub fn answer_with(&self, name: &str, certificates: &str) {
        let file = std::fs::read_to_string(self.csr_file(name)).unwrap();
        let own = file.find("-----BEGIN CERTIFICATE-----").unwrap_or(file.len());
        self.replace(name, &format!("{}{certificates}", &file[..own]));
    }

    /// Changes the record.
    pub fn record(&self, name: &str, change: impl FnOnce(&mut serde_json::Value)) {
        let file = std::fs::read_to_string(self.csr_file(name)).unwrap();
        let (before, rest) = file.split_once(LABELS[0]).unwrap();
        let (_, after) = rest.split_once(LABELS[1]).unwrap();
        let mut record = record_of(&self.csr_file(name));
        change(&mut record);
        let text = STANDARD.encode(record.to_string());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        self.replace(name, &format!("{before}{}{}\n{}{after}", LABELS[0], lines.join("\n"), LABELS[1]));
    }

    pub fn id(&self, name: &str) -> String {
        record_of(&self.csr_file(name))["id"].as_str().unwrap().to_owned()
    }

    fn replace(&self, name: &str, text: &str) {
        let new = self.data().join("csrs/.new");
        std::fs::write(&new, text).unwrap();
        std::fs::set_permissions(&new, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::rename(new, self.csr_file(name)).unwrap();
    }

    /// A CSR that is answered and may be handed over.
    pub fn ready(&self, name: &str) {
        self.create(name);
        self.answer(name);
        self.record(name, |record| record["deploy"] = true.into());
    }

    /// A renewal of `old`: answered, and by its owner's word.
    pub fn renewed(&self, old: &str, name: &str) {
        self.ready(name);
        let id = self.id(old);
        self.record(name, |record| record["supersedes"] = id.into());
    }

    /// What the service finds; none without a live version. Fails for a pair that does not belong together.
    pub fn found(&self, service: &str) -> Option<Found> {
        let live = self.copies().join(service).join("live");
        let version = std::fs::read_link(&live).ok()?.to_str().unwrap().to_owned();
        let file = |name: &str| std::fs::read_to_string(live.join(name)).unwrap();
        let found = Found {
            version,
            full: file("fullchain.pem"),
            certificate: file("cert.pem"),
            chain: file("chain.pem"),
            key: file("privkey.pem"),
        };
        assert_eq!(found.full, format!("{}{}", found.certificate, found.chain));
        let of_certificate = openssl("x509 -noout -pubkey", found.certificate.as_bytes());
        assert_eq!(openssl("pkey -pubout", found.key.as_bytes()), of_certificate, "a mismatched pair");
        Some(found)
    }

    /// The service's folder, sorted.
    pub fn listed(&self, service: &str) -> Vec<String> {
        names(&self.copies().join(service))
    }
}

const LABELS: [&str; 2] = ["-----BEGIN SIGNET RECORD-----\n", "-----END SIGNET RECORD-----\n"];

/// The record in a CSR's file.
pub fn record_of(file: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.split_once(LABELS[0]).unwrap().1.split_once(LABELS[1]).unwrap().0;
    serde_json::from_slice(&STANDARD.decode(text.replace('\n', "")).unwrap()).unwrap()
}

/// What lies in a folder, sorted; nothing where there is none.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
