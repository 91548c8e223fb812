//! Keys whose passphrase costs: at most one is opened or encrypted at a time, and what would cost too much is refused with
//! the command that converts it.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, run, signet};
use crate::harness::made::{Folder, ec_key, request};
use crate::harness::openssl::{openssl, public_of_key};
use crate::harness::python::python;
use crate::harness::wizard::to_import;
use pkcs5::{EncryptionScheme, pbes2, scrypt};
use signet_pki::keyfile::{MAX_ROUNDS, MAX_SCRYPT_MEMORY};
use std::process::Command;
use std::sync::Barrier;

const PASSPHRASE: &str = "a passphrase";

/// An encrypted key as programs write it that have no bound on scrypt; OpenSSL itself refuses 32 MiB.
fn under_scrypt(key: &[u8], log_n: u8, r: u32, p: u32) -> Vec<u8> {
    signet_pki::pem::encode("ENCRYPTED PRIVATE KEY", &der_under_scrypt(key, log_n, r, p)).to_string().into_bytes()
}

fn der_under_scrypt(key: &[u8], log_n: u8, r: u32, p: u32) -> Vec<u8> {
    let parameters = scrypt::Params::new(log_n, r, p).unwrap();
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(parameters, &[5; 16], [6; 16]).unwrap();
    let plain = openssl("pkcs8 -topk8 -nocrypt -outform DER", key);
    let encrypted = parameters.encrypt(PASSPHRASE, &plain).unwrap();
    let file = pkcs8::EncryptedPrivateKeyInfoRef {
        encryption_algorithm: EncryptionScheme::Pbes2(parameters),
        encrypted_data: pkcs8::der::asn1::OctetStringRef::new(&encrypted).unwrap(),
    };
    pkcs8::der::Encode::to_der(&file).unwrap()
}

/// The command in a refusal's way out: between these words.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in: {text}"));
    rest.split_once(after).unwrap_or_else(|| panic!("no {after} in: {text}")).0
}

#[test]
fn what_costs_too_much_is_refused_with_its_bound_and_the_command_that_is_told_converts_it() {
    let (console, mut browser) = Console::owned();
    let key = ec_key("P-256");
    let folder = Folder::new();
    let (csr, passphrase) = (folder.file("csr", &request(&key, "")), folder.file("passphrase", PASSPHRASE.as_bytes()));
    let by_openssl =
        |options: &str| openssl(&format!("pkcs8 -topk8 {options} -passout file:{}", passphrase.display()), &key);
    let rounds = format!("-iter {}", MAX_ROUNDS + 1);
    let cases = [
        ("rounds", by_openssl(&rounds), "the most is 2000000"),
        ("rounds in DER", by_openssl(&format!("{rounds} -outform DER")), "the most is 2000000"),
        ("passes", by_openssl("-scrypt -scrypt_N 16384 -scrypt_r 8 -scrypt_p 17"), "the most is 256 MiB in all"),
        ("passes over all memory", under_scrypt(&key, 15, 8, 9), "the most is 256 MiB in all"),
        ("memory", under_scrypt(&key, 16, 8, 1), "the most is 32 MiB"),
        ("memory in DER", der_under_scrypt(&key, 16, 8, 1), "the most is 32 MiB"),
    ];
    for (what, sealed, bound) in cases {
        let file = folder.file("FILE", &sealed);
        let import = |name: &str, key: &std::path::Path| {
            let mut command = signet(&console.data());
            command.args(["csr", "import", "--name", name, "--request"]).arg(&csr).arg("--key").arg(key);
            run(command.arg("--passphrase-file").arg(&passphrase), b"")
        };
        let (refusal, way_out) = import("refused", &file).refused(65);
        assert!(refusal.starts_with("--key: ") && refusal.contains(bound), "{what}: {refusal}");
        let page = to_import(&mut browser, "nas");
        let form = page.step().set("signing_request", &String::from_utf8(request(&key, "")).unwrap());
        let form = form.file("private_key_file", "key", &sealed);
        let form = form.set("passphrase", PASSPHRASE).set("passphrase_confirm", PASSPHRASE);
        let page = browser.send(form.press("next")).expect(422, "Error: Import request");
        assert!(page.at_field("private_key").contains(bound), "{what}: {}", page.at_field("private_key"));

        let at = file.parent().unwrap();
        let _ = std::fs::remove_file(at.join("NEW.pem"));
        let converted = if way_out.starts_with("Convert it") {
            let command = between(&way_out, "Convert it with ", " and use");
            let asked = format!("{command} -passin 'pass:{PASSPHRASE}' -passout 'pass:{PASSPHRASE}'");
            run(Command::new("sh").args(["-c", &asked]).current_dir(at), b"")
        } else {
            let script = between(&way_out, "python3 -c \"", "\" asks for");
            // Without a terminal it reads the passphrase from standard input.
            let mut command = Command::new("setsid");
            command.arg("--wait").arg(python().get_program()).args(["-c", script]).current_dir(at);
            run(&mut command, format!("{PASSPHRASE}\n").as_bytes())
        };
        assert_eq!(converted.code, 0, "{what}: {way_out}\n{}", converted.err);
        let name = what.replace(' ', "-");
        let imported = import(&name, &at.join("NEW.pem"));
        assert_eq!(imported.code, 0, "{what}: {}", imported.err);
        let kept = std::fs::read(console.data().join(format!("csrs/{name}.pem"))).unwrap();
        assert_eq!(public_of_key(&kept, None), public_of_key(&key, None), "{what}");
    }
}

/// More at once than may wait, each with all the work that is allowed: they take the memory of one, whoever finds no turn is
/// told to come back, and nothing that was handed in has to be handed in again.
#[test]
fn imports_at_the_same_time_take_the_memory_of_one_and_lose_nothing() {
    const AT_ONCE: usize = 8;
    let (mut console, mut browser) = Console::owned();
    let key = ec_key("P-256");
    let sealed = String::from_utf8(under_scrypt(&key, 15, 8, 8)).unwrap();
    let csr = String::from_utf8(request(&key, "")).unwrap();
    let drafts: Vec<(Browser, _)> = (0..AT_ONCE)
        .map(|number| {
            let page = to_import(&mut browser, &format!("nas{number}"));
            let form = page.step().set("signing_request", &csr).set("private_key", &sealed);
            let form = form.set("passphrase", PASSPHRASE).set("passphrase_confirm", PASSPHRASE);
            (browser.clone(), form)
        })
        .collect();
    let before = console.peak_kib();
    let barrier = Barrier::new(AT_ONCE);
    let pages: Vec<_> = std::thread::scope(|scope| {
        let sent: Vec<_> = drafts
            .into_iter()
            .map(|(mut tab, form)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    let page = tab.send(form.press("next"));
                    (tab, page)
                })
            })
            .collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let more = console.peak_kib() - before;
    assert!(more < 2 * MAX_SCRYPT_MEMORY / 1024, "{before} KiB before, {more} KiB more");

    let mut told_to_come_back = 0;
    for (mut tab, mut page) in pages {
        while page.status == 429 {
            told_to_come_back += 1;
            let page_of_it = page.expect(429, "Error: Import request");
            assert!(
                page_of_it.at_field("private_key").contains("still here"),
                "{}",
                page_of_it.at_field("private_key")
            );
            assert_eq!(page_of_it.answer.header("retry-after"), Some("5"));
            let form = page_of_it.step();
            assert_eq!(form.value("private_key"), "", "the key is in no page");
            page = tab.send(form.press("next"));
        }
        page.expect(200, "Confirm Options");
    }
    assert!(told_to_come_back > 0, "eight at once, and four may be at it or wait");
    console.lives();
}
