//! What a recovery removes and keeps. Each is a phrase of a list.

use super::counted;

pub(crate) const SESSIONS: &str = "every session and every unfinished request";
pub(crate) const PASSWORD: &str = "the owner's password";
pub(crate) const WAITS: &str = "the waits after wrong passwords";
pub(crate) const IDENTITY: &str = "the console's key and certificate";
/// Of a recovery that makes new ones.
pub(crate) const IDENTITY_REPLACED: &str =
    "the console's key and certificate: browsers warn once, and the fingerprint on the label is no longer right";
/// Of a factory reset without a factory.
pub(crate) const IDENTITY_MADE_ANEW: &str = "the console's key and certificate: the next start makes new ones";
/// What the way back leads to.
pub(crate) const PREVIOUS: &str = "the console's previous certificate and key";
/// What certificates are ordered with.
pub(crate) const ENROLLMENT: &str = "authorities, their accounts, and orders under way";
pub(crate) const SETTINGS: &str = "the settings in the data directory";
pub(crate) const LOG: &str = "the audit log";
pub(crate) const SETTINGS_AND_LOG: &str = "the settings and the audit log";
pub(crate) const FACTORY_IDENTITY: &str = "the factory's key and certificate, which a factory reset restores";
/// Of a factory reset.
pub(crate) const FACTORY_IDENTITY_RESTORED: &str =
    "the factory's key and certificate, which are restored if they were replaced";
pub(crate) const DEVICE_RECORD: &str = "the device record";

/// All of them, of the owner and of the factory.
pub(crate) fn all_requests(count: usize) -> String {
    format!("all requests and their keys ({count})")
}

/// Those that a factory reset keeps.
pub(crate) fn factory_requests(count: usize) -> String {
    format!("requests that the factory made ({count})")
}

/// Those that it deletes; `listed` are their names.
pub(crate) fn requests_with_keys(count: usize, listed: &str) -> String {
    let keys = if count == 1 { "the only copy of its private key" } else { "the only copies of their private keys" };
    format!("{} with {keys}: {listed}", counted(count, "request"))
}

/// Those among them that another version of the program could read.
pub(crate) fn of_newer_version(count: usize, listed: &str) -> String {
    let were = if count == 1 { "was" } else { "were" };
    format!("{count} of these {were} written by a newer version of Signet, which can still use them: {listed}")
}

/// A file that is in the way.
pub(crate) fn kept_aside(path: &str, kept_at: &str) -> String {
    format!("{path}, written by a newer version of Signet, as {kept_at}")
}

/// The code that opens the setup, by where it comes from.
pub(crate) fn setup_code(provisioned: bool) -> &'static str {
    if provisioned { "the label's setup code" } else { "the setup code of the first start" }
}

/// It is not valid for a while.
pub(crate) fn code_replaced(code: &str) -> String {
    format!("{code}, until the next recovery without --new-code: a new one is shown")
}

/// It is valid again.
pub(crate) fn code_valid(code: &str) -> String {
    format!("{code}, which opens /setup again")
}
