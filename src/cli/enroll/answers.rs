//! The files of answers to CAs' checks in `DATA/enroll/challenges`.

use signet_store::{EnrollFolder, Room, StoreError};

/// The order that an answer is of, and the answer: the second and the first line of its file.
pub(super) fn whose(folder: &EnrollFolder, file: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let Some(text) = folder.read(Room::Challenges, file)? else { return Ok(None) };
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
    let answer = lines.next().unwrap_or_default();
    Ok(Some((String::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default(), answer)))
}
