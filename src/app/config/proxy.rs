//! The config file's `[proxy]`: the device's own web server in front of the console, and where the console is behind it.
//!
//! Values exist only if they are right; what an error says is one sentence, and its line is found elsewhere.

use super::{ListenAddress, PublicOrigin};
use ipnet::{IpNet, Ipv4Net};
use signet_domain::visible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Bytes of a base path. It is part of each cookie, of which a browser keeps 4096 bytes (RFC 6265 6.1).
const BASE_PATH: usize = 64;

/// First parts of the console's own paths. Below one of them the same path would name two pages, since a proxy may pass the base
/// path on or take it away.
pub const OWN_PATHS: [&str; 15] = [
    "account",
    "audit",
    "authorities",
    "console",
    "csrs",
    "healthz",
    "help",
    "licences",
    "login",
    "logout",
    "reply",
    "setup",
    "static",
    "ticket",
    "wizard",
];

/// The word for the Unix socket among trusted addresses.
const UNIX: &str = "unix";

/// A proxy in front of the console.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxy {
    /// Addresses that are believed when they say whom they speak for.
    pub networks: Vec<IpNet>,
    /// So is whoever connects to a Unix socket of the console.
    pub unix: bool,
    /// Where they say it.
    pub header: AddressHeader,
    /// The path that the console's own paths are below, without a slash at its end; empty for the host's root.
    pub base_path: String,
    /// The one address by which visitors reach the console; none where the proxy passes on the host that they typed.
    pub public: Option<PublicOrigin>,
}

/// The header in which a proxy says whom it speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl Proxy {
    /// True when whoever comes in at `address` can be a trusted proxy, or need not be one.
    pub fn takes(&self, address: &ListenAddress) -> bool {
        match address {
            ListenAddress::Https(_) => true,
            ListenAddress::Http(address) => {
                let peer = peer_at(*address);
                self.networks.iter().any(|network| network.contains(&peer))
            }
            ListenAddress::Unix(_) => self.unix,
        }
    }

    /// Adds an entry of `trusted`.
    pub(super) fn trust(&mut self, entry: &str) -> Result<(), String> {
        if entry == UNIX {
            self.unix = true;
            return Ok(());
        }
        let network = match entry.parse::<IpAddr>() {
            Ok(address) => Some(IpNet::from(address.to_canonical())),
            Err(_) => entry.parse().ok(),
        };
        let network = network.map(canonical);
        // One that has bits behind its prefix is a slip: which of the two was meant?
        let network: IpNet = network.filter(|network: &IpNet| network.trunc() == *network).ok_or_else(|| {
            format!("`{}` is not an address, a network such as 10.0.0.0/24, or `unix`", visible::line(entry))
        })?;
        if network.prefix_len() == 0 {
            return Err(format!("`{entry}` is everybody: a visitor could choose the address that is logged"));
        }
        self.networks.push(network);
        Ok(())
    }

    /// Takes `address_header`.
    pub(super) fn read_header(&mut self, name: &str) -> Result<(), String> {
        self.header = match () {
            () if name.eq_ignore_ascii_case("X-Forwarded-For") => AddressHeader::XForwardedFor,
            () if name.eq_ignore_ascii_case("Forwarded") => AddressHeader::Forwarded,
            () => return Err("`address_header` must be \"X-Forwarded-For\" or \"Forwarded\"".to_owned()),
        };
        Ok(())
    }

    /// Takes `base_path`.
    pub(super) fn read_base_path(&mut self, text: &str) -> Result<(), String> {
        let path = text.strip_suffix('/').unwrap_or(text);
        let segment = |part: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain)
        };
        let is_path = path.is_empty() || path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment));
        if !is_path || path.len() > BASE_PATH {
            return Err(format!(
                "`{}` cannot be the base path: write a path such as /certificates, of letters, digits, - . _ ~ and at most {BASE_PATH} bytes",
                visible::line(text)
            ));
        }
        let first = path.split('/').nth(1).unwrap_or_default();
        if OWN_PATHS.contains(&first) {
            return Err(format!(
                "`{}` cannot be the base path, because /{first} is a page of the console: choose another one, such as /certificates",
                visible::line(text)
            ));
        }
        self.base_path = path.to_owned();
        Ok(())
    }

    /// Takes `public_url`, after `base_path` where there is one. An empty one is none.
    pub(super) fn read_public_url(&mut self, url: &str) -> Result<(), String> {
        if url.is_empty() {
            return Ok(());
        }
        let wrong = || {
            format!(
                "`{}` must be the address in the browser, such as https://nas.example.com/certificates",
                visible::line(url)
            )
        };
        let rest = url.strip_prefix("https://").ok_or_else(wrong)?;
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let public = PublicOrigin::of(authority).ok_or_else(wrong)?;
        let base_path = std::mem::take(&mut self.base_path);
        self.read_base_path(path)?;
        if !base_path.is_empty() && base_path != self.base_path {
            return Err(format!(
                "the path of `public_url` and `base_path` differ: `{}` and `{base_path}`",
                self.base_path
            ));
        }
        self.public = Some(public);
        Ok(())
    }
}

/// The address of whoever connects to a loopback address: the kernel takes 127.0.0.1 for all of 127.0.0.0/8, unless a program
/// binds another one.
pub(super) fn peer_at(address: SocketAddr) -> IpAddr {
    if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() }
}

/// Peers are looked at as IPv4 where they are IPv4, and so are networks of such addresses written as IPv6 (::ffff:0:0/96).
fn canonical(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V6(v6) => v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96)),
        IpNet::V4(_) => None,
    };
    mapped.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok()).map_or(network, IpNet::V4)
}

/// What is wrong with listening at `address`: nobody who comes in there would be a trusted proxy.
pub fn untrusted(address: &ListenAddress, proxy: Option<&Proxy>) -> Option<String> {
    let takes = proxy.map_or_else(|| Proxy::default().takes(address), |proxy| proxy.takes(address));
    let missing = match address {
        _ if takes => return None,
        ListenAddress::Https(_) => return None,
        ListenAddress::Http(socket) => peer_at(*socket).to_string(),
        ListenAddress::Unix(_) => "unix".to_owned(),
    };
    Some(format!("{address} is for trusted proxies, and `trusted` in [proxy] does not have \"{missing}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trusted_are_addresses_networks_and_the_unix_socket() {
        let mut proxy = Proxy::default();
        for entry in ["unix", "127.0.0.1", "::ffff:192.0.2.1", "10.0.0.0/24", "2001:db8::/32", "::ffff:10.1.0.0/120"] {
            proxy.trust(entry).unwrap();
        }
        assert!(proxy.unix);
        let all: Vec<String> = proxy.networks.iter().map(ToString::to_string).collect();
        assert_eq!(all, ["127.0.0.1/32", "192.0.2.1/32", "10.0.0.0/24", "2001:db8::/32", "10.1.0.0/24"]);
        for entry in [
            "",
            "nas.local",
            "10.0.0.1/24",
            "10.0.0.0/33",
            "0.0.0.0/0",
            "::/0",
            "Unix",
            "10.0.0",
            "::ffff:0:0/96",
            "::ffff:10.0.0.1/120",
        ] {
            assert!(proxy.trust(entry).is_err(), "{entry}");
        }
    }

    #[test]
    fn a_base_path_is_one_that_every_proxy_passes_on_unchanged() {
        let mut proxy = Proxy::default();
        for (text, path) in [("/certificates", "/certificates"), ("/a/b-c/", "/a/b-c"), ("/", ""), ("", "")] {
            proxy.read_base_path(text).unwrap();
            assert_eq!(proxy.base_path, path);
        }
        for text in [
            "certificates",
            "//",
            "/a//b",
            "/..",
            "/a/./b",
            "/a b",
            "/a%20b",
            "/a?b",
            "/\u{fc}",
            &format!("/{}", "a".repeat(64)),
        ] {
            assert!(proxy.read_base_path(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_base_path_does_not_begin_with_a_page_of_the_console() {
        for own in OWN_PATHS {
            for path in [format!("/{own}"), format!("/{own}/"), format!("/{own}/nas")] {
                let error = Proxy::default().read_base_path(&path).unwrap_err();
                assert!(
                    error.contains("is a page of the console") && error.ends_with("such as /certificates"),
                    "{error}"
                );
                assert_eq!(Proxy::default().read_public_url(&format!("https://nas{path}")).unwrap_err(), error);
            }
            for path in [format!("/{own}s"), format!("/nas/{own}"), format!("/{}", own.to_uppercase())] {
                assert!(Proxy::default().read_base_path(&path).is_ok(), "{path}");
            }
        }
    }

    #[test]
    fn a_public_url_is_an_origin_and_the_base_path() {
        for (url, origin, host, path) in [
            ("https://nas.example.com", "https://nas.example.com", "nas.example.com", ""),
            (
                "https://NAS.example.com:443/certificates/",
                "https://nas.example.com",
                "nas.example.com",
                "/certificates",
            ),
            ("https://[2001:db8::7]:8443/a/b", "https://[2001:db8::7]:8443", "[2001:db8::7]", "/a/b"),
        ] {
            let mut proxy = Proxy::default();
            proxy.read_public_url(url).unwrap();
            assert_eq!(proxy.public, Some(PublicOrigin { origin: origin.to_owned(), host: host.to_owned() }));
            assert_eq!(proxy.base_path, path);
        }
        for url in [
            "http://nas",
            "https://",
            "https://nas:port",
            "https://a b",
            "https://user@nas",
            "https://[::1",
            "https://nas?a",
            "https://nas/a?b",
        ] {
            assert!(Proxy::default().read_public_url(url).is_err(), "{url}");
        }
        let mut proxy = Proxy::default();
        proxy.read_base_path("/a").unwrap();
        assert!(proxy.clone().read_public_url("https://nas/a").is_ok());
        assert!(proxy.read_public_url("https://nas/b").is_err());
    }

    #[test]
    fn plain_http_is_taken_where_somebody_is_trusted() {
        let takes = |proxy: &Proxy, text: &str| proxy.takes(&text.parse().unwrap());
        let mut proxy = Proxy::default();
        assert!(takes(&proxy, "[::]:443") && !takes(&proxy, "unix:/s") && !takes(&proxy, "http://127.0.0.1:80"));
        proxy.trust("unix").unwrap();
        // Who connects to 127.0.0.2 comes from 127.0.0.1.
        proxy.trust("127.0.0.2").unwrap();
        assert!(!takes(&proxy, "http://127.0.0.1:80") && !takes(&proxy, "http://127.0.0.2:80"));
        proxy.trust("127.0.0.1").unwrap();
        assert!(takes(&proxy, "http://127.0.0.1:80") && takes(&proxy, "http://127.0.0.2:80"));
        assert!(takes(&proxy, "unix:/s") && !takes(&proxy, "http://[::1]:80"));
    }
}
