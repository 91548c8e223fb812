//! Files that options name, and standard input.

use super::caller_files;
use super::error::CliError;
use super::messages::files;
use super::terminal;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// Reads a file that `field` names, or standard input for `-`; at most `limit` bytes, into memory that is zeroized.
pub(super) fn read(field: &'static str, path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let failed = |source| CliError::Unreadable { field, path: path.to_owned(), source };
    let mut content = Zeroizing::new(Vec::with_capacity(usize::try_from(limit).unwrap_or(0)));
    let reader: Box<dyn Read> = match path == Path::new("-") {
        true => terminal::input().map_err(failed)?,
        false => Box::new(caller_files::open(path).map_err(failed)?),
    };
    reader.take(limit + 1).read_to_end(&mut content).map_err(failed)?;
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > limit {
        return Err(failed(std::io::Error::new(std::io::ErrorKind::FileTooLarge, files::too_large(limit))));
    }
    Ok(content)
}
