//! Requests, files that do not belong, and what was left unfinished.

use crate::messages::{Said, counted};

/// Never advises to delete: the file may hold the only copy of a key.
pub(crate) const DAMAGED: &str = "Restore its file from a backup, and keep the damaged file until then: it may hold the only \
                                  copy of the private key. Other requests are not affected.";

/// What is wrong with a request; `what` has no full stop.
pub(crate) fn of_request(name: &str, what: &str) -> String {
    format!("The request {name}: {what}.")
}

/// Names that a file system could take for one.
pub(crate) fn differ_in_case(one: &str, other: &str) -> Said {
    Said::new(
        format!("The names of the requests {one} and {other} differ only in case."),
        "Rename one of them: names are not case-sensitive.",
    )
}

/// Soon there can be no more.
pub(crate) fn near_limit(count: u32, limit: u32) -> Said {
    Said::new(
        format!("There are {count} requests. The limit ([limits] csrs) is {limit}."),
        "Delete requests that you no longer need, or raise the limit.",
    )
}

/// All is well with them.
pub(crate) fn requests(count: usize) -> String {
    match count {
        0 => "There are no requests.".to_owned(),
        1 => "The one request can be read and has its own key.".to_owned(),
        count => format!("All {} can be read, and each has its own key.", counted(count, "request")),
    }
}

/// The request is not PKCS#10.
pub(crate) fn request_unreadable(error: &impl std::fmt::Display) -> String {
    format!("it cannot be decoded: {error}")
}

/// The key is not PKCS#8.
pub(crate) fn key_unreadable(error: &impl std::fmt::Display) -> String {
    format!("its private key cannot be read: {error}")
}

/// The two do not belong together.
pub(crate) const KEY_OF_ANOTHER: &str = "its private key belongs to another request";

/// A restore that has not read the whole backup.
pub(crate) fn restore_unfinished() -> Said {
    Said::new(
        "A restore is running, or was interrupted before it had read the whole backup.",
        "Restore the backup again. The next change removes what is left of it.",
    )
}

/// Only what belongs there.
pub(crate) const NO_STRAYS: &str = "All files in the data directory belong to the console.";

/// `kind` is such as `a symbolic link`.
pub(crate) fn stray(path: &str, kind: &str) -> Said {
    Said::new(format!("{path} is {kind}. Signet does not change it."), "Move it elsewhere if nobody needs it there.")
}

/// A file that is being written, perhaps.
pub(crate) fn temporary(path: &str) -> Said {
    Said::new(
        format!("{path} is a temporary file: another process is writing it, or was stopped while it did."),
        "You do not have to do anything: the next change or start removes it.",
    )
}

/// `what` is `recovery` or `provisioning`.
pub(crate) fn unfinished(what: &str) -> Said {
    Said::new(
        format!("A {what} has started and is not finished."),
        "Start the console or run any command: it finishes this first.",
    )
}

/// A device that has no record yet.
pub(crate) fn device_unfinished() -> Said {
    Said::new(
        "The factory started to provision this device and did not finish.",
        "Run the same `signet provision` again.",
    )
}

/// Nothing is left.
pub(crate) const NO_LEFTOVERS: &str = "Nothing was left unfinished.";
/// Set up.
pub(crate) const OWNED: &str = "The console has an owner.";
/// Not set up.
pub(crate) const NO_OWNER: &str = "The console has no owner yet. The setup code opens the setup.";
/// Never started.
pub(crate) const NO_CODE: &str = "The console has no owner and no setup code yet. Its first start makes a setup code.";
