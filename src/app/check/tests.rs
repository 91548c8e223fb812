//! What the doctor says of a good directory, and of each thing that can be wrong with one.

use super::place::of_space;
use super::{Report, State, check};
use crate::Services;
use crate::clock::{self, Clock};
use crate::config::{Config, ConfigError};
use jiff::{SignedDuration, Timestamp};
use signet_domain::name::CsrName;
use signet_domain::record::{Origin, Record};
use signet_store::{Document, Opening, Space, Store};
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A set-up unit with two CSRs; its clock stands.
struct Unit {
    dir: TempDir,
    now: Timestamp,
}

impl Unit {
    fn new() -> Self {
        let now = clock::build_date() + SignedDuration::from_hours(24);
        let unit = Self { dir: tempfile::tempdir().unwrap(), now };
        let services = unit.services();
        crate::seal::ensure_key(&services.store).unwrap();
        services.access.make_setup_code(|_| Ok::<_, crate::Failure>(())).unwrap();
        services.identity.ensure().unwrap();
        unit.keep("one", None);
        unit.keep("two", None);
        unit
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn services(&self) -> Services {
        let store = Store::open(&self.data(), Opening::default()).unwrap();
        Services::open(store, Config::default(), Clock::Fixed(self.now))
    }

    /// A CSR; with the key of another one where `foreign` is given.
    fn keep(&self, name: &str, foreign: Option<&signet_pki::private_key::PrivateKey>) {
        let key = p256();
        let (subject, names) = (signet_domain::subject::Subject::default(), signet_domain::san::SanList::default());
        let digest = Some(signet_domain::key_spec::Digest::Sha256);
        let der = signet_pki::request::encode(&subject, &names, &Default::default(), &key, digest).unwrap();
        let record = Record::new("0123456789abcdef0123456789abcdef".into(), Origin::Created, self.now);
        let kept = foreign.unwrap_or(&key);
        let services = self.services();
        services.store.lock().unwrap().create(&CsrName::parse(name).unwrap(), &record, &der, kept.pkcs8()).unwrap();
    }

    fn check_at(&self, now: Timestamp) -> Report {
        check(&self.data(), &Ok(Config::default()), Clock::Fixed(now))
    }

    fn check(&self) -> Report {
        self.check_at(self.now)
    }
}

fn p256() -> signet_pki::private_key::PrivateKey {
    use signet_domain::key_spec::{Curve, Digest, KeySpec};
    signet_pki::generate::generate(KeySpec::Ec(Curve::Secp256r1, Digest::Sha256)).unwrap()
}

/// The worst finding, but for what is so of the machine that tests: its user, and where it keeps temporary files.
fn worst(report: &Report) -> State {
    let of_the_machine = |what: &str| what.contains("belongs to root") || what.contains("is in memory");
    let findings = report.findings().iter().filter(|finding| !of_the_machine(&finding.what));
    findings.map(|finding| finding.state).max().unwrap_or(State::Fine)
}

/// The findings of `about` that are not fine: their states and sentences.
fn wrong(report: &Report, about: &str) -> Vec<(State, String)> {
    let findings = report.findings().iter().filter(|finding| finding.state != State::Fine);
    for finding in findings.clone() {
        assert!(finding.what.ends_with('.') && finding.fix.ends_with('.'), "{finding:?}");
    }
    findings.filter(|finding| finding.about == about).map(|finding| (finding.state, finding.what.clone())).collect()
}

/// One finding of `about`, of that state, that says `says`.
#[track_caller]
fn only(report: &Report, about: &str, state: State, says: &str) {
    let found = wrong(report, about);
    assert!(matches!(&found[..], [(of, what)] if *of == state && what.contains(says)), "{says}: {found:#?}");
}

/// Every path with all that a change would move, but for the time of reading.
fn everything(dir: &Path) -> BTreeMap<PathBuf, (u64, u32, i64, i64, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let stat = std::fs::symlink_metadata(&path).unwrap();
        let bytes = if stat.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
        found.insert(path.clone(), (stat.ino(), stat.mode(), stat.ctime(), stat.ctime_nsec(), bytes));
        if stat.is_dir() {
            found.extend(everything(&path));
        }
    }
    found
}

#[test]
fn a_good_directory_is_fine_and_untouched() {
    let unit = Unit::new();
    let before = everything(&unit.data());
    let report = unit.check();
    assert_eq!(worst(&report), State::Fine, "{:#?}", report.findings());
    assert_eq!(everything(&unit.data()), before);
}

#[test]
fn a_leftover_is_told_and_not_swept() {
    let unit = Unit::new();
    std::fs::write(unit.data().join("csrs/.tmp-1-1"), b"half").unwrap();
    std::fs::set_permissions(unit.data().join("csrs/.tmp-1-1"), PermissionsExt::from_mode(0o600)).unwrap();
    let before = everything(&unit.data());
    only(&unit.check(), "leftovers", State::Attention, ".tmp-1-1");
    assert_eq!(everything(&unit.data()), before);
    unit.services().store.lock().unwrap().put_document(Document::RecoveryIntent, b"{}").unwrap();
    only(&unit.check(), "leftovers", State::Attention, "recovery");
    unit.services().store.lock().unwrap().remove_document(Document::RecoveryIntent).unwrap();
    std::fs::create_dir(unit.data().join("pending")).unwrap();
    std::fs::set_permissions(unit.data().join("pending"), PermissionsExt::from_mode(0o700)).unwrap();
    only(&unit.check(), "leftovers", State::Attention, "factory started");
}

#[test]
fn a_missing_a_foreign_and_an_empty_directory_are_told_apart_and_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let look = || check(&data, &Ok(Config::default()), Clock::Fixed(clock::build_date()));
    only(&look(), "directory", State::Broken, "no data directory");
    assert!(!data.exists());
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o700)).unwrap();
    assert_eq!(worst(&look()), State::Fine, "{:#?}", look().findings());
    assert_eq!(everything(&data).len(), 0);
    std::fs::write(data.join("holiday.jpg"), b"").unwrap();
    only(&look(), "directory", State::Broken, "no lock file");
    std::fs::remove_dir_all(&data).unwrap();
    std::os::unix::fs::symlink(dir.path(), &data).unwrap();
    only(&look(), "directory", State::Broken, "symbolic link");
}

#[test]
fn a_wrong_mode_is_told_with_the_whole_way() {
    let unit = Unit::new();
    let file = unit.data().join("csrs/one.pem");
    for (mode, state) in [(0o644, State::Attention), (0o400, State::Broken), (0o620, State::Attention)] {
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        let report = unit.check();
        only(&report, "paths", state, &format!("{mode:04o}"));
        let way = &report.findings().iter().find(|finding| !finding.way.is_empty()).unwrap().way;
        assert!(way[0].ends_with(" /") && way.last().unwrap().ends_with("csrs/one.pem"), "{way:#?}");
        assert_eq!(way.len(), std::path::absolute(&file).unwrap().ancestors().count());
    }
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    // A config file may be read by all, and written by its owner alone.
    let config = unit.data().join("signet.toml");
    std::fs::write(&config, "").unwrap();
    std::fs::set_permissions(&config, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(wrong(&unit.check(), "paths").is_empty());
    std::fs::set_permissions(&config, PermissionsExt::from_mode(0o666)).unwrap();
    only(&unit.check(), "paths", State::Attention, "0666");
}

#[test]
fn a_foreign_owner_is_told() {
    if !rustix::process::geteuid().is_root() {
        return signet_testing::skip("only root can give a file away");
    }
    let unit = Unit::new();
    std::os::unix::fs::chown(unit.data().join("seal.key"), Some(4242), None).unwrap();
    only(&unit.check(), "paths", State::Broken, "belongs to user 4242");
    std::os::unix::fs::chown(unit.dir.path(), Some(4242), None).unwrap();
    only(&unit.check(), "directory", State::Attention, "in place of the data directory");
}

#[test]
fn damaged_csrs_are_named_and_hide_no_other() {
    let unit = Unit::new();
    std::fs::write(unit.data().join("csrs/one.pem"), b"cut").unwrap();
    only(&unit.check(), "csrs", State::Broken, "The request one");
    unit.keep("three", Some(&p256()));
    let found = wrong(&unit.check(), "csrs");
    assert_eq!(found.len(), 2);
    assert!(found[1].1.contains("The request three: its private key belongs to another request"), "{found:?}");
}

#[test]
fn strays_hard_links_and_names_that_differ_in_case_are_told() {
    let unit = Unit::new();
    let csrs = unit.data().join("csrs");
    std::os::unix::fs::symlink("/etc/passwd", csrs.join("link.pem")).unwrap();
    std::fs::create_dir(unit.data().join("holiday")).unwrap();
    let found = wrong(&unit.check(), "strays");
    assert_eq!(found.len(), 2, "{found:?}");
    std::fs::hard_link(csrs.join("one.pem"), csrs.join("ONE.pem")).unwrap();
    let report = unit.check();
    only(&report, "csrs", State::Attention, "differ only in case");
    let linked = wrong(&report, "paths").into_iter().filter(|(_, what)| what.contains("hard links"));
    assert_eq!(linked.count(), 2);
}

#[test]
fn the_certificate_is_judged_by_a_clock_that_can_be_trusted() {
    let unit = Unit::new();
    let days = |days: i64| unit.now + SignedDuration::from_hours(24 * days);
    assert_eq!(worst(&unit.check_at(days(335))), State::Fine);
    only(&unit.check_at(days(336)), "identity", State::Attention, "is due");
    only(&unit.check_at(days(366)), "identity", State::Broken, "expired on");
    let unknown = unit.check_at(Timestamp::UNIX_EPOCH);
    only(&unknown, "clock", State::Attention, "before this program was built");
    assert!(wrong(&unknown, "identity").is_empty());
}

#[test]
fn a_certificate_of_another_key_and_one_without_the_names_are_told() {
    let unit = Unit::new();
    let services = unit.services();
    let kept = services.store.identity().unwrap().unwrap();
    let config = Config { hostnames: vec!["nas.example".into()], ..Config::default() };
    let report = check(&unit.data(), &Ok(config), Clock::Fixed(unit.now));
    only(&report, "identity", State::Attention, "does not name nas.example");
    let swapped = signet_store::StoredIdentity { key: p256().pkcs8().clone(), ..kept };
    services.store.lock().unwrap().put_identity(&swapped).unwrap();
    only(&unit.check(), "identity", State::Broken, "another key");
    std::fs::write(unit.data().join("identity.pem"), b"cut").unwrap();
    only(&unit.check(), "identity", State::Broken, "identity.pem is damaged");
}

#[test]
fn damaged_small_files_are_told_with_the_command_that_helps() {
    let unit = Unit::new();
    for (file, helps) in
        [("owner.json", "recover password"), ("factory/setup.json", "--new-code"), ("seal.key", "restart")]
    {
        let path = unit.data().join(file);
        let before = std::fs::read(&path).ok();
        std::fs::write(&path, b"{cut").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let report = unit.check();
        only(&report, "files", State::Broken, file);
        let fix = &report.findings().iter().find(|finding| finding.about == "files").unwrap().fix;
        assert!(fix.contains(helps), "{fix}");
        match before {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
    }
    std::fs::write(unit.data().join("device.json"), b"{\"version\": 99}").unwrap();
    std::fs::set_permissions(unit.data().join("device.json"), PermissionsExt::from_mode(0o600)).unwrap();
    only(&unit.check(), "files", State::Broken, "newer version");
}

#[test]
fn a_wrong_config_is_an_error_and_the_rest_is_looked_at_all_the_same() {
    let unit = Unit::new();
    let config = |text: &str| match Config::parse(text) {
        Ok(config) => Ok(Config { source: Some("/x/signet.toml".into()), ..config }),
        Err((line, what)) => Err(ConfigError::Wrong { path: "/x/signet.toml".into(), line, what }),
    };
    let look = |text: &str| check(&unit.data(), &config(text), Clock::Fixed(unit.now));
    let unknown = look("\nlissen = []\n");
    only(&unknown, "config", State::Broken, "line 2: `lissen` is not a key; the nearest is `listen`");
    let wrong_value = look("[limits]\ncsrs = 0\n");
    only(&wrong_value, "config", State::Broken, "line 2");
    assert!(wrong_value.findings().iter().any(|finding| finding.about == "csrs" && finding.state == State::Fine));
    assert_eq!(worst(&look("[limits]\ncsrs = 5\n")), State::Fine);
    only(&look("[limits]\ncsrs = 2\n"), "csrs", State::Attention, "There are 2 requests");
}

#[test]
fn little_room_is_told_before_it_is_gone() {
    let of = |free: u64, free_inodes| {
        let mut report = Report::default();
        of_space(&mut report, Space { free, total: 1 << 30, free_inodes });
        report.state()
    };
    assert_eq!(of(1 << 20, None), State::Fine);
    assert_eq!(of((1 << 20) - 1, None), State::Attention);
    assert_eq!(of((64 << 10) - 1, None), State::Broken);
    assert_eq!((of(1 << 20, Some(63)), of(1 << 20, Some(1))), (State::Attention, State::Broken));
}
