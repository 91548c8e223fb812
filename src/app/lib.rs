//! What the console can do, for the browser and the command line alike.
//!
//! Each folder is a service that joins values, keys and files: it knows `domain`, `pki` and `store`, and neither HTTP nor
//! the terminal. [`Services`] puts them together.

// Fixtures that the pages' tests include, too, name this crate as they do.
#[cfg(test)]
extern crate self as signet_app;

pub mod access;
pub mod advice;
pub mod adviser;
pub mod attempts;
pub mod audit;
pub mod authorities;
pub mod backup;
pub mod brand;
pub mod certificates;
pub mod check;
pub mod clock;
pub mod config;
pub mod console;
pub mod data_flag;
pub mod deploy;
pub mod enroll;
pub mod error;
pub mod flush;
pub mod hooks;
pub mod host;
pub mod json;
pub mod machine;
mod messages;
pub mod metrics;
mod password_hash;
pub mod provision;
pub mod qr;
pub mod random;
pub mod recover;
pub mod requests;
pub mod seal;
mod services;
pub mod tickets;
pub mod uses;
pub mod validity;
pub mod waiting_imports;

/// What `docs/reference.md` says, to be compared with private items.
#[cfg(test)]
#[path = "../../tests/integration/harness/reference.rs"]
mod reference;

pub use error::{AppError, Failure};
pub use services::Services;
