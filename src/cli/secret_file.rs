//! Secrets as files name them: the first line, which is how passwords, passphrases and codes reach a command. Never as an
//! argument, which everybody can see.

use super::error::CliError;
use super::input::read;
use super::messages::files as say;
use signet_domain::secret::Secret;
use signet_pki::pem;
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of such a file.
const MOST: u64 = 4096;

/// The first line of a file, which must hold something.
pub fn first_line(field: &'static str, path: &Path) -> Result<Secret, CliError> {
    let line = first_line_or_empty(field, path)?;
    if line.is_empty() {
        return Err(say::empty_first_line(field, path).into());
    }
    Ok(line)
}

/// [`first_line`] as text; what is not UTF-8 in it is replaced, and so matches nothing.
pub fn first_line_as_text(field: &'static str, path: &Path) -> Result<Zeroizing<String>, CliError> {
    let line = first_line(field, path)?;
    Ok(Zeroizing::new(String::from_utf8_lossy(line.expose_secret()).into_owned()))
}

/// The first line of a file, in UTF-8 or with the byte order mark of another encoding.
pub fn first_line_or_empty(field: &'static str, path: &Path) -> Result<Secret, CliError> {
    let content = read(field, path, MOST)?;
    let text = pem::decoded(&content).ok_or_else(|| say::not_text(field, path))?;
    let line = text.split('\n').next().unwrap_or_default();
    Ok(Secret::from(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}
