//! The console's certificate: which it is, and whether a running console shows it.

/// After each change: a console that runs shows what it has in memory.
pub(in crate::cli) const RELOAD: &str =
    "Next: `systemctl reload signet.service` makes a running console use it; so does --reload next time.";
pub(in crate::cli) const RELOADED: &str = "The running console uses it.";
pub(in crate::cli) const USED_ALREADY: &str = "The running console uses it already.";
pub(in crate::cli) const NOT_RUNNING: &str = "No console is running. The next start uses it.";

/// `head` is such as `is now`; `why` says where the certificate comes from.
pub(in crate::cli) fn in_use(head: &str, why: &str) -> String {
    format!("The console's certificate {head} {why}.")
}

/// Where both certificates are.
pub(in crate::cli) fn written(data: &str) -> String {
    format!("Written:      {data}/identity.pem (mode 0600). The previous certificate: {data}/former.pem (mode 0600)")
}

/// A way back without a certificate.
pub(in crate::cli) const MAKES_NEW: &str = "a new key and certificate, made here";

/// A way back with one.
pub(in crate::cli) fn leads_to(why: &str, until: &str) -> String {
    format!("{why}, valid until {until}")
}

pub(in crate::cli) const NO_CONSOLE_RUNS: &str = "no console runs";
pub(in crate::cli) const SHOWN_UNKNOWN: &str = "not known; restart the console to see it";
pub(in crate::cli) const SHOWS_THIS: &str = "this certificate, by the running console";

/// A console with a trial.
pub(in crate::cli) fn shows_trial(since: &str) -> String {
    format!("another certificate, on trial since {since}")
}

/// A console that has not read the files again.
pub(in crate::cli) fn shows_another(sha256: &str) -> String {
    format!(
        "another certificate, SHA-256 {sha256}; `systemctl reload signet.service` makes the console use the one above"
    )
}

/// An old version, or a file that is cut.
pub(in crate::cli) const DOES_NOT_SAY: &str = "the running console does not say which certificate it shows";
/// Its process cannot be signalled.
pub(in crate::cli) const NO_SIGNAL: &str = "the running console cannot be signalled to use its new certificate";
/// Time is up.
pub(in crate::cli) const NOT_TAKEN: &str = "the running console does not use its new certificate yet";
