//! Whether the data directory is still on the device that it was first used on: a copied image is noticed, and nothing more.
//!
//! What is kept are salted digests of the machine's id and of its network cards' addresses, so that neither is in a copy of the
//! directory. They are compared on the device, and leave it nowhere.

use crate::messages::check::place as say;
use crate::{Failure, random};
use signet_domain::hex;
use signet_pki::digest::sha256;
use signet_store::{Machine, Store, WriteLock};
use std::path::Path;

/// Where a system keeps its id (machine-id(5)).
const MACHINE_ID: &str = "/etc/machine-id";
/// It is there where the id of this start is not kept on the disk.
const TRANSIENT: &str = "/run/machine-id";
/// Network cards, as the kernel lists them.
const INTERFACES: &str = "/sys/class/net";
/// Cards that are looked at.
const MOST: usize = 16;

/// What differs from the device that the directory was first used on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differs {
    /// The machine's id.
    Id,
    /// All network cards.
    Cards,
}

impl Differs {
    /// What is so: a sentence.
    pub fn told(self) -> &'static str {
        match self {
            Self::Id => say::OTHER_ID,
            Self::Cards => say::OTHER_CARDS,
        }
    }
}

/// What to do about it.
pub const FIX: &str = say::COPIED;

/// This device, as far as this process sees it.
struct Seen {
    id: Option<String>,
    cards: Vec<String>,
}

impl Seen {
    fn now() -> Self {
        let id = if Path::new(TRANSIENT).exists() { None } else { std::fs::read_to_string(MACHINE_ID).ok() };
        let id = id.map(|id| id.trim().to_owned()).filter(|id| id.len() == 32 && hex::decode(id).is_some());
        Self { id, cards: cards() }
    }
}

/// Notes the device where none was noted yet.
pub fn note(store: &Store) -> Result<(), Failure> {
    if store.machine()?.is_some() {
        return Ok(());
    }
    note_under(store, &store.lock()?)
}

fn note_under(store: &Store, lock: &WriteLock<'_>) -> Result<(), Failure> {
    if store.machine()?.is_some() {
        return Ok(());
    }
    let (seen, salt) = (Seen::now(), hex::lower(&random::bytes::<16>()?));
    let id = seen.id.as_deref().map(|id| digest(&salt, "id", id));
    let cards = seen.cards.iter().map(|card| digest(&salt, "card", card)).collect();
    Ok(lock.put_machine(&Machine { salt, id, cards })?)
}

/// What differs now; none where the same device, or too little of it, is seen.
pub fn differs(store: &Store) -> Result<Option<Differs>, Failure> {
    let seen = Seen::now();
    if let Some(noted) = store.machine()? {
        let digest = |what, value: &String| digest(&noted.salt, what, value);
        if let (Some(id), Some(then)) = (&seen.id, &noted.id)
            && digest("id", id) != *then
        {
            return Ok(Some(Differs::Id));
        }
        let is_known = |card| noted.cards.contains(&digest("card", card));
        if !noted.cards.is_empty() && !seen.cards.is_empty() && !seen.cards.iter().any(is_known) {
            return Ok(Some(Differs::Cards));
        }
    }
    // What the factory wrote down.
    let mac = store.device()?.and_then(|device| device.mac).map(|mac| plain(&mac));
    let other = mac.is_some_and(|mac| !seen.cards.is_empty() && !seen.cards.contains(&mac));
    Ok(other.then_some(Differs::Cards))
}

fn digest(salt: &str, what: &str, value: &str) -> String {
    let digest = sha256(format!("signet machine 1\0{salt}\0{what}\0{value}").as_bytes());
    hex::lower(digest.get(..16).unwrap_or_default())
}

/// The addresses of network cards that are devices, sorted; bridges, tunnels and the loopback are none. In a network namespace of
/// its own, as in the shipped unit, a process sees none.
fn cards() -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(INTERFACES) else { return Vec::new() };
    let address = |folder: &Path| std::fs::read_to_string(folder.join("address")).ok().map(|address| plain(&address));
    let mut cards: Vec<String> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|folder| folder.join("device").exists())
        .filter_map(|folder| address(&folder))
        .filter(|address| address.len() == 12 && address.bytes().any(|digit| digit != b'0'))
        .take(MOST)
        .collect();
    cards.sort_unstable();
    cards
}

/// Hex digits alone, in lower case.
fn plain(mac: &str) -> String {
    mac.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_store::{DeviceRecord, Opening};

    fn store(folder: &tempfile::TempDir) -> Store {
        Store::open(&folder.path().join("data"), Opening::default()).unwrap()
    }

    #[test]
    fn the_same_device_does_not_differ_and_its_id_and_cards_are_not_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        assert_eq!(differs(&store).unwrap(), None, "before it is noted");
        note(&store).unwrap();
        assert_eq!(differs(&store).unwrap(), None);
        let (text, seen) = (std::fs::read_to_string(folder.path().join("data/machine.json")).unwrap(), Seen::now());
        for secret in seen.id.iter().chain(&seen.cards) {
            assert!(!text.contains(secret), "{secret}");
        }
        let before = store.machine().unwrap();
        note(&store).unwrap();
        assert_eq!(store.machine().unwrap(), before, "it is noted once");
    }

    #[test]
    fn another_id_or_other_cards_differ_and_what_is_not_seen_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        let put = |machine: Machine| store.lock().unwrap().put_machine(&machine).unwrap();
        let (salt, seen) = ("00".to_owned(), Seen::now());
        put(Machine { salt: salt.clone(), id: Some("ff".to_owned()), cards: Vec::new() });
        assert_eq!(differs(&store).unwrap(), seen.id.as_ref().map(|_| Differs::Id));
        put(Machine { salt: salt.clone(), id: None, cards: vec!["ff".to_owned()] });
        assert_eq!(differs(&store).unwrap(), seen.cards.first().map(|_| Differs::Cards));
        put(Machine { salt: salt.clone(), id: None, cards: Vec::new() });
        assert_eq!(differs(&store).unwrap(), None);
        if let Some(card) = seen.cards.first() {
            let cards = vec!["ff".to_owned(), digest(&salt, "card", card)];
            put(Machine { salt, id: None, cards });
            assert_eq!(differs(&store).unwrap(), None, "one card of several is enough");
        }
        let device = DeviceRecord { mac: Some("02:00:5E:10:00:01".to_owned()), ..DeviceRecord::default() };
        store.lock().unwrap().put_device(&device).unwrap();
        assert_eq!(differs(&store).unwrap(), seen.cards.first().map(|_| Differs::Cards));
    }
}
