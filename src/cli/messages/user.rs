//! The user that the console becomes (`serve --user`).

use signet_domain::invalid::{Invalid, quoted};
use signet_domain::visible;
use std::path::Path;

pub(in crate::cli) const ONLY_ROOT: &str = "--user has the console go on as another user, which only root can";
pub(in crate::cli) const STILL_ROOT: &str = "the process still has rights of root";

/// A name that is not there.
pub(in crate::cli) fn unknown(name: &str, file: &str) -> Invalid {
    let what = format!("There is no user {} in {file}.", quoted(name));
    Invalid::new("user", what, "Create the user when the image is made: it needs no shell and no password.")
}

/// Root, under whatever name.
pub(in crate::cli) fn root(name: &str) -> Invalid {
    let what = format!("The user {} is root, and the console never runs as root.", quoted(name));
    Invalid::new("user", what, "Name a user that owns only the data directory.")
}

/// A user whose main group is root's.
pub(in crate::cli) fn roots_group(name: &str) -> Invalid {
    let what = format!("The user {} is in the group root.", quoted(name));
    Invalid::new("user", what, "Give the user a group of its own.")
}

/// The data directory's configuration names other places to listen.
pub(in crate::cli) fn listens_as_root_says(path: &Path) -> String {
    format!(
        "warning: with --user, `listen` and `redirect` in {} are ignored. They come from the command line, from --config or \
         from /etc/signet/signet.toml.",
        visible::path(path)
    )
}
