//! One line of the audit log and how it holds on to the one before; and the head, which knows where the log ends.
//!
//! A line is a JSON object whose last field is the HMAC of all bytes before it, `prev` among them: the line before's. So
//! each line proves itself, and a missing one is seen. Files and rotation are not known here.

use super::caller::Caller;
use aws_lc_rs::hmac;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use signet_store::Journal;

/// Hex digits of a MAC: 128 bits, half of HMAC-SHA256 (RFC 2104, 5).
const MAC: usize = 32;
/// What separates the bytes that a MAC covers from the MAC.
const SEAM: &str = ",\"mac\":\"";

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in its journal, from 1.
    pub n: u64,
    /// When, by the device's clock.
    pub at: Timestamp,
    /// Who: an address, `command line (uid N)`, or a part of the device.
    pub who: String,
    /// Who ran the command, beside the user whose rights it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// What was done or tried; the words of [`super::Event`] and [`super::Refusal`], or of a newer program.
    pub what: String,
    /// The CSR that it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csr: Option<String>,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How often, when it counts several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The MAC of the line before.
    pub prev: String,
}

/// Where one journal ends, and where its files begin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    /// Number of the last line; 0 before the first.
    pub(super) n: u64,
    /// Its MAC.
    pub(super) mac: String,
    /// Number of the first line of the older file, or of the newer one where there is no older one.
    pub(super) older_from: u64,
    /// Number of the first line of the newer file.
    pub(super) newer_from: u64,
    /// The first line after the head was found missing or touched: before it nothing is sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resumed: Option<u64>,
}

/// `DATA/audit.head`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) done: End,
    pub(super) refused: End,
}

impl Head {
    pub(super) fn of(&self, journal: Journal) -> &End {
        match journal {
            Journal::Done => &self.done,
            Journal::Refused => &self.refused,
        }
    }

    pub(super) fn of_mut(&mut self, journal: Journal) -> &mut End {
        match journal {
            Journal::Done => &mut self.done,
            Journal::Refused => &mut self.refused,
        }
    }

    /// The document's text.
    pub(super) fn to_text(&self, key: &hmac::Key) -> String {
        sealed(key, "head", self)
    }

    /// The head, if the text is one that was written here.
    pub(super) fn parse(key: &hmac::Key, text: &[u8]) -> Option<Self> {
        opened(key, "head", std::str::from_utf8(text).ok()?).map(|(head, _)| head)
    }
}

impl End {
    /// The line of what comes next, which is the end from now on.
    pub(super) fn next(&mut self, key: &hmac::Key, journal: Journal, entry: Entry) -> String {
        let entry = Entry { n: self.n + 1, prev: self.mac.clone(), ..entry };
        let line = sealed(key, journal.file_name(), &entry);
        self.n = entry.n;
        self.mac = mac_of(&line).unwrap_or_default().to_owned();
        line
    }
}

/// The entry and the MAC of a line, if it was written here and not touched since.
pub(super) fn read(key: &hmac::Key, journal: Journal, line: &str) -> Option<(Entry, String)> {
    opened(key, journal.file_name(), line)
}

fn sealed(key: &hmac::Key, context: &str, value: &impl Serialize) -> String {
    // Strings and numbers: serialisation has nothing to fail at.
    let json = serde_json::to_string(value).unwrap_or_default();
    let body = json.strip_suffix('}').unwrap_or_default();
    format!("{body}{SEAM}{}\"}}", mac(key, context, body))
}

fn opened<T: DeserializeOwned>(key: &hmac::Key, context: &str, line: &str) -> Option<(T, String)> {
    let found = mac_of(line)?;
    let body = line.get(..line.len().checked_sub(SEAM.len() + MAC + 2)?)?;
    let fits = aws_lc_rs::constant_time::verify_slices_are_equal(mac(key, context, body).as_bytes(), found.as_bytes());
    fits.ok()?;
    Some((serde_json::from_str(&format!("{body}}}")).ok()?, found.to_owned()))
}

fn mac_of(line: &str) -> Option<&str> {
    let (rest, mac) = line.strip_suffix("\"}")?.split_at_checked(line.len().checked_sub(MAC + 2)?)?;
    rest.ends_with(SEAM).then_some(mac)
}

fn mac(key: &hmac::Key, context: &str, body: &str) -> String {
    let mut signing = hmac::Context::with_key(key);
    signing.update(context.as_bytes());
    signing.update(&[0]);
    signing.update(body.as_bytes());
    let mut hex = signet_domain::hex::lower(signing.sign().as_ref());
    hex.truncate(MAC);
    hex
}
