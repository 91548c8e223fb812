//! What the rooms below make that pages and commands show or hand over: they know it by the app's name alone.

pub use crate::pki::ca::CaReader;
pub use crate::pki::import::Source;
pub use crate::pki::inspect::{FoundAttribute, FoundExtension, RequestedExtensions, TypedSubject};
pub use crate::pki::words::fingerprint_words;
pub use crate::store::{Limits, Opening, Store, StoreError, StoredIdentity, owner_of};
