//! How the TXT record of dns-01 is set: by signed updates of a DNS server, or by a program of root's.

use super::super::dns_name::DnsName;
use super::super::invalid::{Invalid, Mistakes};
use super::super::messages::authority_dns as messages;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// Where DNS servers listen.
const PORT: u16 = 53;
/// The longest name of a hook, in characters.
const MAX_HOOK: usize = 40;

/// The way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DnsWay {
    /// By an update (RFC 2136).
    #[serde(rename = "rfc2136")]
    Update(DnsServer),
    /// By the program that root gave this name.
    #[serde(rename = "hook")]
    Hook(String),
}

/// A DNS server that takes updates, and the key that signs them; its secret is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsServer {
    /// Its address and port.
    pub address: SocketAddr,
    /// The zone that records must be in; none for the one that the server says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The TSIG key's name.
    pub key: String,
    /// What it signs with.
    pub algorithm: TsigAlgorithm,
}

/// An algorithm of RFC 8945.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TsigAlgorithm {
    /// The usual one.
    #[serde(rename = "hmac-sha256")]
    Sha256,
    /// With SHA-384.
    #[serde(rename = "hmac-sha384")]
    Sha384,
    /// With SHA-512.
    #[serde(rename = "hmac-sha512")]
    Sha512,
}

impl TsigAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// Its name in DNS.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sha256 => "hmac-sha256",
            Self::Sha384 => "hmac-sha384",
            Self::Sha512 => "hmac-sha512",
        }
    }
}

/// The same as typed; what is missing stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in DnsServer; an empty text takes a value away")]
pub struct DnsAnswers {
    pub server: Option<String>,
    pub zone: Option<String>,
    pub tsig_name: Option<String>,
    pub tsig_algorithm: Option<String>,
    pub hook: Option<String>,
}

impl DnsAnswers {
    /// The way, over `before`. Refused at `dns_server`, `dns_zone`, `tsig_name`, `tsig_algorithm`, `dns_hook`.
    pub(super) fn parse(&self, before: Option<&DnsWay>, mistakes: &mut Mistakes) -> Option<DnsWay> {
        let given =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let names_server = [&self.server, &self.zone, &self.tsig_name, &self.tsig_algorithm]
            .into_iter()
            .any(|text| given(text).is_some());
        if let Some(hook) = given(&self.hook) {
            if names_server {
                mistakes.add(messages::server_and_hook());
            }
            return mistakes.keep(hook_name(&hook)).map(DnsWay::Hook);
        }
        let before = match before {
            Some(DnsWay::Hook(_)) if self.hook.is_some() || names_server => None,
            other => other,
        };
        let before = match before {
            Some(DnsWay::Update(server)) => Some(server),
            Some(hook) => return Some(hook.clone()),
            None => None,
        };
        let server = given(&self.server);
        if server.is_none() && (self.server.is_some() || before.is_none()) {
            if names_server {
                mistakes.add(messages::no_server());
            }
            return None;
        }
        // Each is looked at, so that all that is wrong is said at once.
        let address = match server {
            Some(text) => mistakes.keep(address(&text)),
            None => before.map(|before| before.address),
        };
        let zone = match given(&self.zone) {
            Some(text) => mistakes.keep(zone(&text)).map(Some),
            None => Some(before.filter(|_| self.zone.is_none()).and_then(|before| before.zone.clone())),
        };
        let key = match (given(&self.tsig_name), before) {
            (Some(text), _) => mistakes.keep(key_name(&text)),
            (None, Some(before)) if self.tsig_name.is_none() => Some(before.key.clone()),
            (None, _) => mistakes.keep(Err(messages::no_key())),
        };
        let algorithm = match given(&self.tsig_algorithm) {
            Some(text) => mistakes.keep(algorithm(&text)),
            None => Some(before.map_or(TsigAlgorithm::Sha256, |before| before.algorithm)),
        };
        Some(DnsWay::Update(DnsServer { address: address?, zone: zone?, key: key?, algorithm: algorithm? }))
    }
}

/// An address, perhaps with a port. A name would have to be looked up, and what is found depends on which resolver is asked.
fn address(text: &str) -> Result<SocketAddr, Invalid> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = match bare.parse::<IpAddr>() {
        Ok(address) => Some(SocketAddr::new(address, PORT)),
        Err(_) => text.parse().ok(),
    };
    address.filter(|address| address.port() > 0).ok_or_else(|| messages::server(text))
}

fn zone(text: &str) -> Result<String, Invalid> {
    let name = DnsName::parse(text).ok().filter(|name| !name.is_wildcard());
    name.map(|name| name.as_str().to_owned()).ok_or_else(|| messages::zone(text))
}

/// The key's name is one of DNS, and often no host's.
fn key_name(text: &str) -> Result<String, Invalid> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let is_name = name.len() <= 253 && name.split('.').all(is_label);
    if is_name { Ok(name.to_ascii_lowercase()) } else { Err(messages::key(text)) }
}

fn algorithm(text: &str) -> Result<TsigAlgorithm, Invalid> {
    TsigAlgorithm::ALL.into_iter().find(|one| one.word() == text).ok_or_else(|| messages::algorithm(text))
}

fn hook_name(text: &str) -> Result<String, Invalid> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let is_name = text.len() <= MAX_HOOK && !text.starts_with('-') && text.chars().all(is_allowed);
    if is_name { Ok(text.to_owned()) } else { Err(messages::hook(text, MAX_HOOK)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(answers: &DnsAnswers, before: Option<&DnsWay>) -> Result<Option<DnsWay>, Vec<&'static str>> {
        let mut mistakes = Mistakes::none();
        let way = answers.parse(before, &mut mistakes);
        if mistakes.is_empty() { Ok(way) } else { Err(mistakes.iter().map(|one| one.field).collect()) }
    }

    fn server(address: &str) -> DnsAnswers {
        DnsAnswers { server: Some(address.into()), tsig_name: Some("Signet.".into()), ..DnsAnswers::default() }
    }

    #[test]
    fn a_server_is_an_address_and_the_usual_algorithm_is_sha_256() {
        for (text, address) in [
            ("192.0.2.1", "192.0.2.1:53"),
            ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("2001:db8::1", "[2001:db8::1]:53"),
            ("[2001:db8::1]", "[2001:db8::1]:53"),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353"),
        ] {
            let Ok(Some(DnsWay::Update(way))) = parsed(&server(text), None) else { panic!("{text}") };
            assert_eq!(way.address.to_string(), address);
            assert_eq!((way.key.as_str(), way.algorithm, way.zone), ("signet", TsigAlgorithm::Sha256, None));
        }
        for bad in ["ns.example", "192.0.2.1:0", "192.0.2.1:x", "[::1", "192.0.2", "udp://192.0.2.1"] {
            assert_eq!(parsed(&server(bad), None), Err(vec!["dns_server"]), "{bad}");
        }
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name_and_one_way_takes_the_place_of_the_other() {
        let before = parsed(&server("192.0.2.1"), None).unwrap().unwrap();
        let zone = DnsAnswers { zone: Some("Example.".into()), ..DnsAnswers::default() };
        let Some(DnsWay::Update(after)) = parsed(&zone, Some(&before)).unwrap() else { panic!() };
        assert_eq!((after.zone.as_deref(), after.key.as_str()), (Some("example"), "signet"));
        let hook = DnsAnswers { hook: Some("acme-dns".into()), ..DnsAnswers::default() };
        let by_hook = parsed(&hook, Some(&before)).unwrap().unwrap();
        assert_eq!(by_hook, DnsWay::Hook("acme-dns".into()));
        assert_eq!(parsed(&DnsAnswers::default(), Some(&by_hook)).unwrap(), Some(by_hook.clone()));
        assert_eq!(parsed(&server("192.0.2.1"), Some(&by_hook)).unwrap(), Some(before));
        let none = DnsAnswers { hook: Some(String::new()), ..DnsAnswers::default() };
        assert_eq!(parsed(&none, Some(&by_hook)).unwrap(), None);
    }

    #[test]
    fn what_does_not_go_together_is_refused_at_its_field() {
        let both = DnsAnswers { hook: Some("a".into()), ..server("192.0.2.1") };
        assert_eq!(parsed(&both, None), Err(vec!["dns_hook"]));
        let no_server = DnsAnswers { tsig_name: Some("k".into()), ..DnsAnswers::default() };
        assert_eq!(parsed(&no_server, None), Err(vec!["dns_server"]));
        let no_key = DnsAnswers { server: Some("192.0.2.1".into()), ..DnsAnswers::default() };
        assert_eq!(parsed(&no_key, None), Err(vec!["tsig_name"]));
        let all = DnsAnswers { zone: Some("*.a".into()), tsig_algorithm: Some("md5".into()), ..no_key.clone() };
        let all = DnsAnswers { server: Some("ns.example".into()), ..all };
        assert_eq!(parsed(&all, None), Err(vec!["dns_server", "dns_zone", "tsig_name", "tsig_algorithm"]));
        let before = parsed(&server("192.0.2.1"), None).unwrap();
        let removed = DnsAnswers { tsig_name: Some(String::new()), ..DnsAnswers::default() };
        assert_eq!(parsed(&removed, before.as_ref()), Err(vec!["tsig_name"]));
        for (field, bad) in [
            ("dns_zone", DnsAnswers { zone: Some("*.example".into()), ..server("192.0.2.1") }),
            ("tsig_name", DnsAnswers { tsig_name: Some("a b".into()), ..server("192.0.2.1") }),
            ("tsig_algorithm", DnsAnswers { tsig_algorithm: Some("hmac-md5".into()), ..server("192.0.2.1") }),
            ("dns_hook", DnsAnswers { hook: Some("../x".into()), ..DnsAnswers::default() }),
            ("dns_hook", DnsAnswers { hook: Some("-x".into()), ..DnsAnswers::default() }),
        ] {
            assert_eq!(parsed(&bad, None), Err(vec![field]));
        }
    }
}
