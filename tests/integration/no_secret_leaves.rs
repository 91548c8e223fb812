//! Keys, passphrases and passwords stay where they belong: no part of one in any answer, cookie, log line, output of a
//! command, or file outside the folder of the CSRs.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, PASSWORD, run, signet};
use crate::harness::made::{Folder, ec_key, request, rsa_key};
use crate::harness::openssl::openssl;
use crate::harness::secrets::Secrets;
use crate::harness::wizard::{self, to_import};
use der::Decode;
use signet::web::draft_cookie::{self, Brought};
use signet::web::site::Sites;
use signet_app::seal::Seal;
use signet_store::{Opening, Store};
use std::path::Path;

const PASSPHRASE: &str = "zither quagmire 9741 of the key";
const EXPORT: &str = "nimbus walnut 6032 of the export";

/// The secret numbers of a key: what of it stands in no public key.
fn add_key(secrets: &mut Secrets, name: &str, pkcs8: &[u8]) {
    let der = openssl("pkcs8 -topk8 -nocrypt -outform DER", pkcs8);
    let info = pkcs8::PrivateKeyInfoRef::from_der(&der).unwrap();
    let inner = info.private_key.as_bytes();
    if let Ok(rsa) = pkcs1::RsaPrivateKey::from_der(inner) {
        let numbers: [pkcs1::UintRef<'_>; 6] =
            [rsa.private_exponent, rsa.prime1, rsa.prime2, rsa.exponent1, rsa.exponent2, rsa.coefficient];
        numbers.iter().for_each(|number| secrets.add(name, number.as_bytes()));
        return;
    }
    secrets.add(name, sec1::EcPrivateKey::from_der(inner).unwrap().private_key);
}

/// Every file below a folder but the CSRs themselves, with its content.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// What the browser's draft cookies hold, opened with the unit's own key.
fn draft_in(console: &Console, browser: &Browser) -> Vec<u8> {
    let store = Store::open(&console.data(), Opening::default()).unwrap();
    let seal = Seal::new(&store.seal_key().unwrap().unwrap()).unwrap();
    let generation = store.owner().unwrap().unwrap().generation;
    let names = browser.jar.names();
    let cookies = names.iter().map(|name| ((*name).to_owned(), browser.jar.value(name).to_owned()));
    let sites = Sites::new(&seal, None);
    match draft_cookie::read(&cookies.collect(), sites.of(false), &seal, generation) {
        Brought::Draft(draft) => serde_json::to_vec(&draft).unwrap(),
        other => panic!("no draft: {other:?}"),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn no_part_of_a_secret_is_in_an_answer_a_cookie_a_log_or_a_file_outside_the_store() {
    let (console, mut browser) = Console::owned_and_talkative();
    let (rsa, ec, unused) = (rsa_key(2048), ec_key("P-384"), ec_key("P-256"));
    let rsa_request = request(&rsa, "");
    let folder = Folder::new();
    let passphrase = folder.file("passphrase", PASSPHRASE.as_bytes());
    let sealed = openssl(&format!("pkcs8 -topk8 -passout file:{}", passphrase.display()), &rsa);
    let mut secrets = Secrets::default();
    add_key(&mut secrets, "the RSA key", &rsa);
    add_key(&mut secrets, "the EC key", &ec);
    add_key(&mut secrets, "the key that was not kept", &unused);
    for (name, secret) in [("the passphrase", PASSPHRASE), ("the export's", EXPORT), ("the password", PASSWORD)] {
        secrets.add(name, secret.as_bytes());
    }
    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    let mut drafts = Vec::new();

    // Mistakes of every kind on the way, since an answer to a mistake shows what was typed.
    let page = to_import(&mut browser, "nas");
    let form = page.step().set("signing_request", &text(&rsa)).set("private_key", &text(&rsa_request));
    let page = browser.send(form.press("next")).expect(422, "Error: Import request");
    let form = page.step().file("signing_request_file", "a", &rsa).file("private_key_file", "b", &rsa_request);
    let page = browser.send(form.press("next")).expect(422, "Error: Import request");
    let form = page.step().set("signing_request", "not a request").set("private_key", &text(&unused));
    let page = browser.send(form.set("passphrase", PASSPHRASE).press("next")).expect(422, "Error: Import request");
    let both = format!("{}{}", text(&rsa_request), text(&ec));
    let form = page.step().set("signing_request", &both).set("private_key", &text(&sealed));
    let wrong = form.clone().set("passphrase", EXPORT).set("passphrase_confirm", EXPORT);
    browser.send(wrong.press("next")).expect(422, "Error: Import request");
    let form = form.set("passphrase", PASSPHRASE).set("passphrase_confirm", EXPORT);
    let page = browser.send(form.press("next")).expect(422, "Error: Import request");
    drafts.push(draft_in(&console, &browser));
    let form = page.step().set("signing_request", &text(&rsa_request)).set("private_key", &text(&sealed));
    let form = form.set("passphrase", PASSPHRASE).set("passphrase_confirm", PASSPHRASE);
    let confirm = browser.send(form.clone().press("next")).expect(200, "Confirm Options");
    drafts.push(draft_in(&console, &browser));
    browser.get("/wizard/import").expect(200, "Import request");
    browser.get("/wizard").expect(200, "A request is unfinished");
    browser.send(confirm.step().press("save")).expect(200, "nas");

    // What no page of the console sends: a key in an unknown field, twice, in a form too large, without a session.
    let token = page.step().value("csrf_token");
    let (draft, ec_text) = (page.step().value("draft"), text(&ec));
    let padding = "x".repeat(300 * 1024);
    let fields = [("csrf_token", token.as_str()), ("draft", draft.as_str()), ("private_key", ec_text.as_str())];
    for more in
        [("unknown", ec_text.as_str()), ("private_key", &ec_text), ("signing_request", &padding), ("name", PASSPHRASE)]
    {
        let body = serde_urlencoded::to_string(fields.iter().chain([&more]).collect::<Vec<_>>()).unwrap();
        let answer = browser.post_once("/wizard/import", "application/x-www-form-urlencoded", body.as_bytes());
        assert!((400..500).contains(&answer.status), "{} {}", answer.status, more.0);
    }
    let mut stranger = console.browser();
    let login = stranger.send(form.set("signing_request", &text(&ec)).press("next")).expect(403, "Log in");
    stranger.send(login.form("/login").set("password", PASSPHRASE).enter()).expect(422, "Error: Log in");

    // A CA's certificate with its key, where a CA's certificate is asked for.
    let ca_key = folder.file("ca", &ec);
    let ca = openssl(&format!("req -x509 -new -key {} -subj /CN=ca", ca_key.display()), b"");
    let pair = text(&[ca, ec.clone()].concat());
    let page = wizard::to_constraints(&mut browser, "made", "https-ecc");
    let form = page.step().check("aki_enabled").set("aki_issuer", &pair);
    let refused = browser.send(form.press("next")).expect(422, "Error: Extra Constraints");
    assert_eq!(refused.mistakes()[0].0, "aki_issuer");
    let form = refused.step().uncheck("aki_enabled").set("aki_issuer", &pair);
    browser.send(form.press("back")).expect(200, "Certificate Subject");
    drafts.push(draft_in(&console, &browser));

    // The pages about it, its export with a wrong password and with the right one, and the command line.
    for path in [
        "/csrs",
        "/csrs?q=nas",
        "/csrs/nas",
        "/csrs/nas/download",
        "/csrs/nas/download?format=der",
        "/csrs/nas/key",
        "/csrs/nas/delete",
        "/account",
        "/audit",
        "/help",
        "/",
    ] {
        assert_eq!(browser.get(path).status, 200, "{path}");
    }
    let form = browser.get("/csrs/nas/key").form("/csrs/nas/key").set("passphrase", EXPORT);
    let differ = form.clone().set("password", PASSWORD).set("passphrase_confirm", PASSPHRASE).enter();
    assert_eq!(browser.send(differ).status, 422);
    let form = form.set("passphrase_confirm", EXPORT);
    assert_eq!(browser.send(form.clone().set("password", PASSPHRASE).enter()).status, 422);
    assert_eq!(browser.send(form.set("password", PASSWORD).enter()).status, 200);
    let (key, asked) = (folder.file("key", &sealed), folder.file("request", &rsa_request));
    let mut import = signet(&console.data());
    import
        .env("SIGNET_LOG", "trace")
        .args(["csr", "import", "--name", "again", "--request"])
        .arg(&asked)
        .arg("--key")
        .arg(&key);
    let wrong = folder.file("wrong", EXPORT.as_bytes());
    let ran = [
        run(&mut import, b""),
        run(import.arg("--passphrase-file").arg(&wrong), b""),
        console.run([
            "csr",
            "import",
            "--name",
            "swapped",
            "--request",
            key.to_str().unwrap(),
            "--key",
            asked.to_str().unwrap(),
        ]),
        console.run([
            "csr",
            "import",
            "--name",
            "again",
            "--json",
            "--request",
            asked.to_str().unwrap(),
            "--key",
            key.to_str().unwrap(),
            "--passphrase-file",
            passphrase.to_str().unwrap(),
        ]),
        console.run(["csr", "show", "nas", "--json"]),
        console.run(["csr", "list", "--json"]),
        console.run(["csr", "key", "nas", "--passphrase-file", wrong.to_str().unwrap()]),
    ];
    assert_eq!(ran.each_ref().map(|ran| ran.code), [65, 65, 65, 0, 0, 0, 0], "{ran:?}");

    seen.extend(browser.seen.iter().chain(&stranger.seen).map(|answer| ("an answer".to_owned(), answer.clone())));
    seen.extend(drafts.into_iter().map(|draft| ("a draft's cookies".to_owned(), draft)));
    seen.extend(ran.into_iter().map(|ran| ("a command".to_owned(), [ran.out, ran.err.into_bytes()].concat())));
    seen.push(("the log".to_owned(), console.log()));
    let kept = ["again", "nas"].map(|name| console.data().join(format!("csrs/{name}.pem")).display().to_string());
    let (csrs, others): (Vec<_>, Vec<_>) =
        files(&console.data()).into_iter().partition(|(path, _)| kept.contains(path));
    seen.extend(others);
    for (place, bytes) in &seen {
        let found = secrets.found_in(bytes);
        assert_eq!(found, None, "in {place}: {}", String::from_utf8_lossy(bytes));
    }
    // The search finds what it looks for, and there was something to be found.
    assert_eq!(csrs.len(), 2);
    assert!(csrs.iter().all(|(_, bytes)| secrets.found_in(bytes) == Some("the RSA key")));
    assert!(!console.log().is_empty() && seen.len() > 50, "{} places", seen.len());
}

#[test]
fn no_part_of_a_key_that_comes_with_its_certificate_is_anywhere_else() {
    let (console, mut browser) = Console::owned_and_talkative();
    let (key, unused) = (rsa_key(2048), ec_key("P-256"));
    let folder = Folder::new();
    let passphrase = folder.file("passphrase", PASSPHRASE.as_bytes());
    let key_file = folder.file("key", &key);
    let certificate = openssl(&format!("req -x509 -new -key {} -subj /CN=nas.local", key_file.display()), b"");
    let certificate_file = folder.file("crt", &certificate);
    let pair = format!("-inkey {} -in {}", key_file.display(), certificate_file.display());
    let bundle = openssl(&format!("pkcs12 -export {pair} -passout file:{}", passphrase.display()), b"");
    let mut secrets = Secrets::default();
    add_key(&mut secrets, "the RSA key", &key);
    add_key(&mut secrets, "the key that was not kept", &unused);
    for (name, secret) in [("the passphrase", PASSPHRASE), ("a wrong one", EXPORT), ("the password", PASSWORD)] {
        secrets.add(name, secret.as_bytes());
    }
    let pem = format!("{}{}", text(&certificate), text(&key));

    // Every mistake, in each field, as text and as file; then it is saved.
    let page = wizard::to_certificate(&mut browser, "nas");
    let form = page.step().set("certificate", &format!("{pem}{}", text(&unused)));
    let page = browser.send(form.press("next")).expect(422, "Error: Certificate and key");
    let form = page.step().set("certificate", &text(&certificate)).set("private_key", &text(&unused));
    let page = browser.send(form.press("next")).expect(422, "Error: Certificate and key");
    let form = page.step().file("private_key_file", "key", &key).set("certificate", &text(&key));
    let page = browser.send(form.press("next")).expect(422, "Error: Certificate and key");
    let form = page.step().set("certificate", "").file("certificate_file", "nas.pfx", &bundle);
    let page = browser.send(form.set("passphrase", EXPORT).press("next")).expect(422, "Error: Certificate and key");
    let mut drafts = vec![draft_in(&console, &browser)];
    let confirm = browser.send(page.step().set("passphrase", PASSPHRASE).press("next")).expect(200, "Confirm Options");
    drafts.push(draft_in(&console, &browser));
    browser.get("/wizard/certificate").expect(200, "Certificate and key");
    // Without a session the login carries what was typed, and no key.
    let mut stranger = console.browser();
    let form = page.step().set("certificate", &pem).set("private_key", &text(&unused)).set("passphrase", PASSPHRASE);
    let login = stranger.send(form.press("next")).expect(403, "Log in");
    stranger.send(login.form("/login").set("password", PASSPHRASE).enter()).expect(422, "Error: Log in");
    browser.send(confirm.step().press("save")).expect(200, "nas");
    // Where a certificate alone belongs: its request is here, or it goes to the wizard once more.
    for (path, file) in [("/csrs/nas/certificate", &bundle), ("/reply", &bundle), ("/reply", &pem.clone().into_bytes())]
    {
        for typed in [EXPORT, PASSPHRASE] {
            let form = browser.get(path).form(path).file("certificate_file", "file", file);
            let page = browser.send(form.set("passphrase", typed).enter());
            assert!([200, 422].contains(&page.status), "{path}: {}", page.main());
        }
    }
    let other = openssl(&format!("req -x509 -new -key {} -subj /CN=other", folder.file("k", &unused).display()), b"");
    let form = browser.get("/reply").form("/reply").set("certificate", &format!("{}{}", text(&other), text(&unused)));
    let page = browser.send(form.enter()).expect(200, "Identifier and Type");
    drafts.push(draft_in(&console, &browser));
    browser.send(page.step().press("next"));
    for path in ["/csrs", "/csrs/nas", "/csrs/nas/certificate", "/wizard", "/audit"] {
        assert_eq!(browser.get(path).status, 200, "{path}");
    }
    let (bundle, pem) = (folder.file("nas.pfx", &bundle), folder.file("pem", pem.as_bytes()));
    let wrong = folder.file("wrong", EXPORT.as_bytes());
    let import = |name: &str, file: &[&str]| {
        let mut command = signet(&console.data());
        run(command.env("SIGNET_LOG", "trace").args(["csr", "import", "--name", name]).args(file), b"")
    };
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (bundle, pem, wrong, right) = (path(&bundle), path(&pem), path(&wrong), path(&passphrase));
    let ran = [
        import("again", &["--pkcs12", &bundle]),
        import("again", &["--pkcs12", &bundle, "--passphrase-file", &wrong]),
        import("again", &["--certificate", &pem, "--passphrase-file", &wrong]),
        import("again", &["--pkcs12", &bundle, "--passphrase-file", &right, "--json"]),
        import("pem", &["--certificate", &pem]),
        console.run(["csr", "answer", "--certificate", &pem]),
        console.run(["csr", "answer", "--certificate", &bundle]),
    ];
    assert_eq!(ran.each_ref().map(|ran| ran.code), [65, 65, 65, 0, 0, 0, 65], "{ran:?}");

    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    seen.extend(browser.seen.iter().chain(&stranger.seen).map(|answer| ("an answer".to_owned(), answer.clone())));
    seen.extend(drafts.into_iter().map(|draft| ("a draft's cookies".to_owned(), draft)));
    seen.extend(ran.into_iter().map(|ran| ("a command".to_owned(), [ran.out, ran.err.into_bytes()].concat())));
    seen.push(("the log".to_owned(), console.log()));
    let csrs = console.data().join("csrs").display().to_string();
    let (kept, others): (Vec<_>, Vec<_>) =
        files(&console.data()).into_iter().partition(|(path, _)| path.starts_with(&csrs));
    seen.extend(others);
    for (place, bytes) in &seen {
        assert_eq!(secrets.found_in(bytes), None, "in {place}: {}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().all(|(_, bytes)| secrets.found_in(bytes) == Some("the RSA key")));
    assert!(seen.len() > 40, "{} places", seen.len());
}
