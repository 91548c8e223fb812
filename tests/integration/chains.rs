//! Which path is built of what was kept and what is sent now (RFC 4158), each held by `openssl verify` with its root alone.
//!
//! The table is `tests/chains.json`; `tests/browser/chains.test.mjs` serves the same chains to Chromium.

use crate::harness::console::{Console, run};
use crate::harness::made::Folder;
use crate::harness::openssl::openssl;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Command;

const IS_CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n\
    authorityKeyIdentifier=keyid\n";
const LEAF: &str = "subjectAltName=DNS:nas.local\nauthorityKeyIdentifier=keyid\n";
/// Keys by their names, and certificates (PEM) by theirs.
struct Cas {
    folder: Folder,
    made: BTreeMap<String, String>,
}

impl Cas {
    fn new() -> Self {
        let folder = Folder::new();
        let index = folder.file("index", b"");
        let root = index.parent().unwrap().to_str().unwrap();
        let config = format!(
            "[ca]\ndatabase={root}/index\nnew_certs_dir={root}\nrand_serial=yes\ndefault_md=sha256\nunique_subject=no\n\
             policy=any\npreserve=yes\n[any]\ncommonName=optional\norganizationName=optional\ncountryName=optional\n\
             stateOrProvinceName=optional\nlocalityName=optional\nemailAddress=optional\n"
        );
        folder.file("cnf", config.as_bytes());
        Self { folder, made: BTreeMap::new() }
    }

    fn path(&self, name: &str) -> String {
        // Any file of the folder tells where it is.
        let here = self.folder.file("here", b"");
        here.with_file_name(name.replace(' ', "-")).to_str().unwrap().to_owned()
    }

    /// A CA's key; its name is the request's, its subject `/CN=subject`.
    fn key(&self, name: &str, subject: &str) {
        let (key, csr) = (self.path(&format!("{name}.key")), self.path(&format!("{name}.csr")));
        openssl(&format!("ecparam -name prime256v1 -genkey -noout -out {key}"), b"");
        openssl(&format!("req -new -key {key} -subj /CN={subject} -out {csr}"), b"");
    }

    /// The certificate `made` for the request of `key`, signed by the certificate `by` whose key is `by_key`.
    fn sign(&mut self, made: &str, key: &str, by: &str, by_key: &str, (from, to): (&str, &str)) {
        let extensions = self.folder.file("ext", if key == "device" { LEAF } else { IS_CA }.as_bytes());
        let signer = match by == made {
            true => "-selfsign".to_owned(),
            false => format!("-cert {}", self.path(&format!("{by}.crt"))),
        };
        let out = self.path(&format!("{made}.crt"));
        let (config, csr, key) =
            (self.path("cnf"), self.path(&format!("{key}.csr")), self.path(&format!("{by_key}.key")));
        openssl(
            &format!(
                "ca -batch -notext -config {config} -name ca -in {csr} -keyfile {key} {signer} -startdate {from} \
                 -enddate {to} -extfile {} -out {out}",
                extensions.display()
            ),
            b"",
        );
        self.made.insert(made.to_owned(), std::fs::read_to_string(out).unwrap());
    }

    fn name(&self, pem: &str) -> &str {
        self.made.iter().find(|(_, other)| other.trim() == pem.trim()).expect("one of those that were made").0
    }

    fn pems<S: AsRef<str>>(&self, names: &[S]) -> String {
        names.iter().map(|name| self.made[name.as_ref()].as_str()).collect()
    }
}

/// Two roots, the second in two generations; a CA that both have signed, that was signed again, and once ended.
fn world(console: &Console, table: &Table) -> Cas {
    let mut cas = Cas::new();
    let who = "--country=DE --state=Bavaria --city=Munich --organization=Example --email=root@nas.local --common=nas.local --san=nas.local";
    console.run(format!("csr create --name=device --profile=https-ecc {who}").split(' ')).worked();
    let request = console.run(["csr", "export", "device"]).worked();
    cas.folder.file("device.csr", request.as_bytes());
    for (key, subject) in &table.keys {
        cas.key(key, subject);
    }
    for made in &table.certificates {
        let (from, to) = &table.dates[&made.dates];
        cas.sign(&made.name, &made.key, &made.by, &made.by_key, (from.as_str(), to.as_str()));
    }
    cas
}

#[derive(Deserialize)]
struct Table {
    keys: Vec<(String, String)>,
    dates: BTreeMap<String, (String, String)>,
    certificates: Vec<Made>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Made {
    name: String,
    key: String,
    by: String,
    by_key: String,
    dates: String,
}

#[derive(Deserialize)]
struct Row {
    what: String,
    kept: Vec<String>,
    sent: Vec<String>,
    expected: Vec<String>,
    advice: String,
    root: String,
    browser: String,
}

#[test]
fn the_best_path_of_what_was_kept_and_sent_is_built() {
    let table: Table = serde_json::from_str(include_str!("../chains.json")).unwrap();
    assert!(table.rows.len() >= 14);
    for row in &table.rows {
        let console = Console::first_boot();
        let cas = world(&console, &table);
        let answer = |names: &[String]| {
            let file = cas.folder.file("answer", cas.pems(names).as_bytes());
            let file = file.to_str().unwrap();
            let ran = console.run(["csr", "answer", "device", "--json", "--certificate", file]);
            serde_json::from_str::<Value>(&ran.worked()).unwrap()[0].clone()
        };
        if !row.kept.is_empty() {
            answer(&row.kept);
        }
        let answered = answer(&row.sent);
        let chain = answered["chain"].as_array().unwrap().iter().map(|pem| pem.as_str().unwrap());
        let names: Vec<&str> = chain.map(|pem| cas.name(pem)).collect();
        assert_eq!(names, row.expected, "{}", row.what);
        let advice = answered["advice"].to_string().replace("\\\"", "\"");
        assert!(advice.contains(&row.advice), "{}: {advice}", row.what);
        verified(&cas, &names, row);
    }
}

/// OpenSSL with the row's root alone: it accepts what a browser accepts, and refuses what that refuses.
fn verified(cas: &Cas, names: &[&str], row: &Row) {
    let [leaf, above @ ..] = names else { panic!("{names:?}") };
    let file = |name: &str, names: &[&str]| cas.folder.file(name, cas.pems(names).as_bytes());
    let (untrusted, root, leaf) = (file("untrusted", above), file("root", &[&row.root]), file("leaf", &[leaf]));
    let mut command = Command::new("openssl");
    command.args(["verify", "-CAfile"]).arg(root).arg("-untrusted").arg(untrusted).arg(leaf);
    let ran = run(&mut command, b"");
    assert_eq!(ran.code == 0, row.browser.is_empty(), "{}: {}", row.what, ran.err);
}
