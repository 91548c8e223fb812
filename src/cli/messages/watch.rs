//! What `signet watch` reports of the commands that it starts; their own sentences are theirs.

use signet_domain::visible;
use std::fmt::Display;
use std::io::Error;
use std::path::Path;
use std::time::Duration;

pub(in crate::cli) const ONLY_ROOT: &str = "watch starts recoveries and copies certificates, which only root can";
pub(in crate::cli) const NOT_ROOTS_ALONE: &str = "it must be a folder of root's that nobody else can write to";

/// A command whose time was over.
pub(in crate::cli) fn too_slow(command: &str, most: Duration) -> String {
    format!("error: `signet {command}` was ended after {} seconds.", most.as_secs())
}

/// A command that did not start.
pub(in crate::cli) fn not_started(command: &str, error: &Error) -> String {
    format!("error: `signet {command}` cannot be started: {error}")
}

/// A marker that is asked for again and again.
pub(in crate::cli) fn marker_stays(marker: &Path, error: &Error) -> String {
    format!("error: {} cannot be removed: {error}", visible::path(marker))
}

/// A folder that is not used.
pub(in crate::cli) fn distrusted(folder: &Path, why: &str) -> String {
    format!("warning: {} is not used for recoveries: {why}", visible::path(folder))
}

/// The list of renewals cannot be used.
pub(in crate::cli) fn renewals_unusable(error: &impl Display, fix: &str) -> String {
    format!("error: {error}. {fix}")
}

/// A line that is not a name.
pub(in crate::cli) fn no_name(list: &Path, line: usize, what: &str) -> String {
    format!("error: {}, line {line}: {what}", visible::path(list))
}
