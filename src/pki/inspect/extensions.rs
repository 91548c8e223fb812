//! The attributes of a request, and above all the extensions that it asks for: read out for people and as values.

use super::super::asn1;
use super::names::{FoundAttribute, general_name, one_line};
use super::requested::{
    RequestedAuthority, RequestedBits, RequestedConstraints, RequestedExtensions, RequestedIdentifier, RequestedNames,
    RequestedOther, RequestedUsages,
};
use der::asn1::AnyRef;
use der::{Decode, Tag, Tagged};
use signet_domain::extensions::{KeyUsageBit, Usage};
use signet_domain::hex::{self, colons};

/// One extension, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundExtension {
    /// Such as `Key Usage`; the object identifier again when it has no name here.
    pub name: String,
    /// The object identifier, dotted.
    pub oid: String,
    /// A reader that does not know it must refuse.
    pub critical: bool,
    /// What it says, a line a fact; in hex when it could not be read.
    pub lines: Vec<String>,
}

/// What the attributes hold; of a certificate's extensions the same without attributes.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) san: Vec<String>,
    pub(crate) extensions: Vec<FoundExtension>,
    pub(crate) requested: RequestedExtensions,
    pub(super) attributes: Vec<FoundAttribute>,
}

/// extensionRequest, RFC 2985 5.4.2, and Microsoft's own number for it.
const EXTENSION_REQUESTS: [&str; 2] = ["1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"];
/// challengePassword, RFC 2985 5.4.1.
pub const CHALLENGE_PASSWORD: &str = "1.2.840.113549.1.9.7";
/// Other attributes that have a name.
const ATTRIBUTES: [(&str, &str); 4] = [
    (CHALLENGE_PASSWORD, "Challenge Password"),
    ("1.2.840.113549.1.9.2", "Unstructured Name"),
    ("1.3.6.1.4.1.311.13.2.3", "Operating System"),
    ("1.3.6.1.4.1.311.21.20", "Client Information"),
];

/// Reads the attributes of a request.
pub(super) fn read(attributes: &[AnyRef<'_>]) -> der::Result<Found> {
    let mut found = Found::default();
    for &attribute in attributes {
        let &[oid, values] = asn1::sequence(attribute)?.as_slice() else {
            return Err(attribute.tag().value_error().into());
        };
        let oid = asn1::oid(oid)?;
        for value in asn1::elements(values.value())? {
            if EXTENSION_REQUESTS.contains(&oid.as_str()) {
                for extension in asn1::sequence(value)? {
                    found.add(extension)?;
                }
                continue;
            }
            let known = ATTRIBUTES.iter().find(|row| row.0 == oid);
            let value = if oid == CHALLENGE_PASSWORD { "(not shown)".to_owned() } else { asn1::text(value) };
            let label = known.map_or_else(|| oid.clone(), |row| row.1.to_owned());
            found.attributes.push(FoundAttribute { oid: oid.clone(), label, value });
        }
    }
    Ok(found)
}

/// Reads the extensions of a certificate, in the words in which a request's are read.
pub(crate) fn of_certificate(extensions: &[AnyRef<'_>]) -> der::Result<Found> {
    let mut found = Found::default();
    for extension in extensions {
        found.add(*extension)?;
    }
    Ok(found)
}

impl Found {
    fn add(&mut self, extension: AnyRef<'_>) -> der::Result<()> {
        let (oid, critical, value) = match *asn1::sequence(extension)?.as_slice() {
            [oid, value] => (oid, false, value),
            // Not all write TRUE as DER wants it (FF).
            [oid, critical, value] if critical.tag() == Tag::Boolean => (oid, critical.value() != [0], value),
            _ => return Err(extension.tag().value_error().into()),
        };
        value.tag().assert_eq(Tag::OctetString)?;
        let (oid, value) = (asn1::oid(oid)?, value.value());
        let read = AnyRef::from_der(value).and_then(|inner| self.known(&oid, critical, inner));
        let (name, lines) = match read {
            // A list without anything in it is said, not shown as an empty line.
            Ok(Some((name, lines))) if lines.is_empty() => (name.to_owned(), vec!["(none)".to_owned()]),
            Ok(Some((name, lines))) => (name.to_owned(), lines),
            Ok(None) | Err(_) => {
                let other = RequestedOther { oid: oid.clone(), critical, value: hex::upper(value) };
                self.requested.other.push(other);
                (name_of(&oid).map_or_else(|| oid.clone(), str::to_owned), vec![asn1::short_hex(value)])
            }
        };
        self.extensions.push(FoundExtension { name, oid, critical, lines });
        Ok(())
    }

    /// Reads an extension that we know and whose kind has not come before: its name and what it says.
    fn known(
        &mut self,
        oid: &str,
        critical: bool,
        value: AnyRef<'_>,
    ) -> der::Result<Option<(&'static str, Vec<String>)>> {
        let Some(name) = name_of(oid) else { return Ok(None) };
        let requested = &mut self.requested;
        let lines = match oid {
            "2.5.29.17" if requested.subject_alternative_name.is_none() => {
                let names: Vec<String> = asn1::sequence(value)?.into_iter().map(general_name).collect();
                self.san.clone_from(&names);
                requested.subject_alternative_name = Some(RequestedNames { critical, names: names.clone() });
                names
            }
            "2.5.29.19" if requested.basic_constraints.is_none() => {
                let read = constraints(value, critical)?;
                let lines = read.lines();
                requested.basic_constraints = Some(read);
                lines
            }
            "2.5.29.35" if requested.authority_key_identifier.is_none() => {
                let read = authority(value, critical)?;
                let lines =
                    [("key identifier", &read.key_id), ("issuer", &read.issuer), ("serial number", &read.serial)];
                let lines = lines.iter().filter_map(|(label, value)| Some(format!("{label} {}", value.as_ref()?)));
                let lines = lines.collect();
                requested.authority_key_identifier = Some(read);
                lines
            }
            "2.5.29.14" if requested.subject_key_identifier.is_none() => {
                value.tag().assert_eq(Tag::OctetString)?;
                let key_id = colons(value.value());
                requested.subject_key_identifier = Some(RequestedIdentifier { critical, key_id: key_id.clone() });
                vec![key_id]
            }
            "2.5.29.37" if requested.extended_key_usage.is_none() => {
                let usages = asn1::sequence(value)?.into_iter().map(usage).collect::<der::Result<Vec<_>>>()?;
                let lines = usages.iter().map(|usage| Usage::label_of(usage).to_owned()).collect();
                requested.extended_key_usage = Some(RequestedUsages { critical, usages });
                lines
            }
            "2.5.29.15" if requested.key_usage.is_none() => {
                let bits = key_usage(value)?;
                let lines = bits.iter().map(|bit| bit.label().to_owned()).collect();
                requested.key_usage = Some(RequestedBits { critical, bits });
                lines
            }
            _ => return Ok(None),
        };
        Ok(Some((name, lines)))
    }
}

/// Names of the extensions that are there more than once, which RFC 5280 4.2 forbids.
pub(crate) fn repeated(extensions: &[FoundExtension]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (place, extension) in extensions.iter().enumerate() {
        let is_repeated = extensions.iter().take(place).any(|before| before.oid == extension.oid);
        if is_repeated && !names.contains(&extension.name) {
            names.push(extension.name.clone());
        }
    }
    names
}

fn name_of(oid: &str) -> Option<&'static str> {
    Some(match oid {
        "2.5.29.14" => "Subject Key Identifier",
        "2.5.29.15" => "Key Usage",
        "2.5.29.17" => "Subject Alternative Names",
        "2.5.29.18" => "Issuer Alternative Names",
        "2.5.29.19" => "Basic Constraints",
        "2.5.29.30" => "Name Constraints",
        "2.5.29.31" => "CRL Distribution Points",
        "2.5.29.32" => "Certificate Policies",
        "2.5.29.33" => "Policy Mappings",
        "2.5.29.35" => "Authority Key Identifier",
        "2.5.29.36" => "Policy Constraints",
        "2.5.29.37" => "Extended Key Usage",
        "2.5.29.54" => "Inhibit Any Policy",
        "1.3.6.1.5.5.7.1.1" => "Authority Information Access",
        "1.3.6.1.5.5.7.1.24" => "TLS Feature",
        "1.3.6.1.4.1.11129.2.4.2" => "Signed Certificate Timestamps",
        "1.3.6.1.4.1.11129.2.4.3" => "Precertificate Poison",
        "1.3.6.1.4.1.311.20.2" => "Certificate Template Name",
        "1.3.6.1.4.1.311.21.7" => "Certificate Template",
        "2.16.840.1.113730.1.1" => "Netscape Certificate Type",
        _ => return None,
    })
}

fn constraints(value: AnyRef<'_>, critical: bool) -> der::Result<RequestedConstraints> {
    let mut read = RequestedConstraints { critical, ca: false, path_length: None };
    for part in asn1::sequence(value)? {
        match part.tag() {
            Tag::Boolean => read.ca = part.value() != [0],
            _ => read.path_length = Some(part.decode_as()?),
        }
    }
    Ok(read)
}

fn authority(value: AnyRef<'_>, critical: bool) -> der::Result<RequestedAuthority> {
    let mut read = RequestedAuthority { critical, key_id: None, issuer: None, serial: None };
    for part in asn1::sequence(value)? {
        match asn1::context(part) {
            Some(0) => read.key_id = Some(colons(part.value())),
            Some(1) => {
                let names: Vec<_> = asn1::elements(part.value())?.into_iter().map(issuer).collect();
                read.issuer = Some(names.join("; "));
            }
            Some(2) => read.serial = Some(colons(part.value())),
            _ => return Err(part.tag().value_error().into()),
        }
    }
    Ok(read)
}

/// A directory name bare, any other kind with its prefix.
fn issuer(name: AnyRef<'_>) -> String {
    let directory = (asn1::context(name) == Some(4)).then(|| asn1::elements(name.value()).ok()).flatten();
    directory.and_then(|inner| one_line(*inner.first()?).ok()).unwrap_or_else(|| general_name(name))
}

fn usage(oid: AnyRef<'_>) -> der::Result<String> {
    let oid = asn1::oid(oid)?;
    let known = Usage::ALL.into_iter().find(|usage| usage.oid() == oid);
    Ok(known.map_or(oid, |usage| usage.value().to_owned()))
}

/// The bits that are set; bit 0 is the highest of the first byte.
fn key_usage(value: AnyRef<'_>) -> der::Result<Vec<KeyUsageBit>> {
    value.tag().assert_eq(Tag::BitString)?;
    let Some((_unused, bytes)) = value.value().split_first() else { return Err(Tag::BitString.value_error().into()) };
    let set = |place: usize| bytes.get(place / 8).is_some_and(|byte| byte & (0x80 >> (place % 8)) != 0);
    Ok(KeyUsageBit::ALL.into_iter().enumerate().filter(|(place, _)| set(*place)).map(|(_, bit)| bit).collect())
}
