//! A damaged, newer or foreign file is told of, and hides none of the others.

use super::{REQUEST, Scratch, create, key, name, names, record};
use crate::{Damage, MAX_FILE, StoreError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::os::unix::fs::symlink;

/// A file of ours, changed by hand.
fn damage(change: impl FnOnce(String) -> Vec<u8>) -> Damage {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "a");
    create(&store, "bad");
    create(&store, "c");
    let path = scratch.csr_path("bad");
    let changed = change(fs::read_to_string(&path).unwrap());
    fs::write(&path, &changed).unwrap();

    assert_eq!(names(&store), ["a", "bad", "c"]);
    let entries = store.csrs().unwrap();
    assert!(entries[0].content.is_ok() && entries[2].content.is_ok());
    let damage = entries[1].content.clone().unwrap_err();
    assert_eq!(store.csr(&name("bad")).unwrap().unwrap().content.unwrap_err(), damage);
    // A damaged request does not take its key with it.
    match store.private_key(&name("bad")) {
        Ok(found) => {
            assert_eq!(damage, Damage::Base64("CERTIFICATE REQUEST"));
            assert_eq!(found.unwrap().expose_secret(), super::KEY);
        }
        Err(error) => assert!(matches!(error, StoreError::Damaged { .. }), "{error}"),
    }
    // It is never written over, and its name stays taken. The owner may still rename and delete it, but for one that a
    // newer version wrote.
    let lock = store.lock().unwrap();
    assert!(matches!(lock.set_record(&name("bad"), &record("x")), Err(StoreError::Damaged { .. })), "{damage}");
    assert!(matches!(lock.create(&name("bad"), &record(""), &REQUEST, &key()), Err(StoreError::AlreadyExists { .. })));
    if damage.is_left_alone() {
        for refused in [lock.rename(&name("bad"), &name("worse")), lock.delete(&name("bad"))] {
            assert!(matches!(refused, Err(StoreError::Damaged { damage: Damage::Newer(_), .. })), "{refused:?}");
        }
        assert_eq!(fs::read(&path).unwrap(), changed);
        return damage;
    }
    lock.rename(&name("bad"), &name("worse")).unwrap();
    assert_eq!(fs::read(scratch.csr_path("worse")).unwrap(), changed);
    lock.delete(&name("worse")).unwrap();
    damage
}

/// The record block with other JSON in it.
fn with_json(text: &str, json: &str) -> String {
    let (before, rest) = text.split_once("-----BEGIN SIGNET RECORD-----\n").unwrap();
    let after = rest.split_once("-----END SIGNET RECORD-----\n").unwrap().1;
    let base64 = STANDARD.encode(json);
    let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("{before}-----BEGIN SIGNET RECORD-----\n{}\n-----END SIGNET RECORD-----\n{after}", lines.join("\n"))
}

/// One block of a label, line ends included.
fn block<'a>(text: &'a str, label: &str) -> &'a str {
    let start = text.find(&format!("-----BEGIN {label}-----")).unwrap();
    let end = format!("-----END {label}-----\n");
    &text[start..text.find(&end).unwrap() + end.len()]
}

#[test]
fn an_empty_and_a_binary_file_are_damaged() {
    assert_eq!(damage(|_| Vec::new()), Damage::Missing("SIGNET RECORD"));
    assert_eq!(damage(|_| b"holiday".to_vec()), Damage::Missing("SIGNET RECORD"));
    assert_eq!(damage(|_| vec![0xff; 100]), Damage::NotText);
}

#[test]
fn a_file_larger_than_the_bound_is_damaged_and_not_read() {
    assert_eq!(damage(|text| format!("{text}{}", "x".repeat(MAX_FILE)).into_bytes()), Damage::TooLarge(MAX_FILE));
}

#[test]
fn each_block_must_be_there_once() {
    for label in ["CERTIFICATE REQUEST", "PRIVATE KEY", "SIGNET RECORD"] {
        let missing = damage(|text| text.replace(block(&text, label), "").into_bytes());
        assert_eq!(missing, Damage::Missing(label));
        let repeated = damage(|text| format!("{text}{}", block(&text, label)).into_bytes());
        assert_eq!(repeated, Damage::Repeated(label));
    }
}

#[test]
fn a_file_cut_anywhere_is_damaged() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "cut");
    let whole = fs::read(scratch.csr_path("cut")).unwrap();
    // Without its last line end it is still whole.
    for length in (0..whole.len() - 1).rev().step_by(7) {
        fs::write(scratch.csr_path("cut"), &whole[..length]).unwrap();
        let entry = store.csr(&name("cut")).unwrap().unwrap();
        assert!(entry.content.is_err(), "{length} of {} bytes", whole.len());
    }
}

#[test]
fn a_block_that_is_not_base64_is_damaged_also_the_keys() {
    for label in ["CERTIFICATE REQUEST", "PRIVATE KEY", "SIGNET RECORD"] {
        let broken = damage(|text| {
            let begin = format!("-----BEGIN {label}-----\n");
            text.replace(&begin, &format!("{begin}!")).into_bytes()
        });
        assert_eq!(broken, Damage::Base64(label));
    }
    let unfinished = damage(|text| text.replacen("-----END CERTIFICATE REQUEST-----\n", "", 1).into_bytes());
    assert_eq!(unfinished, Damage::Unfinished { line: 1 });
}

#[test]
fn a_record_that_does_not_read_is_damaged() {
    assert!(matches!(damage(|text| with_json(&text, "{}").into_bytes()), Damage::Json(_)));
    assert!(matches!(damage(|text| with_json(&text, "{\"version\":1}").into_bytes()), Damage::Json(_)));
    assert!(matches!(damage(|text| with_json(&text, "nonsense").into_bytes()), Damage::Json(_)));
    let without_version = "{\"id\":\"\",\"origin\":\"created\",\"created\":\"1970-01-01T00:00:00Z\"}";
    assert!(matches!(damage(|text| with_json(&text, without_version).into_bytes()), Damage::Json(_)));
}

#[test]
fn a_newer_record_is_shown_as_newer_whatever_else_is_in_it() {
    let json = "{\"version\":2,\"id\":7,\"unheard\":[]}";
    assert_eq!(damage(|text| with_json(&text, json).into_bytes()), Damage::Newer(2));
    // A later version may do without blocks of today.
    let without_key = |text: String| with_json(&text.replace(block(&text, "PRIVATE KEY"), ""), json).into_bytes();
    assert_eq!(damage(without_key), Damage::Newer(2));
}

#[test]
fn only_regular_files_of_that_name_count_and_the_others_are_told() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    let csrs = scratch.data().join("csrs");
    symlink("one.pem", csrs.join("link.pem")).unwrap();
    fs::create_dir(csrs.join("folder.pem")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(csrs.join("pipe.pem")).status().unwrap().success());
    for foreign in ["with blank.pem", "-dash.pem", "one.txt", "one.PEM", "one", ".hidden.pem"] {
        fs::copy(csrs.join("one.pem"), csrs.join(foreign)).unwrap();
    }
    assert_eq!(names(&store), ["one"]);
    for ignored in ["link", "folder", "pipe"] {
        assert_eq!(store.csr(&name(ignored)).unwrap(), None);
        assert!(store.private_key(&name(ignored)).unwrap().is_none());
    }
    let strays: Vec<String> = store
        .strays()
        .unwrap()
        .into_iter()
        .map(|stray| format!("{}: {}", stray.path.file_name().unwrap().to_string_lossy(), stray.what))
        .collect();
    let file = "a file with a name that the console does not use";
    let expected = [
        format!("-dash.pem: {file}"),
        format!(".hidden.pem: {file}"),
        "folder.pem: a folder".into(),
        "link.pem: a symbolic link".into(),
        format!("one: {file}"),
        format!("one.PEM: {file}"),
        format!("one.txt: {file}"),
        "pipe.pem: not a regular file".into(),
        format!("with blank.pem: {file}"),
    ];
    assert_eq!(strays, expected);
    // A sweep leaves them alone.
    scratch.store();
    assert_eq!(store.strays().unwrap().len(), expected.len());
}

#[test]
fn no_key_shows_in_debug_or_errors() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    let key_text = STANDARD.encode(super::KEY);
    let path = scratch.csr_path("one");
    let mut seen = format!("{:?}{:?}", store.csrs().unwrap(), store.private_key(&name("one")).unwrap());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("-----END PRIVATE KEY-----", "-----END PRIVATE KEY", 1)).unwrap();
    seen += &format!("{:?}{:?}", store.csrs().unwrap(), store.private_key(&name("one")));
    assert!(!seen.contains(&key_text[..20]) && !seen.contains("165, 165"), "{seen}");
}
