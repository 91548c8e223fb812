//! The config file: `DATA/signet.toml`, else `/etc/signet/signet.toml`, else the defaults (docs/reference.md).
//!
//! An unknown key is reported with its line and the nearest known one: `check` calls it an error, `serve` a
//! warning, so that an older program still starts with a newer file.

mod brand;
mod error;
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
pub use proxy::{AddressHeader, OWN_PATHS, Proxy};
pub use support::{Support, month};

use crate::messages::config as say;
use brand::BrandTable;
pub use error::ConfigError;
use serde::Deserialize;
use signet_domain::policy::Policy;
use signet_domain::san::DnsName;
use signet_domain::subject::SubjectAnswers;
#[cfg(test)]
use signet_domain::subject_part::Part;
use signet_domain::visible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use subject::SubjectTable;

/// The least memory that a console works with: the largest key derivation beside an owner at work, and some visitors.
const LEAST_MIB: u64 = 40;

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

    /// Reads the text; an error is a line and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let at = |span: Option<std::ops::Range<usize>>| keys::line_of(text, span.map_or(0, |span| span.start));
        let file: File = toml::from_str(text)
            .map_err(|error| (at(error.span()), visible::bounded(error.message(), visible::VALUE)))?;
        let defaults = Self::default();
        let mut policy = Policy::default();
        let located = |(span, what)| (at(span), what);
        if let Some(required) = file.subject.required().map_err(located)? {
            policy.required = required;
        }
        if let Some(exportable) = file.keys.exportable {
            policy.exportable = exportable;
            policy.factory_exportable = exportable;
        }
        if let Some(allow_weak) = file.keys.allow_weak {
            policy.allow_weak = allow_weak;
        }
        let hostnames = file.hostnames.unwrap_or_default().into_iter().map(|name| {
            // As a certificate holds it: an internationalised name as A-labels.
            match DnsName::parse(name.get_ref()) {
                Ok(parsed) => Ok(parsed.as_str().to_owned()),
                Err(_) => Err((at(Some(name.span())), say::not_a_host_name(&visible::line(name.get_ref())))),
            }
        });
        let hostnames = hostnames.collect::<Result<Vec<_>, _>>()?;
        let bounded = |value: Option<toml::Spanned<u64>>, name: &str, low: u64, high: u64, default: u64| match value {
            None => Ok(default),
            Some(value) if (low..=high).contains(value.get_ref()) => Ok(*value.get_ref()),
            Some(value) => Err((at(Some(value.span())), say::out_of_bounds(name, low, high))),
        };
        let proxy = file.proxy.read().map_err(located)?;
        let outgoing_proxy = file.network.proxy().map_err(located)?;
        let listen = file.listen.unwrap_or_default().into_iter().map(|text| {
            let wrong = |what| (at(Some(text.span())), what);
            let address = text.get_ref().parse().map_err(|error: ListenAddressError| wrong(error.to_string()))?;
            untrusted(&address, proxy.as_ref()).map_or(Ok(address), |what| Err(wrong(what)))
        });
        let listen = listen.collect::<Result<Vec<_>, _>>()?;
        let mut support = Support::default();
        for (key, value) in file.support.all() {
            support.set(key, value.get_ref()).map_err(|what| (at(Some(value.span())), what))?;
        }
        let idle = bounded(file.session.idle_minutes, "idle_minutes", 1, 1440, defaults.idle_minutes.into())?;
        let total = bounded(file.session.total_hours, "total_hours", 1, 168, defaults.total_hours.into())?;
        let trial = bounded(file.session.trial_seconds, "trial_seconds", 10, 3600, defaults.trial_seconds.into())?;
        let csrs = bounded(file.limits.csrs, "csrs", 1, 1_000_000, defaults.max_csrs.into())?;
        let disk = bounded(file.limits.disk_mib, "disk_mib", 1, 1_048_576, defaults.max_disk_mib)?;
        let memory = bounded(file.limits.memory_mib, "memory_mib", LEAST_MIB, 4096, defaults.memory_mib.into())?;
        Ok(Self {
            listen,
            redirect: file.redirect.unwrap_or_default(),
            proxy,
            outgoing_proxy,
            hostnames,
            idle_minutes: u32::try_from(idle).unwrap_or(defaults.idle_minutes),
            total_hours: u32::try_from(total).unwrap_or(defaults.total_hours),
            trial_seconds: u32::try_from(trial).unwrap_or(defaults.trial_seconds),
            brand: file.brand.read(|offset| keys::line_of(text, offset)).map_err(located)?,
            policy,
            subject_defaults: file.subject.defaults().map_err(located)?,
            max_csrs: u32::try_from(csrs).unwrap_or(defaults.max_csrs),
            max_disk_mib: disk,
            memory_mib: u32::try_from(memory).unwrap_or(defaults.memory_mib),
            services: file.services.unwrap_or(defaults.services),
            support,
            source: None,
            unknown: keys::unknown(text),
        })
    }
}

/// What is wrong with listening at `address`: nobody who comes in there would be a trusted proxy.
pub fn untrusted(address: &ListenAddress, proxy: Option<&Proxy>) -> Option<String> {
    let takes = proxy.map_or_else(|| Proxy::default().takes(address), |proxy| proxy.takes(address));
    let missing = match address {
        _ if takes => return None,
        ListenAddress::Https(_) => return None,
        ListenAddress::Http(socket) => proxy::peer_at(*socket).to_string(),
        ListenAddress::Unix(_) => "unix".to_owned(),
    };
    Some(format!("{address} is for trusted proxies, and `trusted` in [proxy] does not have \"{missing}\""))
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

/// The file as it lies; every key is optional.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct File {
    listen: Option<Vec<toml::Spanned<String>>>,
    redirect: Option<Vec<SocketAddr>>,
    hostnames: Option<Vec<toml::Spanned<String>>>,
    services: Option<PathBuf>,
    proxy: ProxyTable,
    brand: BrandTable,
    network: network::NetworkTable,
    session: SessionTable,
    subject: SubjectTable,
    keys: KeysTable,
    limits: LimitsTable,
    support: SupportTable,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct ProxyTable {
    trusted: Vec<toml::Spanned<String>>,
    address_header: Option<toml::Spanned<String>>,
    base_path: Option<toml::Spanned<String>>,
    public_url: Option<toml::Spanned<String>>,
}

impl ProxyTable {
    /// The proxy, if the table says anything; an error is where and what is wrong.
    fn read(&self) -> Result<Option<Proxy>, (Option<std::ops::Range<usize>>, String)> {
        let mut proxy = Proxy::default();
        let at = |text: &toml::Spanned<String>| Some(text.span());
        for entry in &self.trusted {
            proxy.trust(entry.get_ref()).map_err(|what| (at(entry), what))?;
        }
        if let Some(name) = &self.address_header {
            proxy.read_header(name.get_ref()).map_err(|what| (at(name), what))?;
        }
        if let Some(path) = &self.base_path {
            proxy.read_base_path(path.get_ref()).map_err(|what| (at(path), what))?;
        }
        if let Some(url) = &self.public_url {
            proxy.read_public_url(url.get_ref()).map_err(|what| (at(url), what))?;
        }
        if !self.trusted.is_empty() {
            return Ok(Some(proxy));
        }
        if proxy == Proxy::default() {
            return Ok(None);
        }
        let other = [&self.address_header, &self.base_path, &self.public_url].into_iter().flatten().next();
        Err((other.and_then(at), "[proxy] needs `trusted`: the addresses of the proxy".to_owned()))
    }
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct SessionTable {
    idle_minutes: Option<toml::Spanned<u64>>,
    total_hours: Option<toml::Spanned<u64>>,
    trial_seconds: Option<toml::Spanned<u64>>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct KeysTable {
    exportable: Option<bool>,
    allow_weak: Option<bool>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct SupportTable {
    until: Option<toml::Spanned<String>>,
    contact: Option<toml::Spanned<String>>,
    response: Option<toml::Spanned<String>>,
    advisories: Option<toml::Spanned<String>>,
    vex: Option<toml::Spanned<String>>,
}

impl SupportTable {
    /// The keys that are there.
    fn all(&self) -> impl Iterator<Item = (&'static str, &toml::Spanned<String>)> {
        let all = [
            ("until", &self.until),
            ("contact", &self.contact),
            ("response", &self.response),
            ("advisories", &self.advisories),
            ("vex", &self.vex),
        ];
        all.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?)))
    }
}

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct LimitsTable {
    csrs: Option<toml::Spanned<u64>>,
    disk_mib: Option<toml::Spanned<u64>>,
    memory_mib: Option<toml::Spanned<u64>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_defaults() {
        let config = Config::parse("").unwrap();
        assert_eq!(
            (config.idle_minutes, config.total_hours, config.max_csrs, config.max_disk_mib, config.memory_mib),
            (15, 12, 20_000, 64, 48)
        );
        assert!(config.unknown.is_empty() && config.proxy.is_none());
        assert!(Config::parse("[proxy]\n").unwrap().proxy.is_none());
    }

    #[test]
    fn every_key_is_read() {
        let text = "services = \"/srv/deploy.toml\"\nlisten = [\"[::1]:0\", \"unix:/run/s\", \"http://127.0.0.1:0\"]\nredirect = [\"127.0.0.1:80\"]\nhostnames = [\"nas.example\"]\n[proxy]\ntrusted = [\"unix\", \"127.0.0.1\"]\naddress_header = \"Forwarded\"\nbase_path = \"/certificates\"\npublic_url = \"https://nas.example/certificates\"\n[network]\nproxy = \"http://proxy:3128/\"\n[session]\nidle_minutes = 5\ntotal_hours = 2\ntrial_seconds = 60\n[subject]\nrequired = [\"san\"]\n[keys]\nexportable = false\nallow_weak = false\n[limits]\ncsrs = 10\ndisk_mib = 2\nmemory_mib = 100\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.listen.len() + config.redirect.len() + config.hostnames.len(), 5);
        assert_eq!(config.outgoing_proxy.as_deref(), Some("http://proxy:3128"));
        let proxy = config.proxy.unwrap();
        assert_eq!((proxy.unix, proxy.networks.len(), proxy.header), (true, 1, AddressHeader::Forwarded));
        assert_eq!((&*proxy.base_path, &*proxy.public.unwrap().origin), ("/certificates", "https://nas.example"));
        assert_eq!((config.idle_minutes, config.total_hours, config.max_csrs, config.max_disk_mib), (5, 2, 10, 2));
        assert_eq!(config.services, Path::new("/srv/deploy.toml"));
        assert_eq!((config.trial_seconds, config.memory_mib), (60, 100));
        assert_eq!(config.policy.required, [Part::San]);
        assert!(!config.policy.exportable && !config.policy.allow_weak);
    }

    #[test]
    fn a_wrong_value_is_named_by_its_line() {
        assert_eq!(Config::parse("\n[session]\nidle_minutes = 0\n").unwrap_err().0, 3);
        assert_eq!(
            Config::parse("[limits]\nmemory_mib = 39\n").unwrap_err(),
            (2, "`memory_mib` must be from 40 to 4096".to_owned())
        );
        assert_eq!(Config::parse("listen = 3\n").unwrap_err().0, 1);
        for (text, line) in [
            ("listen = [\"[::]:443\",\n\"http://192.0.2.7:80\"]\n", 2),
            ("\nlisten = [\"unix:/run/s\"]\n[proxy]\ntrusted = [\"127.0.0.1\"]\n", 2),
            ("listen = [\n\"http://127.0.0.1:80\"]\n", 2),
            ("[proxy]\ntrusted = [\"unix\",\n\"all\"]\n", 3),
            ("[proxy]\nbase_path = \"/certificates\"\n", 2),
            ("[proxy]\ntrusted = [\"unix\"]\naddress_header = \"X-Real-IP\"\n", 3),
        ] {
            assert_eq!(Config::parse(text).unwrap_err().0, line, "{text}");
        }
        assert_eq!(Config::parse("hostnames = [\"nas\",\n\"nas:8443\"]\n").unwrap_err().0, 2);
        assert_eq!(Config::parse("[subject]\nrequired = [\n\"stat\"]\n").unwrap_err().0, 3);
    }
}
