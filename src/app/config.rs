//! The config file: `DATA/signet.toml`, else `/etc/signet/signet.toml`, else the defaults (docs/reference.md).
//!
//! An unknown key is reported with its line and the nearest known one: `check` calls it an error, `serve` a
//! warning, so that an older program still starts with a newer file.

mod brand;
mod error;
mod file;
mod keys;
mod listen;
mod network;
mod origin;
mod proxy;
mod subject;
mod support;

pub(crate) use brand::Shortage;
pub use brand::{Brand, Colour, Named, Palette, Palettes, SupportLink};
pub use listen::{ListenAddress, ListenAddressError};
pub use origin::PublicOrigin;
pub use proxy::{AddressHeader, OWN_PATHS, Proxy, untrusted};
pub use support::{Support, month};

use crate::messages::config as say;
pub use error::ConfigError;
use signet_domain::policy::Policy;
use signet_domain::subject::SubjectAnswers;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The integrator's choices, with docs/reference.md's defaults.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; empty for the command's default.
    pub listen: Vec<ListenAddress>,
    /// Addresses that answer plain HTTP with a redirect.
    pub redirect: Vec<SocketAddr>,
    /// The device's own web server in front of the console, where there is one.
    pub proxy: Option<Proxy>,
    /// The proxy on the way to CAs, `http://HOST:PORT`.
    pub outgoing_proxy: Option<String>,
    /// Further names of the device, for the console's own certificate.
    pub hostnames: Vec<String>,
    /// Minutes after which an idle session ends, 1 to 1440.
    pub idle_minutes: u32,
    /// Hours after which any session ends, 1 to 168.
    pub total_hours: u32,
    /// Seconds in which a certificate on trial for the console must be confirmed, 10 to 3600.
    pub trial_seconds: u32,
    /// How the console is called and looks in a vendor's product.
    pub brand: Option<Brand>,
    /// What a request must and may hold.
    pub policy: Policy,
    /// What a new request begins with, where there is none yet to begin with.
    pub subject_defaults: SubjectAnswers,
    /// CSRs at most.
    pub max_csrs: u32,
    /// Mebibytes that the CSRs may take at most.
    pub max_disk_mib: u64,
    /// Mebibytes that the console may use for visitors and for what they have it compute.
    pub memory_mib: u32,
    /// The integrator's list of other services that certificates are handed to: read to show what will happen.
    pub services: PathBuf,
    /// What the maker promises for the device.
    pub support: Support,
    /// The file that was read, if any.
    pub source: Option<PathBuf>,
    /// Keys that are not known, each a sentence with its line.
    pub unknown: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            redirect: Vec::new(),
            proxy: None,
            outgoing_proxy: None,
            hostnames: Vec::new(),
            idle_minutes: 15,
            total_hours: 12,
            trial_seconds: 300,
            brand: None,
            policy: Policy::default(),
            subject_defaults: SubjectAnswers::default(),
            max_csrs: 20_000,
            max_disk_mib: 64,
            memory_mib: 48,
            services: PathBuf::from(SERVICES),
            support: Support::default(),
            source: None,
            unknown: Vec::new(),
        }
    }
}

/// Where the integrator's list lies in an image.
pub const SERVICES: &str = "/etc/signet/deploy.toml";
/// Where the data lies in an image.
pub const SYSTEM_DATA: &str = "/var/lib/signet";
/// Where the integrator's file lies in an image.
pub const SYSTEM_CONFIG: &str = "/etc/signet/signet.toml";
/// The largest config file, bytes.
const MAX_FILE: u64 = 64 * 1024;

impl Config {
    /// Reads `named`, else `DATA/signet.toml`, else the system's file, else gives the defaults.
    pub fn load(named: Option<&Path>, data: &Path) -> Result<Self, ConfigError> {
        if let Some(path) = named {
            return Self::read(path);
        }
        for path in [data.join("signet.toml"), PathBuf::from(SYSTEM_CONFIG)] {
            match Self::read(&path) {
                Err(ConfigError::Unreadable { source, .. }) if is_absent(&source) => {}
                outcome => return outcome,
            }
        }
        Ok(Self::default())
    }

    /// Reads the system's file, which nobody but root can write, else gives the defaults: for what is done as root.
    pub fn of_system() -> Result<Self, ConfigError> {
        match Self::read(Path::new(SYSTEM_CONFIG)) {
            Err(ConfigError::Unreadable { source, .. }) if is_absent(&source) => Ok(Self::default()),
            outcome => outcome,
        }
    }

    /// The largest config file, bytes.
    pub const MOST: u64 = MAX_FILE;

    fn read(path: &Path) -> Result<Self, ConfigError> {
        Self::read_by(path, read_text)
    }

    /// Reads a file by `text`, for those who do not open it themselves.
    pub fn read_by(path: &Path, text: impl FnOnce(&Path) -> std::io::Result<String>) -> Result<Self, ConfigError> {
        let text = text(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let mut config =
            Self::parse(&text).map_err(|(line, what)| ConfigError::Wrong { path: path.to_owned(), line, what })?;
        config.source = Some(path.to_owned());
        Ok(config)
    }

    /// The product's name where it is not ours.
    pub fn product(&self) -> Option<&str> {
        self.brand.as_ref().map(|brand| &*brand.name)
    }
}

/// A regular file's text of at most [`MAX_FILE`] bytes; a pipe or a device would keep the console from starting.
fn read_text(path: &Path) -> std::io::Result<String> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, say::NOT_A_FILE));
    }
    if metadata.len() > MAX_FILE {
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, say::too_large(MAX_FILE)));
    }
    std::fs::read_to_string(path)
}

/// There is no such file; a path that is no directory has none either, and the store says what is wrong with it.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests;
