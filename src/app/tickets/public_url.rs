//! Where a link leads when the console has no HTTPS of its own: the address that root's configuration gives it.
//!
//! Whoever can write that address chooses where the link is sent, so the file must be root's alone, as the notes are.

use super::folder;
use crate::config::Config;
use std::path::Path;

/// `public_url` of the configuration at this absolute path, without a slash at its end; none where it says none, is wrong or
/// missing, or where others than root could have written it.
pub fn public_url(config: &Path) -> Option<String> {
    let (folder, name) = config.parent().zip(config.file_name())?;
    let text = folder::bytes(folder, name, Config::MOST).ok().flatten()?;
    let proxy = Config::parse(std::str::from_utf8(&text).ok()?).ok()?.proxy?;
    Some(proxy.public?.origin + &proxy.base_path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    #[test]
    fn only_roots_own_file_says_where_a_link_leads() {
        if !rustix::process::geteuid().is_root() {
            signet_testing::skip("only root can own what root alone can write to");
            return;
        }
        let folder = tempfile::tempdir_in("/run").unwrap();
        let path = folder.path().join("signet.toml");
        assert_eq!(public_url(&path), None);
        write(&path, "[proxy]\ntrusted = [\"unix\"]\n").unwrap();
        assert_eq!(public_url(&path), None);
        write(&path, "[proxy]\ntrusted = [\"unix\"]\npublic_url = \"https://nas.example/certificates/\"\n").unwrap();
        assert_eq!(public_url(&path).as_deref(), Some("https://nas.example/certificates"));
        let link = folder.path().join("link.toml");
        symlink(&path, &link).unwrap();
        assert_eq!(public_url(&link), None);
        set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
        assert_eq!(public_url(&path), None);
        set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        chown(&path, Some(65534), None).unwrap();
        assert_eq!(public_url(&path), None);
        chown(&path, Some(0), None).unwrap();
        chown(folder.path(), Some(65534), None).unwrap();
        assert_eq!(public_url(&path), None, "the folder's owner can put another one there");
    }
}
