//! Names of requests.

use signet_domain::invalid::Invalid;
use signet_domain::name::CsrName;

/// Another request has the name.
pub(crate) fn name_taken(name: &CsrName) -> Invalid {
    Invalid::taken(
        "name",
        format!("A request named {name} already exists; names are not case-sensitive."),
        "Enter another name, or rename the other request first.",
    )
}

/// Two entries of a request file have one name; `number` counts entries from 1.
pub(crate) fn two_entries_named(number: usize, name: &CsrName) -> Invalid {
    Invalid::new(
        "name",
        format!("[[csr]] {number}: another entry of the file is also named {name}."),
        "Give each [[csr]] its own name; names are not case-sensitive.",
    )
}
