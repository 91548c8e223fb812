//! `deploy.toml`: which services of the device get which request's certificate and key, as which user, and how they are reloaded.
//!
//! It is root's file: only this file says where root writes and what root runs, never what the console keeps. Unknown keys
//! are refused, since a misspelt `mode` must not become the default.

use super::error::{DeployError, NameError};
use super::trusted;
use crate::messages::services as say;
use serde::Deserialize;
use signet_domain::name::CsrName;
use signet_domain::visible;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Where copies go when the list does not say.
const DIRECTORY: &str = "/var/lib/signet-deploy";
/// Readable by its group: `ssl-cert` and the like.
const MODE: u32 = 0o640;
/// What a private key's file may have at most.
const MODE_MAX: u32 = 0o640;

/// The list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceList {
    /// Below it lies a folder a service.
    pub directory: PathBuf,
    /// The services in the order of the file.
    pub services: Vec<Service>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The CSR that it begins with; renewals take its place.
    pub csr: CsrName,
    /// The name of its folder, which stays.
    pub name: CsrName,
    /// Whose the files are.
    pub owner: Who,
    /// The files' group.
    pub group: Who,
    /// The files' permission bits: no more than 0640.
    pub mode: u32,
    /// Program and arguments that tell the service; empty for none.
    pub reload: Vec<String>,
}

/// A user or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// By number.
    Id(u32),
    /// By name.
    Name(String),
}

impl ServiceList {
    /// Reads the list; refused where others than root (or the user who runs this) could have written it.
    pub fn read(path: &Path) -> Result<Self, DeployError> {
        let text = trusted::read(path)?.ok_or_else(|| DeployError::NotSetUp { path: path.to_owned() })?;
        Self::parse(&text).map_err(|(line, what)| DeployError::Wrong { path: path.to_owned(), line, what })
    }

    /// Reads the text; an error is a line and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let at = |offset: usize| text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
        let file: File = toml::from_str(text)
            .map_err(|error| (at(error.span().map_or(0, |span| span.start)), visible::line(error.message())))?;
        let directory = match file.directory {
            None => PathBuf::from(DIRECTORY),
            Some(path) if path.get_ref().is_absolute() => path.into_inner(),
            Some(path) => return Err((at(path.span().start), say::DIRECTORY.to_owned())),
        };
        let mut services: Vec<Service> = Vec::with_capacity(file.deploy.len());
        for entry in file.deploy {
            let line = at(entry.span().start);
            let service = entry.into_inner().service().map_err(|what| (line, what))?;
            // Ignoring case, for file systems that do.
            if services.iter().any(|other| other.name.folded() == service.name.folded()) {
                return Err((line, say::two_services(service.name.as_str())));
            }
            services.push(service);
        }
        Ok(Self { directory, services })
    }
}

impl Who {
    /// The user's number, by `/etc/passwd`.
    pub fn user(&self) -> Result<u32, NameError> {
        self.number("/etc/passwd")
    }

    /// The group's number, by `/etc/group`.
    pub fn group(&self) -> Result<u32, NameError> {
        self.number("/etc/group")
    }

    /// The third field of the line that begins with the name, in either file. Directory services are not asked: a device's
    /// own users are in its files, and a static program knows no other way.
    fn number(&self, file: &'static str) -> Result<u32, NameError> {
        let name = match self {
            Self::Id(id) => return Ok(*id),
            Self::Name(name) => name,
        };
        let text = std::fs::read_to_string(file).map_err(|source| NameError::Unreadable { file, source })?;
        let found = text.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok()).flatten()
        });
        found.ok_or_else(|| NameError::Unknown { name: visible::line(name), file })
    }
}

/// The file as it lies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    directory: Option<Spanned<PathBuf>>,
    #[serde(default)]
    deploy: Vec<Spanned<Entry>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    csr: String,
    #[serde(rename = "as")]
    name: Option<String>,
    owner: Option<Named>,
    group: Option<Named>,
    mode: Option<String>,
    #[serde(default)]
    reload: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Named {
    Id(u32),
    Name(String),
}

impl Entry {
    fn service(self) -> Result<Service, String> {
        let csr = CsrName::parse(&self.csr).map_err(|invalid| say::wrong_name("csr", &invalid.what))?;
        let name = match self.name {
            Some(name) => CsrName::parse(&name).map_err(|invalid| say::wrong_name("as", &invalid.what))?,
            None => csr.clone(),
        };
        let mode = match &self.mode {
            None => MODE,
            Some(text) => u32::from_str_radix(text, 8).map_err(|_| say::MODE_DIGITS)?,
        };
        if mode & !MODE_MAX != 0 || mode & 0o400 == 0 {
            return Err(say::mode_too_open(MODE_MAX));
        }
        if self.reload.first().is_some_and(|program| !Path::new(program).is_absolute()) {
            return Err(say::RELOAD.to_owned());
        }
        let who = |named: Option<Named>| match named {
            None => Who::Id(0),
            Some(Named::Id(id)) => Who::Id(id),
            Some(Named::Name(name)) => Who::Name(name),
        };
        Ok(Service { csr, name, owner: who(self.owner), group: who(self.group), mode, reload: self.reload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn every_key_is_read_and_the_rest_has_its_default() {
        let text = "directory = \"/srv/tls\"\n[[deploy]]\ncsr = \"nas-web\"\nas = \"web\"\nowner = 33\ngroup = \"ssl-cert\"\nmode = \"0440\"\nreload = [\"/bin/true\", \"a b\"]\n[[deploy]]\ncsr = \"ftp\"\n";
        let services = ServiceList::parse(text).unwrap();
        assert_eq!(services.directory, Path::new("/srv/tls"));
        let [web, ftp] = services.services.as_slice() else { panic!("{services:?}") };
        assert_eq!((web.csr.as_str(), web.name.as_str(), web.mode), ("nas-web", "web", 0o440));
        assert_eq!((&web.owner, &web.group), (&Who::Id(33), &Who::Name("ssl-cert".into())));
        assert_eq!(web.reload, ["/bin/true", "a b"]);
        assert_eq!((ftp.name.as_str(), ftp.mode, &ftp.owner, ftp.reload.len()), ("ftp", 0o640, &Who::Id(0), 0));
        assert_eq!(ServiceList::parse("").unwrap().directory, Path::new(DIRECTORY));
    }

    #[test]
    fn what_root_must_not_do_is_refused_with_its_line() {
        for (text, line, what) in [
            ("directory = \"tls\"\n", 1, "absolute"),
            ("\n[[deploy]]\ncsr = \"../etc\"\n", 2, "`csr`"),
            ("[[deploy]]\ncsr = \"a\"\nas = \"..\"\n", 1, "`as`"),
            ("[[deploy]]\ncsr = \"a\"\nmode = \"0644\"\n", 1, "`mode`"),
            ("[[deploy]]\ncsr = \"a\"\nmode = \"4640\"\n", 1, "`mode`"),
            ("[[deploy]]\ncsr = \"a\"\nmode = \"rw\"\n", 1, "octal"),
            ("[[deploy]]\ncsr = \"a\"\nreload = [\"systemctl\"]\n", 1, "absolute path"),
            ("[[deploy]]\ncsr = \"a\"\nmod = \"0600\"\n", 3, "unknown field"),
            ("[[deploy]]\ncsr = \"a\"\n[[deploy]]\ncsr = \"A\"\n", 3, "two services"),
            ("[[deploy]]\nas = \"a\"\n", 1, "csr"),
        ] {
            let (found, said) = ServiceList::parse(text).unwrap_err();
            assert!(found == line && said.contains(what), "{text}: line {found}: {said}");
        }
    }

    #[test]
    fn names_are_looked_up_in_the_devices_own_files() {
        assert_eq!(Who::Name("root".into()).user().unwrap(), 0);
        assert_eq!(Who::Name("root".into()).group().unwrap(), 0);
        assert_eq!(Who::Id(7).group().unwrap(), 7);
        let unknown = Who::Name("nobody-of-this-name".into()).user().unwrap_err();
        assert_eq!(unknown.to_string(), "there is no nobody-of-this-name in /etc/passwd");
    }

    #[test]
    fn the_shipped_example_is_right_with_and_without_its_comment_signs() {
        let text = include_str!("../../../systemd/deploy.toml");
        assert!(ServiceList::parse(text).unwrap().services.is_empty());
        let spoken: String = text
            .lines()
            .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line).to_owned() + "\n")
            .collect();
        let services = ServiceList::parse(&spoken).unwrap();
        assert_eq!((services.directory.as_path(), services.services.len()), (Path::new(DIRECTORY), 2));
    }

    #[test]
    fn the_reference_names_every_key_with_its_default_and_no_other() {
        // What a key that is not known is answered names all that are.
        let known = |text: &str| -> Vec<String> {
            let (_, told) = ServiceList::parse(text).unwrap_err();
            told.split('`').skip(3).step_by(2).map(str::to_owned).collect()
        };
        let keys = known("zzz = 1\n").into_iter();
        let keys = keys.chain(known("[[deploy]]\nzzz = 1\n").into_iter().map(|key| format!("deploy.{key}")));
        let rows = reference::table("`deploy.toml`");
        reference::agree("deploy.toml", keys, reference::names(&rows));
        let told = |key: &str| rows.iter().find(|row| reference::code(&row[0]) == key).unwrap()[2].clone();
        assert_eq!(reference::code(&told("directory")), DIRECTORY);
        assert_eq!(reference::code(&told("deploy.mode")), format!("\"{MODE:04o}\""));
    }
}
