//! Which requests have a certificate that the console can use: found in the list, and looked at one by one.
//!
//! A bounded number of files is read. Whether the key is there and a handshake works shows when one is tried.

use super::Console;
use crate::{Failure, clock};
use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_pki::digest::sha256;
use signet_pki::serving;

/// Requests that are read to find those whose certificates can be used.
const MOST_READ: usize = 50;

/// A request whose certificate the console can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usable {
    /// Its name.
    pub name: CsrName,
    /// The first names of its certificate, such as `DNS:nas.local`.
    pub names: Vec<String>,
    /// How many more there are.
    pub more: usize,
    /// When its certificate expires.
    pub until: Timestamp,
}

impl Console {
    /// The requests whose certificates the console can use, by name and at most `most`, except the one whose certificate is
    /// `in_use` (DER); and how many more have a certificate that was not looked at.
    pub fn usable(&self, in_use: &[u8], most: usize) -> Result<(Vec<Usable>, usize), Failure> {
        let in_use = sha256(in_use);
        let mut valid = self.catalog.in_force()?;
        valid.retain(|one| one.answer().is_some_and(|answer| answer.sha256 != in_use));
        let (now, built) = (self.clock.now(), clock::build_date());
        let mut usable = Vec::new();
        let mut seen = 0;
        for one in valid.iter().take(MOST_READ) {
            if usable.len() == most {
                break;
            }
            seen += 1;
            // One that was deleted meanwhile, or cannot be read, cannot be used.
            let leaf = self.catalog.readable(&one.name).ok().and_then(|content| content.certificate()?.ok());
            let (Some(leaf), Ok(line)) = (leaf, &one.line) else { continue };
            let until = leaf.not_after;
            if serving::fits(leaf, now, built).is_ok() {
                usable.push(Usable { name: one.name.clone(), names: line.names.clone(), more: line.more, until });
            }
        }
        Ok((usable, valid.len() - seen))
    }
}
