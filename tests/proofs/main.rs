//! Proofs of what cannot be seen from outside: that a power cut, a full disk or a crowd of slow visitors takes nothing.
//!
//! The real binary is traced, killed, starved and besieged. A binary of its own, since these tests want the machine for
//! themselves: each begins with a `Unit`, and there is one at a time. `SIGNET_PROOFS=full` runs the long numbers,
//! `SIGNET_SEED` repeats a run. What a machine does not allow (tracing, mounting) is skipped, and counted by `tests/run`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test that meets what it does not expect has failed"
)]

mod alone;
mod cgroup;
mod client;
mod strace;
mod unit;

mod doctor;
mod faults;
mod kills_of_answers;
mod kills_of_commands;
mod kills_of_console;
mod kills_of_deploy;
mod kills_of_the_server;
mod memory;
mod partitions;
mod reload;
mod root;
mod slow_clients;
mod terminal;
mod traces;
