//! A certificate as a CA gave it, read into values.
//!
//! Names, usages and the key are read by the words of [`crate::inspect`], so that what was asked and what came compare as
//! text. Damaged DER is refused; what is merely unusual is shown. Whether anyone trusts it, and what time it is, is not
//! known here.

mod access;
mod error;
mod fault;
mod parts;
mod read;
#[cfg(test)]
mod tests;
mod time;
mod value;

pub use error::{CertificateError, MAX_CERTIFICATE};
pub use fault::Fault;
pub use value::Certificate;
