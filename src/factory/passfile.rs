//! The password of a login: `PGPASSWORD`, else the first line that fits in `PGPASSFILE` or `~/.pgpass`.

use crate::target::{Host, Target};
use signet_domain::invalid::Invalid;
use signet_domain::secret::Secret;
use signet_domain::visible;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The largest file, bytes.
const MOST: u64 = 1 << 20;

/// The password for `target`, if there is one.
///
/// # Errors
/// A file that was named and cannot be read, or that others can read.
pub fn password(
    target: &Target,
    variable: impl Fn(&str) -> Option<std::ffi::OsString>,
) -> Result<Option<Secret>, Invalid> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(word) = set("PGPASSWORD") {
        return Ok(Some(Secret::new(word.into_vec())));
    }
    let named = set("PGPASSFILE").map(PathBuf::from);
    let is_named = named.is_some();
    let Some(path) = named.or_else(|| set("HOME").map(|home| Path::new(&home).join(".pgpass"))) else {
        return Ok(None);
    };
    match read(&path) {
        Ok(text) => Ok(find(&text, target)),
        Err(Trouble::Io(error)) if error.kind() == ErrorKind::NotFound && !is_named => Ok(None),
        Err(Trouble::Io(error)) => Err(Invalid::new(
            "ledger",
            format!("The password file {} cannot be read: {error}.", visible::path(&path)),
            "Check the path in PGPASSFILE and who may read it.",
        )),
        Err(Trouble::Open(mode)) => Err(Invalid::new(
            "ledger",
            format!("Other users can read the password file {} (mode {mode:04o}).", visible::path(&path)),
            format!("Run `chmod 600 {}`.", visible::path(&path)),
        )),
    }
}

enum Trouble {
    Io(std::io::Error),
    Open(u32),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Trouble::Open(mode));
    }
    let mut text = Zeroizing::new(Vec::new());
    file.take(MOST).read_to_end(&mut text)?;
    Ok(text)
}

/// `host:port:database:user:password`, where `*` stands for any, and `\` makes the next character itself.
fn find(text: &[u8], target: &Target) -> Option<Secret> {
    let port = target.port.to_string();
    let hosts: [&[u8]; 2] = match &target.host {
        Host::Tcp(host) => [host.as_bytes(), host.as_bytes()],
        Host::Socket(folder) => [folder.as_os_str().as_encoded_bytes(), b"localhost"],
    };
    text.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#")).find_map(|line| {
        let fields = split(line.strip_suffix(b"\r").unwrap_or(line));
        let [host, its_port, database, user, word] = fields.as_slice() else { return None };
        let fits = |field: &[u8], value: &[u8]| field == b"*" || field == value;
        let is_ours = hosts.iter().any(|wanted| fits(host, wanted))
            && fits(its_port, port.as_bytes())
            && fits(database, target.database.as_bytes())
            && fits(user, target.user.as_bytes());
        is_ours.then(|| Secret::new(word.to_vec()))
    })
}

fn split(line: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let mut fields = vec![Zeroizing::new(Vec::with_capacity(line.len()))];
    let mut bytes = line.iter().copied();
    while let Some(byte) = bytes.next() {
        let taken = match byte {
            b':' => {
                fields.push(Zeroizing::new(Vec::with_capacity(line.len())));
                continue;
            }
            b'\\' => bytes.next().unwrap_or(b'\\'),
            other => other,
        };
        if let Some(field) = fields.last_mut() {
            field.push(taken);
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Source;
    use std::ffi::OsString;

    fn target(url: &str) -> Target {
        Target::parse(url, Source::Argument, "a").unwrap()
    }

    fn found(file: &str, url: &str) -> Option<String> {
        let word = find(file.as_bytes(), &target(url))?;
        Some(String::from_utf8(word.expose_secret().to_vec()).unwrap())
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let file = "# h:5432:d:a:comment\nother:*:*:*:no\nh:5432:d:a:o\\:n\\\\e\r\n*:*:*:*:two\n";
        assert_eq!(found(file, "postgres://h/d?sslmode=disable").unwrap(), "o:n\\e");
        assert_eq!(found(file, "postgres://h:1/d?sslmode=disable").unwrap(), "two");
        assert_eq!(found("localhost:*:d:a:s", "postgres:///d?host=/run").unwrap(), "s");
        assert_eq!(found("h:5432:d:a", "postgres://h/d?sslmode=disable"), None);
    }

    #[test]
    fn a_file_that_others_can_read_or_that_is_missing_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pgpass");
        let ask = || {
            let named = path.clone();
            password(&target("postgres://h/d?sslmode=disable"), move |name: &str| {
                (name == "PGPASSFILE").then(|| OsString::from(&named))
            })
        };
        assert!(ask().unwrap_err().what.contains("cannot be read"));
        std::fs::write(&path, "*:*:*:*:word").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(ask().unwrap_err().what.contains("(mode 0640)"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(ask().unwrap().unwrap().expose_secret(), b"word");
    }
}
