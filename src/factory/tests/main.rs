//! Stations and their ledger: the real binary beside a PostgreSQL server of the test's own, with fsync on.
//!
//! `tests/run` installs the server (Debian's package `postgresql`). Kills print their seed; `SIGNET_SEED` gives it again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test that meets what it does not expect has failed"
)]

mod harness;

mod away;
mod bad_input;
mod enroll;
mod enroll_dns;
mod four_stations;
mod lost_answer;
mod reference;
mod rights;
mod rights_of_labels;
mod setting_up;
mod tls;
mod verify;
