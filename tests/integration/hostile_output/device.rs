//! A device on which everything that others could write is hostile: records, requests, certificates, files, configs.

use super::HOSTILE;
use crate::harness::deployed::{Device, record_of};
use crate::harness::openssl::openssl;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

pub struct Hostile(Device);

/// One line of it, for formats that hold no line breaks.
const LINE: &str = "x\u{1b}[2J\u{7f}\u{9b}31m\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\u{e0041}FORGED";

impl Hostile {
    pub fn new() -> Self {
        let this = Self(Device::new());
        for name in ["asked", "damaged", "renewed"] {
            this.0.create(name);
        }
        this.imported();
        this.records();
        this.planted(&this.data());
        this.configs();
        this.factory();
        this
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.at(name)
    }

    pub fn data(&self) -> PathBuf {
        self.0.data()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.at(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A copy of the program that every user can run.
    pub fn program(&self) -> PathBuf {
        let copy = self.at("signet");
        if !copy.exists() {
            std::fs::set_permissions(copy.parent().unwrap(), PermissionsExt::from_mode(0o755)).unwrap();
            let program = std::env::var_os("SIGNET_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_signet").into());
            // By another process: a file that one of our threads writes is busy in each program that another one starts.
            assert!(std::process::Command::new("cp").arg(program).arg(&copy).status().unwrap().success());
            std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o755)).unwrap();
        }
        copy
    }

    /// A request with hostile parts, its key, and a CA's answer with hostile names on both sides.
    fn imported(&self) {
        // openssl reads \n in a value as a line break.
        let value = HOSTILE.replace('\r', "\\r").replace('\n', "\\n");
        let config = format!(
            "[req]\nprompt=no\nutf8=yes\nstring_mask=utf8only\ndistinguished_name=dn\nreq_extensions=ext\nattributes=att\n\
             [dn]\nCN={value}\nO={value}\nOU={value}\nL={value}\nST={value}\ndescription={value}\n\
             [ext]\nsubjectAltName=@san\n1.3.6.1.5.5.7.1.24=ASN1:UTF8String:{LINE}\n\
             [att]\nunstructuredName={LINE}\n\
             [san]\nDNS.1={LINE}\nURI.1=https://{LINE}\nemail.1={LINE}@x\notherName.1=1.2.3.4;UTF8:{LINE}\ndirName.1=dn\nDNS.2=nas.local\n"
        );
        let config = self.file("hostile.cnf", config);
        let (key, request) = (self.at("imp.key"), self.at("imp.csr"));
        let (key, request) = (key.to_str().unwrap(), request.to_str().unwrap());
        openssl(&format!("genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {key}"), b"");
        openssl(&format!("req -new -config {config} -key {key} -out {request}"), b"");
        self.0.signet(&format!("csr import --name imp --request {request} --key {key}")).worked();
        // The CA's own name is hostile, too.
        let ca = self.at("hostile-ca.pem");
        let ca = ca.to_str().unwrap();
        let ca_key = self.at("hostile-ca.key");
        let ca_key = ca_key.to_str().unwrap();
        openssl(
            &format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -config {config} -keyout {ca_key} -out {ca}"
            ),
            b"",
        );
        let extensions = format!(
            "subjectAltName=@san\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\nauthorityInfoAccess=caIssuers;URI:http://{LINE}\n\
             [san]\nDNS.1=nas.local\nURI.1=https://{LINE}\n[dn]\nCN={value}\n"
        );
        let extensions = self.file("hostile.ext", extensions);
        let sign = format!("x509 -req -in {request} -CA {ca} -CAkey {ca_key} -days 9 -extfile {extensions}");
        let leaf = openssl(&sign, b"");
        let answer = self.file("answer.pem", [leaf, std::fs::read(ca).unwrap()].concat());
        self.0.signet(&format!("csr answer --certificate {answer}")).worked();
    }

    fn records(&self) {
        self.0.record("imp", |record| {
            record["note"] = format!("one\r\n{LINE}").into();
            record["deploy"] = true.into();
        });
        self.0.record("asked", |record| {
            record["note"] = LINE.into();
            record["supersedes"] = HOSTILE.into();
            record["id"] = HOSTILE.into();
            let asked = &mut record["asked"];
            for step in ["options", "subject", "constraints"] {
                for (_, value) in asked[step].as_object_mut().unwrap() {
                    if value.is_string() {
                        *value = HOSTILE.into();
                    }
                }
            }
        });
        self.0.record("damaged", |record| record["origin"] = HOSTILE.into());
        let certificate = STANDARD.encode(HOSTILE);
        let file = std::fs::read_to_string(self.0.csr_file("renewed")).unwrap();
        std::fs::write(
            self.0.csr_file("renewed"),
            format!("{file}-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"),
        )
        .unwrap();
    }

    /// Files with names that their maker chose.
    pub fn planted(&self, data: &Path) {
        let names: [&[u8]; 6] = [
            HOSTILE.as_bytes(),
            b"x;touch PWNED;#",
            b"$(touch PWNED)",
            b"`touch PWNED`",
            b"-x' \"touch PWNED\"",
            b"\xff\x1b[2J\xc2\x9b.pem",
        ];
        for folder in [data.to_path_buf(), data.join("csrs")] {
            for name in names {
                let path = folder.join(OsStr::from_bytes(name));
                std::fs::write(&path, b"").unwrap();
                std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
            }
            std::fs::create_dir_all(folder.join(format!("{LINE} folder"))).unwrap();
            symlink(HOSTILE, folder.join(format!("{LINE} link"))).unwrap();
            std::fs::hard_link(folder.join("x;touch PWNED;#"), folder.join("y;touch PWNED;#")).unwrap();
        }
        std::fs::write(data.join("csrs").join(format!(".{LINE}.tmp")), b"").unwrap();
    }

    fn configs(&self) {
        let escaped = toml_string(HOSTILE);
        self.file("unknown.toml", format!("services = {:?}\n{escaped} = 1\n[session]\n{escaped} = 1\n", self.0.list()));
        self.file("hosts.toml", format!("hostnames = [{escaped}]\n"));
        self.file("required.toml", format!("[subject]\nrequired = [{escaped}]\n"));
        self.file("types.toml", format!("listen = [{escaped}]\n"));
        self.file("broken.toml", format!("listen = {LINE}\n"));
        self.file("where.toml", format!("services = {}\n", toml_string(&format!("/tmp/none/{HOSTILE}"))));
        self.file("request.toml", format!("{escaped} = 1\n"));
        self.file("requests.toml", format!("[[csr]]\nname = \"{{serial}}\"\n{escaped} = 1\n"));
        self.file(
            "filled.toml",
            format!("[[csr]]\nname = {0}\ncommon = {0}\norganization = {0}\nsan = [{0}]\nkey_type = {0}\n", escaped),
        );
        self.file("fills.toml", format!("[[csr]]\nname = {}\n", toml_string(&format!("{{{HOSTILE}}}"))));
        self.0.set_up(&format!("[[deploy]]\ncsr = \"imp\"\nas = \"web\"\nowner = {escaped}\n"));
        self.file("deploy-csr.toml", format!("[[deploy]]\ncsr = {escaped}\n"));
        self.file("deploy-key.toml", format!("[[deploy]]\n{escaped} = 1\n"));
        self.file("deploy-mode.toml", format!("[[deploy]]\ncsr = \"imp\"\nmode = {escaped}\n"));
        self.file(
            "deploy-reload.toml",
            format!(
                "directory = {}\n[[deploy]]\ncsr = \"imp\"\nreload = [{}]\n",
                toml_string(self.at(HOSTILE).to_str().unwrap()),
                toml_string(&format!("/none/{HOSTILE}"))
            ),
        );
        std::fs::write(self.data().join("login.json"), format!("{{\"version\":1,{:?}:1}}", LINE)).unwrap();
        let line = serde_json::json!({"n": HOSTILE, "event": HOSTILE, "csr": HOSTILE, "at": HOSTILE, "chain": HOSTILE});
        let audit = self.data().join("audit.log");
        let before = std::fs::read(&audit).unwrap_or_default();
        std::fs::write(&audit, [before, format!("{line}\n{LINE}\n").into_bytes()].concat()).unwrap();
    }

    fn factory(&self) {
        let device =
            serde_json::json!({"version": 1, "serial": HOSTILE, "model": HOSTILE, "hostname": HOSTILE, "mac": HOSTILE});
        std::fs::write(self.data().join("device.json"), device.to_string()).unwrap();
        self.file("units.csv", format!("serial,model,hostname,mac\nA1,\"{HOSTILE}\",\"{HOSTILE}\",\"{HOSTILE}\"\n\"{HOSTILE}\",,,\n\"{HOSTILE}\",,\n"));
        self.file("columns.csv", format!("serial,model,hostname,mac,\"{HOSTILE}\"\n"));
        self.file("good.csv", "serial,model,hostname,mac\nNX4-1,Vault,vault-1,\n");
        let line = |serial: &str| {
            let line = serde_json::json!({"serial": serial, "model": HOSTILE, "setup_code": HOSTILE, "certificate_sha256": HOSTILE,
                "spki_sha256": HOSTILE, "csrs": [{"name": HOSTILE, "spki_sha256": HOSTILE, "pem": HOSTILE}], "software": HOSTILE});
            format!("{line}\n")
        };
        self.file("manifest.jsonl", line("NX4-2") + &line(HOSTILE));
        self.file("cut.jsonl", line("NX4-3") + LINE);
        self.file("wrong.jsonl", format!("{LINE}\n"));
        self.file(
            "dek.key",
            format!("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: {LINE},00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"),
        );
        self.file(
            "label.key",
            format!("-----BEGIN {0}-----\nAAAA\n-----END {0}-----\n", "\u{1b}[2J\u{202e}\u{9b} PRIVATE KEY"),
        );
        self.file("open.key", "-----BEGIN \u{1b}[2J\u{202e}\u{9b} PRIVATE KEY-----\nAAAA\n");
        self.file("ends.key", "-----BEGIN \u{1b}[2J\u{202e}-----\nAAAA\n-----END \u{9b}\u{200b}-----\n");
        self.file("passphrase", "correct horse battery staple\n");
        std::fs::create_dir(self.at("image")).unwrap();
    }

    /// Commands over it: those that read, then those that change.
    pub fn commands(&self) -> Vec<Vec<String>> {
        let all = "check\ncheck --json\ncsr list\ncsr list --json\n\
            csr show NAME\ncsr show NAME --json\ncsr show NAME --openssl\ncsr export NAME\ncsr export NAME --chain\n\
            csr expiry NAME\ncsr needs-renewal NAME\ncsr key NAME --unencrypted\ncsr key NAME\n\
            csr renew NAME --name new-NAME\ncsr renew NAME --json --name json-NAME\ncsr deploy NAME\ncsr deploy NAME --stop\n\
            --config DIR/unknown.toml csr deploy NAME\n--config DIR/where.toml csr deploy NAME\n\
            --config DIR/unknown.toml csr list\n--config DIR/unknown.toml check\n--config DIR/unknown.toml check --json\n\
            --config DIR/unknown.toml recover lockout --dry-run\n--config DIR/hosts.toml recover lockout --dry-run\n\
            --config DIR/hosts.toml check\n--config DIR/required.toml check\n--config DIR/types.toml check\n--config DIR/broken.toml check\n\
            --config DIR/required.toml csr list\n--config DIR/broken.toml csr list\n--config DIR/types.toml csr list\n\
            --config DIR/where.toml check\n\
            csr answer --certificate DIR/answer.pem --dry-run\ncsr answer --certificate DIR/answer.pem --dry-run --json\n\
            csr answer asked --certificate DIR/answer.pem\ncsr answer --certificate DIR/hostile-ca.pem\ncsr answer --certificate DIR/ends.key\n\
            csr create --name a --from DIR/request.toml\ncsr create --name a --from DIR/broken.toml\n\
            csr create --name a --supersedes damaged\ncsr create --name a --aki-issuer DIR/label.key\n\
            csr import --name b --request DIR/imp.csr --key DIR/dek.key\ncsr import --name b --request DIR/imp.csr --key DIR/label.key\n\
            csr import --name b --request DIR/open.key --key DIR/imp.key\ncsr import --name b --request DIR/imp.csr --key DIR/ends.key\n\
            csr import --name b --request DIR/imp.csr --key DIR/imp.key\ncsr import --name c --request DIR/imp.csr --key DIR/imp.key --json\n\
            console show\nconsole show --json\nconsole use damaged\nconsole use renewed\nconsole use imp\nconsole show\nconsole show --json\ncheck\n\
            console back\n\
            recover password --dry-run\nrecover identity --dry-run\nrecover lockout --dry-run\nrecover factory-reset --dry-run\n\
            recover factory-reset\n\
            --config DIR/deploy.toml deploy\n--config DIR/deploy-csr.toml deploy\n--config DIR/deploy-key.toml deploy\n\
            --config DIR/deploy-mode.toml deploy\n--config DIR/deploy-reload.toml deploy\n--config DIR/broken.toml deploy\n\
            provision --serial NX4-9\nprovision --serial NX4-2 --manifest DIR/manifest.jsonl\nprovision --serial NX4-9 --requests DIR/requests.toml\n\
            provision --serial NX4-9 --requests DIR/filled.toml\nprovision --serial NX4-9 --requests DIR/fills.toml\n\
            provision --batch DIR/units.csv --out DIR/units\nprovision --batch DIR/columns.csv --out DIR/units\n\
            provision --batch DIR/good.csv --out DIR/units --requests DIR/filled.toml\n\
            provision --batch DIR/good.csv --out DIR/units --manifest DIR/manifest.jsonl --label DIR/labels\n\
            provision --batch DIR/good.csv --out DIR/units --manifest DIR/manifest.jsonl --json\n\
            provision --batch DIR/good.csv --out DIR/units --manifest DIR/cut.jsonl\nprovision --batch DIR/good.csv --out DIR/units --manifest DIR/wrong.jsonl\n\
            install --root DIR/image\ninstall --root DIR/image --json\ninstall --root DIR/none\n\
            csr pkcs12 imp --passphrase-file DIR/passphrase --out DIR/bundle-HOSTILE\ncsr rename imp impnew\ncsr rename damaged damagednew\ncsr rename impnew imp\ncsr delete damaged\ncsr delete damaged --yes\ncsr delete imp --yes\n\
            recover password --yes --new-code\nrecover identity --yes\nrecover factory-reset --yes\ncheck\ncsr list";
        let dir = self.at("");
        let dir = dir.to_str().unwrap().trim_end_matches('/');
        let mut commands = Vec::new();
        for line in all.lines() {
            let names: &[&str] = if line.contains("NAME") { &["imp", "asked", "damaged", "renewed"] } else { &[""] };
            for name in names {
                let line = line.replace("NAME", name).replace("DIR", dir);
                // A file's name is hostile, too.
                commands.push(line.split_whitespace().map(|word| word.replace("HOSTILE", HOSTILE)).collect());
            }
        }
        commands
    }
}

/// Changes the record in a CSR's file.
pub fn change_record(file: &Path, change: impl FnOnce(&mut Value)) {
    let text = std::fs::read_to_string(file).unwrap();
    let (begin, end) = ("-----BEGIN SIGNET RECORD-----\n", "-----END SIGNET RECORD-----\n");
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut record = record_of(file);
    change(&mut record);
    let base64 = STANDARD.encode(record.to_string());
    let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    std::fs::write(file, format!("{before}{begin}{}\n{end}{after}", lines.join("\n"))).unwrap();
}

/// A TOML string, every character that is not ASCII letter or digit as its code.
pub fn toml_string(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/-_.".contains(character);
    let written: String = text
        .chars()
        .map(
            |character| {
                if plain(character) { character.to_string() } else { format!("\\U{:08X}", u32::from(character)) }
            },
        )
        .collect();
    format!("\"{written}\"")
}
