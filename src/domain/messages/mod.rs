//! The sentences in which rules are refused and advice is given: all language of this crate, by subject.
//!
//! Pages and the command line both print them, so they name neither buttons nor flags: "give", "enter", "add" and "remove"
//! fit both. Each refusal says what is wrong, then what to do. They know values, and no rule.

pub(crate) mod authority;
pub(crate) mod authority_dns;
pub(crate) mod constraints;
pub(crate) mod country;
pub(crate) mod dns_name;
pub(crate) mod key;
pub(crate) mod lifetime;
pub(crate) mod mailbox;
pub(crate) mod misread;
/// Other crates give this advice, too.
pub mod ml_dsa;
pub(crate) mod name;
pub(crate) mod note;
pub(crate) mod password;
pub(crate) mod preflight;
pub(crate) mod renewal;
pub(crate) mod san;
pub(crate) mod subject;
pub(crate) mod unit;
pub(crate) mod uri;

use crate::invalid::{Refusal, shortened};

/// The refusal that knows the right value: it says so, and offers it.
fn corrected(what: String, right: impl Into<String>) -> Refusal {
    let right = right.into();
    Refusal { what, fix: format!("Enter {}.", shortened(&right)), right: Some(right) }
}

/// `a, b or c`.
fn any_of(choices: &[&str]) -> String {
    match choices {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    }
}
