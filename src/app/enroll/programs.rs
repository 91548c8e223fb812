//! `/etc/signet/enroll.toml`: programs that the enrolling process runs. It is root's file: whoever controls the console or its
//! data must not be able to name a program.

use crate::deploy::{DeployError, reload, trusted};
use crate::messages::services as say;
use serde::Deserialize;
use signet_domain::enrollment::{Failure, Order};
use signet_domain::visible;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where it lies.
const FILE: &str = "/etc/signet/enroll.toml";
/// Another place for it, said by whoever starts the process.
const VARIABLE: &str = "SIGNET_ENROLL_CONFIG";

/// The programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Programs {
    /// Is told of orders that fail.
    notify: Option<PathBuf>,
    /// Set and remove DNS records, see [`crate::hooks`].
    pub(crate) hooks: BTreeMap<String, PathBuf>,
}

/// Where the file lies, or where whoever starts the process says that it does.
pub fn file() -> PathBuf {
    std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map_or_else(|| PathBuf::from(FILE), PathBuf::from)
}

impl Programs {
    /// Reads the file; none are named where there is none.
    ///
    /// # Errors
    /// Where others than root (or the user who runs this) could have written it, or it says something else.
    pub fn read() -> Result<Self, DeployError> {
        let path = file();
        let Some(text) = trusted::read(&path)? else { return Ok(Self::default()) };
        Self::parse(&text, &path)
    }

    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, DeployError> {
        let wrong = |line, what| DeployError::Wrong { path: path.to_owned(), line, what };
        let programs: Self = toml::from_str(text).map_err(|error| {
            let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
            wrong(1 + before.matches('\n').count(), visible::line(error.message()))
        })?;
        match &programs.notify {
            Some(program) if !program.is_absolute() => Err(wrong(1, say::NOTIFY.to_owned())),
            _ => Ok(programs),
        }
    }

    /// Tells that an order has failed: `enroll-failed REQUEST CA CODE REASON`. An error is how the program ended.
    pub fn notify(&self, order: &Order, failure: &Failure) -> Result<(), String> {
        let Some(program) = self.notify.as_ref().and_then(|program| program.to_str()) else { return Ok(()) };
        let argv = [program, "enroll-failed", &order.request, &order.authority, &failure.code, &failure.what];
        reload::run(&argv.map(str::to_owned), reload::PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Option<PathBuf>, String> {
        let parsed = Programs::parse(text, Path::new("/etc/signet/enroll.toml"));
        parsed.map(|programs| programs.notify).map_err(|error| error.to_string())
    }

    #[test]
    fn a_program_is_named_by_its_whole_path_and_nothing_else_is_said() {
        assert_eq!(parsed("notify = \"/usr/bin/tell\"\n"), Ok(Some("/usr/bin/tell".into())));
        assert_eq!(parsed(""), Ok(None));
        for bad in ["notify = \"tell\"", "\nnotice = \"/bin/true\"", "notify = 1", "notify"] {
            assert!(parsed(bad).unwrap_err().contains("/etc/signet/enroll.toml"), "{bad}");
        }
    }
}
