//! Why TLS does not trust an authority's certificate, as data.

/// Why an authority's certificate is not trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untrusted {
    /// Its root is not among those of the authority.
    UnknownRoot,
    /// Past its end.
    Expired,
    /// Before its beginning.
    NotYetValid,
    /// It does not have the host's name or address.
    OtherName,
    /// It is a CA certificate itself, which rustls refuses as a server's.
    IsAuthority,
    /// Something else, in the library's words.
    Other(String),
}
