//! Another identity in use, and the way back.

use super::Scratch;
use crate::{Store, StoredIdentity};
use signet_domain::secret::Secret;
use std::fs;

fn identity(number: u8) -> StoredIdentity {
    StoredIdentity { chain: vec![vec![number; 5], vec![9; 6]], key: Secret::new(vec![number; 4]) }
}

/// The numbers of the identity in use and of the former one; 0 for none.
fn numbers(store: &Store) -> (u8, u8) {
    let number = |identity: Option<StoredIdentity>| {
        identity.map_or(0, |identity| {
            assert_eq!(identity.key.expose_secret(), vec![identity.chain[0][0]; 4], "a certificate with its key");
            identity.chain[0][0]
        })
    };
    (number(store.identity().unwrap()), number(store.former_identity().unwrap()))
}

#[test]
fn another_one_keeps_the_one_before_and_the_way_back_is_a_way_forth() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let lock = store.lock().unwrap();
    assert!(!lock.exchange_identities().unwrap(), "there is nothing to go back to");
    lock.change_identity(&identity(1)).unwrap();
    assert_eq!(numbers(&store), (1, 0));
    lock.change_identity(&identity(2)).unwrap();
    assert_eq!(numbers(&store), (2, 1));
    lock.change_identity(&identity(2)).unwrap();
    assert_eq!(numbers(&store), (2, 1), "the one in use is not its own former");
    assert!(lock.exchange_identities().unwrap());
    assert_eq!(numbers(&store), (1, 2));
    assert!(lock.exchange_identities().unwrap());
    assert_eq!(numbers(&store), (2, 1));
    lock.change_identity(&identity(3)).unwrap();
    assert_eq!(numbers(&store), (3, 2));
    assert!(lock.remove_former_identity().unwrap());
    assert_eq!(numbers(&store), (3, 0));
}

#[test]
fn a_damaged_one_does_not_take_the_place_of_the_former() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let lock = store.lock().unwrap();
    lock.change_identity(&identity(1)).unwrap();
    lock.change_identity(&identity(2)).unwrap();
    fs::write(scratch.data().join("identity.pem"), "cut").unwrap();
    lock.change_identity(&identity(3)).unwrap();
    assert_eq!(numbers(&store), (3, 1));
    fs::write(scratch.data().join("identity.pem"), "cut").unwrap();
    assert!(lock.exchange_identities().unwrap());
    assert_eq!(numbers(&store).0, 1);
}

#[test]
fn what_is_kept_is_no_stray() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let lock = store.lock().unwrap();
    lock.change_identity(&identity(1)).unwrap();
    lock.change_identity(&identity(2)).unwrap();
    let setup = crate::Setup { code_hash: crate::Hashed::new("hash".into()), made: jiff::Timestamp::UNIX_EPOCH };
    lock.put_fresh_setup(&setup).unwrap();
    assert_eq!(store.strays().unwrap(), []);
}
