//! Recoveries, the first password, and where a setup code is.

use signet_domain::invalid::Invalid;
use signet_domain::visible;
use std::path::Path;

pub(in crate::cli) const QUESTION: &str = "Type yes to continue: ";
pub(in crate::cli) const FLASH: &str = "Flash memory may keep what was deleted until it is overwritten.";
pub(in crate::cli) const RELOAD: &str =
    "Next: `systemctl reload signet.service` makes a running console use the new certificate. `signet check` shows it.";
pub(in crate::cli) const LOG_IN: &str = "Next: log in.";
pub(in crate::cli) const LOG_IN_WITH_IT: &str = "Next: log in with it. A running console uses it at once.";
pub(in crate::cli) const PASSWORD_SET: &str = "The owner's password is set.";
pub(in crate::cli) const PASSWORD_WOULD_BE_SET: &str = "The owner's password would be set.";
pub(in crate::cli) const FINISHED: &str = "note: a recovery or provisioning that was interrupted is finished now.";

/// `word` is the recovery's.
pub(in crate::cli) fn done(word: &str) -> String {
    format!("Done: recover {word}. All sessions have ended.")
}

/// Which code opens the setup.
pub(in crate::cli) fn code(fresh: bool, labelled: bool) -> &'static str {
    match (fresh, labelled) {
        (true, _) => "the new setup code",
        (false, true) => "the setup code on the label",
        (false, false) => "the setup code of the first start (--new-code makes another one)",
    }
}

/// After a password was reset.
pub(in crate::cli) fn set_password(code: &str) -> String {
    format!("Next: open the console and set a new password with {code}.")
}

/// After a factory reset.
pub(in crate::cli) fn restart(code: &str) -> String {
    format!("Next: restart the console (`systemctl restart signet.service`). The new owner sets it up with {code}.")
}

/// A file that was in the way.
pub(in crate::cli) fn kept_aside(path: &Path, kept_at: &Path) -> String {
    let (path, kept_at) = (visible::path(path), visible::path(kept_at));
    format!("Kept:         {path}, written by a newer version of Signet, as {kept_at}")
}

/// Instead of a code that nobody would see.
pub(in crate::cli) const CODE_NOT_MADE: &str = "not made, because nobody would see it: run `signet recover password --new-code` \
     on a terminal, or start with --setup-code-file FILE";
/// Instead of one that was shown before.
pub(in crate::cli) const CODE_MADE_EARLIER: &str = "made earlier; `signet recover password --new-code` makes a new one";
/// Instead of one that could not be shown; it is valid all the same, and in the manifest and on the label if there are any.
pub(in crate::cli) const CODE_NOT_SHOWN: &str =
    "could not be shown; `signet recover password --new-code` on a terminal makes a new one";
pub(in crate::cli) const CODE_ON_CONSOLE: &str = "shown on the system's console";

/// A code that was asked for on standard output.
pub(in crate::cli) const CODE_ABOVE: &str = "shown above";

/// A device such as /dev/null.
pub(in crate::cli) fn not_seen(path: &Path) -> Invalid {
    let what = format!("Nobody would see a setup code that is written to {}.", visible::path(path));
    Invalid::new("setup_code_file", what, "Name a terminal such as /dev/console, or a new file.")
}

/// A code that went to a device.
pub(in crate::cli) fn code_shown(path: &Path) -> String {
    format!("shown on {}", visible::path(path))
}

/// A code that went into a file.
pub(in crate::cli) fn code_written(path: &Path) -> String {
    format!("written to {} (mode 0600)", visible::path(path))
}
