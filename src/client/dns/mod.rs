//! The TXT records of dns-01 (RFC 8555, section 8.4), by updates (RFC 2136) that are signed with TSIG (RFC 8945).
//!
//! All is asked of the server of the authority's settings, which has the zone: where the record belongs, and which servers
//! show it to the CA. The system's resolver is asked alone for what that server does not know: CNAME records of other zones, and
//! addresses of name servers. It blocks, and knows no file but `/etc/resolv.conf`.

pub(crate) mod error;
mod exchange;
mod message;
mod name;
mod reader;
mod tsig;
mod wait;

pub use error::DnsError;
pub use wait::Placed;

use aws_lc_rs::rand;
use message::{A, AAAA, Answer, CNAME, Data, NS, Record, SOA, TXT};
use name::Name;
use signet_domain::authority::DnsServer;
use std::net::{IpAddr, SocketAddr};

/// CNAME records that are followed.
const MOST_ALIASES: usize = 8;
/// Name servers of a zone that are looked at, and addresses of theirs.
const MOST_SERVERS: usize = 16;
/// Where DNS servers listen.
const PORT: u16 = 53;
/// The system's resolvers.
const RESOLVERS: &str = "/etc/resolv.conf";

/// The record's name at the end of all CNAME records, and the zone that it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name.
    pub owner: String,
    /// The zone.
    pub zone: String,
}

/// Updates a zone.
pub struct Updater {
    server: SocketAddr,
    zone: Option<Name>,
    key: tsig::Key,
}

impl Updater {
    /// With these settings and the key's secret.
    pub fn new(settings: &DnsServer, secret: &[u8]) -> Result<Self, DnsError> {
        let zone = settings.zone.as_deref().map(|zone| Name::parse(zone).ok_or(DnsError::Settings)).transpose()?;
        let key = tsig::Key::new(&settings.key, settings.algorithm, secret).ok_or(DnsError::Settings)?;
        Ok(Self { server: settings.address, zone, key })
    }

    /// Where the record for this host name belongs.
    pub fn place(&self, name: &str) -> Result<Place, DnsError> {
        let name = name.strip_prefix("*.").unwrap_or(name);
        let first = Name::parse(&format!("_acme-challenge.{name}")).ok_or(DnsError::Settings)?;
        let mut owner = first.clone();
        for _ in 0..MOST_ALIASES {
            match self.alias(&owner)? {
                Some(target) => owner = target,
                None => return self.zone_of(owner),
            }
        }
        Err(DnsError::Circle(first.to_string()))
    }

    /// What a CNAME record of this name leads to.
    fn alias(&self, owner: &Name) -> Result<Option<Name>, DnsError> {
        let target = |answer: &Answer| names(&answer.answers, CNAME, Some(owner)).next();
        let answer = ask(self.server, owner, CNAME, true)?;
        if answer.is_authoritative() || target(&answer).is_some() {
            return Ok(target(&answer));
        }
        // It does not have that zone. What the system's resolvers say is good enough to find another one.
        let others = resolvers().into_iter().filter_map(|server| ask(server, owner, CNAME, true).ok());
        Ok(others.take(1).find_map(|answer| target(&answer)))
    }

    fn zone_of(&self, owner: Name) -> Result<Place, DnsError> {
        let answer = ask(self.server, &owner, SOA, false)?;
        let find = |records: &[Record], kind: u16| {
            records
                .iter()
                .find(|record| record.kind == kind && owner.is_within(&record.owner))
                .map(|at| at.owner.clone())
        };
        let at = |zone: &Name| Place { owner: owner.to_string(), zone: zone.to_string() };
        let found = find(&answer.answers, SOA).or_else(|| find(&answer.authority, SOA));
        let Some(zone) = found.filter(|_| answer.is_authoritative()) else {
            // A referral: the name is below a cut.
            let cut = find(&answer.authority, NS).filter(|zone| answer.code() == 0 && *zone != Name::root());
            return Err(match cut {
                Some(zone) => DnsError::ZoneCut { name: owner.to_string(), zone: zone.to_string() },
                None => DnsError::NotAuthoritative(owner.to_string()),
            });
        };
        match &self.zone {
            Some(expected) if *expected != zone => Err(DnsError::OtherZone {
                name: owner.to_string(),
                zone: zone.to_string(),
                expected: expected.to_string(),
            }),
            _ => Ok(at(&zone)),
        }
    }

    /// Adds the record, beside others of its name. `now` is in seconds since 1970.
    pub fn add(&self, place: &Place, value: &str, now: i64) -> Result<(), DnsError> {
        self.update(place, value, true, now)
    }

    /// Removes this record and no other.
    pub fn remove(&self, place: &Place, value: &str, now: i64) -> Result<(), DnsError> {
        self.update(place, value, false, now)
    }

    fn update(&self, place: &Place, value: &str, add: bool, now: i64) -> Result<(), DnsError> {
        let name = |text: &str| Name::parse(text).ok_or(DnsError::Settings);
        let (zone, owner) = (name(&place.zone)?, name(&place.owner)?);
        let mut request = message::update(number()?, &zone, &owner, value, add).ok_or(DnsError::Settings)?;
        let now = u64::try_from(now).unwrap_or_default();
        let mac = self.key.sign(&mut request, now);
        let (raw, answer) = asked(self.server, &request)?;
        match self.key.verify(&raw, answer.code(), answer.signed.as_ref(), &mac, now) {
            Err(DnsError::Code(9 | 10)) => Err(DnsError::NotAuthoritative(place.zone.clone())),
            other => other,
        }
    }

    /// The servers that show the zone: the one of the settings first, then those of the zone's NS records.
    pub fn servers(&self, place: &Place) -> Result<Vec<SocketAddr>, DnsError> {
        let zone = Name::parse(&place.zone).ok_or(DnsError::Settings)?;
        let (mut all, mut others) = (vec![self.server], resolvers());
        let answer = ask(self.server, &zone, NS, false)?;
        for host in names(&answer.answers, NS, None).take(MOST_SERVERS) {
            let mut addresses: Vec<IpAddr> = of_host(&answer.additional, &host).collect();
            if addresses.is_empty() {
                addresses = addresses_of(self.server, &host).unwrap_or_default();
            }
            // Whoever does not answer is not asked again.
            while let Some(resolver) = others.first().filter(|_| addresses.is_empty()) {
                match addresses_of(*resolver, &host) {
                    Ok(found) => {
                        addresses = found;
                        break;
                    }
                    Err(_) => {
                        others.remove(0);
                    }
                }
            }
            for address in addresses {
                if all.len() < MOST_SERVERS && !all.iter().any(|known| known.ip() == address) {
                    all.push(SocketAddr::new(address, PORT));
                }
            }
        }
        Ok(all)
    }
}

/// What a server shows of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It is there.
    Yes,
    /// Nothing is there.
    Nothing,
    /// Others are there.
    Others,
    /// The server does not have the zone.
    NotItsZone,
}

/// What this server shows.
pub fn shown(server: SocketAddr, place: &Place, value: &str) -> Result<Shown, DnsError> {
    let owner = Name::parse(&place.owner).ok_or(DnsError::Settings)?;
    let answer = ask(server, &owner, TXT, false)?;
    if !answer.is_authoritative() {
        return Ok(Shown::NotItsZone);
    }
    let mut texts = answer.answers.iter().filter_map(|record| match &record.data {
        Data::Text(text) => Some(text == value.as_bytes()),
        _ => None,
    });
    Ok(match texts.next() {
        None => Shown::Nothing,
        Some(first) if first || texts.any(|is_it| is_it) => Shown::Yes,
        Some(_) => Shown::Others,
    })
}

/// The names that records of this kind lead to.
fn names<'a>(records: &'a [Record], kind: u16, owner: Option<&'a Name>) -> impl Iterator<Item = Name> + use<'a> {
    let meant =
        records.iter().filter(move |record| record.kind == kind && owner.is_none_or(|owner| record.owner == *owner));
    meant.filter_map(|record| match &record.data {
        Data::Name(name) => Some(name.clone()),
        _ => None,
    })
}

fn of_host<'a>(records: &'a [Record], host: &'a Name) -> impl Iterator<Item = IpAddr> + use<'a> {
    records.iter().filter(move |record| record.owner == *host).filter_map(|record| match record.data {
        Data::Address(address) => Some(address),
        _ => None,
    })
}

fn addresses_of(server: SocketAddr, host: &Name) -> Result<Vec<IpAddr>, DnsError> {
    let mut all = Vec::new();
    for kind in [A, AAAA] {
        let answer = ask(server, host, kind, true)?;
        all.extend(of_host(&answer.answers, host));
    }
    Ok(all)
}

fn ask(server: SocketAddr, name: &Name, kind: u16, recursion: bool) -> Result<Answer, DnsError> {
    Ok(asked(server, &message::query(number()?, name, kind, recursion))?.1)
}

fn asked(server: SocketAddr, request: &[u8]) -> Result<(Vec<u8>, Answer), DnsError> {
    let raw = exchange::exchange(server, request).map_err(|source| DnsError::Unreachable { server, source })?;
    let answer = Answer::read(&raw).ok_or(DnsError::Damaged(server))?;
    Ok((raw, answer))
}

/// A number that nobody guesses.
fn number() -> Result<u16, DnsError> {
    let mut bytes = [0; 2];
    rand::fill(&mut bytes).map_err(|_| DnsError::Settings)?;
    Ok(u16::from_be_bytes(bytes))
}

/// The system's name servers, as resolv.conf(5) has them.
fn resolvers() -> Vec<SocketAddr> {
    let text = std::fs::read_to_string(RESOLVERS).unwrap_or_default();
    let servers = text.lines().filter_map(|line| line.strip_prefix("nameserver")?.trim().parse().ok());
    servers.map(|address| SocketAddr::new(address, PORT)).take(3).collect()
}
