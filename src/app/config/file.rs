//! `signet.toml` as it lies, table by table, and what becomes of it.

use super::brand::BrandTable;
use super::network::NetworkTable;
use super::subject::SubjectTable;
use super::{Config, ListenAddressError, Proxy, Support, keys, untrusted};
use crate::messages::config as say;
use serde::Deserialize;
use signet_domain::policy::Policy;
use signet_domain::san::DnsName;
use signet_domain::visible;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The least memory that a console works with: the largest key derivation beside an owner at work, and some visitors.
const LEAST_MIB: u64 = 40;

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
    network: NetworkTable,
    session: SessionTable,
    subject: SubjectTable,
    keys: KeysTable,
    limits: LimitsTable,
    support: SupportTable,
}

impl Config {
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
