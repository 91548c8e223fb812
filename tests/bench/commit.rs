//! One CSR's commit, and nothing else: `commit DATA NAME DIR` keeps what the CSR NAME of DATA holds in DIR, under a new
//! name for each line that comes on standard input, and answers with the nanoseconds it took.
//!
//! What is timed is lock, checks, temporary, fsync, rename, fsync of the folder, unlock: all that Save does to keep it.

use signet_domain::name::CsrName;
use signet_store::{Limits, Opening, Store};
use std::error::Error;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(from), Some(name), Some(to)) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err(
            "commit DATA NAME DIR: the CSR NAME of the data directory DATA is kept in DIR again and again".into()
        );
    };
    let from = Store::open(Path::new(&from), Opening::default())?;
    let name = CsrName::parse(&name).map_err(|_| "no name")?;
    let csr = from.csr(&name)?.ok_or("no such CSR")?.content.map_err(|damage| damage.to_string())?;
    let key = from.private_key(&name)?.ok_or("no key")?;
    let limits = Limits { csrs: 1_000_000, disk_mib: 10_000 };
    let store = Store::open(Path::new(&to), Opening { command: "commit".into(), limits, ..Opening::default() })?;
    let mut out = std::io::stdout().lock();
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        line?;
        let name = CsrName::parse(&format!("commit-{}-{number}", std::process::id())).map_err(|_| "no name")?;
        let began = Instant::now();
        let lock = store.lock()?;
        lock.create(&name, &csr.record, &csr.request, &key)?;
        lock.release();
        writeln!(out, "{}", began.elapsed().as_nanos())?;
        out.flush()?;
    }
    Ok(())
}
