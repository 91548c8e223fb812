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
#[derive(Debug, Clone, Default)]
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
    note_seen(store, &Seen::now())
}

fn note_seen(store: &Store, seen: &Seen) -> Result<(), Failure> {
    // One that sees nothing leaves it to another process, which may see more.
    if store.machine()?.is_some() || (seen.id.is_none() && seen.cards.is_empty()) {
        return Ok(());
    }
    note_under(store, &store.lock()?, seen)
}

fn note_under(store: &Store, lock: &WriteLock<'_>, seen: &Seen) -> Result<(), Failure> {
    if store.machine()?.is_some() {
        return Ok(());
    }
    let salt = hex::lower(&random::bytes::<16>()?);
    let id = seen.id.as_deref().map(|id| digest(&salt, "id", id));
    let cards = seen.cards.iter().map(|card| digest(&salt, "card", card)).collect();
    Ok(lock.put_machine(&Machine { salt, id, cards })?)
}

/// What differs now; none where the same device, or too little of it, is seen.
pub fn differs(store: &Store) -> Result<Option<Differs>, Failure> {
    differs_from(store, &Seen::now())
}

fn differs_from(store: &Store, seen: &Seen) -> Result<Option<Differs>, Failure> {
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

    fn seen() -> Seen {
        let cards = ["02005e100001", "02005e100002"].map(str::to_owned).to_vec();
        Seen { id: Some("5c0f7ba20b9a4c7a8a4ef0f4d1a6f0e3".to_owned()), cards }
    }

    #[test]
    fn the_same_device_does_not_differ_and_its_id_and_cards_are_not_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (store, seen) = (store(&folder), seen());
        assert_eq!(differs_from(&store, &seen).unwrap(), None, "before it is noted");
        note_seen(&store, &seen).unwrap();
        assert_eq!(differs_from(&store, &seen).unwrap(), None);
        let text = std::fs::read_to_string(folder.path().join("data/machine.json")).unwrap();
        for secret in seen.id.iter().chain(&seen.cards) {
            assert!(!text.contains(secret), "{secret}");
        }
        let before = store.machine().unwrap();
        note_seen(&store, &Seen { id: None, ..seen }).unwrap();
        assert_eq!(store.machine().unwrap(), before, "it is noted once");
        note(&store).unwrap();
        differs(&store).unwrap();
    }

    #[test]
    fn who_sees_nothing_notes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder);
        note_seen(&store, &Seen::default()).unwrap();
        assert!(store.machine().unwrap().is_none());
    }

    #[test]
    fn another_id_or_other_cards_differ_and_what_is_not_seen_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (store, seen) = (store(&folder), seen());
        note_seen(&store, &seen).unwrap();
        let other = || "ff".repeat(16);
        let differs = |seen: Seen| differs_from(&store, &seen).unwrap();
        assert_eq!(differs(Seen { id: Some(other()), ..seen.clone() }), Some(Differs::Id));
        let cards = |cards: &[&str]| cards.iter().map(|card| (*card).to_owned()).collect();
        assert_eq!(differs(Seen { id: None, cards: cards(&["02005e100009"]) }), Some(Differs::Cards));
        assert_eq!(differs(Seen { id: None, cards: cards(&["02005e100009", "02005e100002"]) }), None, "one is enough");
        assert_eq!(differs(Seen::default()), None);
        let device = DeviceRecord { mac: Some("02:00:5E:10:00:03".to_owned()), ..DeviceRecord::default() };
        store.lock().unwrap().put_device(&device).unwrap();
        assert_eq!(differs(seen), Some(Differs::Cards), "the factory wrote down another");
    }
}
