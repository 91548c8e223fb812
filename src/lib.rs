//! Signet, the certificate console of a NAS appliance: pages for the browser and commands for the terminal.
//!
//! Everything below them lies in crates of its own, each in its folder here: `signet-domain` (values and rules), `signet-pki`
//! (keys, requests, certificates), `signet-store` (the data directory), `signet-net` (connections) and `signet-app` (what the
//! console can do). ARCHITECTURE.md shows how they depend on each other.

// Text for people goes out by `cli::output`, which escapes it.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

pub mod cli;
pub mod memory;
pub mod web;

/// What `docs/reference.md` says, to be compared with private items.
#[cfg(test)]
#[path = "../tests/integration/harness/reference.rs"]
mod reference;
