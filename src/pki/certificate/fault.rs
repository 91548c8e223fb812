//! Rules of RFC 5280 that a certificate breaks though its bytes are whole: only its CA can help, by making another one.

use super::value::Certificate;
use crate::inspect::repeated;

/// A rule that is broken, as the end of a sentence that begins with the certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The name of an extension that is there more than once.
    #[error("has the extension {0} twice, which RFC 5280 4.2 forbids")]
    Repeated(String),
    /// A time in another form than the one that is allowed.
    #[error("has a time {form}, which RFC 5280 {section} forbids")]
    TimeForm {
        /// Such as `with a fraction of a second`.
        form: &'static str,
        /// Of the RFC.
        section: &'static str,
    },
    /// The algorithm inside is not the one outside of what is signed.
    #[error("names two different signature algorithms, which RFC 5280 4.1.1.2 forbids")]
    TwoAlgorithms,
    /// A version that does not exist, as people count: 1 for the first.
    #[error("has the version {0}, which does not exist")]
    NoSuchVersion(u8),
    /// Extensions in a version that has none.
    #[error("is of version {0} and has extensions, which only version 3 has (RFC 5280 4.1.2.9): browsers refuse it")]
    ExtensionsOfVersion(u8),
    /// Its last second is before its first.
    #[error("is never valid: it expires before it becomes valid")]
    NeverValid,
}

impl Certificate {
    /// The rule that it breaks although it can be read: every client refuses it, and no copy of it is better.
    pub fn fault(&self) -> Option<Fault> {
        if self.not_after < self.not_before {
            return Some(Fault::NeverValid);
        }
        if self.version < 3 && !self.extensions.is_empty() {
            return Some(Fault::ExtensionsOfVersion(self.version));
        }
        repeated(&self.extensions).into_iter().next().map(Fault::Repeated)
    }
}
