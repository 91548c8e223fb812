//! Where a command's data and its config file are: the one place that decides it, for every command.
//!
//! Opens the services there. Does not know what the commands do with them.

use super::error::CliError;
use super::how::How;
use super::messages::recover::FINISHED;
use super::messages::unknown_key;
use super::output::tell;
use super::{GLOBAL, caller_files};
use signet_app::Services;
use signet_app::clock::Clock;
use signet_app::config::{Config, ConfigError, SYSTEM_DATA};
use signet_app::data_flag::DataFlag;
use signet_store::{Limits, Opening, Store, StoreError};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The console, as those see who wait for its lock.
pub const SERVE: &str = "signet serve";

/// What the command line says of it.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Data directory [default: $SIGNET_DATA, else $STATE_DIRECTORY, else /var/lib/signet if it is one, else ./signet-data].
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL)]
    data: Option<PathBuf>,
    /// Configuration file [default: DIR/signet.toml, else /etc/signet/signet.toml].
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) how: How,
}

impl Args {
    /// How the command speaks.
    pub fn how(&self) -> &How {
        &self.how
    }
}

/// Where the console keeps everything.
#[derive(Debug)]
pub struct Place {
    data: PathBuf,
    data_flag: DataFlag,
    config: Option<PathBuf>,
    /// How the command speaks.
    pub how: How,
}

/// Whether a command may make the data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directory {
    /// It makes one that is missing.
    New,
    /// It refuses a missing one: a mistyped path must not become a directory where the console never looks.
    Existing,
}

impl Place {
    /// The directory that `--data` names, else the one that commands find by themselves.
    pub fn found(args: Args) -> Self {
        let variable = |name: &str| std::env::var_os(name);
        let data = args.data.unwrap_or_else(|| found_data(variable, system_data()));
        // Who reads a hint is at a shell, to which no service manager has passed a directory. The system's own will have
        // been made by then.
        let at_a_shell = |name: &str| if name == "STATE_DIRECTORY" { None } else { variable(name) };
        let system = if data == Path::new(SYSTEM_DATA) { Some(data.clone()) } else { system_data() };
        let is_found = absolute(&data) == absolute(&found_data(at_a_shell, system));
        let data_flag = if is_found { DataFlag::default() } else { DataFlag::naming(&data) };
        Self { data, data_flag, config: args.config, how: args.how }
    }

    /// The data directory's path.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What a hint's commands need to find the data directory.
    pub fn data_flag(&self) -> DataFlag {
        self.data_flag.clone()
    }

    /// The config file that was named.
    pub fn named_config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// The config in force.
    pub fn config(&self) -> Result<Config, CliError> {
        Ok(self.load_config()?)
    }

    /// The config in force, or what is wrong with it.
    pub fn load_config(&self) -> Result<Config, ConfigError> {
        match self.named_config() {
            Some(named) => Config::read_by(named, |path| caller_files::read_to_string(path, Config::MOST)),
            None => Config::load(None, &self.data),
        }
    }

    /// The config that root's part of a start goes by: what is in the data directory, which is another user's, is not read.
    pub fn config_for_root(&self) -> Result<Config, ConfigError> {
        match self.named_config() {
            Some(_) => self.load_config(),
            None => Config::of_system(),
        }
    }

    /// The services over the data directory; those who wait see that `command` holds it. A missing directory is reported before a
    /// wrong config; and where a new one would be made, the config must be right first.
    pub fn services(&self, command: &str, directory: Directory) -> Result<Services, CliError> {
        let is_in_use = match Store::open_read_only(&self.data)? {
            Some(store) => store.is_marked()?,
            None if directory == Directory::Existing => {
                return Err(StoreError::NoDirectory { path: self.data.clone() }.into());
            }
            None => false,
        };
        let config = self.load_config();
        if config.is_err() && !is_in_use && directory == Directory::New {
            config?;
        }
        let services = self.services_despite_config(command, directory, &self.load_config())?;
        // Read once more: a reset that was finished just now has taken a config away.
        let config = self.config()?;
        for unknown in &config.unknown {
            tell(unknown_key(unknown));
        }
        Ok(services.with_config(config))
    }

    /// As [`Place::services`], with the defaults where the config is wrong: a reset must be able to take it away.
    pub fn services_despite_config(
        &self,
        command: &str,
        directory: Directory,
        config: &Result<Config, ConfigError>,
    ) -> Result<Services, CliError> {
        let config = config.as_ref().map_or_else(|_| Config::default(), Config::clone);
        let limits = Limits { csrs: config.max_csrs, disk_mib: config.max_disk_mib };
        let (serves, existing) = (command == SERVE, directory == Directory::Existing);
        let wait = self.how.patience();
        let opening = Opening { command: command.to_owned(), limits, serves, existing, wait };
        let store = Store::open(&self.data, opening)?;
        let services = Services::open(store, config, Clock::System);
        if services.recoveries.finish_begun()? {
            tell(FINISHED);
        }
        Ok(services)
    }
}

/// `$SIGNET_DATA`, else the first of `$STATE_DIRECTORY`, else `system`, else `./signet-data`. An empty variable counts as
/// none.
fn found_data(variable: impl Fn(&str) -> Option<OsString>, system: Option<PathBuf>) -> PathBuf {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    // systemd separates several with colons; the first is the unit's own.
    let first = |all: OsString| all.as_bytes().split(|byte| *byte == b':').next().map(<[u8]>::to_vec);
    let of_unit = || set("STATE_DIRECTORY").and_then(first).filter(|first| !first.is_empty());
    let given = set("SIGNET_DATA").or_else(|| of_unit().map(OsString::from_vec)).map(PathBuf::from);
    given.or(system).unwrap_or_else(|| absolute(Path::new("signet-data")))
}

/// `/var/lib/signet` where it is a data directory, or is empty and may become one. One that this user may not look into
/// counts as well: a key that was made in another directory would be one that the console never finds.
fn system_data() -> Option<PathBuf> {
    let path = PathBuf::from(SYSTEM_DATA);
    let is_one = match Store::open_read_only(&path) {
        Ok(None) => false,
        Ok(Some(store)) => store.is_marked().unwrap_or(true) || store.is_new().unwrap_or(true),
        Err(_) => true,
    };
    is_one.then_some(path)
}

fn absolute(path: &Path) -> PathBuf {
    // It fails where the working directory is gone.
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(set: &[(&str, &str)], system: Option<&str>) -> PathBuf {
        let variable =
            |name: &str| set.iter().find(|(other, _)| *other == name).map(|(_, value)| OsString::from(value));
        found_data(variable, system.map(PathBuf::from))
    }

    #[test]
    fn the_directory_is_the_first_of_four() {
        let (own, unit, system) = (("SIGNET_DATA", "/own"), ("STATE_DIRECTORY", "/unit:/second"), Some("/system"));
        assert_eq!(found(&[own, unit], system), Path::new("/own"));
        assert_eq!(found(&[unit], system), Path::new("/unit"));
        assert_eq!(found(&[], system), Path::new("/system"));
        assert_eq!(found(&[], None), std::env::current_dir().unwrap().join("signet-data"));
    }

    #[test]
    fn an_empty_variable_counts_as_none() {
        assert_eq!(found(&[("SIGNET_DATA", ""), ("STATE_DIRECTORY", "/unit")], None), Path::new("/unit"));
        assert_eq!(found(&[("SIGNET_DATA", ""), ("STATE_DIRECTORY", "")], Some("/system")), Path::new("/system"));
        assert_eq!(found(&[("STATE_DIRECTORY", ":/second")], Some("/system")), Path::new("/system"));
    }
}
