//! The values that a request is made of, and every rule that they obey.
//!
//! A value exists only if it is valid; nothing further down checks again. It reads no clock, no randomness and no
//! file, and knows neither HTTP nor ASN.1: std, `idna` for host names, serde's derives and jiff's time stamp as a type.

pub mod answer;
pub mod authority;
pub mod constraints;
pub mod country;
pub mod dns_name;
pub mod draft;
pub mod draft_id;
pub mod enrollment;
pub mod extensions;
pub mod fields;
pub mod hex;
pub mod invalid;
pub mod key_spec;
pub mod lifetime;
pub mod mailbox;
mod messages;
pub mod ml_dsa;
pub mod name;
pub mod name_and_type;
pub mod note;
pub mod options;
pub mod password;
pub mod policy;
pub mod preflight;
pub mod profile;
pub mod record;
pub mod renewal_window;
pub mod request;
pub mod revocation;
pub mod san;
pub mod secret;
pub mod step;
pub mod subject;
pub mod subject_part;
pub mod supersedes;
pub mod time;
pub mod unit;
pub mod uri;
pub mod visible;
