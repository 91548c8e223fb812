//! Files that the command line names.

use signet_domain::invalid::Invalid;
use signet_domain::visible;
use std::path::Path;

/// The file's name in a sentence.
fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { visible::path(path) }
}

/// More bytes than it can have.
pub(in crate::cli) fn too_large(bytes: u64) -> String {
    format!("larger than {bytes} bytes")
}

/// A password, code or passphrase is missing.
pub(in crate::cli) fn empty_first_line(field: &'static str, path: &Path) -> Invalid {
    let what = match path == Path::new("-") {
        true => "The first line of standard input is empty.".to_owned(),
        false => format!("The first line of the file {} is empty.", visible::path(path)),
    };
    Invalid::new(field, what, "Write it into the first line.")
}

/// Bytes that are not text.
pub(in crate::cli) fn not_text(field: &'static str, path: &Path) -> Invalid {
    let what = format!("The file {} is neither UTF-8 nor UTF-16.", shown(path));
    Invalid::new(field, what, "Save it as UTF-8 text.")
}

/// A passphrase is missing.
pub(in crate::cli) fn no_passphrase(path: &Path) -> Invalid {
    let what = match path == Path::new("-") {
        true => "The first line of standard input is empty.".to_owned(),
        false => format!("The first line of the passphrase file {} is empty.", visible::path(path)),
    };
    Invalid::new("passphrase", what, "Write the passphrase in its first line.")
}

/// A request file without requests.
pub(in crate::cli) fn no_request(field: &'static str, path: &Path) -> Invalid {
    Invalid::new(field, format!("{} has no request.", shown(path)), "Write a [[csr]] table for each request.")
}

/// A request file that is not text.
pub(in crate::cli) fn not_utf8(field: &'static str, path: &Path) -> Invalid {
    Invalid::new(field, format!("{} is not UTF-8.", shown(path)), "Save the file as UTF-8 text.")
}

/// A request file with a wrong line; `what` has no full stop.
pub(in crate::cli) fn wrong_line(field: &'static str, path: &Path, line: usize, what: &str) -> Invalid {
    Invalid::new(
        field,
        format!("{} is wrong in line {line}: {what}.", shown(path)),
        "Correct the file. Its keys are the flags' names with underscores.",
    )
}
