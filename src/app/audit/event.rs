//! The words of the audit log: who does what, and what is tried in vain. None of them can hold a secret.

use super::caller::Caller;
use super::chain::Entry;
use crate::messages::audit as say;
use jiff::Timestamp;
use signet_domain::name::CsrName;
use std::fmt::{Display, Formatter};
use std::net::{IpAddr, Ipv4Addr};

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A visitor, by address.
    Browser(IpAddr),
    /// A user of the device's shell, by id.
    CommandLine(u32),
    /// The factory's station.
    Factory,
    /// The console itself, such as when it finishes a recovery.
    Console,
}

impl Actor {
    /// The user who runs this process.
    pub fn command_line() -> Self {
        Self::CommandLine(rustix::process::getuid().as_raw())
    }

    /// The address that guesses are counted by; those of this device count as one.
    pub fn address(self) -> IpAddr {
        match self {
            Self::Browser(address) => address,
            Self::CommandLine(_) | Self::Factory | Self::Console => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        }
    }
}

impl Display for Actor {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Browser(address) => write!(f, "{}", address.to_canonical()),
            Self::CommandLine(uid) => write!(f, "command line (uid {uid})"),
            Self::Factory => f.write_str("factory"),
            Self::Console => f.write_str("console"),
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the variants are docs/reference.md's list")]
pub enum Event<'a> {
    SetUp,
    /// By command; `how` is `password` or `hash`.
    OwnerSet {
        first: bool,
        how: &'static str,
    },
    LoggedIn,
    /// Root made a link that logs in once; `detail` says for whom and what for.
    TicketMade {
        detail: &'a str,
    },
    /// By such a link.
    LoggedInByTicket {
        key_export: bool,
    },
    LoggedOut,
    PasswordChanged,
    Created {
        csr: &'a CsrName,
        key: &'a str,
    },
    /// With the key of `old`, or with a new one.
    CreatedAfter {
        csr: &'a CsrName,
        key: &'a str,
        old: &'a CsrName,
        same_key: bool,
    },
    Imported {
        csr: &'a CsrName,
        key: &'a str,
    },
    KeyExported {
        csr: &'a CsrName,
        encrypted: bool,
    },
    /// Key, certificate and chain in one file.
    BundleExported {
        csr: &'a CsrName,
    },
    /// The CA's answer was taken; `certificate` says whose and until when.
    Answered {
        csr: &'a CsrName,
        certificate: &'a str,
    },
    /// The settings of an authority; `what` is `ca-add`, `ca-change` or `ca-delete`.
    Authority {
        what: &'static str,
        name: &'a str,
    },
    /// What was done with a request and an authority; `what` is `ca-client`, `revoke`, `revoked` or `revoke-failed`.
    AtAuthority {
        what: &'static str,
        csr: &'a CsrName,
        detail: &'a str,
    },
    /// It was ordered at this authority.
    Ordered {
        csr: &'a CsrName,
        authority: &'a str,
    },
    /// It is renewed by itself at this authority, or no longer.
    AutoRenew {
        csr: &'a CsrName,
        authority: Option<&'a str>,
    },
    OrderCancelled {
        csr: &'a CsrName,
    },
    /// The authority gave no certificate, or one that is not kept; `detail` is the failure's code.
    OrderFailed {
        csr: &'a CsrName,
        detail: &'a str,
    },
    Renamed {
        csr: &'a CsrName,
        to: &'a CsrName,
    },
    Noted {
        csr: &'a CsrName,
    },
    Deleted {
        csr: &'a CsrName,
    },
    HandedOver {
        csr: &'a CsrName,
    },
    TakenBack {
        csr: &'a CsrName,
    },
    Recovered {
        what: &'static str,
    },
    /// All keys left the device in a backup; `detail` says how many.
    BackedUp {
        detail: &'a str,
    },
    Restored {
        detail: &'a str,
    },
    ConsoleTried {
        csr: &'a CsrName,
    },
    ConsoleChanged {
        csr: &'a CsrName,
    },
    ConsoleReverted {
        csr: &'a CsrName,
        why: &'static str,
    },
    ConsoleWentBack {
        to: &'static str,
    },
}

impl Event<'_> {
    /// The entry's fields, without number and chain.
    pub(super) fn entry(self, at: Timestamp, by: Actor) -> Entry {
        let caller = match by {
            Actor::CommandLine(uid) => Caller::beside(uid),
            Actor::Browser(_) | Actor::Factory | Actor::Console => None,
        };
        Entry { caller, ..self.plain_entry(at, by) }
    }

    fn plain_entry(self, at: Timestamp, by: Actor) -> Entry {
        let (what, csr, detail) = match self {
            Self::SetUp => ("setup", None, None),
            Self::OwnerSet { first: true, how: "hash" } => ("owner", None, Some("first, from a hash")),
            Self::OwnerSet { first: false, how: "hash" } => ("owner", None, Some("from a hash")),
            Self::OwnerSet { first: true, .. } => ("owner", None, Some("first")),
            Self::OwnerSet { first: false, .. } => ("owner", None, None),
            Self::LoggedIn => ("login", None, None),
            Self::TicketMade { detail } => ("ticket", None, Some(detail).filter(|detail| !detail.is_empty())),
            Self::LoggedInByTicket { key_export } => ("ticket-login", None, key_export.then_some("key export allowed")),
            Self::LoggedOut => ("logout", None, None),
            Self::PasswordChanged => ("password", None, None),
            Self::Created { csr, key } => ("create", Some(csr), Some(key)),
            Self::CreatedAfter { csr, key, old, same_key } => {
                let detail = say::replaces(key, old.as_str(), same_key);
                return entry(at, by.to_string(), "create", Some(csr.to_string()), Some(detail), None);
            }
            Self::Imported { csr, key } => ("import", Some(csr), Some(key)),
            Self::KeyExported { csr, encrypted } => ("key", Some(csr), Some(say::export(encrypted))),
            Self::BundleExported { csr } => ("key", Some(csr), Some(say::PKCS12)),
            Self::Answered { csr, certificate } => ("answer", Some(csr), Some(certificate)),
            Self::Authority { what, name } => (what, None, Some(name)),
            Self::AtAuthority { what, csr, detail } => (what, Some(csr), Some(detail)),
            Self::Ordered { csr, authority } => ("enroll", Some(csr), Some(authority)),
            Self::AutoRenew { csr, authority: Some(authority) } => ("auto-renew", Some(csr), Some(authority)),
            Self::AutoRenew { csr, authority: None } => ("auto-renew-stop", Some(csr), None),
            Self::OrderCancelled { csr } => ("enroll-cancel", Some(csr), None),
            Self::OrderFailed { csr, detail } => ("enroll-failed", Some(csr), Some(detail)),
            Self::Renamed { csr, to } => ("rename", Some(csr), Some(to.as_str())),
            Self::Noted { csr } => ("note", Some(csr), None),
            Self::Deleted { csr } => ("delete", Some(csr), None),
            Self::HandedOver { csr } => ("deploy", Some(csr), None),
            Self::TakenBack { csr } => ("deploy-stop", Some(csr), None),
            Self::BackedUp { detail } => ("backup", None, Some(detail)),
            Self::Restored { detail } => ("restore", None, Some(detail)),
            Self::Recovered { what } => ("recovery", None, Some(what)),
            Self::ConsoleTried { csr } => ("console-try", Some(csr), None),
            Self::ConsoleChanged { csr } => ("console-use", Some(csr), None),
            Self::ConsoleReverted { csr, why } => ("console-revert", Some(csr), Some(why)),
            Self::ConsoleWentBack { to } => ("console-back", None, Some(to)),
        };
        let csr = csr.map(|csr| csr.as_str().to_owned());
        entry(at, by.to_string(), what, csr, detail.map(str::to_owned), None)
    }
}

/// What was tried in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A setup code that is not this device's.
    SetupCode,
    /// A wrong password at the login.
    Login,
    /// A wrong password of somebody who is logged in: an export, a change of password.
    Password,
    /// A login link that is unknown, was used before, came too late or from another address.
    Ticket,
}

impl Refusal {
    /// The entry of `count` such tries, the last one at `at`.
    pub(super) fn entry(self, at: Timestamp, who: String, count: u32) -> Entry {
        let what = match self {
            Self::SetupCode => "setup-refused",
            Self::Login => "login-refused",
            Self::Password => "password-refused",
            Self::Ticket => "ticket-refused",
        };
        entry(at, who, what, None, None, (count > 1).then_some(count))
    }
}

fn entry(
    at: Timestamp,
    who: String,
    what: &str,
    csr: Option<String>,
    detail: Option<String>,
    count: Option<u32>,
) -> Entry {
    Entry { n: 0, at, who, caller: None, what: what.to_owned(), csr, detail, count, prev: String::new() }
}

impl Entry {
    /// Who did it, as a person reads it.
    pub fn told_by(&self) -> String {
        let caller = self.caller.as_ref().map(Caller::told).unwrap_or_default();
        format!("{}{caller}", self.who)
    }

    /// What was done, as a person reads it. Words of a newer program are shown as they are.
    pub fn told(&self) -> String {
        say::entry(&self.what, self.detail.as_deref().unwrap_or_default(), self.count)
    }
}
