//! Whether a certificate and its key can be a web server's: what TLS and browsers refuse, and what is only worth knowing.
//!
//! Looks at the certificates' own bytes; a handshake is tried elsewhere. Knows neither files nor where the clock comes from.

use super::algorithm::KeyKind;
use super::identity::{CertificateError, key_matches, not_after, not_before};
use super::public_key::PublicKey;
use crate::domain::key_spec::Curve;
use crate::secret::Secret;
use const_oid::db::rfc5280::{ANY_EXTENDED_KEY_USAGE, ID_KP_SERVER_AUTH};
use der::{Decode, Encode};
use jiff::Timestamp;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

/// Why it cannot serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is none.
    #[error("There is no certificate yet.")]
    Unanswered,
    /// Not DER of a certificate.
    #[error("The certificate is damaged.")]
    Damaged,
    /// It certifies another key.
    #[error("The certificate belongs to another key.")]
    AnotherKey,
    /// A key that browsers do not take in a handshake: Ed25519, secp256k1, Brainpool, short RSA, or one unknown here.
    #[error("Browsers do not take {0} keys.")]
    Key(String),
    /// It has ended.
    #[error("The certificate ended on {}.", crate::clock::shown(*.0))]
    Ended(Timestamp),
    /// Extended Key Usage without Server Auth (RFC 5280 4.2.1.12).
    #[error("The certificate is not for servers: its Extended Key Usage lacks Server Auth.")]
    NotForServers,
    /// Key Usage without Digital Signature, which every handshake of today makes (RFC 8446 4.4.2.2).
    #[error("The certificate may not sign handshakes: its Key Usage lacks Digital Signature.")]
    NotForSigning,
}

impl Unfit {
    /// What to do: one sentence.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::Unanswered => "Send the request to the CA and take its answer first.",
            Self::Damaged => "Take the CA's answer once more.",
            Self::AnotherKey => "Take the answer that was made for this request.",
            Self::Key(_) => "Make a request with EC SECP256R1, SECP384R1 or RSA of 2048 bits or more for the console.",
            Self::Ended(_) => "Renew the request and take the CA's new answer.",
            Self::NotForServers => "Make a request with SERVER_AUTH, or ask the CA for a server's certificate.",
            Self::NotForSigning => "Make a request with Digital Signature, or ask the CA to allow it.",
        }
    }
}

/// Refuses what neither rustls nor browsers would serve or take. `chain` is DER, the server's own first; `now` is the
/// device's clock, and one before `built` is unknown: nothing has ended by it.
pub fn serves(chain: &[Vec<u8>], key: &Secret, now: Timestamp, built: Timestamp) -> Result<(), Unfit> {
    let leaf = chain.first().ok_or(Unfit::Unanswered)?;
    let certificate = Certificate::from_der(leaf).map_err(|_| Unfit::Damaged)?;
    let fields = certificate.tbs_certificate();
    if !key_matches(leaf, key) {
        return Err(Unfit::AnotherKey);
    }
    let spki = fields.subject_public_key_info().to_der().map_err(|_| Unfit::Damaged)?;
    match PublicKey::from_spki(&spki).map(|key| key.kind()) {
        Ok(KeyKind::Ec(Curve::Secp256r1 | Curve::Secp384r1 | Curve::Secp521r1)) => {}
        Ok(KeyKind::Rsa { bits }) if bits >= 2048 => {}
        Ok(kind) => return Err(Unfit::Key(kind.label())),
        Err(_) => return Err(Unfit::Key("such".to_owned())),
    }
    if now >= built && not_after(leaf).map_err(|_| Unfit::Damaged)? < now {
        return Err(Unfit::Ended(not_after(leaf).map_err(|_| Unfit::Damaged)?));
    }
    let usages = fields.get_extension::<ExtendedKeyUsage>().map_err(|_| Unfit::Damaged)?;
    if usages.is_some_and(|(_, usages)| {
        !usages.0.iter().any(|oid| [ID_KP_SERVER_AUTH, ANY_EXTENDED_KEY_USAGE].contains(oid))
    }) {
        return Err(Unfit::NotForServers);
    }
    let bits = fields.get_extension::<KeyUsage>().map_err(|_| Unfit::Damaged)?;
    if bits.is_some_and(|(_, bits)| !bits.digital_signature()) {
        return Err(Unfit::NotForSigning);
    }
    Ok(())
}

/// What is worth knowing before a certificate is shown to visitors, each one or two sentences.
pub fn advice(chain: &[Vec<u8>], now: Timestamp, built: Timestamp) -> Result<Vec<String>, CertificateError> {
    let chain: Vec<Certificate> =
        chain.iter().map(|der| Certificate::from_der(der).map_err(|_| CertificateError)).collect::<Result<_, _>>()?;
    let Some((leaf, above)) = chain.split_first() else { return Ok(Vec::new()) };
    let der = leaf.to_der().map_err(|_| CertificateError)?;
    let (begins, ends) = (not_before(&der)?, not_after(&der)?);
    let mut advice = Vec::new();
    if now < built && ends < built {
        advice.push(format!(
            "The device's clock is not set, so that it cannot tell whether the certificate is still valid: it ends on {}.",
            crate::clock::shown(ends)
        ));
    } else if begins > now.max(built) {
        advice.push(format!(
            "The certificate begins on {}, later than the device's clock says now. Browsers refuse it until then.",
            crate::clock::shown(begins)
        ));
    }
    if let Some(missing) = missing(leaf, above) {
        advice.push(missing);
    }
    let fields = leaf.tbs_certificate();
    let constraints = fields.get_extension::<BasicConstraints>().map_err(|_| CertificateError)?;
    if constraints.is_some_and(|(_, constraints)| constraints.ca) {
        advice.push("This is a CA's own certificate; some browsers do not take one for a server.".to_owned());
    }
    let spki = fields.subject_public_key_info().to_der().map_err(|_| CertificateError)?;
    if PublicKey::from_spki(&spki).map(|key| key.kind()) == Ok(KeyKind::Ec(Curve::Secp521r1)) {
        advice.push("Chrome, Edge and Safari do not take EC SECP521R1 keys; Firefox does.".to_owned());
    }
    Ok(advice)
}

/// The chain as a server sends it: without the root at its end, which clients have of their own or do not trust
/// (RFC 8446 4.4.2).
pub fn to_send(chain: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let self_issued = |der: &Vec<u8>| super::identity::is_self_issued(der) == Ok(true);
    match chain.split_last() {
        Some((root, rest)) if !rest.is_empty() && self_issued(root) => rest.to_vec(),
        _ => chain.to_vec(),
    }
}

/// Who issued it, in one line (RFC 4514).
pub fn issuer(der: &[u8]) -> Result<String, CertificateError> {
    let certificate = Certificate::from_der(der).map_err(|_| CertificateError)?;
    Ok(certificate.tbs_certificate().issuer().to_string())
}

/// Where the way from the leaf upwards breaks off, as far as names tell.
fn missing(leaf: &Certificate, above: &[Certificate]) -> Option<String> {
    let mut last = leaf;
    for next in above {
        if last.tbs_certificate().issuer() != next.tbs_certificate().subject() {
            return Some(format!(
                "The certificate of {} is missing in the chain. Browsers that do not know it will warn: take it with the \
                 CA's answer.",
                last.tbs_certificate().issuer()
            ));
        }
        last = next;
    }
    let fields = leaf.tbs_certificate();
    (above.is_empty() && fields.issuer() != fields.subject()).then(|| {
        format!(
            "The answer came without an intermediate certificate. Where {} is not itself a root that browsers know, they \
             will warn: take its certificate with the CA's answer.",
            fields.issuer()
        )
    })
}

#[cfg(test)]
mod tests;
