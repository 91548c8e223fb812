//! Which path is built of what was kept and what is sent now (RFC 4158), each held by `openssl verify` with its root alone.

use crate::harness::console::Console;
use crate::harness::made::Folder;
use crate::harness::openssl::openssl;
use serde_json::Value;
use std::collections::BTreeMap;

const IS_CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n\
    authorityKeyIdentifier=keyid\n";
const LEAF: &str = "subjectAltName=DNS:nas.local\nauthorityKeyIdentifier=keyid\n";
const THEN: (&str, &str) = ("20200101000000Z", "20210101000000Z");
const NOW: (&str, &str) = ("20250101000000Z", "20400101000000Z");
const SHORTER: (&str, &str) = ("20260101000000Z", "20350101000000Z");

/// Keys by their names, and certificates (PEM) by theirs.
struct Cas {
    folder: Folder,
    made: BTreeMap<&'static str, String>,
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
    fn sign(&mut self, made: &'static str, key: &str, by: &str, by_key: &str, dates: (&str, &str)) {
        let (from, to) = dates;
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
        self.made.insert(made, std::fs::read_to_string(out).unwrap());
    }

    fn name(&self, pem: &str) -> &'static str {
        self.made.iter().find(|(_, other)| other.trim() == pem.trim()).expect("one of those that were made").0
    }

    fn pems(&self, names: &[&str]) -> String {
        names.iter().map(|name| self.made[name].as_str()).collect()
    }
}

/// Two roots, the second in two generations; a CA that both have signed, that was signed again, and once ended.
fn world(console: &Console) -> Cas {
    let mut cas = Cas::new();
    let who = "--country=DE --state=Bavaria --city=Munich --organization=Example --email=root@nas.local --common=nas.local --san=nas.local";
    console.run(format!("csr create --name=device --profile=https-ecc {who}").split(' ')).worked();
    let request = console.run(["csr", "export", "device"]).worked();
    cas.folder.file("device.csr", request.as_bytes());
    for (key, subject) in [("one", "One"), ("two", "Two"), ("old", "Two"), ("middle", "Middle"), ("lower", "Lower")] {
        cas.key(key, subject);
    }
    cas.sign("one", "one", "one", "one", NOW);
    cas.sign("one again", "one", "one again", "one", SHORTER);
    cas.sign("one ended", "one", "one ended", "one", THEN);
    cas.sign("two", "two", "two", "two", NOW);
    cas.sign("two of old", "old", "two of old", "old", NOW);
    cas.sign("middle by one", "middle", "one", "one", NOW);
    cas.sign("middle by one again", "middle", "one", "one", SHORTER);
    cas.sign("middle ended", "middle", "one", "one", THEN);
    cas.sign("middle by two", "middle", "two", "two", SHORTER);
    cas.sign("lower", "lower", "middle by one", "middle", NOW);
    cas.sign("middle by lower", "middle", "lower", "lower", NOW);
    cas.sign("leaf", "device", "middle by one", "middle", SHORTER);
    cas.sign("leaf of lower", "device", "lower", "lower", SHORTER);
    cas
}

struct Row {
    what: &'static str,
    kept: &'static [&'static str],
    sent: &'static [&'static str],
    expected: &'static [&'static str],
    advice: &'static str,
}

const TABLE: &[Row] = &[
    Row {
        what: "a root sent along, in any order",
        kept: &[],
        sent: &["one", "leaf", "middle by one"],
        expected: &["leaf", "middle by one", "one"],
        advice: "private CA",
    },
    Row {
        what: "a CA of two roots, of which one was sent",
        kept: &[],
        sent: &["leaf", "middle by one", "middle by two", "two"],
        expected: &["leaf", "middle by two", "two"],
        advice: "private CA",
    },
    Row {
        what: "the same, the other one was sent",
        kept: &[],
        sent: &["leaf", "middle by two", "middle by one", "one"],
        expected: &["leaf", "middle by one", "one"],
        advice: "private CA",
    },
    Row {
        what: "an expired intermediate beside a valid one",
        kept: &[],
        sent: &["leaf", "middle ended", "middle by one", "one"],
        expected: &["leaf", "middle by one", "one"],
        advice: "private CA",
    },
    Row {
        what: "a valid intermediate whose root is missing beside an expired one that is complete",
        kept: &[],
        sent: &["leaf", "middle ended", "middle by two", "one"],
        expected: &["leaf", "middle by two"],
        advice: "certificate of its issuer, \"Two\", is missing",
    },
    Row {
        what: "an expired intermediate alone",
        kept: &[],
        sent: &["leaf", "middle ended", "one"],
        expected: &["leaf", "middle ended", "one"],
        advice: "\"Middle\" expired on 2021-01-01",
    },
    Row {
        what: "a re-signed intermediate with the same key and name takes the place of the one that was kept",
        kept: &["leaf", "middle by one", "one"],
        sent: &["leaf", "middle by one again"],
        expected: &["leaf", "middle by one again", "one"],
        advice: "above it change",
    },
    Row {
        what: "a re-signed intermediate alone",
        kept: &["leaf", "middle by one", "one"],
        sent: &["middle by one again"],
        expected: &["leaf", "middle by one again", "one"],
        advice: "above it change",
    },
    Row {
        what: "a re-signed root alone takes the place of the one that has ended",
        kept: &["leaf", "middle by one", "one ended"],
        sent: &["one again"],
        expected: &["leaf", "middle by one", "one again"],
        advice: "above it change",
    },
    Row {
        what: "a path by another root that was sent whole",
        kept: &["leaf", "middle by one", "one"],
        sent: &["leaf", "middle by two", "two"],
        expected: &["leaf", "middle by two", "two"],
        advice: "above it change",
    },
    Row {
        what: "a path by another root that dead-ends",
        kept: &["leaf", "middle by one", "one"],
        sent: &["leaf", "middle by two"],
        expected: &["leaf", "middle by one", "one"],
        advice: "kept already",
    },
    Row {
        what: "two generations of a root: the one whose key signed",
        kept: &[],
        sent: &["leaf", "two of old", "middle by two", "two"],
        expected: &["leaf", "middle by two", "two"],
        advice: "private CA",
    },
    Row {
        what: "CAs that signed each other, and a root",
        kept: &[],
        sent: &["leaf of lower", "lower", "middle by lower", "middle by one", "one"],
        expected: &["leaf of lower", "lower", "middle by one", "one"],
        advice: "private CA",
    },
    Row {
        what: "CAs that signed each other, and no root",
        kept: &[],
        sent: &["leaf of lower", "lower", "middle by lower"],
        expected: &["leaf of lower", "lower", "middle by lower"],
        advice: "comes back to \"Lower\"",
    },
];

#[test]
fn the_best_path_of_what_was_kept_and_sent_is_built() {
    for row in TABLE {
        let console = Console::first_boot();
        let cas = world(&console);
        let answer = |names: &[&str]| {
            let file = cas.folder.file("answer", cas.pems(names).as_bytes());
            let file = file.to_str().unwrap();
            let ran = console.run(["csr", "answer", "device", "--json", "--certificate", file]);
            serde_json::from_str::<Value>(&ran.worked()).unwrap()[0].clone()
        };
        if !row.kept.is_empty() {
            answer(row.kept);
        }
        let answered = answer(row.sent);
        let chain = answered["chain"].as_array().unwrap().iter().map(|pem| pem.as_str().unwrap());
        let names: Vec<&str> = chain.map(|pem| cas.name(pem)).collect();
        assert_eq!(names, row.expected, "{}", row.what);
        let advice = answered["advice"].to_string().replace("\\\"", "\"");
        assert!(advice.contains(row.advice), "{}: {advice}", row.what);
        verified(&cas, &names, &advice, row.what);
    }
}

/// OpenSSL with the last certificate as the only root, where it signed itself; one that has ended is refused as such.
fn verified(cas: &Cas, names: &[&str], advice: &str, what: &str) {
    let [leaf, middle @ .., root] = names else { panic!("{names:?}") };
    let is_root = ["one", "one again", "two"].contains(root);
    let has_ended = advice.contains("expired on");
    if !is_root || has_ended {
        return;
    }
    let untrusted = cas.folder.file("untrusted", cas.pems(middle).as_bytes());
    let (root, leaf) =
        (cas.folder.file("root", cas.pems(&[root]).as_bytes()), cas.folder.file("leaf", cas.pems(&[leaf]).as_bytes()));
    let arguments = format!("verify -CAfile {} -untrusted {} {}", root.display(), untrusted.display(), leaf.display());
    let said = String::from_utf8(openssl(&arguments, b"")).unwrap();
    assert!(said.trim_end().ends_with("OK"), "{what}: {said}");
}
