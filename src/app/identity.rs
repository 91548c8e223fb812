//! The console's own key and certificate: made at first start, renewed with the same key.

use super::{App, AppError};
use crate::clock;
use crate::pki;
use crate::secret::Secret;
use crate::store::StoredIdentity;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What identifies the console to a person: SHA-256 as `AB:CD:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprints {
    /// Of the public key: stays through renewals, and stands on the label.
    pub key: String,
    /// Of the certificate, which is what browsers show.
    pub certificate: String,
}

impl Fingerprints {
    /// Those of a certificate (DER).
    pub fn of(certificate: &[u8]) -> Result<Self, AppError> {
        Ok(Self {
            key: colons(&pki::identity::spki_sha256(certificate)?),
            certificate: colons(&pki::identity::cert_sha256(certificate)),
        })
    }
}

/// `AB:CD:…`, as fingerprints are read.
pub fn colons(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

impl App {
    /// The seal key, made when it is missing.
    pub fn ensure_seal_key(&self) -> Result<Secret, AppError> {
        if let Some(key) = self.store.seal_key()? {
            return Ok(key);
        }
        let lock = self.store.lock()?;
        if let Some(key) = self.store.seal_key()? {
            return Ok(key);
        }
        let key = Secret::new(super::random::bytes::<32>()?.to_vec());
        lock.put_seal_key(&key)?;
        Ok(key)
    }

    /// The identity to serve with: the kept one, renewed with its key when its time is nearly over, or a new one.
    /// A renewal that cannot be written (a read-only or full partition) leaves the kept one in use.
    pub fn ensure_identity(&self) -> Result<StoredIdentity, AppError> {
        let now = self.clock.now();
        let kept = self.store.identity()?;
        let Some(kept) = kept else {
            let lock = self.store.lock()?;
            if let Some(identity) = self.store.identity()? {
                return Ok(identity);
            }
            let made = self.make_identity(None)?;
            lock.put_identity(&made)?;
            return Ok(made);
        };
        let certificate = kept.chain.first().map(Vec::as_slice).unwrap_or_default();
        if !pki::identity::needs_renewal(certificate, now, clock::build_date())? {
            return Ok(kept);
        }
        let renew = || -> Result<StoredIdentity, AppError> {
            let renewed = self.make_identity(Some(&kept.key))?;
            self.store.lock()?.put_identity(&renewed)?;
            Ok(renewed)
        };
        match renew() {
            Ok(renewed) => Ok(renewed),
            Err(error) => {
                tracing::warn!(%error, "the console's certificate is due and its renewal could not be kept");
                Ok(kept)
            }
        }
    }

    pub(super) fn make_identity(&self, key: Option<&Secret>) -> Result<StoredIdentity, AppError> {
        let (names, addresses) = (console_names(&self.config.hostnames), addresses());
        let made = pki::identity::make(&names, &addresses, self.clock.now(), clock::build_date(), key)?;
        Ok(StoredIdentity { chain: vec![made.cert_der], key: made.key })
    }
}

/// The device's own names: host name, `.local`, `localhost`, and the config's.
pub fn console_names(configured: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(host) = host_name() {
        if !host.contains('.') {
            names.push(format!("{host}.local"));
        }
        names.insert(0, host);
    }
    names.push("localhost".to_owned());
    names.extend(configured.iter().cloned());
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.to_ascii_lowercase()));
    names
}

/// The kernel's host name, when it is one that a certificate can hold.
pub fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase();
    crate::domain::san::DnsName::parse(&name).ok().map(|name| name.as_str().to_owned())
}

/// The addresses of the device's interfaces, loopback included; none of a private network namespace's but that.
pub fn addresses() -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_default();
    let link_local = |address: &IpAddr| match address {
        // fe80:: needs a zone, which a certificate cannot hold.
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
        IpAddr::V4(_) => false,
    };
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let addresses: BTreeSet<IpAddr> =
        found.iter().map(if_addrs::Interface::ip).filter(|ip| !link_local(ip)).chain(loopback).collect();
    addresses.into_iter().take(32).collect()
}
