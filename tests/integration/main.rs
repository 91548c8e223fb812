//! The behaviours of the real binary, one file each: it is started on a free port over an empty directory, and spoken
//! to as a browser does, over HTTPS, and as a script does, by its command line.
//!
//! What it makes is looked at by OpenSSL and by Python's `cryptography`, which share no code with it. `tests/run`
//! installs both; `SIGNET_PYTHON` and `SIGNET_VECTORS` name an interpreter and the test vectors where they lie elsewhere.

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

mod algorithms;
mod another_owner;
mod answer_keeping;
mod answer_refusals;
mod answers;
mod apply;
mod architecture;
mod audit_log;
mod authorities_page;
mod automation;
mod backup;
mod bad_input;
mod brand;
mod cases;
mod certified;
mod chains;
mod command_line;
mod console_trial;
mod copied_image;
mod corpora;
mod corpus;
mod costly_keys;
mod data_directory;
mod deploy;
mod deploy_nginx;
mod deploy_page;
mod enroll;
mod enroll_dns;
mod enroll_dns_faults;
mod enroll_faults;
mod enroll_kills;
mod enroll_kills_elsewhere;
mod enroll_many;
mod enroll_meanwhile;
mod enroll_nginx;
mod enroll_renewal;
mod enroll_servers;
mod enroll_unit;
mod est;
mod est_capture;
mod every_extension;
mod every_route;
mod factory;
mod factory_kills;
mod fewer_questions;
mod first_boot_to_download;
mod first_start;
mod fuzz_http;
mod fuzz_parsers;
mod fuzz_typed;
mod golden;
mod hostile_output;
mod import;
mod import_refusals;
mod manual;
mod metrics;
mod ml_dsa;
mod ml_dsa_ca;
mod ml_dsa_console;
mod ml_dsa_ways;
mod neutral_words;
mod next_page;
mod no_secret_leaves;
mod owner_command;
mod plain_english;
mod provisioned_boot;
mod proxy;
mod recovery;
mod recovery_kills;
mod reference;
mod renewal;
mod restart_in_the_wizard;
mod revocation;
mod rules;
mod saving_twice;
mod schemas;
mod security;
mod serve_as_user;
mod short_lives;
mod signer;
mod similar;
mod streams;
mod support;
mod systemd;
mod ticket;
mod two_units;
mod unreadable_records;
mod watch;
mod what_ships;
mod who_gets_in;
mod without_systemd;
