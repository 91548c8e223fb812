//! The files of orders in `DATA/enroll`: their names, how they are read, and how they go.

use signet_domain::enrollment::{Ended, Order};
use signet_store::{EnrollFolder, Room, Store, StoreError};

/// The name of an order's file.
pub fn file_of(id: &str) -> String {
    format!("{id}.json")
}

/// The mark of an order that is cancelled.
pub fn cancel_mark(id: &str) -> String {
    format!("{id}.cancel")
}

/// When the automatic renewal last ordered for a request, or for the one that renews it.
pub(super) fn renewal_mark(id: &str) -> String {
    format!("{id}.renewed")
}

/// The name of a revocation's files; `id` is the request's.
pub(super) fn revocation_id(id: &str) -> String {
    format!("{id}-revoke")
}

/// The ids in a room.
pub fn ids(folder: &EnrollFolder, room: Room) -> Result<Vec<String>, StoreError> {
    let names = folder.names(room)?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(".json")).map(str::to_owned).collect())
}

/// An order's file; none where it cannot be read as one.
pub fn read_order(folder: &EnrollFolder, room: Room, id: &str) -> Result<Option<Order>, StoreError> {
    let json = folder.read(room, &file_of(id))?;
    Ok(json.and_then(|json| serde_json::from_slice(&json).ok()))
}

/// How an order ended.
pub fn read_ended(folder: &EnrollFolder, room: Room, id: &str) -> Result<Option<Ended>, StoreError> {
    let json = folder.read(room, &file_of(id))?;
    Ok(json.and_then(|json| serde_json::from_slice(&json).ok()))
}

/// The order that waits or is under way; the latter knows more.
pub(super) fn open_order(folder: &EnrollFolder, id: &str) -> Result<Option<Order>, StoreError> {
    match read_order(folder, Room::Orders, id)? {
        Some(order) => Ok(Some(order)),
        None => read_order(folder, Room::Queue, id),
    }
}

/// A value as these files hold it.
pub fn json_of(value: &impl serde::Serialize) -> Vec<u8> {
    // Structs of strings and numbers: serialisation has nothing to fail at.
    serde_json::to_vec_pretty(value).unwrap_or_default()
}

/// Ends what is kept of the orders of a request that is gone.
pub(crate) fn forget(store: &Store, id: &str) -> Result<(), StoreError> {
    let Some(folder) = store.enrollment()? else { return Ok(()) };
    folder.remove(Room::Taken, &file_of(id))?;
    folder.remove(Room::Taken, &file_of(&revocation_id(id)))?;
    folder.remove(Room::Taken, &renewal_mark(id))?;
    if open_order(&folder, id)?.is_some() { cancel_in(&folder, id) } else { Ok(()) }
}

/// Marks the order, and ends it at once where no enrolling process is at work.
pub(super) fn cancel_in(folder: &EnrollFolder, id: &str) -> Result<(), StoreError> {
    folder.write(Room::Queue, &cancel_mark(id), b"")?;
    if let Some(_lock) = folder.lock()? {
        end_cancelled(folder, id)?;
    }
    Ok(())
}

/// Takes away an order that was cancelled, and its mark at the end. For those who hold the enrolling process's lock.
pub fn end_cancelled(folder: &EnrollFolder, id: &str) -> Result<(), StoreError> {
    folder.remove(Room::Queue, &file_of(id))?;
    folder.remove(Room::Orders, &file_of(id))?;
    folder.remove(Room::Done, &file_of(id))?;
    folder.remove(Room::Queue, &cancel_mark(id))?;
    Ok(())
}
