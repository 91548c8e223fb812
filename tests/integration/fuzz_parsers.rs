//! Real requests and key files, changed at random: reading them never panics, and what is read holds together.
//!
//! `PROPTEST_CASES` sets how many cases each test runs; a failure prints its seed. The base files ask for few rounds
//! of key derivation, so that a case costs well under a millisecond in a release build.

use proptest::prelude::*;
use signet_domain::secret::Secret;
use signet_pki::certified_key;
use signet_pki::import::{ImportRefusal, Source, read_key, read_request};
use signet_pki::pem;
use signet_pki::private_key::PrivateKey;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// Each key in each form, encrypted with `secret` or plain.
static KEYS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let forms = [
        "pkey",
        "pkey -outform DER",
        "pkey -traditional",
        "pkcs8 -topk8 -iter 1 -passout pass:secret",
        "pkcs8 -topk8 -iter 1 -outform DER -v2 des3 -passout pass:secret",
        "pkcs8 -topk8 -scrypt -scrypt_N 2 -scrypt_r 1 -scrypt_p 1 -outform DER -passout pass:secret",
        "pkey -traditional -aes128 -passout pass:secret",
    ];
    let files = |key: &Vec<u8>| forms.map(|form| openssl(form, key)).into_iter().flatten().collect::<Vec<_>>();
    plain_keys().iter().flat_map(files).collect()
});

/// PKCS#12 files and PEM bundles of each key with a certificate, under `secret` or plain.
static CERTIFIED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let options = ["", "-legacy", "-keypbe NONE -certpbe NONE", "-certpbe AES-128-CBC -keypbe NONE"];
    let files = |key: &Vec<u8>| {
        let folder = tempfile::tempdir().unwrap();
        let (key_path, certificate) = (folder.path().join("key"), folder.path().join("crt"));
        std::fs::write(&key_path, key).unwrap();
        let make = format!("req -x509 -new -key {} -subj /CN=nas.local -days 9999", key_path.display());
        let pem = openssl(&make, b"").unwrap();
        std::fs::write(&certificate, &pem).unwrap();
        let export = |options: &str| {
            let files = format!("-inkey {} -in {}", key_path.display(), certificate.display());
            openssl(&format!("pkcs12 -export {options} -iter 1 -nomaciter -passout pass:secret {files}"), b"")
        };
        let mut made: Vec<Vec<u8>> = options.into_iter().filter_map(export).collect();
        made.push([key.as_slice(), &pem].concat());
        made
    };
    plain_keys().iter().flat_map(files).collect()
});

/// The request of each key, as PEM and as DER.
static REQUESTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let options = "-subj /C=DE/CN=nas.local -addext subjectAltName=DNS:nas.local -addext keyUsage=digitalSignature";
    let files = |key: &Vec<u8>| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(key).unwrap();
        let make = |form| openssl(&format!("req -new -outform {form} -key {} {options}", file.path().display()), b"");
        ["PEM", "DER"].map(make).into_iter().flatten().collect::<Vec<_>>()
    };
    plain_keys().iter().flat_map(files).collect()
});

fn plain_keys() -> Vec<Vec<u8>> {
    let arguments = [
        "genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP512r1",
        "genpkey -algorithm ED25519",
    ];
    arguments.iter().map(|arguments| openssl(arguments, b"").unwrap()).collect()
}

/// What `openssl` writes; none where a key has not that form.
fn openssl(arguments: &str, input: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new("openssl")
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    output.status.success().then_some(output.stdout)
}

/// One change; positions are fractions of the length.
#[derive(Debug, Clone)]
enum Change {
    Set(f64, u8),
    Insert(f64, Vec<u8>),
    Remove(f64, usize),
    Truncate(f64),
    /// Copies a part to another place.
    Copy(f64, f64, usize),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        let at = |fraction: f64| ((length as f64 * fraction) as usize).min(length.saturating_sub(1));
        let part = |from: f64, count: usize| at(from)..(at(from) + count).min(length);
        if length == 0 {
            return;
        }
        match self {
            Self::Set(place, byte) => bytes[at(*place)] = *byte,
            Self::Insert(place, more) => drop(bytes.splice(at(*place)..at(*place), more.iter().copied())),
            Self::Remove(place, count) => drop(bytes.drain(part(*place, *count))),
            Self::Truncate(place) => bytes.truncate(at(*place)),
            Self::Copy(from, to, count) => {
                let copy = bytes[part(*from, *count)].to_vec();
                bytes.splice(at(*to)..at(*to), copy);
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let place = || 0.0..1.0;
    // Bytes that mean something in DER come often: small lengths, tags, the sign bit.
    let byte = || {
        prop_oneof![
            any::<u8>(),
            prop::sample::select(vec![0, 1, 2, 3, 4, 5, 6, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0xa0, 0xa1, 0xff])
        ]
    };
    prop_oneof![
        8 => (place(), byte()).prop_map(|(place, byte)| Change::Set(place, byte)),
        1 => (place(), prop::collection::vec(byte(), 1..8)).prop_map(|(place, more)| Change::Insert(place, more)),
        1 => (place(), 1..16_usize).prop_map(|(place, count)| Change::Remove(place, count)),
        1 => place().prop_map(Change::Truncate),
        1 => (place(), place(), 1..64_usize).prop_map(|(from, to, count)| Change::Copy(from, to, count)),
    ]
}

/// A base file with one to three changes: to its bytes, or to the DER inside of its PEM.
fn changed(files: &'static LazyLock<Vec<Vec<u8>>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec(change(), 1..4);
    (any::<prop::sample::Index>(), changes, any::<bool>()).prop_map(|(index, changes, inside)| {
        let file = index.get(files);
        let blocks = pem::scan(&pem::text_of(file)).unwrap_or_default();
        let mut bytes = match blocks.first() {
            Some(block) if inside => block.der().unwrap().to_vec(),
            _ => file.clone(),
        };
        for change in &changes {
            change.apply(&mut bytes);
        }
        match blocks.first() {
            Some(block) if inside => pem::encode(&block.label, &bytes).as_bytes().to_vec(),
            _ => bytes,
        }
    })
}

fn has_words(refusal: &ImportRefusal) {
    let invalid = refusal.invalid();
    assert!(!invalid.what.is_empty() && !invalid.fix.is_empty());
}

fn try_request(bytes: &[u8]) {
    match read_request(Source { paste: None, file: Some(bytes) }) {
        Ok(request) => {
            let again = read_request(Source { paste: Some(request.to_pem().as_bytes()), file: None });
            assert_eq!(again.ok().unwrap().der(), request.der());
        }
        Err(refusal) => has_words(&refusal),
    }
}

fn try_key(bytes: &[u8]) {
    let secret = Secret::from("secret".to_owned());
    for passphrase in [None, Some(&secret)] {
        match read_key(Source { paste: None, file: Some(bytes) }, passphrase, passphrase) {
            Ok(key) => {
                let again = PrivateKey::from_pkcs8(key.pkcs8().expose_secret()).unwrap();
                assert_eq!(again.spki_der(), key.spki_der());
            }
            Err(refusal) => has_words(&refusal),
        }
    }
}

fn try_certified(bytes: &[u8]) {
    let secret = Secret::from("secret".to_owned());
    let source = Source { paste: None, file: Some(bytes) };
    for passphrase in [None, Some(&secret)] {
        let opened = certified_key::find(source, Source::default())
            .and_then(|found| found.opening(passphrase).and_then(certified_key::Opening::open));
        match opened {
            Ok(opened) => {
                let leaf = opened.certificates.iter().find(|it| it.has_key(opened.key.spki_der())).expect("its own");
                let request = certified_key::request_of(leaf, &opened.key).expect("a request");
                assert!(read_request(Source { paste: None, file: Some(&request) }).is_ok());
            }
            Err(refusal) => {
                let invalid = refusal.invalid();
                assert!(!invalid.what.is_empty() && !invalid.fix.is_empty());
            }
        }
    }
}

proptest! {
    #[test]
    fn changed_certificates_with_their_keys_are_read_or_refused(bytes in changed(&CERTIFIED)) {
        try_certified(&bytes);
    }

    #[test]
    fn changed_requests_are_read_or_refused(bytes in changed(&REQUESTS)) {
        try_request(&bytes);
    }

    #[test]
    fn changed_key_files_are_read_or_refused(bytes in changed(&KEYS)) {
        try_key(&bytes);
    }

    #[test]
    fn any_bytes_are_refused_as_request_and_as_key(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        try_request(&bytes);
        try_key(&bytes);
        try_certified(&bytes);
    }

    #[test]
    fn any_pem_like_text_is_read_or_refused(
        text in "(-----BEGIN (PRIVATE KEY|CERTIFICATE REQUEST|EC PARAMETERS)-----|-----END |PRIVATE KEY|-----|\\\\n|\n|Proc-Type: 4,ENCRYPTED\n|DEK-Info: AES-128-CBC,00|MIIB|=|[A-Za-z+/]{4}|.){0,24}"
    ) {
        try_request(text.as_bytes());
        try_key(text.as_bytes());
        try_certified(text.as_bytes());
    }
}
