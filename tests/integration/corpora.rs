//! Files of other projects, read as request, key, certificates and certificate with its key: each is read, or refused with its
//! proper cause, and OpenSSL's opinion of it is asked.
//!
//! `tests/corpora/install` brings them (PyPI, crates, Debian) to `target/corpora`; `SIGNET_CORPORA` names another place.
//! `SIGNET_CORPORA_NAMES` adds the files' names to a list that differs.

use signet_domain::invalid::Invalid;
use signet_domain::secret::Secret;
use signet_pki::answer::{AnswerError, read_usable};
use signet_pki::certified_key::{self, CertifiedKeyRefusal, Opening};
use signet_pki::import::{ImportRefusal, Source, read_key, read_request};
use signet_pki::keyfile::KeyFileError;
use signet_pki::keyfile::kind::Kind;
use signet_pki::pkcs12::Pkcs12Refusal;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What opens the encrypted files of these projects, by their documentation.
const PASSPHRASES: [&str; 9] =
    ["password", "password123", "mypass", "secret", "", "test", "hunter42", "changeit", "asdf"];

/// What OpenSSL 3.0 reads and is refused here, and why: how many files, and the cause.
const REFUSED: &str = include_str!("corpora/refused.txt");
/// What every corpus gives: how many files, and what they are read as or refused for.
const OUTCOMES: &str = include_str!("corpora/outcomes.txt");

/// What a file is, as OpenSSL sees it: the first that it reads it as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Certificate,
    Request,
    Key,
    Pkcs12,
    Pkcs7,
    RevocationList,
    PublicKey,
    Nothing,
}

/// What became of a file with each reader.
struct Outcome {
    request: Result<(), ImportRefusal>,
    key: Result<(), ImportRefusal>,
    certificates: Result<usize, AnswerError>,
    pair: Result<(), CertifiedKeyRefusal>,
}

impl Outcome {
    fn of(bytes: &[u8]) -> Self {
        let source = Source { paste: None, file: Some(bytes) };
        let secrets = PASSPHRASES.map(|text| Secret::from(text.to_owned()));
        let tries = || std::iter::once(None).chain(secrets.iter().map(Some));
        let locked = |refusal: &ImportRefusal| {
            let is = |error: &KeyFileError| {
                matches!(
                    error,
                    KeyFileError::NoPassphrase | KeyFileError::WrongPassphrase | KeyFileError::EmptyPassphrase
                )
            };
            matches!(refusal, ImportRefusal::Key(error) if is(error))
        };
        let key = tries().map(|secret| read_key(source, secret, secret).map(drop));
        let pair = tries().map(|secret| {
            certified_key::find(source, Source::default())
                .and_then(|found| found.opening(secret).and_then(Opening::open).map(drop))
        });
        let locked_pair = |refusal: &CertifiedKeyRefusal| match refusal {
            CertifiedKeyRefusal::Key(refusal) => locked(refusal),
            CertifiedKeyRefusal::Pkcs12(refusal) => matches!(
                refusal,
                Pkcs12Refusal::NoPassphrase | Pkcs12Refusal::WrongPassphrase | Pkcs12Refusal::EmptyPassphrase
            ),
            _ => false,
        };
        Self {
            request: read_request(source).map(drop),
            key: until_open(key, locked),
            certificates: read_usable(bytes).map(|answer| answer.certificates.len()),
            pair: until_open(pair, locked_pair),
        }
    }

    /// Every refusal has words at a field and a way out.
    fn has_words(&self) {
        let invalids: [Option<Invalid>; 4] = [
            self.request.as_ref().err().map(ImportRefusal::invalid),
            self.key.as_ref().err().map(ImportRefusal::invalid),
            self.certificates.as_ref().err().map(|error| error.invalid("certificate")),
            self.pair.as_ref().err().map(CertifiedKeyRefusal::invalid),
        ];
        for invalid in invalids.into_iter().flatten() {
            let ends = |text: &str| text.ends_with('.') && !text.contains('\u{1b}') && text.chars().count() < 700;
            assert!(ends(&invalid.what) && ends(&invalid.fix), "{invalid:?}");
        }
    }

    /// What it is read as; else what the reader of its kind says.
    fn told(&self, read: Read) -> String {
        let cause = match (self, read) {
            (Self { pair: Ok(()), .. }, _) => return "certificate with its key".to_owned(),
            (Self { key: Ok(()), .. }, _) => return "key".to_owned(),
            (Self { request: Ok(()), .. }, _) => return "request".to_owned(),
            (Self { certificates: Ok(_), .. }, _) => return "certificates".to_owned(),
            (Self { request: Err(cause), .. }, Read::Request) => format!("{cause:?}"),
            (Self { key: Err(cause), .. }, Read::Key) => format!("{cause:?}"),
            (Self { pair: Err(cause), .. }, Read::Pkcs12) => format!("{cause:?}"),
            // What OpenSSL does not open either: who would read it says why.
            (Self { pair: Err(cause), certificates: Err(AnswerError::NotAnAnswer(Kind::Pkcs12)), .. }, _) => {
                format!("{cause:?}")
            }
            (Self { key: Err(cause), certificates: Err(AnswerError::PrivateKey(_)), .. }, _) => format!("{cause:?}"),
            (Self { certificates: Err(cause), .. }, _) => format!("{cause:?}"),
        };
        // How many bytes are missing is the file's, not the kind's.
        let cause = match cause.split_once("CutOff { missing: ") {
            Some((before, _)) => format!("{before}CutOff"),
            None => cause,
        };
        cause.chars().take(120).collect()
    }

    /// Whether what OpenSSL reads it as is read here.
    fn agrees(&self, read: Read) -> bool {
        match read {
            Read::Certificate => self.certificates.is_ok() || self.pair.is_ok(),
            Read::Pkcs7 => self.certificates.is_ok(),
            Read::Request => self.request.is_ok(),
            Read::Key => self.key.is_ok(),
            Read::Pkcs12 => self.pair.is_ok(),
            Read::RevocationList | Read::PublicKey | Read::Nothing => true,
        }
    }

    /// A file of one kind is called by its kind by those who want another.
    fn is_called(&self, kind: Kind) -> bool {
        let named = |refusal: &Result<(), ImportRefusal>| match refusal {
            Err(ImportRefusal::NotAKey(named) | ImportRefusal::NotARequest(named)) => *named == kind,
            _ => true,
        };
        named(&self.request) && named(&self.key)
    }
}

/// The first outcome that is not about the passphrase; else the last.
fn until_open<T, E>(mut outcomes: impl Iterator<Item = Result<T, E>>, is_locked: impl Fn(&E) -> bool) -> Result<T, E> {
    let mut last = outcomes.next().expect("at least one");
    while last.as_ref().is_err_and(&is_locked) {
        match outcomes.next() {
            Some(next) => last = next,
            None => break,
        }
    }
    last
}

/// OpenSSL's opinion of a file.
fn openssl(path: &Path) -> Read {
    let works = |arguments: &[&str]| {
        Command::new("openssl").args(arguments).arg("-in").arg(path).output().unwrap().status.success()
    };
    let in_both =
        |arguments: &[&str]| ["PEM", "DER"].into_iter().any(|form| works(&[arguments, &["-inform", form]].concat()));
    let with_each = |arguments: &[&str]| {
        let pass = |text: &str| works(&[arguments, &["-passin", &format!("pass:{text}")]].concat());
        PASSPHRASES.into_iter().any(pass)
    };
    let text = std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap();
    // `pkey` also reads what is beside a key, and `x509` what is behind one.
    match () {
        () if works(&["x509", "-noout"]) => Read::Certificate,
        () if verifies(path) => Read::Request,
        () if with_each(&["pkcs12", "-legacy", "-noout"]) => Read::Pkcs12,
        () if with_each(&["pkey", "-noout"]) => Read::Key,
        () if in_both(&["pkcs7", "-noout"]) => Read::Pkcs7,
        () if in_both(&["crl", "-noout"]) => Read::RevocationList,
        () if works(&["pkey", "-pubin", "-noout"]) && !text.contains("PRIVATE KEY") => Read::PublicKey,
        () => Read::Nothing,
    }
}

/// Whether OpenSSL reads a request whose signature is good; the exit code of 3.0 says nothing of that.
fn verifies(path: &Path) -> bool {
    ["PEM", "DER"].into_iter().any(|form| {
        let arguments = ["req", "-verify", "-noout", "-inform", form, "-in"];
        let output = Command::new("openssl").args(arguments).arg(path).output().unwrap();
        String::from_utf8_lossy(&output.stderr).contains("verify OK")
    })
}

fn place() -> PathBuf {
    let place = std::env::var_os("SIGNET_CORPORA").map(PathBuf::from);
    let place = place.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/corpora"));
    assert!(place.join("versions").exists(), "{} has no corpora: run tests/corpora/install", place.display());
    place
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    const ENDINGS: [&str; 15] =
        ["pem", "der", "crt", "cer", "key", "p12", "pfx", "p7b", "p7s", "csr", "req", "pub", "crl", "ors", "param"];
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known)) {
            files.push(path);
        }
    }
}

/// One line for each with its count; with `SIGNET_CORPORA_NAMES` the files, too.
fn table(found: &BTreeMap<String, Vec<String>>) -> String {
    let names = std::env::var_os("SIGNET_CORPORA_NAMES").is_some();
    let line = |(what, files): (&String, &Vec<String>)| {
        let names = if names { format!(" {files:?}") } else { String::new() };
        format!("{} {what}{names}\n", files.len())
    };
    found.iter().map(line).collect()
}

#[test]
fn every_file_of_other_projects_is_read_or_refused_for_its_cause() {
    let place = place();
    let mut files = Vec::new();
    for folder in ["pypi", "crates"] {
        collect(&place.join(folder), &mut files);
    }
    files.sort();
    assert!(files.len() > 1000, "{}", files.len());
    let (mut outcomes, mut refused) = (BTreeMap::new(), BTreeMap::new());
    let mut misnamed = Vec::new();
    for path in &files {
        let name = path.strip_prefix(&place).unwrap().to_string_lossy().into_owned();
        let outcome = Outcome::of(&std::fs::read(path).unwrap());
        outcome.has_words();
        let read = openssl(path);
        let told = outcome.told(read);
        let corpus: String = name.split('/').take(2).collect::<Vec<_>>().join("/");
        outcomes.entry(format!("{corpus}: {told}")).or_insert_with(Vec::new).push(name.clone());
        if !outcome.agrees(read) {
            refused.entry(format!("{read:?}: {told}")).or_insert_with(Vec::new).push(name.clone());
        }
        let kind = match read {
            Read::RevocationList => Kind::RevocationList,
            Read::PublicKey => Kind::PublicKey,
            Read::Pkcs12 => Kind::Pkcs12,
            _ => continue,
        };
        if !outcome.is_called(kind) {
            misnamed.push(name);
        }
    }
    assert_eq!(misnamed, Vec::<String>::new(), "called by another kind than theirs");
    assert_eq!(table(&refused), REFUSED, "read by OpenSSL and refused here");
    assert_eq!(table(&outcomes), OUTCOMES, "what each file gives");
}

/// The roots that Debian ships: their number and age change with its releases.
#[test]
fn every_root_of_debian_is_read() {
    let mut files = Vec::new();
    collect(&place().join("debian"), &mut files);
    assert!(files.len() > 100, "{}", files.len());
    for path in files {
        let answer = read_usable(&std::fs::read(&path).unwrap());
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let [root] = answer.certificates.as_slice() else { panic!("{}", path.display()) };
        assert!(root.may_issue() && root.self_issued && root.fault().is_none(), "{}", path.display());
        assert_eq!(root.is_signed_by(&root.spki), Ok(()), "{}", path.display());
    }
}
