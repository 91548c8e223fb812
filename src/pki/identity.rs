//! The console's own certificate: made, read, and judged for renewal (docs/reference.md).
//!
//! It knows neither where it lies nor how names and addresses are found out. The clock is a parameter, and one before
//! the build date counts as unknown.

use super::digest::sha256;
use super::error::PkiError;
use super::generate::generate;
use super::key_kind::KeyKind;
use super::private_key::PrivateKey;
use super::public_key::PublicKey;
use der::{Decode, Encode};
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType, SerialNumber, date_time_ymd,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use signet_domain::key_spec::{Curve, Digest, KeySpec};
use signet_domain::secret::Secret;
use std::net::IpAddr;
use x509_cert::Certificate;

/// Valid from so long before it was made, for clients whose clock is behind.
const BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// Valid for so long after it was made.
const AFTER: SignedDuration = SignedDuration::from_hours(365 * 24);
/// Renewed when less than this is left.
const RENEW: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The common name where no host name is short enough for one (64 characters, X.520).
const FALLBACK_NAME: &str = "Signet";

/// The console's certificate and key.
#[derive(Debug, Clone)]
pub struct ConsoleIdentity {
    /// DER of the certificate.
    pub cert_der: Vec<u8>,
    /// Its private key, PKCS#8.
    pub key: Secret,
}

/// Why bytes are not a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the console's certificate is damaged")]
pub struct CertificateError;

/// A self-signed P-256 certificate for host names and addresses, with a new key or, so that a remembered public key
/// stays true, with the one of `key` (PKCS#8, P-256). Valid from a day before to 365 days after the later of `now` and
/// `built`.
///
/// # Errors
/// [`PkiError::Key`] when `key` is not a P-256 key; [`PkiError::Certificate`] when a name is not ASCII.
pub fn make(
    names: &[String],
    addresses: &[IpAddr],
    now: Timestamp,
    built: Timestamp,
    key: Option<&Secret>,
) -> Result<ConsoleIdentity, PkiError> {
    let key = match key {
        Some(pkcs8) => PrivateKey::from_pkcs8(pkcs8.expose_secret())?,
        None => generate(KeySpec::Ec(Curve::Secp256r1, Digest::Sha256))?,
    };
    if key.kind() != KeyKind::Ec(Curve::Secp256r1) {
        return Err(PkiError::ForeignKey(key.kind().label()));
    }
    let pair = PrivatePkcs8KeyDer::from(key.pkcs8().expose_secret());
    let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pair, &PKCS_ECDSA_P256_SHA256)?;

    let from = now.max(built);
    let begin = from.checked_sub(BEFORE).unwrap_or(Timestamp::UNIX_EPOCH);
    let end = from.checked_add(AFTER).unwrap_or(Timestamp::MAX);
    let moment = |time: Timestamp| {
        date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(u64::try_from(time.as_second()).unwrap_or(0))
    };
    let mut parameters = CertificateParams::default();
    parameters.not_before = moment(begin);
    parameters.not_after = moment(end);
    parameters.serial_number = Some(serial()?);
    parameters.distinguished_name = DistinguishedName::new();
    let common = names.iter().find(|name| name.len() <= 64).map_or(FALLBACK_NAME, String::as_str);
    parameters.distinguished_name.push(DnType::CommonName, common);
    for name in names {
        parameters.subject_alt_names.push(SanType::DnsName(name.as_str().try_into()?));
    }
    parameters.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = parameters.self_signed(&pair)?;
    Ok(ConsoleIdentity { cert_der: certificate.der().to_vec(), key: key.pkcs8().clone() })
}

/// When the certificate begins to be valid.
pub fn not_before(cert_der: &[u8]) -> Result<Timestamp, CertificateError> {
    instant(read(cert_der)?.tbs_certificate().validity().not_before)
}

/// When it ends.
pub fn not_after(cert_der: &[u8]) -> Result<Timestamp, CertificateError> {
    instant(read(cert_der)?.tbs_certificate().validity().not_after)
}

/// True when fewer than 30 days are left, or it is not valid yet, at the later of `now` and `built`.
pub fn needs_renewal(cert_der: &[u8], now: Timestamp, built: Timestamp) -> Result<bool, CertificateError> {
    let now = now.max(built);
    Ok(now < not_before(cert_der)? || not_after(cert_der)?.duration_since(now) < RENEW)
}

/// True when it names itself as its issuer, as those made here do; one that a CA issued is not ours to renew.
pub fn is_self_issued(cert_der: &[u8]) -> Result<bool, CertificateError> {
    let certificate = read(cert_der)?;
    Ok(certificate.tbs_certificate().issuer() == certificate.tbs_certificate().subject())
}

/// SHA-256 of the certificate: what browsers show as its fingerprint.
pub fn cert_sha256(cert_der: &[u8]) -> [u8; 32] {
    sha256(cert_der)
}

/// SHA-256 of its `SubjectPublicKeyInfo`, which stays when it is renewed.
pub fn spki_sha256(cert_der: &[u8]) -> Result<[u8; 32], CertificateError> {
    let spki = read(cert_der)?.tbs_certificate().subject_public_key_info().to_der().map_err(|_| CertificateError)?;
    Ok(sha256(&spki))
}

/// The same however the key is encoded: equal to that of the request whose key it is.
pub fn key_sha256(cert_der: &[u8]) -> Result<[u8; 32], CertificateError> {
    let spki = read(cert_der)?.tbs_certificate().subject_public_key_info().to_der().map_err(|_| CertificateError)?;
    Ok(PublicKey::from_spki(&spki).ok().and_then(|key| key.sha256()).unwrap_or_else(|| sha256(&spki)))
}

/// Its subject alternative names as the form writes them (`DNS:nas.local`, `IP:192.0.2.1`), so that it can be seen
/// whether one is missing.
pub fn names(cert_der: &[u8]) -> Result<Vec<String>, CertificateError> {
    let certificate = read(cert_der)?;
    let extensions = certificate.tbs_certificate().extensions().map_or(&[][..], Vec::as_slice);
    let san = extensions.iter().find(|extension| extension.extn_id == const_oid::db::rfc5280::ID_CE_SUBJECT_ALT_NAME);
    let Some(san) = san else { return Ok(Vec::new()) };
    super::inspect::general_names_of(san.extn_value.as_bytes()).map_err(|_| CertificateError)
}

/// True when `pkcs8` is the private key of the certificate.
pub fn key_matches(cert_der: &[u8], pkcs8: &Secret) -> bool {
    let key = PrivateKey::from_pkcs8(pkcs8.expose_secret());
    key.is_ok_and(|key| key_sha256(cert_der) == Ok(sha256(key.spki_der())))
}

fn read(cert_der: &[u8]) -> Result<Certificate, CertificateError> {
    Certificate::from_der(cert_der).map_err(|_| CertificateError)
}

fn instant(time: x509_cert::time::Time) -> Result<Timestamp, CertificateError> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| CertificateError)?;
    Timestamp::from_second(seconds).map_err(|_| CertificateError)
}

/// Positive, random and of 16 bytes (RFC 5280 4.1.2.2): a browser refuses a second certificate under one issuer and number.
fn serial() -> Result<SerialNumber, PkiError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| PkiError::Randomness)?;
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    Ok(SerialNumber::from_slice(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::openssl::{file, openssl, openssl_ok};

    const DAY: i64 = 24 * 60 * 60;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn of(now: Timestamp, built: Timestamp, key: Option<&Secret>) -> ConsoleIdentity {
        let names = ["nas".to_owned(), "nas.local".to_owned(), "localhost".to_owned()];
        let addresses = ["192.0.2.7".parse().expect("IPv4"), "2001:db8::7".parse().expect("IPv6")];
        make(&names, &addresses, now, built, key).expect("makes")
    }

    #[test]
    fn openssl_trusts_it_as_a_server_when_told_to() {
        let now = at(1_790_000_000);
        let made = of(now, at(0), None);
        let text = String::from_utf8(openssl_ok(&["x509", "-inform", "DER", "-noout", "-text"], &made.cert_der));
        let text = text.expect("text");
        for line in [
            "Subject: CN = nas\n",
            "DNS:nas, DNS:nas.local, DNS:localhost, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7",
            "TLS Web Server Authentication",
            "Digital Signature\n",
            "CA:FALSE",
            "ASN1 OID: prime256v1",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        let pem = openssl_ok(&["x509", "-inform", "DER"], &made.cert_der);
        let (_guard, path) = file(&pem);
        let path = path.to_str().expect("plain");
        let moment = now.as_second().to_string();
        let verified = openssl(
            &[
                "verify",
                "-CAfile",
                path,
                "-attime",
                &moment,
                "-purpose",
                "sslserver",
                "-verify_hostname",
                "nas.local",
                path,
            ],
            b"",
        );
        assert!(verified.ok, "{}", verified.err);
    }

    #[test]
    fn is_valid_from_a_day_before_to_365_days_after_the_later_of_clock_and_build() {
        let (early, late) = (at(1_000_000_000), at(1_790_000_000));
        for (now, built) in [(late, early), (early, late)] {
            let made = of(now, built, None);
            assert_eq!(not_before(&made.cert_der), Ok(at(1_790_000_000 - DAY)));
            assert_eq!(not_after(&made.cert_der), Ok(at(1_790_000_000 + 365 * DAY)));
        }
    }

    #[test]
    fn is_renewed_when_fewer_than_30_days_are_left_or_it_is_not_valid_yet() {
        let (now, built) = (at(1_790_000_000), at(1_000_000_000));
        let made = of(now, built, None).cert_der;
        let due = |days: i64, second: i64| needs_renewal(&made, at(1_790_000_000 + days * DAY + second), built);
        assert_eq!(due(0, 0), Ok(false));
        assert_eq!(due(-1, 0), Ok(false));
        assert_eq!(due(-1, -1), Ok(true));
        assert_eq!(due(335, 0), Ok(false));
        assert_eq!(due(335, 1), Ok(true));
        // A clock before the build date is unknown, and the certificate made then is good.
        let unknown = of(at(0), now, None).cert_der;
        assert_eq!(needs_renewal(&unknown, at(0), now), Ok(false));
    }

    #[test]
    fn keeps_the_key_and_changes_the_number_when_renewed() {
        let (now, built) = (at(1_790_000_000), at(0));
        let first = of(now, built, None);
        let second = of(now, built, Some(&first.key));
        assert_eq!(spki_sha256(&first.cert_der), spki_sha256(&second.cert_der));
        assert!(key_matches(&second.cert_der, &first.key));
        assert!(!key_matches(&second.cert_der, &of(now, built, None).key));
        let serial = |der: &[u8]| read(der).expect("reads").tbs_certificate().serial_number().as_bytes().to_vec();
        assert_ne!(serial(&first.cert_der), serial(&second.cert_der));
        assert!(serial(&first.cert_der)[0] < 0x80 && serial(&first.cert_der).len() == 16);
        assert_ne!(cert_sha256(&first.cert_der), cert_sha256(&second.cert_der));
    }

    #[test]
    fn a_certificate_that_a_ca_issued_is_told_from_our_own() {
        let made = of(at(1_790_000_000), at(0), None);
        assert_eq!(is_self_issued(&made.cert_der), Ok(true));
        let (_ca, ca) = file(&openssl_ok(&["x509", "-inform", "DER"], &made.cert_der));
        let (_key, key) = file(&openssl_ok(&["pkey", "-inform", "DER"], made.key.expose_secret()));
        let (ca, key) = (ca.to_str().expect("plain"), key.to_str().expect("plain"));
        let request = openssl_ok(&["req", "-new", "-key", key, "-subj", "/CN=other"], b"");
        let arguments = ["x509", "-req", "-CA", ca, "-CAkey", key, "-set_serial", "7", "-outform", "DER"];
        assert_eq!(is_self_issued(&openssl_ok(&arguments, &request)), Ok(false));
    }

    #[test]
    fn fingerprints_are_openssls() {
        let made = of(at(1_790_000_000), at(0), None);
        let says = openssl_ok(&["x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256"], &made.cert_der);
        let says = String::from_utf8(says).expect("text").replace(':', "");
        assert!(says.trim().ends_with(&signet_domain::hex::upper(&cert_sha256(&made.cert_der))), "{says}");
        let public = openssl_ok(&["pkey", "-inform", "DER", "-pubout", "-outform", "DER"], made.key.expose_secret());
        assert_eq!(spki_sha256(&made.cert_der), Ok(sha256(&public)));
    }

    #[test]
    fn tells_its_names_and_refuses_foreign_keys_and_damaged_bytes() {
        let made = of(at(1_790_000_000), at(0), None);
        let found = names(&made.cert_der).expect("reads");
        assert_eq!(found, ["DNS:nas", "DNS:nas.local", "DNS:localhost", "IP:192.0.2.7", "IP:2001:db8::7"]);
        let foreign = generate(KeySpec::Ed25519).expect("a key");
        assert!(make(&[], &[], at(0), at(0), Some(foreign.pkcs8())).is_err());
        assert_eq!(not_after(&made.cert_der[1..]), Err(CertificateError));
    }
}
