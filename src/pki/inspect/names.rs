//! Distinguished names and general names (RFC 5280 4.1.2.4, 4.2.1.6) as text.

use super::super::asn1;
use der::Tagged;
use der::asn1::AnyRef;
use serde::Serialize;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Common name.
pub(crate) const COMMON_NAME: &str = "2.5.4.3";

/// One attribute of a name or of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAttribute {
    /// The object identifier, dotted.
    pub oid: String,
    /// The form's label where there is one, otherwise the attribute's own name or its object identifier.
    pub label: String,
    /// The value; in hex after `#` when it is not a string.
    pub value: String,
}

/// The parts of a subject under the form's field names (docs/reference.md, `subject{}`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are docs/reference.md's, by name")]
pub struct TypedSubject {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizational_unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common: Option<String>,
}

/// Object identifier, name for people, short name for one line (RFC 4514 3, RFC 4519, RFC 2985, CA/Browser Forum).
const KNOWN: [(&str, &str, &str); 21] = [
    (COMMON_NAME, "Common Name", "CN"),
    ("2.5.4.4", "Surname", "SN"),
    ("2.5.4.5", "Serial Number", "serialNumber"),
    ("2.5.4.6", "Country", "C"),
    ("2.5.4.7", "Locality", "L"),
    ("2.5.4.8", "State", "ST"),
    ("2.5.4.9", "Street", "street"),
    ("2.5.4.10", "Organization", "O"),
    ("2.5.4.11", "Organizational Unit", "OU"),
    ("2.5.4.12", "Title", "title"),
    ("2.5.4.13", "Description", "description"),
    ("2.5.4.15", "Business Category", "businessCategory"),
    ("2.5.4.17", "Postal Code", "postalCode"),
    ("2.5.4.42", "Given Name", "GN"),
    ("2.5.4.43", "Initials", "initials"),
    ("2.5.4.46", "DN Qualifier", "dnQualifier"),
    ("2.5.4.65", "Pseudonym", "pseudonym"),
    ("2.5.4.97", "Organization Identifier", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "User ID", "UID"),
    ("0.9.2342.19200300.100.1.25", "Domain Component", "DC"),
    ("1.2.840.113549.1.9.1", "Email", "emailAddress"),
];

/// The attributes of a `Name`, in order.
pub(crate) fn attributes(name: AnyRef<'_>) -> der::Result<Vec<FoundAttribute>> {
    let mut found = Vec::new();
    for rdn in asn1::sequence(name)? {
        rdn.tag().assert_eq(der::Tag::Set)?;
        for attribute in asn1::elements(rdn.value())? {
            let &[oid, value] = asn1::sequence(attribute)?.as_slice() else {
                return Err(attribute.tag().value_error().into());
            };
            let oid = asn1::oid(oid)?;
            found.push(FoundAttribute { label: label(&oid), value: asn1::text(value), oid });
        }
    }
    Ok(found)
}

/// The first value under an object identifier.
pub(crate) fn first(attributes: &[FoundAttribute], oid: &str) -> Option<String> {
    attributes.iter().find(|attribute| attribute.oid == oid).map(|attribute| attribute.value.clone())
}

/// The parts that the form knows.
pub(super) fn typed(attributes: &[FoundAttribute]) -> TypedSubject {
    let first = |oid| first(attributes, oid);
    TypedSubject {
        country: first("2.5.4.6"),
        state: first("2.5.4.8"),
        city: first("2.5.4.7"),
        organization: first("2.5.4.10"),
        organizational_unit: first("2.5.4.11"),
        email: first("1.2.840.113549.1.9.1"),
        common: first(COMMON_NAME),
    }
}

/// A `Name` in one line: `CN=nas.local, C=NL`.
pub(crate) fn one_line(name: AnyRef<'_>) -> der::Result<String> {
    let short =
        |oid: &str| KNOWN.iter().find(|row| row.0 == oid).map_or_else(|| oid.to_owned(), |row| row.2.to_owned());
    let parts: Vec<_> =
        attributes(name)?.iter().map(|attribute| format!("{}={}", short(&attribute.oid), attribute.value)).collect();
    Ok(parts.join(", "))
}

/// A `GeneralName` with its kind before it, in the form's grammar where that has the kind.
pub(crate) fn general_name(name: AnyRef<'_>) -> String {
    let value = name.value();
    let ascii = || asn1::shown(&String::from_utf8_lossy(value));
    match asn1::context(name) {
        Some(0) => other_name(value).unwrap_or_else(|| format!("otherName:#{}", asn1::short_hex(value))),
        Some(1) => format!("email:{}", ascii()),
        Some(2) => format!("DNS:{}", ascii()),
        Some(3) => format!("X400:#{}", asn1::short_hex(value)),
        Some(4) => {
            let name = asn1::elements(value).ok().and_then(|inner| inner.first().copied());
            let line = name.and_then(|name| one_line(name).ok());
            format!("dirName:{}", line.unwrap_or_else(|| format!("#{}", asn1::short_hex(value))))
        }
        Some(5) => format!("EDI:#{}", asn1::short_hex(value)),
        Some(6) => format!("URI:{}", ascii()),
        Some(7) => format!("IP:{}", address(value)),
        Some(8) => format!("RID:{}", asn1::oid_content(value)),
        _ => format!("unknown:#{}", asn1::short_hex(value)),
    }
}

fn label(oid: &str) -> String {
    KNOWN.iter().find(|row| row.0 == oid).map_or_else(|| oid.to_owned(), |row| row.1.to_owned())
}

/// `otherName:OID:value`, such as a user principal name.
fn other_name(content: &[u8]) -> Option<String> {
    let inner = asn1::elements(content).ok()?;
    let &[oid, wrapped] = inner.as_slice() else { return None };
    let value = asn1::elements(wrapped.value()).ok()?.first().copied()?;
    Some(format!("otherName:{}:{}", asn1::oid(oid).ok()?, asn1::text(value)))
}

fn address(value: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(value) {
        return Ipv4Addr::from(four).to_string();
    }
    match <[u8; 16]>::try_from(value) {
        Ok(sixteen) => Ipv6Addr::from(sixteen).to_string(),
        Err(_) => format!("#{}", asn1::short_hex(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_domain::subject_part::Part;

    #[test]
    fn labels_are_the_forms() {
        let parts = [
            Part::Country,
            Part::State,
            Part::City,
            Part::Organization,
            Part::OrganizationalUnit,
            Part::Email,
            Part::Common,
        ];
        for part in parts {
            assert!(KNOWN.iter().any(|row| row.1 == part.label()), "{part:?}");
        }
    }
}
