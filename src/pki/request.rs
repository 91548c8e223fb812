//! Encodes a certificate signing request (PKCS#10, RFC 2986) and signs it.
//!
//! DER throughout: what is a default is left out, bit lists are trimmed. It knows nothing of how the values were asked
//! for; each struct is destructured without `..`, so that a new field cannot be forgotten here.

use super::error::PkiError;
use super::private_key::PrivateKey;
use super::scheme::SignatureScheme;
use super::sign::{SignError, sign};
use const_oid::db::{rfc3280, rfc4519, rfc5280};
use der::asn1::{Any, BitString, Ia5String, ObjectIdentifier, OctetString};
use der::flagset::FlagSet;
use der::{Decode, Encode, Tag, TagNumber};
use signet_domain::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, Extensions, IssuerSerial, KeyUsage, KeyUsageBit,
};
use signet_domain::key_spec::Digest;
use signet_domain::san::{San, SanList};
use signet_domain::subject::Subject;
use spki::SubjectPublicKeyInfoOwned;
use std::net::IpAddr;
use x509_cert::attr::{AttributeTypeAndValue, Attributes};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::request::{CertReq, CertReqInfo, ExtensionReq, Version};

/// DER of the request for `subject` and `names` with `extensions`, signed with `key` and `digest` (docs/reference.md).
///
/// # Errors
/// [`PkiError::Encoding`] when a value does not fit its ASN.1 type, which valid domain values do;
/// [`PkiError::Sign`] when the key does not sign.
pub fn encode(
    subject: &Subject,
    names: &SanList,
    extensions: &Extensions,
    key: &PrivateKey,
    digest: Option<Digest>,
) -> Result<Vec<u8>, PkiError> {
    let distinguished_name = distinguished_name(subject).map_err(PkiError::encoding("subject"))?;
    let asked = asked(names, distinguished_name.is_empty(), extensions)?;
    let mut attributes = Attributes::new();
    if !asked.is_empty() {
        ExtensionReq(asked)
            .try_into()
            .and_then(|attribute| attributes.insert(attribute))
            .map_err(PkiError::encoding("extension request"))?;
    }
    let info = CertReqInfo {
        version: Version::V1,
        subject: distinguished_name,
        public_key: SubjectPublicKeyInfoOwned::from_der(key.spki_der()).map_err(PkiError::encoding("public key"))?,
        attributes,
    };
    let kind = key.kind();
    let algorithm = SignatureScheme::of_key(kind, digest)
        .and_then(SignatureScheme::identifier)
        .ok_or_else(|| SignError::NoDigest(kind.label()))?;
    let signature = sign(key, digest, &info.to_der().map_err(PkiError::encoding("request"))?)?;
    let signature = BitString::from_bytes(&signature).map_err(PkiError::encoding("signature"))?;
    CertReq { info, algorithm, signature }.to_der().map_err(PkiError::encoding("request"))
}

/// One RDN a part, in the order of the struct.
fn distinguished_name(subject: &Subject) -> der::Result<Name> {
    let Subject { common_name, country, state, locality, organization, organizational_unit, email } = subject;
    let utf8 = |text: &signet_domain::subject::Text| Any::new(Tag::Utf8String, text.as_str().as_bytes());
    let parts = [
        (rfc4519::CN, common_name.as_ref().map(utf8)),
        (rfc4519::C, country.map(|country| Any::new(Tag::PrintableString, country.code().as_bytes()))),
        (rfc4519::ST, state.as_ref().map(utf8)),
        (rfc4519::L, locality.as_ref().map(utf8)),
        (rfc4519::O, organization.as_ref().map(utf8)),
        (rfc4519::OU, organizational_unit.as_ref().map(utf8)),
        (rfc3280::EMAIL_ADDRESS, email.as_ref().map(|email| Any::new(Tag::Ia5String, email.as_str().as_bytes()))),
    ];
    let mut rdns = RdnSequence::default();
    for (oid, value) in parts {
        if let Some(value) = value {
            let mut rdn = RelativeDistinguishedName::default();
            rdn.insert(AttributeTypeAndValue { oid, value: value? })?;
            rdns.push(rdn);
        }
    }
    Name::from_der(&rdns.to_der()?)
}

/// What is asked for, in docs/reference.md's order, each extension once.
fn asked(names: &SanList, nameless: bool, extensions: &Extensions) -> Result<Vec<Extension>, PkiError> {
    let Extensions { basic_constraints, authority_key_identifier, extended_key_usage, key_usage } = extensions;
    let mut asked = Vec::new();
    if !names.is_empty() {
        let value = san(names).map_err(PkiError::encoding("subject alternative names"))?;
        // RFC 5280 4.2.1.6: critical where it is the only name.
        asked.push(extension(rfc5280::ID_CE_SUBJECT_ALT_NAME, nameless, value)?);
    }
    if let Some(BasicConstraints { ca, path_length, critical }) = *basic_constraints {
        let value = pkix::BasicConstraints { ca, path_len_constraint: path_length }.to_der();
        let value = value.map_err(PkiError::encoding("basic constraints"))?;
        asked.push(extension(rfc5280::ID_CE_BASIC_CONSTRAINTS, critical, value)?);
    }
    if let Some(identifier) = authority_key_identifier {
        let value = authority(identifier).map_err(PkiError::encoding("authority key identifier"))?;
        asked.push(extension(rfc5280::ID_CE_AUTHORITY_KEY_IDENTIFIER, false, value)?);
    }
    if let Some(ExtendedKeyUsage { usages, critical }) = extended_key_usage {
        let oids: Result<Vec<_>, _> = usages.iter().map(|usage| ObjectIdentifier::new(usage.oid())).collect();
        let value = oids.map_err(der::Error::from).and_then(|oids| oids.to_der());
        let value = value.map_err(PkiError::encoding("extended key usage"))?;
        asked.push(extension(rfc5280::ID_CE_EXT_KEY_USAGE, *critical, value)?);
    }
    if let Some(KeyUsage { bits, critical }) = key_usage {
        let flags = bits.iter().fold(FlagSet::default(), |flags, bit| flags | flag(*bit));
        let value = pkix::KeyUsage(flags).to_der().map_err(PkiError::encoding("key usage"))?;
        asked.push(extension(rfc5280::ID_CE_KEY_USAGE, *critical, value)?);
    }
    Ok(asked)
}

fn extension(extn_id: ObjectIdentifier, critical: bool, value: Vec<u8>) -> Result<Extension, PkiError> {
    let extn_value = OctetString::new(value).map_err(PkiError::encoding("extension"))?;
    Ok(Extension { extn_id, critical, extn_value })
}

fn san(names: &SanList) -> der::Result<Vec<u8>> {
    let names: der::Result<Vec<GeneralName>> = names
        .iter()
        .map(|name| {
            Ok(match name {
                San::Dns(name) => GeneralName::DnsName(Ia5String::new(name.as_str())?),
                San::Ip(IpAddr::V4(address)) => GeneralName::IpAddress(OctetString::new(address.octets())?),
                San::Ip(IpAddr::V6(address)) => GeneralName::IpAddress(OctetString::new(address.octets())?),
                San::Email(mailbox) => GeneralName::Rfc822Name(Ia5String::new(mailbox.as_str())?),
                San::Uri(uri) => GeneralName::UniformResourceIdentifier(Ia5String::new(uri.as_str())?),
            })
        })
        .collect();
    names?.to_der()
}

/// RFC 5280 4.2.1.1. Issuer and serial are put in byte by byte as the CA's certificate has them, be they ever so odd.
pub(super) fn authority(identifier: &AuthorityKeyIdentifier) -> der::Result<Vec<u8>> {
    let AuthorityKeyIdentifier { key_id, cert_issuer } = identifier;
    let mut content = tagged(0, false, key_id)?;
    if let Some(IssuerSerial { issuer, serial }) = cert_issuer {
        let directory_name = tagged(4, true, issuer)?;
        content.extend(tagged(1, true, &directory_name)?);
        content.extend(tagged(2, false, serial)?);
    }
    Any::new(Tag::Sequence, content)?.to_der()
}

/// A context-specific field.
fn tagged(number: u32, constructed: bool, content: &[u8]) -> der::Result<Vec<u8>> {
    Any::new(Tag::ContextSpecific { constructed, number: TagNumber(number) }, content)?.to_der()
}

fn flag(bit: KeyUsageBit) -> pkix::KeyUsages {
    match bit {
        KeyUsageBit::DigitalSignature => pkix::KeyUsages::DigitalSignature,
        KeyUsageBit::ContentCommitment => pkix::KeyUsages::NonRepudiation,
        KeyUsageBit::KeyEncipherment => pkix::KeyUsages::KeyEncipherment,
        KeyUsageBit::DataEncipherment => pkix::KeyUsages::DataEncipherment,
        KeyUsageBit::KeyAgreement => pkix::KeyUsages::KeyAgreement,
        KeyUsageBit::KeyCertSign => pkix::KeyUsages::KeyCertSign,
        KeyUsageBit::CrlSign => pkix::KeyUsages::CRLSign,
        KeyUsageBit::EncipherOnly => pkix::KeyUsages::EncipherOnly,
        KeyUsageBit::DecipherOnly => pkix::KeyUsages::DecipherOnly,
    }
}
