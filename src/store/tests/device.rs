//! The small files: kept, read back, refused when they are not what they should be.

use super::child::populate;
use super::{KEY, REQUEST, Scratch};
use crate::{Damage, DeviceRecord, Document, Hashed, Owner, StoreError, StoredIdentity};
use jiff::Timestamp;
use signet_domain::secret::Secret;
use std::fs;

#[test]
fn a_new_directory_has_none_of_them() {
    let scratch = Scratch::new();
    let store = scratch.store();
    assert!(store.owner().unwrap().is_none());
    assert!(store.seal_key().unwrap().is_none());
    assert!(store.setup().unwrap().is_none());
    assert!(store.device().unwrap().is_none());
    assert!(store.identity().unwrap().is_none());
    assert!(store.factory_identity().unwrap().is_none());
    assert!(store.document(Document::RecoveryIntent).unwrap().is_none());
}

#[test]
fn what_was_put_is_read_back() {
    let scratch = Scratch::new();
    populate(&scratch.store());
    let store = scratch.store();
    let owner = store.owner().unwrap().unwrap();
    assert_eq!(
        (owner.generation, owner.password_hash.as_str(), owner.since),
        (9, "$argon2id$...", Timestamp::UNIX_EPOCH)
    );
    assert_eq!(store.setup().unwrap().unwrap().code_hash.as_str(), "$argon2id$...");
    assert_eq!(store.seal_key().unwrap().unwrap().expose_secret(), [7; 32]);
    assert_eq!(store.device().unwrap(), Some(DeviceRecord { serial: Some("A1".into()), ..Default::default() }));
    for identity in [store.identity().unwrap().unwrap(), store.factory_identity().unwrap().unwrap()] {
        assert_eq!(identity.chain, [REQUEST.to_vec()]);
        assert_eq!(identity.key.expose_secret(), KEY);
    }
    assert_eq!(store.document(Document::LoginDelays).unwrap().unwrap(), b"{}");
    let json = fs::read_to_string(scratch.data().join("owner.json")).unwrap();
    assert!(json.contains("\"version\": 1"), "{json}");
}

#[test]
fn they_are_replaced_and_removed_but_a_seal_key_is_made_once() {
    let scratch = Scratch::new();
    let store = scratch.store();
    populate(&store);
    let lock = store.lock().unwrap();
    let owner = Owner { generation: 10, ..store.owner().unwrap().unwrap() };
    lock.put_owner(&owner).unwrap();
    assert_eq!(store.owner().unwrap().unwrap().generation, 10);
    assert!(lock.remove_owner().unwrap());
    assert!(!lock.remove_owner().unwrap());
    assert!(store.owner().unwrap().is_none());

    let other = Secret::new(vec![8; 32]);
    assert!(matches!(lock.put_seal_key(&other), Err(StoreError::Occupied { .. })));
    assert_eq!(store.seal_key().unwrap().unwrap().expose_secret(), [7; 32]);
    assert!(lock.remove_seal_key().unwrap());
    lock.put_seal_key(&other).unwrap();
    assert!(matches!(lock.put_seal_key(&Secret::new(vec![8; 31])), Err(StoreError::Damaged { .. })));

    let chain = vec![vec![1; 5], vec![2; 6]];
    lock.put_identity(&StoredIdentity { chain: chain.clone(), key: Secret::new(vec![3]) }).unwrap();
    assert_eq!(store.identity().unwrap().unwrap().chain, chain);
    assert_eq!(store.factory_identity().unwrap().unwrap().chain, [REQUEST.to_vec()]);
}

#[test]
fn damaged_ones_are_told_with_path_and_reason() {
    let scratch = Scratch::new();
    let store = scratch.store();
    populate(&store);
    let data = scratch.data();
    fs::write(data.join("owner.json"), "{\"version\":1}").unwrap();
    fs::write(data.join("seal.key"), "short").unwrap();
    fs::write(data.join("identity.pem"), "").unwrap();
    fs::remove_file(data.join("device.json")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", data.join("device.json")).unwrap();
    let of = |error: StoreError, file: &str| match error {
        StoreError::Damaged { path, damage } if path == data.join(file) => damage,
        other => panic!("{other:?}"),
    };
    assert!(matches!(of(store.owner().unwrap_err(), "owner.json"), Damage::Json(_)));
    fs::write(data.join("owner.json"), "{\"version\":1,\"generation\":\"$argon2id$\"}").unwrap();
    let words = store.owner().unwrap_err().to_string();
    assert!(words.contains("line 1") && !words.contains("argon2id"), "{words}");
    assert_eq!(of(store.seal_key().unwrap_err(), "seal.key"), Damage::Length { expected: 32, found: 5 });
    assert_eq!(of(store.identity().unwrap_err(), "identity.pem"), Damage::Missing("CERTIFICATE"));
    assert!(matches!(store.device(), Err(StoreError::Occupied { .. })));
    // A damaged owner can be replaced by a recovery.
    let owner = Owner { generation: 1, password_hash: Hashed::new("h".into()), since: Timestamp::UNIX_EPOCH };
    store.lock().unwrap().put_owner(&owner).unwrap();
    assert_eq!(store.owner().unwrap(), Some(owner));
}

#[test]
fn those_of_a_newer_program_are_left_alone() {
    let scratch = Scratch::new();
    let store = scratch.store();
    populate(&store);
    let newer = "{\"version\":2,\"generation\":\"words\"}";
    fs::write(scratch.data().join("owner.json"), newer).unwrap();
    let is_newer = |error| matches!(error, StoreError::Damaged { damage: Damage::Newer(2), .. });
    assert!(is_newer(store.owner().unwrap_err()));
    let owner = Owner { generation: 1, password_hash: Hashed::new("h".into()), since: Timestamp::UNIX_EPOCH };
    assert!(is_newer(store.lock().unwrap().put_owner(&owner).unwrap_err()));
    assert_eq!(fs::read_to_string(scratch.data().join("owner.json")).unwrap(), newer);
}

#[test]
fn a_document_is_bounded() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let refused = store.lock().unwrap().put_document(Document::LoginDelays, &vec![0; 65_537]);
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
}

#[test]
fn hashes_do_not_show_in_debug() {
    let scratch = Scratch::new();
    let store = scratch.store();
    populate(&store);
    let seen = format!("{:?}{:?}{:?}", store.owner(), store.setup(), store.identity());
    assert!(!seen.contains("argon2id") && !seen.contains("165"), "{seen}");
}
