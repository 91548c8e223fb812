//! Where the console listens, and whom it believes there: flags and configuration as the network takes them.

use super::super::error::CliError;
use signet_app::config::{self, AddressHeader, Config, ListenAddress, Proxy};
use signet_net::{Endpoint, Listeners, Proxies, VisitorHeader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where a console that was started by hand listens: nobody else reaches it.
const BY_HAND: ListenAddress = ListenAddress::Https(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8443));

/// Where to listen: the flags, else the config, else the defaults.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    console: Vec<ListenAddress>,
    redirect: Vec<SocketAddr>,
}

impl Addresses {
    /// Of the flags and the configuration.
    pub(super) fn of(listen: &[ListenAddress], redirect: &[SocketAddr], config: &Config) -> Self {
        Self { console: chosen(listen, &config.listen, &[BY_HAND]), redirect: chosen(redirect, &config.redirect, &[]) }
    }

    /// Binds them.
    pub(super) fn bind(&self) -> Result<Listeners, CliError> {
        let endpoint = |address: &ListenAddress| match address {
            ListenAddress::Https(address) => Endpoint::Https(*address),
            ListenAddress::Http(address) => Endpoint::Http(*address),
            ListenAddress::Unix(path) => Endpoint::Unix(path.clone()),
        };
        let console: Vec<Endpoint> = self.console.iter().map(endpoint).collect();
        Ok(Listeners::bind(&console, &self.redirect)?)
    }
}

/// Who comes in where only proxies are heard must be able to be one, wherever the sockets are from.
pub(super) fn are_trusted(listeners: &Listeners, proxy: Option<&Proxy>) -> Result<(), CliError> {
    let places = listeners.for_proxies().into_iter().map(|endpoint| match endpoint {
        Endpoint::Https(address) => ListenAddress::Https(address),
        Endpoint::Http(address) => ListenAddress::Http(address),
        Endpoint::Unix(path) => ListenAddress::Unix(path),
    });
    match places.into_iter().find_map(|place| config::untrusted(&place, proxy)) {
        Some(what) => Err(CliError::Untrusted { what }),
        None => Ok(()),
    }
}

/// The proxies that the network believes.
pub(super) fn trusted(proxy: Proxy) -> Proxies {
    let header = match proxy.header {
        AddressHeader::XForwardedFor => VisitorHeader::XForwardedFor,
        AddressHeader::Forwarded => VisitorHeader::Forwarded,
    };
    Proxies { networks: proxy.networks, unix: proxy.unix, header }
}

fn chosen<T: Clone>(flags: &[T], config: &[T], default: &[T]) -> Vec<T> {
    let given = [flags, config].into_iter().find(|given| !given.is_empty());
    given.unwrap_or(default).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_configuration_says_where_the_console_listens_by_default() {
        let shipped = include_str!("../../../systemd/signet.toml");
        let said = format!("\n#listen = [\"{BY_HAND}\"]\n");
        assert!(shipped.contains(&said), "{said}");
    }
}
