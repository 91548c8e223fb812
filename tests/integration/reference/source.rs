//! Names that only the source has all of: statuses, variables, parameters, limits, words of the log.

use crate::harness::reference::{TEXT, agree, code, codes, names, number, section, table, tables};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The Rust files below a folder of the package, without tests, and each without its test module.
pub fn files(below: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (Vec::new(), vec![root.join(below)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().unwrap() != "tests" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "no source below {below}");
    found
}

/// Every text between `open` and the next `close`.
pub fn between(below: &str, open: &str, close: &str) -> BTreeSet<String> {
    let texts = files(below);
    let parts = texts.iter().flat_map(|(_, text)| text.split(open).skip(1));
    parts.map(|rest| rest.split(close).next().unwrap().to_owned()).collect()
}

/// All string literals, those of comments included.
fn literals(below: &str) -> BTreeSet<String> {
    let texts = files(below);
    let lines = texts.iter().flat_map(|(_, text)| text.lines());
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn every_status_is_documented_and_no_other() {
    let constants =
        ["src/web", "src/net"].into_iter().flat_map(|below| between(below, "StatusCode::", " ")).map(|rest| {
            rest.chars().take_while(|letter| letter.is_ascii_uppercase() || *letter == '_').collect::<String>()
        });
    let constants: BTreeSet<String> = constants.filter(|name| !name.is_empty()).collect();
    let statuses = (100..600).filter_map(|number| hyper::StatusCode::from_u16(number).ok());
    let named = |status: &hyper::StatusCode| {
        status.canonical_reason().unwrap_or_default().to_uppercase().replace([' ', '-'], "_")
    };
    let used: BTreeSet<String> =
        statuses.filter(|status| constants.contains(&named(status))).map(|status| status.as_str().to_owned()).collect();
    assert_eq!(used.len(), constants.len(), "{constants:?}");
    // A head that is too large is answered by the HTTP library.
    let by_library = ["431".to_owned()];
    agree("Status codes", used.into_iter().chain(by_library), names(&table("Status codes")));
}

#[test]
fn every_query_parameter_is_documented_and_no_other() {
    let documented = table("Query parameters").iter().map(|row| code(&row[1])).collect::<BTreeSet<_>>();
    agree("Query parameters", between("src/web", "context.param(\"", "\""), documented);
}

#[test]
fn every_environment_variable_is_documented_and_no_other() {
    let is_variable = |text: &String| {
        [
            "SIGNET_",
            "SUDO_",
            "LISTEN_",
            "NOTIFY_",
            "INVOCATION_",
            "JOURNAL_",
            "STATE_",
            "CACHE_",
            "CREDENTIALS_",
            "RUNTIME_",
            "NO_COLOR",
            "TERM",
            "COLUMNS",
        ]
        .iter()
        .any(|start| text.starts_with(start))
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    let mut used: BTreeSet<String> = literals("src").into_iter().filter(is_variable).collect();
    // Given to the compiler, not to the program.
    assert!(used.remove("SIGNET_BUILD_EPOCH"));
    let unit = include_str!("../../../systemd/signet-provision.service");
    used.extend(unit.split("${").skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()));
    // Read by the libraries that take systemd's sockets and report readiness.
    used.extend(["LISTEN_FDS".to_owned(), "NOTIFY_SOCKET".to_owned()]);
    agree("Environment variables", used, names(&table("Environment variables")));
}

/// `512 * 1024`, `16 << 20`, `20_000`.
fn value(expression: &str) -> u64 {
    let factor = |text: &str| text.trim().replace('_', "").parse::<u64>().unwrap_or_else(|_| panic!("{expression}"));
    match expression.split_once("<<") {
        Some((left, right)) => factor(left) << factor(right),
        None => expression.split('*').map(factor).product(),
    }
}

/// A limit of the document, and where the source has it: the file's end, and the text before the value.
const LIMITS: [(&str, &str, &str); 34] = [
    ("connections", "net/bounds.rs", "Self { connections: "),
    (
        "connections of one source (an address, or an IPv6 /64; not loopback, and not a trusted proxy's own)",
        "net/bounds.rs",
        " per_source: ",
    ),
    (
        "addresses of `X-Forwarded-For` or `Forwarded` that are read, from the last one on",
        "net/proxy.rs",
        "const HOPS: usize = ",
    ),
    ("base path, bytes", "app/config/proxy.rs", "const BASE_PATH: usize = "),
    ("picture or help of a brand", "app/brand/mod.rs", "const MOST: u64 = "),
    ("connections that wait for room", "net/bounds.rs", "const WAITING: usize = "),
    ("head of a request to the console", "net/bounds.rs", " head: "),
    ("ClientHello of TLS", "net/stream.rs", "const HELLO: usize = "),
    ("path to go on to after a login (`next`), bytes", "web/pages/login.rs", "const MAX_NEXT: usize = "),
    (
        "form of a visitor without a session, but for the login's own",
        "web/service.rs",
        "const WITHOUT_SESSION: usize = ",
    ),
    ("form that a login carries along, encoded", "web/pages/login.rs", "const MOST: usize = "),
    ("fields of a form", "web/form.rs", "const MOST_FIELDS: usize = "),
    ("sessions; the one that is idle for longest ends", "web/session.rs", "const MOST: usize = "),
    (
        "drafts with an import in memory; the oldest is dropped",
        "app/requests/import/pending.rs",
        "const MOST: usize = ",
    ),
    (
        "request and encrypted key of one import, in memory",
        "app/requests/import/pending.rs",
        "const MOST_BYTES: usize = ",
    ),
    (
        "drafts with a certificate and its key in memory",
        "app/certificates/certified/waiting.rs",
        "const MOST: usize = ",
    ),
    ("draft in cookies", "web/draft_cookie.rs", "const MOST: usize = "),
    ("validity of a login link, seconds", "app/tickets/mod.rs", "const LIFE_SECONDS: u64 = "),
    ("names in a request", "domain/san.rs", "const MAX: usize = "),
    ("note, characters", "domain/note.rs", "const NOTE_MAX: usize = "),
    ("request, imported", "pki/inspect/mod.rs", "const MAX_REQUEST: usize = "),
    ("certificate file from the CA", "pki/answer/mod.rs", "const MAX_ANSWER: usize = "),
    ("certificates in it", "pki/answer/mod.rs", "const MAX_CERTIFICATES: usize = "),
    ("one certificate", "pki/certificate/error.rs", "const MAX_CERTIFICATE: usize = "),
    ("chain, certificates", "pki/chain.rs", "const MAX_LINKS: usize = "),
    ("chain, signatures verified", "pki/chain.rs", "const MAX_CHECKS: usize = "),
    ("long keys made ahead", "app/requests/key_queue.rs", "const MOST: usize = "),
    ("file of one request", "store/csr_file.rs", "const MAX_FILE: usize = "),
    ("small files and signet.toml", "store/device.rs", "const MAX_SMALL: usize = "),
    ("line of the audit log", "store/journal.rs", "const MAX_LINE: usize = "),
    ("RSA key, imported, bits", "pki/rsa_numbers.rs", "const RSA_MAX_BITS: u32 = "),
    ("PBKDF2 rounds of an imported key", "pki/keyfile/cost.rs", "const MAX_ROUNDS: u64 = "),
    (
        "hashes of all key derivations of a PKCS#12 file; a round of PBKDF2 is two for each block of a key",
        "pki/keyfile/cost.rs",
        "const MAX_HASHES: u64 = ",
    ),
    ("scrypt memory of an imported key", "pki/keyfile/cost.rs", "const MAX_SCRYPT_MEMORY: u64 = "),
];

#[test]
fn the_documented_limits_are_those_of_the_source() {
    let texts = files("src");
    let documented: BTreeMap<String, u64> =
        table("Limits").into_iter().map(|row| (row[0].clone(), number(&row[1]))).collect();
    for (what, file, before) in LIMITS {
        let text = texts.iter().find(|(path, _)| path.ends_with(Path::new("src").join(file)));
        let (_, text) = text.unwrap_or_else(|| panic!("{what}: there is no {file}"));
        let mut values =
            text.split(before).skip(1).filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
        let rest = values.next().unwrap_or_else(|| panic!("{what}: no {before:?} in {file}"));
        let found = value(rest.split([';', ',', '}']).next().unwrap());
        assert_eq!(documented.get(what), Some(&found), "docs/reference.md: {what}");
    }
    agree("Limits", LIMITS.iter().map(|(what, ..)| (*what).to_owned()), documented.into_keys());
}

#[test]
fn the_words_of_the_audit_log_are_documented() {
    let text = files("src").into_iter().find(|(path, _)| path.ends_with("messages/audit.rs")).unwrap().1;
    let words = text.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => "));
    let documented = tables(&section("Audit log"));
    agree("Audit log, what", words.map(|(word, _)| word.to_owned()), names(&documented[1]));
}

#[test]
fn what_the_doctor_looks_at_is_documented() {
    let words = literals("src/app/check");
    let documented = tables(&section("`signet check --json`"));
    for word in names(&documented[1]) {
        assert!(words.contains(&word), "docs/reference.md: `signet check` never says {word}");
    }
}

#[test]
fn the_files_of_the_data_directory_are_documented_and_no_other() {
    let text = files("src").into_iter().find(|(path, _)| path.ends_with("store/probe.rs")).unwrap().1;
    let list = |name: &str| -> Vec<String> {
        let body = text.split(&format!("const {name}: ")).nth(1).and_then(|rest| rest.split("];").next());
        body.unwrap_or_else(|| panic!("no {name}")).split('"').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let folders = ["csrs/NAME.pem".to_owned(), "pending/".to_owned(), "restoring/".to_owned()];
    let factory = list("FACTORY_FILES").into_iter().map(|name| format!("factory/{name}"));
    let store = files("src").into_iter().find(|(path, _)| path.ends_with("store/room.rs")).unwrap().1;
    let rooms = store.split("fn folder(self)").nth(1).unwrap().split("\n    }\n").next().unwrap();
    let rooms = rooms.split('"').skip(1).step_by(2).map(|room| format!("enroll/{room}/"));
    let enroll = [
        "authorities/NAME/authority.json",
        "enroll/lock",
        "enroll/listeners.json",
        "enroll/certificates.json",
        "enroll/taken/ID.renewed",
    ]
    .map(str::to_owned);
    let files: Vec<String> =
        list("ROOT_FILES").into_iter().chain(factory).chain(folders).chain(rooms).chain(enroll).collect();
    agree("Data directory", files, names(&table("Data directory")));
    assert_eq!(list("ROOT_FOLDERS"), ["pending", "restoring", "lost+found"], "a folder that is not documented");
}

#[test]
fn the_files_of_other_services_are_documented_and_no_other() {
    let texts = files("src");
    let text = |end: &str| texts.iter().find(|(path, _)| path.ends_with(end)).unwrap().1.clone();
    let first = |text: String, open: &str| -> Vec<String> {
        let body = text.split(open).nth(1).and_then(|rest| rest.split(';').next()).unwrap_or_else(|| panic!("{open}"));
        body.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let [pair, folder, run] = ["deploy/pair.rs", "deploy/folder.rs", "deploy/run.rs"].map(text);
    let live = first(folder.clone(), "const LIVE: &str =").remove(0);
    // The number of files comes before a semicolon of its own.
    let pems = first(pair.replace("[&str; 4]", "[&str]"), "const FILES: [&str] =");
    let pems = pems.into_iter().map(|name| format!("SERVICE/{live}/{name}"));
    let links = ["PREVIOUS", "RELOADED"].map(|name| first(folder.clone(), &format!("const {name}: &str =")).remove(0));
    let links = links.into_iter().map(|name| format!("SERVICE/{name}"));
    let lock = first(run, "const LOCK: &str =");
    agree("Other services", pems.chain(links).chain(lock), names(&table("Other services")));
}

#[test]
fn links_lead_to_sections_and_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let slug = |title: &str| -> String {
        let kept = title.to_lowercase().replace(' ', "-");
        kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')).collect()
    };
    for file in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/reference.md", "docs/decisions.md"] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let folder = root.join(file);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.starts_with("http") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() { folder.clone() } else { folder.parent().unwrap().join(path) };
            assert!(path.exists(), "{file}: {target}");
            if !anchor.is_empty() {
                let text = std::fs::read_to_string(&path).unwrap();
                let titles = text.lines().filter(|line| line.starts_with('#'));
                let found = titles.map(|line| slug(line.trim_start_matches('#').trim())).any(|title| title == anchor);
                assert!(found, "{file}: {target}");
            }
        }
    }
    assert!(!codes(TEXT).is_empty());
}
