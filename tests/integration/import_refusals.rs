//! What is refused of an import: each cause has its field and words of its own, the same by browser and by command.

use crate::harness::browser::Browser;
use crate::harness::console::{Console, run, signet};
use crate::harness::form::Form;
use crate::harness::made::{Folder, ec_key, key, request, rsa_key};
use crate::harness::openssl::{openssl, public_of_key};
use crate::harness::page::Page;
use crate::harness::wizard::to_import;
use signet_app::data_flag::DataFlag;
use signet_domain::invalid::Invalid;
use signet_pki::import::ImportRefusal;
use signet_pki::keyfile::kind::Kind;
use signet_pki::keyfile::{Cost, KeyFileError};
use signet_pki::pem::PemError;
use std::collections::HashSet;

const REQUEST: &str = "signing_request";
const KEY: &str = "private_key";

/// What is handed in, and why it is refused.
struct Case {
    cause: ImportRefusal,
    field: &'static str,
    request: Vec<u8>,
    key: Vec<u8>,
    passphrase: &'static str,
    confirm: &'static str,
    /// The command line has one source for each thing, and no second passphrase.
    by_command: bool,
}

/// Keys and requests that the causes are made of.
struct Material {
    key: Vec<u8>,
    request: Vec<u8>,
}

impl Material {
    /// A good pair but for a request that is not.
    fn bad_request(&self, cause: ImportRefusal, request: impl Into<Vec<u8>>) -> Case {
        Case { cause, field: REQUEST, request: request.into(), ..self.good() }
    }

    /// A good pair but for a key that is not.
    fn bad_key(&self, cause: ImportRefusal, key: impl Into<Vec<u8>>) -> Case {
        Case { cause, field: KEY, key: key.into(), ..self.good() }
    }

    fn good(&self) -> Case {
        Case {
            cause: ImportRefusal::NoKey,
            field: KEY,
            request: self.request.clone(),
            key: self.key.clone(),
            passphrase: "",
            confirm: "",
            by_command: true,
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn changed(bytes: &[u8], change: fn(&str) -> String) -> Vec<u8> {
    change(&text(bytes)).into_bytes()
}

fn label(pem: &[u8]) -> String {
    let text = text(pem);
    text.lines().next().unwrap()["-----BEGIN ".len()..].trim_end_matches('-').to_owned()
}

/// The ways in which PEM is damaged, with the cause that each must be told as.
fn damages(pem: &[u8]) -> Vec<(PemError, Vec<u8>)> {
    let label = label(pem);
    let empty = format!("-----BEGIN {label}-----\n-----END {label}-----\n");
    vec![
        (
            PemError::NoEnd { label: label.clone() },
            changed(pem, |text| text.lines().take(3).collect::<Vec<_>>().join("\n")),
        ),
        (
            PemError::NoBegin { label: label.clone() },
            changed(pem, |text| text.lines().skip(1).collect::<Vec<_>>().join("\n")),
        ),
        (
            PemError::LabelsDiffer { begin: label.clone(), end: format!("X{label}") },
            changed(pem, |text| text.replacen("-----END ", "-----END X", 1)),
        ),
        (PemError::Base64 { label: label.clone() }, changed(pem, |text| text.replacen("\nM", "\n*", 1))),
        (PemError::Dashes, changed(pem, |text| text.replace("-----", "----"))),
        (PemError::Empty { label }, empty.into_bytes()),
    ]
}

fn of_requests(material: &Material) -> Vec<Case> {
    use ImportRefusal::*;
    let Material { key, request: good } = material;
    let folder = Folder::new();
    let key_file = folder.file("key", key);
    let certificate = openssl(&format!("req -x509 -new -key {} -subj /CN=nas", key_file.display()), b"");
    let certificate_file = folder.file("certificate", &certificate);
    let pair = format!("-inkey {} -in {}", key_file.display(), certificate_file.display());
    let pkcs12 = openssl(&format!("pkcs12 -export {pair} -passout pass:a"), b"");
    let other = request(&ec_key("P-256"), "");
    let ed448 = self::key("ED448");
    let explicit = self::key("EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit");
    let mut flipped = openssl("req -outform DER", good);
    *flipped.last_mut().unwrap() ^= 1;
    let mut cases = vec![
        material.bad_request(NoRequest, ""),
        material.bad_request(NotARequest(Kind::Unknown), "hello"),
        material.bad_request(NotARequest(Kind::Certificate), certificate),
        material.bad_request(NotARequest(Kind::PrivateKey), key.clone()),
        material.bad_request(NotARequest(Kind::PublicKey), public_pem(key)),
        material.bad_request(NotARequest(Kind::Pkcs12), pkcs12),
        material.bad_request(TwoRequests, [good.clone(), other].concat()),
        material.bad_request(RequestDamaged("structure"), pem("CERTIFICATE REQUEST", b"\x30\x00")),
        material.bad_request(SignatureDamaged, flipped),
        material.bad_request(RequestKeyAlgorithm("Ed448".into()), request(&ed448, "")),
        material.bad_request(RequestExplicitCurve, request(&explicit, "")),
    ];
    cases.extend(damages(good).into_iter().map(|(error, bytes)| material.bad_request(RequestPem(error), bytes)));
    cases
}

fn of_keys(material: &Material) -> Vec<Case> {
    use ImportRefusal::*;
    let Material { key: good, request: good_request } = material;
    let certificate = {
        let folder = Folder::new();
        openssl(&format!("req -x509 -new -key {} -subj /CN=nas", folder.file("key", good).display()), b"")
    };
    let other = ec_key("P-256");
    let explicit = key("EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit");
    let mut broken = openssl("pkey -outform DER", good);
    *broken.last_mut().unwrap() ^= 1;
    let of_file = |error| Key(error);
    let mut cases = vec![
        material.bad_key(NoKey, ""),
        material.bad_key(NotAKey(Kind::Unknown), "hello"),
        material.bad_key(NotAKey(Kind::Certificate), certificate),
        material.bad_key(NotAKey(Kind::PublicKey), public_pem(good)),
        material.bad_key(NotAKey(Kind::Request), good_request.clone()),
        material.bad_key(NotAKey(Kind::OpenSshKey), pem("OPENSSH PRIVATE KEY", b"openssh-key-v1")),
        material.bad_key(NotAKey(Kind::SshPublicKey), "ssh-rsa AAAA root@nas"),
        material.bad_key(NotAKey(Kind::PuttyKey), "PuTTY-User-Key-File-3: ssh-rsa\n"),
        material.bad_key(NotAKey(Kind::JavaKeyStore), b"\xfe\xed\xfe\xed\0\0\0\x02".to_vec()),
        material.bad_key(NotAKey(Kind::JsonWebKey), "{\"kty\":\"EC\"}"),
        material.bad_key(NotAKey(Kind::Pgp), pem("PGP PRIVATE KEY BLOCK", b"openpgp")),
        material.bad_key(NotAKey(Kind::Parameters), openssl("ecparam -name prime256v1", b"")),
        material.bad_key(TwoKeys, [good.clone(), other.clone()].concat()),
        material.bad_key(KeyOfAnotherRequest, other),
        material.bad_key(of_file(KeyFileError::RsaTooShort(768)), rsa_key(768)),
        material.bad_key(of_file(KeyFileError::Algorithm("Ed448".into())), key("ED448")),
        material.bad_key(of_file(KeyFileError::Curve("SECP224R1".into())), ec_key("P-224")),
        material.bad_key(of_file(KeyFileError::ExplicitCurve), explicit),
        material.bad_key(of_file(KeyFileError::Damaged("its numbers do not belong together")), broken),
    ];
    cases.extend(damages(good).into_iter().map(|(error, bytes)| material.bad_key(KeyPem(error), bytes)));
    cases
}

fn of_passphrases(material: &Material) -> Vec<Case> {
    let good = &material.key;
    let sealed = openssl("pkcs8 -topk8 -passout pass:right", good);
    let old = openssl("pkcs8 -topk8 -provider legacy -provider default -v1 PBE-SHA1-RC4-128 -passout pass:right", good);
    // 2,000,000,000 rounds, written into a file of 65,536: refused before any of them is run.
    let mut costly = openssl("pkcs8 -topk8 -iter 65536 -outform DER -passout pass:right", good);
    let rounds = [0x02, 0x03, 0x01, 0x00, 0x00];
    let at = costly.windows(5).position(|bytes| bytes == rounds).unwrap();
    costly.splice(at..at + 5, [0x02, 0x04, 0x77, 0x35, 0x94, 0x00]);
    let costly = lengthened(&costly, at);
    let with = |error: ImportRefusal, field, key: &[u8], passphrase, confirm| Case {
        field,
        passphrase,
        confirm,
        ..material.bad_key(error, key)
    };
    let error = ImportRefusal::Key;
    let unknown = KeyFileError::Encryption("PKCS#12's RC4 (128 bits)".into());
    vec![
        with(error(KeyFileError::NoPassphrase), "passphrase", &sealed, "", ""),
        with(error(KeyFileError::WrongPassphrase), "passphrase", &sealed, "wrong", "wrong"),
        with(error(KeyFileError::NotEncrypted), "passphrase", good, "any", "any"),
        with(error(unknown), KEY, &old, "right", "right"),
        with(error(KeyFileError::Cost(Cost::Rounds(2_000_000_000))), KEY, &costly, "right", "right"),
        Case {
            by_command: false,
            ..with(ImportRefusal::PassphrasesDiffer, "passphrase_confirm", &sealed, "right", "w")
        },
    ]
}

/// The DER with every SEQUENCE around the place one byte longer.
fn lengthened(der: &[u8], place: usize) -> Vec<u8> {
    fn walk(der: &mut [u8], start: usize, place: usize) {
        let (header, length) = match der[start + 1] {
            0x81 => (3, usize::from(der[start + 2])),
            0x82 => (4, usize::from(der[start + 2]) << 8 | usize::from(der[start + 3])),
            short => (2, usize::from(short)),
        };
        if !(start..start + header + length).contains(&place) || der[start] != 0x30 {
            return;
        }
        let mut at = start + header;
        while at < start + header + length {
            let inner = match der[at + 1] {
                0x81 => 3 + usize::from(der[at + 2]),
                0x82 => 4 + (usize::from(der[at + 2]) << 8 | usize::from(der[at + 3])),
                short => 2 + usize::from(short),
            };
            if (at..at + inner).contains(&place) {
                walk(der, at, place);
                break;
            }
            at += inner;
        }
        // A length that stays in its form: none of these stands at the edge of one.
        let last = start + header - 1;
        assert!(der[last] < 0x7f || header > 2 && der[last] < 0xff);
        der[last] += 1;
    }
    let mut der = der.to_vec();
    walk(&mut der, 0, place);
    der
}

fn pem(label: &str, der: &[u8]) -> String {
    signet_pki::pem::encode(label, der).to_string()
}

fn public_pem(key: &[u8]) -> Vec<u8> {
    openssl("pkey -pubin -inform DER", &public_of_key(key, None))
}

/// By browser: pasted where it is text, as files where it is not. The page after it.
fn by_browser(browser: &mut Browser, page: &Page, case: &Case) -> Page {
    let hand_in = |form: Form, field: &str, bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => form.set(field, text),
        _ => form.set(field, "").file(&format!("{field}_file"), "file", bytes),
    };
    let form = hand_in(hand_in(page.step(), REQUEST, &case.request), KEY, &case.key);
    let form = form.set("passphrase", case.passphrase).set("passphrase_confirm", case.confirm);
    browser.send(form.press("next"))
}

#[test]
fn each_cause_has_its_field_and_words_by_browser_and_by_command() {
    let (console, mut browser) = Console::owned();
    let key = ec_key("P-256");
    let material = Material { request: request(&key, ""), key };
    let cases = [of_requests(&material), of_keys(&material), of_passphrases(&material)].into_iter().flatten();
    let mut said = HashSet::new();
    let folder = Folder::new();
    for case in cases {
        let Invalid { field, what, fix, .. } = case.cause.invalid();
        assert_eq!(field, case.field, "{:?}", case.cause);
        assert!(said.insert(what.clone()), "two causes say: {what}");

        // A draft of its own, so that nothing is held of the case before.
        let page = to_import(&mut browser, "nas");
        let page = by_browser(&mut browser, &page, &case).expect(422, "Error: Import request");
        assert_eq!(page.mistakes(), [(field.to_owned(), folded(&what))], "{:?}", case.cause);
        assert!(
            page.at_field(field).ends_with(&folded(&format!("{what} {fix}").replace('`', ""))),
            "{}",
            page.at_field(field)
        );
        let form = page.step();
        let mut shown = 0;
        for secret in [KEY, "passphrase", "passphrase_confirm"].into_iter().filter(|secret| form.has(secret)) {
            assert_eq!(form.value(secret), "", "{secret} comes back");
            shown += 1;
        }
        // The repetition is not asked for where the passphrase alone is.
        assert!(shown == 3 || (shown == 2 && field == "passphrase"), "{:?}: {shown}", case.cause);

        if case.by_command {
            let (request, key) = (folder.file("request", &case.request), folder.file("key", &case.key));
            let passphrase = folder.file("passphrase", case.passphrase.as_bytes());
            let mut command = signet(&console.data());
            command.args(["csr", "import", "--name", "nas", "--request"]).arg(request).arg("--key").arg(key);
            if !case.passphrase.is_empty() {
                command.arg("--passphrase-file").arg(passphrase);
            }
            let flag = [(REQUEST, "--request"), (KEY, "--key")].into_iter().find(|(name, _)| *name == field);
            let flag = flag.map_or("--passphrase-file", |(_, flag)| flag);
            let fix = DataFlag::naming(&console.data()).in_text(&fix);
            assert_eq!(run(&mut command, b"").refused(65), (format!("{flag}: {what}"), fix), "{:?}", case.cause);
        }
    }
    assert_eq!(browser.get("/csrs").texts("td.name"), Vec::<String>::new(), "nothing was kept");
}

#[test]
fn a_file_and_a_text_that_differ_are_refused_each_at_its_field() {
    let (_console, mut browser) = Console::owned();
    let (key, other) = (ec_key("P-256"), ec_key("P-256"));
    let (mine, others) = (request(&key, ""), request(&other, ""));
    let page = to_import(&mut browser, "nas");
    let form = page.step().set(REQUEST, &text(&mine)).file("signing_request_file", "a", &others);
    let form = form.set(KEY, &text(&key)).file("private_key_file", "b", &other);
    let page = browser.send(form.press("next")).expect(422, "Error: Import request");
    let expected = [ImportRefusal::RequestsDiffer, ImportRefusal::KeysDiffer].map(|cause| cause.invalid());
    let expected = expected.map(|invalid| (invalid.field.to_owned(), invalid.what));
    assert_eq!(page.mistakes(), expected);
}

#[test]
fn weak_keys_and_digests_are_refused_where_the_device_wants_none() {
    let (console, _) = Console::owned();
    std::fs::write(console.data().join("signet.toml"), "[keys]\nallow_weak = false\n").unwrap();
    let folder = Folder::new();
    let import = |key: &[u8], request: &[u8]| {
        let (key, request) = (folder.file("key", key), folder.file("request", request));
        let mut command = signet(&console.data());
        command.args(["csr", "import", "--name", "nas", "--request"]).arg(request).arg("--key").arg(key);
        run(&mut command, b"").refused(65).0
    };
    let (short, long) = (rsa_key(1024), rsa_key(2048));
    assert!(import(&short, &request(&short, "")).starts_with("--key: RSA keys below 2048 bits"));
    assert!(import(&long, &request(&long, "-sha1")).starts_with("--request: SHA1 signatures"));
}

/// The words as a page's text has them.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
