//! Requests: made, imported, read, changed, renewed and deleted, with the keys that belong to them.

pub mod catalog;
pub mod cli_equivalent;
pub mod content;
pub mod create;
pub mod derivations;
pub mod edit;
pub mod export;
pub mod import;
pub mod index;
pub mod key_queue;
pub mod lineage;
pub mod renewal;
pub mod suggest;
