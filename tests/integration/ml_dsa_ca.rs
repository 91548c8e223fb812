//! A real CA with ML-DSA keys: OpenBao, with a root and a CA below it, answers our requests, and the answer is kept with its
//! chain. What breaks such a chain is refused.

use crate::harness::answering::{answer, differences, give, request, show};
use crate::harness::authority::Authority;
use crate::harness::console::Console;
use crate::harness::openbao::OpenBao;
use crate::harness::openssl::openssl;
use crate::harness::wizard;
use serde_json::Value;

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
