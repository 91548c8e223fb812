//! Whether a certificate and its key can be a web server's: what TLS and browsers refuse, and what is only worth knowing.
//!
//! Reads the certificates' own bytes; a handshake is tried elsewhere. Knows neither files nor where the clock comes from.

mod error;

pub use error::Unfit;

use super::certificate::Certificate;
use super::chain::{Chain, End, chain};
use super::identity::{CertificateError, key_matches};
use super::key_kind::KeyKind;
use super::messages::serving as messages;
use jiff::Timestamp;
use signet_domain::extensions::KeyUsageBit;
use signet_domain::key_spec::Curve;
use signet_domain::ml_dsa;
use signet_domain::secret::Secret;

/// Who takes a certificate that can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takers {
    /// Browsers as they are common.
    Browsers,
    /// Those alone that know ML-DSA.
    MlDsa,
}

/// Why common clients cannot use a certificate that is otherwise in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// Its key is ML-DSA.
    MlDsaKey,
    /// It was signed with ML-DSA, or a CA above it was.
    MlDsaSignature,
    /// Browsers do not take its kind of key.
    OtherKey,
}

impl Hindrance {
    /// The first that the leaf of a chain has, or a link above it. A root's own signature is verified by nobody.
    pub fn of(chain: &Chain) -> Option<Self> {
        let leaf = chain.certificates.first()?;
        match takers(leaf) {
            Some(Takers::MlDsa) => Some(Self::MlDsaKey),
            _ if chain.served().iter().any(Certificate::is_signed_with_ml_dsa) => Some(Self::MlDsaSignature),
            Some(Takers::Browsers) => None,
            None => Some(Self::OtherKey),
        }
    }

    /// What is said of it beside other advice; nothing for a kind of key that was advised against when it was chosen.
    pub fn advice(self) -> Option<&'static str> {
        match self {
            Self::MlDsaKey => Some(ml_dsa::messages::CLIENTS_OF_CERTIFICATE),
            Self::MlDsaSignature => Some(ml_dsa::messages::CLIENTS_OF_CHAIN),
            Self::OtherKey => None,
        }
    }
}

/// By its key alone; none for a kind that browsers do not take.
fn takers(leaf: &Certificate) -> Option<Takers> {
    match leaf.key.kind {
        Some(KeyKind::Ec(Curve::Secp256r1 | Curve::Secp384r1 | Curve::Secp521r1)) => Some(Takers::Browsers),
        Some(KeyKind::Rsa { bits }) if bits >= 2048 => Some(Takers::Browsers),
        Some(KeyKind::MlDsa(_)) => Some(Takers::MlDsa),
        _ => None,
    }
}

/// Refuses what rustls would not serve or browsers would not accept. `certificates` is DER, the server's own first; `now` is the
/// device's clock, and one before `built` is unknown: nothing has expired by it.
pub fn serves(certificates: &[Vec<u8>], key: &Secret, now: Timestamp, built: Timestamp) -> Result<Takers, Unfit> {
    let der = certificates.first().ok_or(Unfit::Unanswered)?;
    let leaf = Certificate::read(der).map_err(|_| Unfit::Damaged)?;
    if !key_matches(der, key) {
        return Err(Unfit::AnotherKey);
    }
    fits(leaf, now, built)
}

/// The same of a certificate alone: whether its key is here is not checked.
pub fn fits(leaf: Certificate, now: Timestamp, built: Timestamp) -> Result<Takers, Unfit> {
    if leaf.version != 3 {
        return Err(Unfit::Version(leaf.version));
    }
    let Some(takers) = takers(&leaf) else { return Err(Unfit::Key(leaf.key.label)) };
    if now >= built && leaf.not_after < now {
        return Err(Unfit::Ended(leaf.not_after));
    }
    let usages = leaf.stated.extended_key_usage.as_ref().map(|_| &leaf.extended_key_usage);
    if usages.is_some_and(|usages| !usages.iter().any(|usage| FOR_SERVERS.contains(&usage.as_str()))) {
        return Err(Unfit::NotForServers);
    }
    if leaf.stated.key_usage.is_some() && !leaf.key_usage.contains(&KeyUsageBit::DigitalSignature) {
        return Err(Unfit::NotForSigning);
    }
    Ok(takers)
}

/// What is worth knowing before a certificate is shown to visitors, each one or two sentences. `certificates` is all that
/// the CA sent: a root, which is not sent, shows that none is missing.
pub fn advice(certificates: &[Vec<u8>], now: Timestamp, built: Timestamp) -> Result<Vec<String>, CertificateError> {
    let Some((leaf, above)) = read(certificates)? else { return Ok(Vec::new()) };
    let mut advice = Vec::new();
    if now < built && leaf.not_after < built {
        advice.push(messages::clock_not_set(leaf.not_after));
    } else if leaf.not_before > now.max(built) {
        advice.push(messages::not_valid_yet(leaf.not_before));
    }
    let (is_ca, kind) = (leaf.is_ca, leaf.key.kind);
    let chain = chain(leaf, above);
    let hindrance = chain.as_ref().ok().and_then(Hindrance::of);
    match chain.map(|chain| chain.end) {
        Ok(End::Root) => {}
        Ok(End::Missing { issuer, at }) => {
            advice.push(messages::issuer_missing(&issuer, at.first().map(String::as_str)))
        }
        Ok(End::Loop { issuer }) => advice.push(messages::chain_in_a_loop(&issuer)),
        Err(error) => advice.push(messages::chain_broken(error)),
    }
    if is_ca {
        advice.push(messages::A_CA.to_owned());
    }
    if kind == Some(KeyKind::Ec(Curve::Secp521r1)) {
        advice.push(messages::SECP521R1.to_owned());
    }
    if let Some(KeyKind::MlDsa(_)) = kind {
        advice.push(ml_dsa::messages::CONSOLE.to_owned());
    } else if hindrance == Some(Hindrance::MlDsaSignature) {
        advice.push(ml_dsa::messages::CLIENTS_OF_CHAIN.to_owned());
    }
    Ok(advice)
}

/// The chain as a server sends it: in order, and without the root, which clients have of their own or do not trust
/// (RFC 8446 4.4.2). What makes no chain is sent as it came.
pub fn to_send(certificates: &[Vec<u8>]) -> Vec<Vec<u8>> {
    match read(certificates) {
        Ok(Some((leaf, above))) => chain(leaf, above).map_or_else(
            |_| certificates.to_vec(),
            |chain| chain.served().iter().map(|certificate| certificate.der.clone()).collect(),
        ),
        _ => certificates.to_vec(),
    }
}

/// Who issued it, in one line.
pub fn issuer(der: &[u8]) -> Result<String, CertificateError> {
    Ok(Certificate::read(der).map_err(|_| CertificateError)?.issuer)
}

/// Extended Key Usages by which a certificate may be a server's.
const FOR_SERVERS: [&str; 2] = ["SERVER_AUTH", "ANY_EXTENDED_KEY_USAGE"];

fn read(certificates: &[Vec<u8>]) -> Result<Option<(Certificate, Vec<Certificate>)>, CertificateError> {
    let mut all = certificates.iter().map(|der| Certificate::read(der).map_err(|_| CertificateError));
    let Some(leaf) = all.next().transpose()? else { return Ok(None) };
    Ok(Some((leaf, all.collect::<Result<_, _>>()?)))
}

#[cfg(test)]
mod tests;
