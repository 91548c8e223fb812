//! What is wrong in the list of services, and how a reload command ended.

/// `directory` is relative.
pub(crate) const DIRECTORY: &str = "`directory` must be an absolute path";
/// `notify` would be searched for.
pub(crate) const NOTIFY: &str = "`notify` must be the absolute path of a program";
/// `mode` cannot be read.
pub(crate) const MODE_DIGITS: &str = "`mode` must be octal digits, such as \"0640\"";
/// `reload` would be searched for.
pub(crate) const RELOAD: &str =
    "`reload` must begin with the absolute path of a program: Signet searches no PATH and runs no shell";

/// Two services with one folder.
pub(crate) fn two_services(name: &str) -> String {
    format!("two services are named {name}: give one of them another name with `as`")
}

/// `mode` would let others read the private key.
pub(crate) fn mode_too_open(most: u32) -> String {
    format!("`mode` of a private key must be from 0400 to {most:04o}, without rights for others and to execute")
}

/// A key whose value is not a name; `what` is a sentence.
pub(crate) fn wrong_name(key: &str, what: &str) -> String {
    format!("`{key}`: {what}")
}

/// The command was not found, or may not be run.
pub(crate) fn reload_not_run(error: &std::io::Error) -> String {
    format!("could not be run: {error}")
}

/// It failed.
pub(crate) fn reload_failed(status: std::process::ExitStatus) -> String {
    format!("ended with {status}")
}

/// Nobody knows how it ended.
pub(crate) fn reload_lost(error: &std::io::Error) -> String {
    format!("was lost: {error}")
}

/// It did not end.
pub(crate) fn reload_too_long(seconds: u64) -> String {
    format!("took longer than {seconds} seconds")
}
