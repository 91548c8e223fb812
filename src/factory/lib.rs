//! The factory with many stations: devices are recorded in a ledger that all stations share, a PostgreSQL database.
//!
//! `ledger` is what it records and how, over `session`, which connects (`target`, `passfile`, `tls`) and waits where the server
//! is away. `labels` seals setup codes. `enroll` orders certificates. `commands` are the program's own; devices are made by `signet provision`, which asks the
//! ledger instead of a manifest.

// Text for people goes out by `signet::cli::output`, which escapes it.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

mod commands;
pub mod enroll;
pub mod error;
pub mod labels;
pub mod ledger;
mod messages;
mod note;
pub mod passfile;
pub mod schema;
pub mod session;
pub mod target;
mod tls;

pub use commands::main;
