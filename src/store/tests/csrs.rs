//! CSRs come, change, are renamed and go; names are unique ignoring case; bounds hold.

use super::{KEY, REQUEST, Scratch, create, key, name, names, record, temporaries};
use crate::atomic::{self, Place};
use crate::{Limits, MAX_FILE, Opening, Store, StoreError, dir::Dir};
use signet_domain::secret::Secret;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Command;

fn openssl(arguments: &[&str], file: &Path) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).arg("-in").arg(file).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn what_was_created_is_read_back() {
    let scratch = Scratch::new();
    create(&scratch.store(), "nas-2026");
    let store = scratch.store();
    let entry = store.csr(&name("nas-2026")).unwrap().unwrap();
    let stored = entry.content.unwrap();
    assert_eq!(stored.record, record("nas-2026"));
    assert_eq!(stored.request, REQUEST);
    assert_eq!(store.private_key(&name("nas-2026")).unwrap().unwrap().expose_secret(), KEY);
    assert!(store.csr(&name("other")).unwrap().is_none());
    assert!(store.private_key(&name("other")).unwrap().is_none());
}

#[test]
fn openssl_reads_request_and_key_as_the_file_lies() {
    let scratch = Scratch::new();
    let made = scratch.0.path().join("made.pem");
    let subject = ["req", "-new", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=nas.example.com", "-keyout"];
    let request = Command::new("openssl").args(subject).arg(&made).args(["-outform", "DER"]).output().unwrap().stdout;
    let key = Secret::new(openssl(&["pkcs8", "-topk8", "-nocrypt", "-outform", "DER"], &made));
    let store = scratch.store();
    store.lock().unwrap().create(&name("real"), &record("note"), &request, &key).unwrap();
    store.lock().unwrap().set_record(&name("real"), &record("another note")).unwrap();
    let file = scratch.csr_path("real");
    openssl(&["req", "-noout", "-verify"], &file);
    assert_eq!(openssl(&["req", "-outform", "DER"], &file), request);
    assert_eq!(openssl(&["req", "-noout", "-pubkey"], &file), openssl(&["pkey", "-pubout"], &file));
    assert_eq!(store.private_key(&name("real")).unwrap().unwrap().expose_secret(), key.expose_secret());
}

#[test]
fn an_answer_stands_behind_the_request_and_replaces_an_earlier_one() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "nas");
    let answered = |certificates: &[Vec<u8>]| {
        store.lock().unwrap().set_answer(&name("nas"), &record("answered"), certificates).unwrap();
        store.csr(&name("nas")).unwrap().unwrap().content.unwrap()
    };
    let first = answered(&[vec![1; 400], vec![2; 400], vec![3; 400]]);
    assert_eq!(first.certificates, [vec![1; 400], vec![2; 400], vec![3; 400]]);
    let second = answered(&[vec![4; 300]]);
    assert_eq!(second.certificates, [vec![4; 300]]);
    assert_eq!((second.request.as_slice(), second.record.note.as_str()), (REQUEST.as_slice(), "answered"));
    assert_eq!(store.private_key(&name("nas")).unwrap().unwrap().expose_secret(), KEY);
    store.lock().unwrap().set_record(&name("nas"), &record("noted")).unwrap();
    assert_eq!(store.csr(&name("nas")).unwrap().unwrap().content.unwrap().certificates, [vec![4; 300]]);
    let huge = vec![vec![0; MAX_FILE]];
    let refused = store.lock().unwrap().set_answer(&name("nas"), &record(""), &huge);
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
    let text = fs::read_to_string(scratch.csr_path("nas")).unwrap();
    assert!(text.find("BEGIN CERTIFICATE-").unwrap() > text.find("END SIGNET RECORD").unwrap());
}

#[test]
fn names_are_unique_ignoring_case() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "Nas");
    create(&store, "other");
    let lock = store.lock().unwrap();
    let taken = |result| matches!(result, Err(StoreError::AlreadyExists { name }) if name.as_str() == "Nas");
    assert!(taken(lock.create(&name("nas"), &record(""), &REQUEST, &key())));
    assert!(taken(lock.create(&name("Nas"), &record(""), &REQUEST, &key())));
    assert!(taken(lock.rename(&name("other"), &name("NAS"))));
    drop(lock);
    assert_eq!(store.taken(&name("nAS")).unwrap().unwrap().as_str(), "Nas");
    assert!(store.taken(&name("nas2")).unwrap().is_none());
    assert_eq!(store.csr(&name("Nas")).unwrap().unwrap().content.unwrap().record.note, "Nas");
}

#[test]
fn a_rename_moves_everything_and_may_change_the_case_alone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "nas");
    let lock = store.lock().unwrap();
    lock.rename(&name("nas"), &name("NAS")).unwrap();
    lock.rename(&name("NAS"), &name("NAS")).unwrap();
    lock.rename(&name("NAS"), &name("box")).unwrap();
    assert!(matches!(lock.rename(&name("NAS"), &name("x")), Err(StoreError::NotFound { .. })));
    drop(lock);
    assert_eq!(names(&store), ["box"]);
    assert_eq!(store.csr(&name("box")).unwrap().unwrap().content.unwrap().record, record("nas"));
}

#[test]
fn a_deleted_csr_is_gone_and_only_that() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    create(&store, "two");
    let lock = store.lock().unwrap();
    lock.delete(&name("one")).unwrap();
    assert!(matches!(lock.delete(&name("one")), Err(StoreError::NotFound { .. })));
    drop(lock);
    assert_eq!(names(&store), ["two"]);
}

#[test]
fn a_note_changes_the_record_and_keeps_blocks_of_later_versions() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    let file = scratch.csr_path("one");
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let text = fs::read_to_string(&file).unwrap();
    let at = text.find("-----BEGIN PRIVATE").unwrap();
    let text = format!("{}words between\n{certificate}{}{certificate}", &text[..at], &text[at..]);
    fs::write(&file, &text).unwrap();
    store.lock().unwrap().set_record(&name("one"), &record("a new note")).unwrap();
    let changed = fs::read_to_string(&file).unwrap();
    let without_record = |text: &str| {
        let (before, rest) = text.split_once("-----BEGIN SIGNET RECORD-----").unwrap();
        format!("{before}{}", rest.split_once("-----END SIGNET RECORD-----\n").unwrap().1)
    };
    assert_eq!(without_record(&changed), without_record(&text));
    assert_eq!(store.csr(&name("one")).unwrap().unwrap().content.unwrap().record, record("a new note"));
    assert!(matches!(store.lock().unwrap().set_record(&name("two"), &record("")), Err(StoreError::NotFound { .. })));
}

#[test]
fn what_stands_in_the_way_is_not_replaced() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    symlink("/dev/null", scratch.csr_path("link")).unwrap();
    fs::create_dir(scratch.csr_path("folder")).unwrap();
    let lock = store.lock().unwrap();
    for there in ["link", "folder"] {
        let created = lock.create(&name(there), &record(""), &REQUEST, &key());
        assert!(matches!(created, Err(StoreError::Occupied { path }) if path == scratch.csr_path(there)));
        let renamed = lock.rename(&name("one"), &name(there));
        assert!(matches!(renamed, Err(StoreError::Occupied { .. })));
        assert!(matches!(lock.delete(&name(there)), Err(StoreError::NotFound { .. })));
        assert!(matches!(lock.set_record(&name(there), &record("")), Err(StoreError::NotFound { .. })));
    }
    assert_eq!(temporaries(&scratch.data()).len(), 0);
    assert_eq!(names(&store), ["one"]);
}

#[test]
fn limits_hold_and_leave_what_is_there() {
    let scratch = Scratch::new();
    let limits = Limits { csrs: 2, disk_mib: 64 };
    let store = Store::open(&scratch.data(), Opening { limits, ..Opening::default() }).unwrap();
    create(&store, "one");
    create(&store, "two");
    let third = store.lock().unwrap().create(&name("three"), &record(""), &REQUEST, &key());
    assert!(matches!(third, Err(StoreError::TooMany { limit: 2 })));
    assert_eq!(names(&store), ["one", "two"]);
    // A full console still renames, notes and deletes.
    let lock = store.lock().unwrap();
    lock.rename(&name("one"), &name("three")).unwrap();
    lock.delete(&name("two")).unwrap();
    lock.create(&name("four"), &record(""), &REQUEST, &key()).unwrap();
}

#[test]
fn the_size_of_all_files_is_bounded() {
    let scratch = Scratch::new();
    let limits = Limits { csrs: 100, disk_mib: 1 };
    let store = Store::open(&scratch.data(), Opening { limits, ..Opening::default() }).unwrap();
    let lock = store.lock().unwrap();
    let large = vec![1; 300 * 1024];
    let create = |text| lock.create(&name(text), &record(""), &large, &key());
    create("one").unwrap();
    create("two").unwrap();
    assert!(matches!(create("three"), Err(StoreError::OverBudget { kib: 1024, by_partition: false })));
    assert_eq!(names(&store).len(), 2);
}

#[test]
fn a_file_that_could_not_be_read_back_is_not_written() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    let lock = store.lock().unwrap();
    let refused = lock.create(&name("two"), &record(""), &vec![1; MAX_FILE], &key());
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
    let refused = lock.set_record(&name("one"), &record(&"x".repeat(MAX_FILE)));
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
    assert_eq!(names(&store), ["one"]);
    assert_eq!(store.csr(&name("one")).unwrap().unwrap().content.unwrap().record, record("one"));
}

type Way = fn(&Dir, &str, &[u8], Place) -> Result<(), StoreError>;

#[test]
fn what_is_new_comes_over_nothing_with_a_name_only_once_it_is_whole_by_either_way() {
    let scratch = Scratch::new();
    create(&scratch.store(), "one");
    let dir = Dir::open(&scratch.data().join("csrs")).unwrap().unwrap();
    let before = fs::read(scratch.csr_path("one")).unwrap();
    let ways: [Way; 2] = [atomic::write, atomic::rename_sibling];
    for (way, name) in ways.into_iter().zip(["two.pem", "three.pem"]) {
        let refused = way(&dir, "one.pem", b"another", Place::Free);
        assert!(matches!(refused, Err(StoreError::Occupied { .. })), "{name}");
        assert_eq!(fs::read(scratch.csr_path("one")).unwrap(), before);
        way(&dir, name, b"whole", Place::Free).unwrap();
        let path = scratch.data().join("csrs").join(name);
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.mode() & 0o7777, found.nlink()), (0o600, 1), "{name}");
    }
    assert_eq!(temporaries(&scratch.data()).len(), 0);
}

#[test]
fn without_noreplace_a_link_does_the_same_and_its_double_is_swept() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    create(&store, "two");
    let dir = Dir::open(&scratch.data().join("csrs")).unwrap().unwrap();
    let refused = atomic::link_then_unlink(&dir, "one.pem", "two.pem");
    assert!(matches!(refused, Err(StoreError::Occupied { .. })));
    atomic::link_then_unlink(&dir, "one.pem", "three.pem").unwrap();
    assert_eq!(names(&store), ["three", "two"]);
    // Cut between the two calls: one file under two names.
    fs::hard_link(scratch.csr_path("three"), scratch.csr_path("four")).unwrap();
    fs::hard_link(scratch.csr_path("two"), scratch.data().join("csrs/.tmp-9-9")).unwrap();
    // Somebody's own second name is not ours to take away.
    fs::hard_link(scratch.csr_path("two"), scratch.data().join("csrs/two.pem.kept")).unwrap();
    // Opening sweeps, too, but not where the lock is held: a child that another test forks holds it for an instant.
    let again = scratch.store();
    again.sweep_csrs().unwrap();
    let after = names(&again);
    assert_eq!(after.len(), 2, "{after:?}");
    assert_eq!(scratch.store().strays().unwrap().len(), 1);
    assert!(after.contains(&"two".into()));
    assert_eq!(temporaries(&scratch.data()).len(), 0);
}

#[test]
fn of_several_answers_those_before_one_that_cannot_be_written_are_taken_back() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    create(&store, "two");
    let before = fs::read(scratch.csr_path("one")).unwrap();
    let lock = store.lock().unwrap();
    let prepared = ["one", "two"].map(|csr| lock.prepare_answer(&name(csr), &record(csr), &[vec![0x30; 40]]).unwrap());
    // A folder in its place, which no file is renamed over.
    fs::remove_file(scratch.csr_path("two")).unwrap();
    fs::create_dir(scratch.csr_path("two")).unwrap();
    lock.set_answers(&prepared).unwrap_err();
    assert_eq!(fs::read(scratch.csr_path("one")).unwrap(), before);
    fs::remove_dir(scratch.csr_path("two")).unwrap();
    lock.set_answers(&prepared).unwrap();
    drop(lock);
    for csr in ["one", "two"] {
        assert_eq!(store.csr(&name(csr)).unwrap().unwrap().content.unwrap().certificates, [vec![0x30; 40]]);
    }
}
