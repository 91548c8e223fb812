//! What the server and the way to it say, as one of the register's troubles.

use crate::messages;
use crate::target::Target;
use postgres::error::SqlState;
use signet_app::provision::register::{RegisterError, Trouble};
use std::error::Error;
use std::io;

/// Why something did not work: what a statement met, or what was decided here.
#[derive(Debug)]
pub enum Broken {
    /// The server or the way to it.
    Postgres(postgres::Error),
    /// Decided here.
    Register(Box<RegisterError>),
}

impl From<postgres::Error> for Broken {
    fn from(error: postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<Box<RegisterError>> for Broken {
    fn from(error: Box<RegisterError>) -> Self {
        Self::Register(error)
    }
}

/// A trouble with its sentences.
pub fn trouble(kind: Trouble, what: String, fix: impl Into<String>) -> Box<RegisterError> {
    Box::new(RegisterError { kind, what, fix: fix.into() })
}

/// True where the same may work later: the server is away, stopping, starting, or has no place left for a connection.
pub fn is_passing(error: &postgres::Error) -> bool {
    if let Some(code) = error.code() {
        let passing = [
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ];
        return code.code().starts_with("08") || passing.contains(code);
    }
    error.is_closed() || (cause::<io::Error>(error).is_some() && cause::<rustls::Error>(error).is_none())
}

/// The cause of this type, however deep.
fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref::<T>() {
        return Some(found);
    }
    // What an I/O error wraps is not always its source.
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let below = wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    below.and_then(cause)
}

/// The innermost words, which are what somebody can act on.
pub fn told(error: &postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return db.message().to_owned();
    }
    let mut found: &dyn Error = error;
    while let Some(below) = found.source() {
        found = below;
    }
    found.to_string()
}

/// As the register says it.
pub fn of_postgres(error: &postgres::Error, target: &Target) -> Box<RegisterError> {
    let said = told(error);
    let Some(code) = error.code() else {
        return match (is_passing(error), cause::<rustls::Error>(error)) {
            (_, Some(_)) => trouble(Trouble::Away, messages::not_trusted(target, &said), messages::CHECK_TLS),
            (true, None) => trouble(Trouble::Away, messages::away(target, &said), messages::CHECK_SERVER),
            (false, None) if said.contains("password") => {
                trouble(Trouble::Rights, messages::no_password(target), messages::GIVE_PASSWORD)
            }
            (false, None) => trouble(Trouble::Failed, messages::failed(target, &said), messages::CHECK_URL),
        };
    };
    let number = code.code();
    match number {
        _ if number.starts_with("28") => {
            trouble(Trouble::Rights, messages::not_let_in(target, &said), messages::CHECK_LOGIN)
        }
        "42501" => trouble(Trouble::Rights, messages::no_rights(target, &said), messages::GRANT_ROLE),
        "3D000" => trouble(Trouble::NotSetUp, messages::failed(target, &said), messages::CHECK_URL),
        "3F000" | "42P01" => trouble(Trouble::NotSetUp, messages::no_ledger(target), messages::RUN_INIT),
        "25006" => trouble(Trouble::Full, messages::read_only(target), messages::NAME_PRIMARY),
        "53100" => trouble(Trouble::Full, messages::full(target, &said), messages::MAKE_ROOM),
        _ if is_passing(error) => trouble(Trouble::Away, messages::away(target, &said), messages::CHECK_SERVER),
        _ => trouble(Trouble::Failed, messages::failed(target, &said), messages::SEE_LOG),
    }
}
