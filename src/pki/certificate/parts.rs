//! A certificate cut into its parts (RFC 5280 4.1), and the values made of them.

use super::super::asn1;
use super::super::digest::sha256;
use super::super::inspect::{
    COMMON_NAME, FoundAttribute, attributes, first, key_facts, of_certificate, one_line, signature_facts,
};
use super::super::public_key::{PublicKey, PublicKeyError};
use super::error::{CertificateError, MAX_CERTIFICATE};
use super::fault::Fault;
use super::value::{Certificate, short};
use super::{access, time};
use CertificateError::{Damaged, NotACertificate};
use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Tag, Tagged};
use jiff::Timestamp;
use signet_domain::hex::colons;
use spki::AlgorithmIdentifierRef;

/// Extensions without which a certificate cannot be judged: damaged or twice, they are damage and not an oddity.
const JUDGED: [(&str, &str); 6] = [
    ("2.5.29.14", "subject key identifier"),
    ("2.5.29.15", "key usage"),
    ("2.5.29.17", "subject alternative names"),
    ("2.5.29.19", "basic constraints"),
    ("2.5.29.35", "authority key identifier"),
    ("2.5.29.37", "extended key usage"),
];
/// Further extensions that common programs understand when they are critical: the policies, the constraints, where
/// revocation is published.
const UNDERSTOOD: [&str; 6] = ["2.5.29.30", "2.5.29.31", "2.5.29.32", "2.5.29.33", "2.5.29.36", "2.5.29.54"];

/// The parts in the bytes that they came in.
pub(super) struct Parts<'a> {
    pub(super) tbs: Vec<u8>,
    pub(super) algorithm: AlgorithmIdentifierRef<'a>,
    pub(super) signature: &'a [u8],
    version: u8,
    serial: &'a [u8],
    issuer: AnyRef<'a>,
    not_before: AnyRef<'a>,
    not_after: AnyRef<'a>,
    subject: AnyRef<'a>,
    spki: Vec<u8>,
    extensions: Vec<AnyRef<'a>>,
}

impl<'a> Parts<'a> {
    pub(super) fn read(der: &'a [u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_CERTIFICATE {
            return Err(CertificateError::TooLong(der.len()));
        }
        let outer = AnyRef::from_der(der).and_then(asn1::sequence).map_err(|_| NotACertificate)?;
        let &[tbs, outer_algorithm, signature] = outer.as_slice() else { return Err(NotACertificate) };
        let fields = asn1::sequence(tbs).map_err(|_| NotACertificate)?;
        // Version 1 is the default and not written.
        let (version, fields) = match fields.split_first() {
            Some((wrapped, rest)) if asn1::context(*wrapped) == Some(0) => {
                let version: u8 = AnyRef::from_der(wrapped.value())
                    .and_then(|version| version.decode_as())
                    .map_err(|_| Damaged("version"))?;
                (version.saturating_add(1), rest)
            }
            _ => (1, fields.as_slice()),
        };
        let &[serial, inner_algorithm, issuer, validity, subject, key, ref optional @ ..] = fields else {
            return Err(NotACertificate);
        };
        if serial.tag() != Tag::Integer || issuer.tag() != Tag::Sequence || subject.tag() != Tag::Sequence {
            return Err(NotACertificate);
        }
        if !(1..=3).contains(&version) {
            return Err(Fault::NoSuchVersion(version).into());
        }
        // They are the same (4.1.1.2): one of them is not signed.
        if inner_algorithm != outer_algorithm {
            return Err(Fault::TwoAlgorithms.into());
        }
        let validity = asn1::sequence(validity).map_err(|_| Damaged("validity"))?;
        let &[not_before, not_after] = validity.as_slice() else { return Err(Damaged("validity")) };
        let signature: BitStringRef<'a> = signature.decode_as().map_err(|_| Damaged("signature"))?;
        Ok(Self {
            tbs: asn1::bytes(tbs).map_err(|_| NotACertificate)?,
            algorithm: outer_algorithm.decode_as().map_err(|_| Damaged("signature algorithm"))?,
            signature: signature.as_bytes().ok_or(Damaged("signature"))?,
            version,
            serial: serial.value(),
            issuer,
            not_before,
            not_after,
            subject,
            spki: asn1::bytes(key).map_err(|_| Damaged("public key"))?,
            extensions: extensions(optional)?,
        })
    }

    pub(super) fn certificate(self, der: &[u8]) -> Result<Certificate, CertificateError> {
        let key = PublicKey::from_spki(&self.spki);
        if matches!(key, Err(PublicKeyError::Malformed)) {
            return Err(Damaged("public key"));
        }
        let key_sha256 = key.ok().and_then(|key| key.sha256()).unwrap_or_else(|| sha256(&self.spki));
        let mut found = of_certificate(&self.extensions).map_err(|_| Damaged("extensions"))?;
        let unread = |oid: &str| found.requested.other.iter().any(|other| other.oid == oid);
        if let Some((oid, name)) = JUDGED.into_iter().find(|(oid, _)| unread(oid)) {
            let twice = found.extensions.iter().filter(|extension| extension.oid == oid).nth(1);
            return Err(twice.map_or(Damaged(name), |extension| Fault::Repeated(extension.name.clone()).into()));
        }
        let access = self.access().unwrap_or_default();
        for extension in found.extensions.iter_mut().filter(|it| it.oid == access::OID && !access.lines.is_empty()) {
            extension.lines.clone_from(&access.lines);
        }
        let is_known = |oid: &str| UNDERSTOOD.contains(&oid) || JUDGED.iter().any(|row| row.0 == oid);
        let unknown = found.extensions.iter().filter(|extension| extension.critical && !is_known(&extension.oid));
        let unknown_critical = unknown.map(|extension| extension.name.clone()).collect();

        let (subject_parts, subject) = name(self.subject).map_err(|_| Damaged("subject"))?;
        let (issuer_parts, issuer) = name(self.issuer).map_err(|_| Damaged("issuer"))?;
        let time = |element: AnyRef<'_>| -> Result<Timestamp, CertificateError> {
            time::read(element).map_err(|error| error.map_or(Damaged("validity"), CertificateError::Fault))
        };
        let bytes = |element, part| asn1::bytes(element).map_err(|_| Damaged(part));
        let (subject_der, issuer_der) = (bytes(self.subject, "subject")?, bytes(self.issuer, "issuer")?);
        let stated = found.requested;
        Ok(Certificate {
            der: der.to_vec(),
            version: self.version,
            common_name: first(&subject_parts, COMMON_NAME),
            subject,
            subject_parts,
            issuer_short: short(&issuer_parts, &issuer),
            issuer,
            issuer_parts,
            odd_serial: odd_serial(self.serial),
            serial: serial(self.serial),
            not_before: time(self.not_before)?,
            not_after: time(self.not_after)?,
            endless: time::is_endless(self.not_after),
            san: found.san,
            extensions: found.extensions,
            is_ca: stated.basic_constraints.as_ref().is_some_and(|said| said.ca),
            key_usage: stated.key_usage.as_ref().map(|said| said.bits.clone()).unwrap_or_default(),
            extended_key_usage: stated.extended_key_usage.as_ref().map(|said| said.usages.clone()).unwrap_or_default(),
            subject_key_id: stated.subject_key_identifier.as_ref().map(|said| said.key_id.clone()),
            authority_key_id: stated.authority_key_identifier.as_ref().and_then(|said| said.key_id.clone()),
            stated,
            unknown_critical,
            ca_issuers: access.ca_issuers,
            key: key_facts(&self.spki),
            signature: signature_facts(&self.algorithm),
            spki_sha256: sha256(&self.spki),
            key_sha256,
            spki: self.spki,
            sha256: sha256(der),
            self_issued: subject_der == issuer_der,
            subject_der,
            issuer_der,
        })
    }

    /// Authority Information Access; one that cannot be read is shown in hex and means nothing.
    fn access(&self) -> Option<access::Access> {
        self.extensions.iter().find_map(|extension| {
            let parts = asn1::sequence(*extension).ok()?;
            let (oid, value) = (parts.first()?, parts.last()?);
            (asn1::oid(*oid).ok()? == access::OID).then(|| access::read(value.value()).ok())?
        })
    }
}

fn name(name: AnyRef<'_>) -> der::Result<(Vec<FoundAttribute>, String)> {
    Ok((attributes(name)?, one_line(name)?))
}

/// What is under [3], behind the unique identifiers [1] and [2] that nobody uses.
fn extensions<'a>(optional: &[AnyRef<'a>]) -> Result<Vec<AnyRef<'a>>, CertificateError> {
    if optional.iter().any(|field| !matches!(asn1::context(*field), Some(1..=3))) {
        return Err(NotACertificate);
    }
    let Some(wrapped) = optional.iter().find(|field| asn1::context(**field) == Some(3)) else { return Ok(Vec::new()) };
    AnyRef::from_der(wrapped.value()).and_then(asn1::sequence).map_err(|_| Damaged("extensions"))
}

/// The subject alone, whatever is wrong with the rest.
pub(super) fn subject_of(der: &[u8]) -> Option<String> {
    let outer = AnyRef::from_der(der).and_then(asn1::sequence).ok()?;
    let fields = asn1::sequence(*outer.first()?).ok()?;
    let is_version = |field: &&AnyRef<'_>| asn1::context(**field) == Some(0);
    let (parts, line) = name(*fields.iter().skip_while(is_version).nth(4)?).ok()?;
    Some(short(&parts, &line))
}

/// What RFC 5280 4.1.2.2 forbids.
fn odd_serial(content: &[u8]) -> Option<&'static str> {
    /// Bytes, the one that only says that the number is positive not counted.
    const LONGEST: usize = 20;
    let number = content.strip_prefix(&[0]).unwrap_or(content);
    match content.first() {
        None => Some("is missing"),
        Some(first) if first & 0x80 != 0 => Some("is negative"),
        Some(_) if number.iter().all(|byte| *byte == 0) => Some("is zero"),
        Some(_) if number.len() > LONGEST => Some("is longer than 20 bytes"),
        Some(_) => None,
    }
}

/// Without the byte that only says that the number is positive.
fn serial(content: &[u8]) -> String {
    match content {
        [0, rest @ ..] if !rest.is_empty() => colons(rest),
        _ => colons(content),
    }
}
