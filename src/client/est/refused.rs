//! An EST server's refusal, as data.

/// Why the server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It asks for a user and a password, or does not accept them.
    Login,
    /// It asks for a client certificate, or does not accept it.
    Client,
    /// It knows who asks, and does not allow it.
    NotAllowed,
    /// It has no such service.
    NotFound,
    /// It does not accept the request.
    Request,
}

/// An EST server's refusal.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The status code; 0 where it ended the connection.
    pub status: u16,
    /// What it means.
    pub cause: Cause,
    /// True where what it asks for was given.
    pub given: bool,
    /// Its own words, where they are text.
    pub words: Option<String>,
}
