//! Whether a certificate and its key can be a web server's: what TLS and browsers refuse, and what is only worth knowing.
//!
//! Looks at the certificates' own bytes; a handshake is tried elsewhere. Knows neither files nor where the clock comes from.

use super::certificate::Certificate;
use super::chain::{End, chain};
use super::identity::{CertificateError, key_matches};
use super::key_kind::KeyKind;
use jiff::Timestamp;
use signet_domain::extensions::KeyUsageBit;
use signet_domain::key_spec::Curve;
use signet_domain::secret::Secret;

/// Why it cannot serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is none.
    #[error("There is no certificate yet.")]
    Unanswered,
    /// Not DER of a certificate.
    #[error("The certificate is damaged.")]
    Damaged,
    /// Of version 1 or 2: rustls and browsers read version 3 alone (RFC 5280 4.1.2.1).
    #[error("The certificate has version {0}, without names and usages.")]
    Version(u8),
    /// It certifies another key.
    #[error("The certificate belongs to another key.")]
    AnotherKey,
    /// A key that browsers do not take in a handshake: Ed25519, secp256k1, Brainpool, short RSA, or one unknown here.
    #[error("Browsers do not accept {0} keys.")]
    Key(String),
    /// It has ended.
    #[error("The certificate expired on {}.", signet_domain::time::shown(*.0))]
    Ended(Timestamp),
    /// Extended Key Usage without Server Auth (RFC 5280 4.2.1.12).
    #[error("The certificate is not for servers: its Extended Key Usage lacks Web server (SERVER_AUTH).")]
    NotForServers,
    /// Key Usage without Digital Signature, which every handshake of today makes (RFC 8446 4.4.2.2).
    #[error("The certificate may not sign handshakes: its Key Usage lacks Digital Signature.")]
    NotForSigning,
}

impl Unfit {
    /// What to do: one sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Unanswered => "Send the request to the CA and add its certificate first.",
            Self::Damaged => "Add the certificate again.",
            Self::Version(_) => "Ask the CA for a certificate of version 3, with Subject Alternative Names.",
            Self::AnotherKey => "Add the certificate that was issued for this request.",
            Self::Key(_) => "Make a request with EC SECP256R1, SECP384R1 or RSA of 2048 bits or more for the console.",
            Self::Ended(_) => "Renew the request and add the new certificate.",
            Self::NotForServers => {
                "Make a request with Web server (SERVER_AUTH), or ask the CA for a server certificate."
            }
            Self::NotForSigning => "Make a request with Digital Signature, or ask the CA to allow it.",
        }
    }
}

/// Refuses what neither rustls nor browsers would serve or take. `certificates` is DER, the server's own first; `now` is the
/// device's clock, and one before `built` is unknown: nothing has ended by it.
pub fn serves(certificates: &[Vec<u8>], key: &Secret, now: Timestamp, built: Timestamp) -> Result<(), Unfit> {
    let der = certificates.first().ok_or(Unfit::Unanswered)?;
    let leaf = Certificate::read(der).map_err(|_| Unfit::Damaged)?;
    if !key_matches(der, key) {
        return Err(Unfit::AnotherKey);
    }
    fits(leaf, now, built)
}

/// The same of a certificate alone: whether its key is here is not looked at.
pub fn fits(leaf: Certificate, now: Timestamp, built: Timestamp) -> Result<(), Unfit> {
    if leaf.version != 3 {
        return Err(Unfit::Version(leaf.version));
    }
    match leaf.key.kind {
        Some(KeyKind::Ec(Curve::Secp256r1 | Curve::Secp384r1 | Curve::Secp521r1)) => {}
        Some(KeyKind::Rsa { bits }) if bits >= 2048 => {}
        _ => return Err(Unfit::Key(leaf.key.label)),
    }
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
    Ok(())
}

/// What is worth knowing before a certificate is shown to visitors, each one or two sentences. `certificates` is all that
/// the CA sent: a root, which is not sent, shows that none is missing.
pub fn advice(certificates: &[Vec<u8>], now: Timestamp, built: Timestamp) -> Result<Vec<String>, CertificateError> {
    let Some((leaf, above)) = read(certificates)? else { return Ok(Vec::new()) };
    let mut advice = Vec::new();
    if now < built && leaf.not_after < built {
        advice.push(format!(
            "The device's clock is not set, so it cannot tell whether the certificate is still valid: it expires on {}.",
            signet_domain::time::shown(leaf.not_after)
        ));
    } else if leaf.not_before > now.max(built) {
        advice.push(format!(
            "The certificate is valid from {}, which is later than the device's clock says now. Browsers refuse it until then.",
            signet_domain::time::shown(leaf.not_before)
        ));
    }
    let (is_ca, kind) = (leaf.is_ca, leaf.key.kind);
    match chain(leaf, above).map(|chain| chain.end) {
        Ok(End::Root) => {}
        Ok(End::Missing { issuer, at }) => {
            let from = at.first().map(|address| format!(" (download it at {address})")).unwrap_or_default();
            advice.push(format!(
                "The certificate of {issuer} is missing. Unless it is a root that browsers know, they will warn: add it to \
                 the request{from}."
            ));
        }
        Ok(End::Loop { issuer }) => {
            advice.push(format!("The chain comes back to {issuer} and has no root: browsers may warn."));
        }
        Err(error) => advice.push(format!("The chain is broken: {error}. Browsers will warn.")),
    }
    if is_ca {
        advice.push("This is a CA's own certificate. Some browsers do not accept one for a server.".to_owned());
    }
    if kind == Some(KeyKind::Ec(Curve::Secp521r1)) {
        advice.push("Chrome, Edge and Safari do not accept EC SECP521R1 keys; Firefox does.".to_owned());
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
