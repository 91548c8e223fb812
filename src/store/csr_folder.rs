//! The folder of the CSRs: which files in it are CSRs, and how they are called.

use super::dir::Dir;
use super::error::StoreError;
use rustix::fs::{AtFlags, FileType};
use signet_domain::name::CsrName;

const SUFFIX: &str = ".pem";

/// The name of the CSR whose file is called so, if any is.
pub(super) fn name_of(file: &str) -> Option<CsrName> {
    file.strip_suffix(SUFFIX).and_then(|name| CsrName::parse(name).ok())
}

/// The file of a CSR.
pub(super) fn file_name(name: &CsrName) -> String {
    format!("{name}{SUFFIX}")
}

/// The names of the CSRs in a folder, sorted.
pub(super) fn names_in(dir: &Dir) -> Result<Vec<CsrName>, StoreError> {
    let mut names: Vec<CsrName> = dir
        .list()?
        .iter()
        .filter(|listed| listed.kind == FileType::RegularFile)
        .filter_map(|listed| listed.name.to_str().and_then(name_of))
        .collect();
    names.sort_unstable();
    Ok(names)
}

/// True where a regular file of that name lies in the folder.
pub(super) fn is_csr(dir: &Dir, name: &CsrName) -> bool {
    rustix::fs::statat(dir.fd(), file_name(name), AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
}

/// The size of their files together.
pub(super) fn bytes_in(dir: &Dir, names: &[CsrName]) -> u64 {
    let size = |name| rustix::fs::statat(dir.fd(), file_name(name), AtFlags::SYMLINK_NOFOLLOW).map(|stat| stat.st_size);
    names.iter().filter_map(|name| u64::try_from(size(name).ok()?).ok()).sum()
}
