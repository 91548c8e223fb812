//! All JSON that a command prints: one object or array a run, each object with the version of its schema.
//!
//! docs/reference.md names every key, and docs/schema/ has a JSON Schema for each command. A failure is JSON, too, on
//! standard output, beside the lines for people on standard error.

use super::error::{CliError, Told};
use super::output::raw;
use serde::Serialize;
use signet_app::json;

/// Why a command failed.
#[derive(Debug, Serialize)]
struct Failed<'a> {
    error: &'a Told,
    /// All refusals, where there are several.
    #[serde(skip_serializing_if = "<[Told]>::is_empty")]
    errors: &'a [Told],
}

/// One object as a line without its end.
pub fn line(value: &impl Serialize) -> String {
    json::to_string(&json::versioned(value))
}

/// Prints one object.
pub fn print(value: &impl Serialize) -> Result<(), CliError> {
    raw(format!("{}\n", line(value)).as_bytes())
}

/// Prints an array, an object a line.
pub fn print_all<T: Serialize>(values: &[T]) -> Result<(), CliError> {
    let lines: Vec<String> = values.iter().map(line).collect();
    raw(format!("[{}]\n", lines.join(",\n")).as_bytes())
}

/// Prints a failure. Where that is not possible either, standard error has it.
pub fn failure(told: &[Told]) {
    if let Some(error) = told.first() {
        let _ = print(&Failed { error, errors: if told.len() > 1 { told } else { &[] } });
    }
}
