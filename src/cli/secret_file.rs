//! Secrets as files name them: the first line, which is how passwords, passphrases and codes reach a command. Never as an
//! argument, which everybody can see.

use super::csr::read;
use super::error::CliError;
use signet_domain::invalid::Invalid;
use signet_domain::secret::Secret;
use signet_domain::visible;
use signet_pki::pem;
use std::path::Path;

/// Bytes of such a file.
const MOST: u64 = 4096;

/// The first line of a file, which must hold something.
pub fn first_line(field: &'static str, path: &Path) -> Result<Secret, CliError> {
    let line = first_line_or_empty(field, path)?;
    if line.is_empty() {
        let what = match path == Path::new("-") {
            true => "The first line of standard input is empty.".to_owned(),
            false => format!("The first line of the file {} is empty.", visible::path(path)),
        };
        return Err(Invalid::new(field, what, "Write it into the file's first line.").into());
    }
    Ok(line)
}

/// The first line of a file, in UTF-8 or with the byte order mark of another encoding.
pub fn first_line_or_empty(field: &'static str, path: &Path) -> Result<Secret, CliError> {
    let content = read(field, path, MOST)?;
    let text = pem::decoded(&content).ok_or_else(|| {
        let what = format!("The file {} is neither UTF-8 nor UTF-16.", visible::path(path));
        Invalid::new(field, what, "Save it as UTF-8 text.")
    })?;
    let line = text.split('\n').next().unwrap_or_default();
    Ok(Secret::from(line.strip_suffix('\r').unwrap_or(line).to_owned()))
}
