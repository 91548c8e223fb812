//! Requests in a TOML file: one at the top level, or many as `[[csr]]`, with the flags' names as keys.
//!
//! Keys and types are judged here, where their lines are known; values where a request is made of them.

use super::given::Given;
use crate::cli::error::CliError;
use crate::cli::input::read;
use crate::cli::messages::files as say;
use serde::Deserialize;
use signet_domain::visible;
use std::path::Path;

/// The largest file with one request, bytes.
const ONE: u64 = 256 * 1024;
/// The largest file with many, bytes.
const MANY: u64 = 1024 * 1024;

/// A file of many. With their places, so that a mistake is reported with its line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    csr: Vec<toml::Spanned<Given>>,
}

/// The answers of a file with one request; `-` is standard input.
pub fn from_file(path: &Path) -> Result<Given, CliError> {
    let content = read("from", path, ONE)?;
    let text = text("from", path, &content)?;
    toml::from_str(text).map_err(|error| wrong("from", path, text, &error))
}

/// The entries of a file with one request or many; `-` is standard input. Never empty.
pub fn many_from_file(field: &'static str, path: &Path) -> Result<Vec<Given>, CliError> {
    let content = read(field, path, MANY)?;
    let text = text(field, path, &content)?;
    // Only one of the two forms has this key.
    let is_many = toml::from_str::<toml::Table>(text).is_ok_and(|table| table.contains_key("csr"));
    let entries: Result<Vec<Given>, _> = match is_many {
        true => toml::from_str::<File>(text).map(|file| file.csr.into_iter().map(toml::Spanned::into_inner).collect()),
        false => toml::from_str::<Given>(text).map(|one| vec![one]),
    };
    let entries = entries.map_err(|error| wrong(field, path, text, &error))?;
    if entries.is_empty() {
        return Err(say::no_request(field, path).into());
    }
    Ok(entries)
}

fn text<'a>(field: &'static str, path: &Path, content: &'a [u8]) -> Result<&'a str, CliError> {
    std::str::from_utf8(content).map_err(|_| say::not_utf8(field, path).into())
}

fn wrong(field: &'static str, path: &Path, text: &str, error: &toml::de::Error) -> CliError {
    let before = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(before).filter(|byte| *byte == b'\n').count() + 1;
    let message = visible::bounded(error.message().trim_end_matches('.'), visible::VALUE);
    say::wrong_line(field, path, line, &message).into()
}
