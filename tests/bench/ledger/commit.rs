//! The ledger's transaction alone: `commit URL COUNT` records so many devices with two random keys each, and prints the time of each
//! in microseconds, a line each. Making a device would hide it.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a program that measures")]

use aws_lc_rs::rand;
use signet_app::provision::line::{Line, LineCsr};
use signet_domain::hex;
use signet_factory::ledger::Ledger;
use signet_factory::session::{Sessions, Use};
use signet_factory::target::{Source, Target};
use std::fmt::Write;
use std::time::{Duration, Instant};

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).unwrap();
    bytes
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let target = Target::parse(&arguments.next().unwrap(), Source::Argument, "").unwrap();
    let count: usize = arguments.next().unwrap().parse().unwrap();
    let sessions = Sessions::new(target, None, Use::Station, Duration::ZERO).unwrap();
    let ledger = Ledger { sessions, station: "bench".to_owned(), labels: None, enrolling: None };
    let mut told = String::new();
    for _ in 0..count {
        let id = random::<16>();
        let text = hex::lower(&id);
        let id = format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]);
        let line = line(&text);
        let began = Instant::now();
        ledger.enter(&id, &line).unwrap();
        writeln!(told, "{}", began.elapsed().as_micros()).unwrap();
    }
    print!("{told}");
}

/// As long as that of a device with one request.
fn line(serial: &str) -> Line {
    let pem = hex::lower(&random::<400>());
    let csr = LineCsr { name: format!("web-{serial}"), spki_sha256: hex::lower(&random::<32>()), pem };
    Line {
        serial: serial.to_owned(),
        model: Some("Vault 4".to_owned()),
        hostname: Some("vault".to_owned()),
        mac: None,
        setup_code: String::new(),
        certificate_sha256: hex::lower(&random::<32>()),
        spki_sha256: hex::lower(&random::<32>()),
        csrs: vec![csr],
        software: "bench".to_owned(),
        again: false,
    }
}
