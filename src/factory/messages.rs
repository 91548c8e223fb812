//! Sentences of the ledger and of its commands.

pub(crate) mod enroll;

use crate::target::Target;

/// `1 device`, `2 devices`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The server does not answer.
pub(crate) fn away(target: &Target, said: &str) -> String {
    format!("the ledger at {} cannot be reached: {said}", target.shown())
}

/// Its certificate, or ours.
pub(crate) fn not_trusted(target: &Target, said: &str) -> String {
    format!("no trusted connection to the ledger at {}: {said}", target.shown())
}

/// A server that wants a password.
pub(crate) fn no_password(target: &Target) -> String {
    format!("the ledger at {} asks for a password", target.shown())
}

/// A login that the server refuses.
pub(crate) fn not_let_in(target: &Target, said: &str) -> String {
    format!("the ledger at {} refuses the login: {said}", target.shown())
}

/// A right that is missing.
pub(crate) fn no_rights(target: &Target, said: &str) -> String {
    format!("the ledger at {} does not allow this to {}: {said}", target.shown(), target.user)
}

/// A database without a ledger.
pub(crate) fn no_ledger(target: &Target) -> String {
    format!("{} has no ledger", target.shown())
}

/// A schema of somebody else.
pub(crate) fn not_ours(target: &Target) -> String {
    format!("{} has a schema named signet that is not a ledger", target.shown())
}

/// A ledger of a newer program.
pub(crate) fn newer(target: &Target, found: i32, known: i32) -> String {
    format!("the ledger at {} has version {found}, and this program knows versions up to {known}", target.shown())
}

/// A ledger of an older program.
pub(crate) fn older(target: &Target, found: i32, known: i32) -> String {
    format!("the ledger at {} has version {found}, and this program needs version {known}", target.shown())
}

/// A standby.
pub(crate) fn read_only(target: &Target) -> String {
    format!("the ledger at {} is read-only", target.shown())
}

/// A server without room.
pub(crate) fn full(target: &Target, said: &str) -> String {
    format!("the ledger at {} has no space left: {said}", target.shown())
}

/// Anything else.
pub(crate) fn failed(target: &Target, said: &str) -> String {
    format!("the ledger at {}: {said}", target.shown())
}

/// Waited for, and still away.
pub(crate) fn in_vain(what: &str, seconds: u64) -> String {
    format!("{what}; waited {seconds} s for it")
}

/// While it is waited for.
pub(crate) fn waiting(what: &str, seconds: u64) -> String {
    format!("note: {what}. Trying again for up to {seconds} s.")
}

/// It answers again.
pub(crate) const BACK: &str = "note: the ledger can be reached again.";

/// A login that may do more than make devices.
pub(crate) fn too_many_rights(user: &str) -> String {
    format!(
        "warning: {user} may do more in the ledger than a station needs. This run uses the rights of signet_station only. Give \
         stations a login that is a member of signet_station only."
    )
}

/// The same where the role of stations is missing.
pub(crate) fn no_station_role(user: &str) -> String {
    format!("{user} may do more in the ledger than a station needs, and is not a member of signet_station")
}

/// A connection that others can read.
pub(crate) fn not_encrypted(target: &Target) -> String {
    format!("warning: the connection to the ledger at {} is not encrypted.", target.shown())
}

/// A serial that has a row.
pub(crate) fn serial_taken(serial: &str, station: &str, time: &str, attempt: i32) -> String {
    let attempt = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    format!("the ledger already has serial {serial}, made at station {station} on {time}{attempt}")
}

/// A key that has a row.
pub(crate) fn key_taken(whose: &str, what: &str, serial: &str, station: &str, time: &str) -> String {
    format!(
        "the ledger already has the public key of {whose}: it belongs to {what} of device {serial}, made at station {station} \
         on {time}"
    )
}

/// A row that differs from what this station has.
pub(crate) fn other_unit(serial: &str) -> String {
    format!("the ledger has another device under the id of {serial}")
}

pub(crate) const CHECK_SERVER: &str =
    "Check that the server runs and that this station reaches it, then run the command again: it continues.";
pub(crate) const CHECK_TLS: &str =
    "Check sslrootcert, the server's name and this station's clock, then run the command again.";
pub(crate) const GIVE_PASSWORD: &str = "Put it into the file that PGPASSFILE names (mode 0600), or set PGPASSWORD.";
pub(crate) const CHECK_LOGIN: &str = "Check the user in the URL, its password and the server's pg_hba.conf.";
pub(crate) const GRANT_ROLE: &str = "Grant the login signet_station for stations or signet_labels for label printers, or use the login that owns the ledger.";
pub(crate) const CHECK_URL: &str = "Check the URL of the ledger.";
pub(crate) const RUN_INIT: &str = "Run `signet-factory ledger init` with the login that owns the database.";
pub(crate) const RUN_INIT_ROLES: &str = "Run `signet-factory ledger init --roles` with the login that owns the ledger, and give stations logins that are members of \
     signet_station only.";
pub(crate) const OTHER_DATABASE: &str = "Name another database, or rename that schema.";
pub(crate) const UPDATE: &str = "Install the newer program on this station.";
pub(crate) const NAME_PRIMARY: &str =
    "Name the server that takes changes: this one is a standby, or its owner has made it read-only.";
pub(crate) const MAKE_ROOM: &str = "Make room on the server, then run the command again: it continues.";
pub(crate) const SEE_LOG: &str = "See the server's log, then run the command again.";
pub(crate) const CHECK_SERIAL: &str = "Check the serial. To start a device over on purpose, add --again.";
pub(crate) const NEVER_COPY: &str =
    "Two machines share one random generator's state: never copy a station or a data directory that has started.";
pub(crate) const SEE_PENDING: &str = "Remove the folder `pending` of the data directory and run the command again.";
