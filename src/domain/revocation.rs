//! Why a certificate is revoked (RFC 5280, section 5.3.1), as far as its owner is the one to say it. What the standard calls
//! superseded is replaced here, as everywhere.

/// The words, with the codes of the standard.
pub const REASONS: [(&str, u8); 5] = [
    ("unspecified", 0),
    ("key-compromise", 1),
    ("affiliation-changed", 3),
    ("replaced", 4),
    ("cessation-of-operation", 5),
];

/// The code of a word.
pub fn reason(word: &str) -> Option<u8> {
    REASONS.iter().find(|row| row.0 == word).map(|row| row.1)
}
