//! What a station leaves in a device's pending folder: the id of its row, and its setup code until the device is published.
//!
//! The ledger has no code that a station could read. Without this file a station that was killed between the commit and the label
//! would have made a device whose code nobody knows.

use serde::{Deserialize, Serialize};
use signet_app::provision::ProvisionError;
use signet_app::{Failure, random};
use signet_domain::hex;
use signet_store::{Document, Store, WriteLock};
use zeroize::{Zeroize, Zeroizing};

const VERSION: u32 = 1;

/// The file `pending/ledger.json` (mode 0600). It goes with the folder when the device is published.
#[derive(Serialize, Deserialize)]
pub(crate) struct Note {
    version: u32,
    /// The row's id.
    pub(crate) id: String,
    /// The setup code.
    pub(crate) setup_code: String,
}

impl Drop for Note {
    fn drop(&mut self) {
        self.setup_code.zeroize();
    }
}

impl Note {
    /// A new one, with a random id (RFC 9562, version 4).
    pub(crate) fn new(setup_code: &str) -> Result<Self, Failure> {
        Ok(Self { version: VERSION, id: random_id()?, setup_code: setup_code.to_owned() })
    }

    pub(crate) fn write(&self, pending: &WriteLock<'_>) -> Result<(), ProvisionError> {
        // Texts and a number: serialisation has nothing to fail at.
        let json = Zeroizing::new(serde_json::to_vec(self).unwrap_or_default());
        Ok(pending.put_document(Document::LedgerNote, &json)?)
    }

    /// The one in a pending folder. One that cannot be read is like none: the device is made again.
    pub(crate) fn read(pending: &Store) -> Result<Option<Self>, ProvisionError> {
        let Some(json) = pending.document(Document::LedgerNote)?.map(Zeroizing::new) else { return Ok(None) };
        Ok(serde_json::from_slice(&json).ok().filter(|note: &Self| note.version == VERSION))
    }
}

/// A random UUID.
pub(crate) fn random_id() -> Result<String, Failure> {
    let mut bytes: [u8; 16] = random::bytes()?;
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0f) | 0x40;
    *variant = (*variant & 0x3f) | 0x80;
    let text = hex::lower(&bytes);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    Ok(format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)))
}
