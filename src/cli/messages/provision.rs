//! The factory: devices, their list, their requests, labels and the firmware image.

use signet_domain::invalid::{Invalid, quoted};
use signet_domain::visible;
use std::path::Path;

/// What was made.
pub(in crate::cli) fn made(serial: &str, data: &str, requests: usize, resumed: bool) -> String {
    let how = if resumed { "Finished, after an interrupted run," } else { "Made" };
    format!("{how} device {serial} in {data} (mode 0700), with {requests} factory request(s).")
}

/// What would be made.
pub(in crate::cli) fn would_make(serial: &str, data: &str, requests: usize) -> String {
    format!("Would make device {serial} in {data}, with {requests} factory request(s).")
}

/// Where the manifest is.
pub(in crate::cli) fn manifest(path: &Path) -> String {
    format!("Manifest: {} (mode 0600), which contains setup codes", visible::path(path))
}

/// Where the label is.
pub(in crate::cli) fn label(path: &Path) -> String {
    format!("Label: {} (mode 0600), which contains the setup code.", visible::path(path))
}

pub(in crate::cli) const NEXT: &str =
    "Next: put the directory on the device's config partition. Its owner sets it up with the code on the label.";
pub(in crate::cli) const WAITING_FOR_RANDOMNESS: &str =
    "note: the kernel's random generator is not ready yet; waiting for it, so that no two devices have the same keys.";

/// A clock before the build date.
pub(in crate::cli) fn clock(now: &str, built: &str) -> String {
    format!("note: the clock says {now}, before this program was built; certificates are dated from {built} on.")
}

/// `--owner` cannot be read.
pub(in crate::cli) const OWNER: &str = "two numbers, such as 990:990; the image's own /etc/passwd has them";

/// A batch that made nothing.
pub(in crate::cli) fn would_make_all(made: usize, done: usize, failed: usize) -> String {
    format!("{made} devices would be made, {done} are already present, {failed} would fail.")
}

/// A batch. What other stations have made is named where there are others.
pub(in crate::cli) fn made_all(
    [made, resumed, done, failed, not_begun]: [usize; 5],
    elsewhere: Option<usize>,
) -> String {
    let elsewhere = elsewhere.map(|count| format!(" {count} made by another station,")).unwrap_or_default();
    format!(
        "{made} devices made, {resumed} resumed, {done} already present,{elsewhere} {failed} failed, {not_begun} not \
         started."
    )
}

/// What ended the run, before the rest was begun.
pub(in crate::cli) fn not_begun(count: usize, is_full: bool) -> String {
    let were = if count == 1 { "device was" } else { "devices were" };
    match is_full {
        true => {
            format!(
                "note: {count} {were} not started, because no space is left. Make room and run the same command again."
            )
        }
        false => {
            format!("note: {count} {were} not started, because the ledger cannot be used. Run the same command again.")
        }
    }
}

/// Where the directories of a batch are.
pub(in crate::cli) fn directories(out: &Path) -> String {
    format!("Data directories: {}/SERIAL (mode 0700)", visible::path(out))
}

/// Where the rows are that a batch did not make.
pub(in crate::cli) fn left(path: &str) -> String {
    format!("Rows to run again: {path}")
}

/// Where its labels are.
pub(in crate::cli) fn labels(folder: &Path) -> String {
    format!("Labels: {}/SERIAL.svg (mode 0600)", visible::path(folder))
}

/// How far a batch is.
pub(in crate::cli) fn progress(at: usize, all: usize, failed: usize) -> String {
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{at} of {all} devices{failed}")
}

/// A label without a URL.
pub(in crate::cli) fn no_url(serial: &str) -> Invalid {
    let what = format!("Device {serial} has neither a host name nor an address, and its label needs a URL.");
    Invalid::new("hostname", what, "Give it a host name, or an address with --address.")
}

const REQUESTS: &str = "Correct the file: a [[csr]] table for each request, with the keys of `csr create --from`.";

/// A file of requests that is not text.
pub(in crate::cli) fn requests_not_utf8(path: &Path) -> Invalid {
    Invalid::new("requests", format!("{} is not UTF-8.", visible::path(path)), REQUESTS)
}

/// One with a wrong line; `what` has no full stop.
pub(in crate::cli) fn requests_wrong(path: &Path, line: usize, what: &str) -> Invalid {
    Invalid::new("requests", format!("{} is wrong in line {line}: {what}.", visible::path(path)), REQUESTS)
}

/// One without requests.
pub(in crate::cli) const NO_REQUEST: &str = "it has no [[csr]]";

/// Two requests with one name; `number` counts from 1.
pub(in crate::cli) fn two_requests_named(number: usize, name: &str) -> Invalid {
    let what = format!("[[csr]] {number}: another one of the file is also named {name}.");
    Invalid::new("name", what, "Give each [[csr]] its own name. {serial} makes it the device's.")
}

/// A word in braces that is not filled in.
pub(in crate::cli) fn unknown_placeholder(word: &str) -> Invalid {
    let what = format!("{} is not filled in: there is no such value.", quoted(&format!("{{{word}}}")));
    Invalid::new("requests", what, "Write {serial}, {model}, {hostname} or {mac}.")
}

/// A word in braces that the device has no value for.
pub(in crate::cli) fn no_value(word: &str, serial: &str) -> Invalid {
    Invalid::new(
        "requests",
        format!("The file uses {{{word}}}, and device {serial} has none."),
        format!("Give the device its {word}, or remove {{{word}}} from the file."),
    )
}

/// What to do about a list that cannot be read.
pub(in crate::cli) const SAVE: &str = "Save the list as CSV in UTF-8, with commas between the fields.";
/// What to do about its first line.
pub(in crate::cli) const HEADER: &str =
    "Begin the list with the line serial,model,hostname,mac and keep to its columns.";
pub(in crate::cli) const COMPLETE_ROW: &str = "Complete the row. An empty field still has its comma.";
pub(in crate::cli) const OWN_SERIAL: &str = "Give each device its own serial. Serials are not case-sensitive.";
pub(in crate::cli) const NO_DEVICE: &str = "the list has no device.";
pub(in crate::cli) const WRITE_ROWS: &str = "Write a row for each device below the first line.";
pub(in crate::cli) const NO_COMMAS: &str = "the columns are not separated by commas.";
pub(in crate::cli) const ROW_NOT_UTF8: &str = "the row is not UTF-8.";
pub(in crate::cli) const ROW_UNREADABLE: &str = "the row cannot be read.";

/// A row of another length than the first line.
pub(in crate::cli) fn fields(row: usize, header: usize) -> String {
    format!("the row has {row} fields, and the first line names {header}.")
}

/// A serial that an earlier row has.
pub(in crate::cli) fn serial_taken(serial: &str, line: u64) -> String {
    format!("serial {} is already in line {line}.", quoted(serial))
}

/// A column that does not exist.
pub(in crate::cli) fn unknown_column(name: &str) -> String {
    format!("there is no column {}.", quoted(name))
}

/// A column that is named twice.
pub(in crate::cli) fn repeated_column(name: &str) -> String {
    format!("the column {name} is named twice.")
}

/// A column that is not named.
pub(in crate::cli) fn missing_column(name: &str) -> String {
    format!("the column {name} is missing.")
}

/// After an image was written, in two lines.
pub(in crate::cli) fn installed(has_systemd: bool) -> [&'static str; 2] {
    match has_systemd {
        true => [
            "Next: systemd-sysusers makes the user `signet`, in the image or at its first boot. The service makes the data directory",
            "/var/lib/signet (mode 0700). It must be on a partition that updates keep.",
        ],
        false => [
            "Next: create the user and the group `signet` in the image, without a shell and a password. The first start makes the data",
            "directory /var/lib/signet (mode 0700). It must be on a partition that updates keep.",
        ],
    }
}
