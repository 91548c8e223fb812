//! Why a login link lets nobody in, and what to do about it.

/// Why a ticket lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketRefusal {
    /// No such ticket for this console and its owner.
    #[error("this login link is not valid")]
    Unknown,
    /// It has let somebody in.
    #[error("this login link was used before")]
    Used,
    /// Its minute is over.
    #[error("this login link has expired: it is valid for one minute")]
    Late,
    /// It is for another address.
    #[error("this login link is for another address than yours")]
    Elsewhere,
    /// The folder or the note in it could not be read.
    #[error("login links cannot be read at the moment")]
    Unreadable,
    /// The folder or the note in it could have been changed by somebody other than root.
    #[error("login links are not accepted: others than root can write to the folder of tickets")]
    Untrusted,
}

/// What to do about each of them.
pub(super) const WAY_OUT: &str = "Log in with the password, or have root make another link.";

impl TicketRefusal {
    /// What to do about it.
    pub fn fix(self) -> &'static str {
        match self {
            Self::Untrusted => {
                "Log in with the password. Nobody but root may be able to write to that folder and those above it."
            }
            _ => WAY_OUT,
        }
    }
}
