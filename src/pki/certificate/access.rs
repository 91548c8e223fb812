//! Authority Information Access (RFC 5280 4.2.2.1): where the issuer's certificate and its word on revocation can be had.

use super::super::asn1;
use super::super::inspect::general_name;
use der::Decode;
use der::asn1::AnyRef;

/// The extension.
pub(super) const OID: &str = "1.3.6.1.5.5.7.1.1";
/// id-ad-caIssuers.
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";
/// id-ad-ocsp.
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
/// Addresses that are kept; one is usual.
const MOST: usize = 8;
/// The longest address that is kept.
const LONGEST: usize = 2048;

/// What the extension says.
#[derive(Default)]
pub(super) struct Access {
    /// A line a fact, for people.
    pub(super) lines: Vec<String>,
    /// Where the issuer's certificate can be had by `http` or `https`; `ldap` helps nobody at a browser.
    pub(super) ca_issuers: Vec<String>,
}

/// Reads the extension's value.
pub(super) fn read(value: &[u8]) -> der::Result<Access> {
    let mut access = Access::default();
    for description in asn1::sequence(AnyRef::from_der(value)?)?.into_iter().take(MOST) {
        let &[method, name] = asn1::sequence(description)?.as_slice() else {
            return Err(der::ErrorKind::Failed.into());
        };
        let (method, name) = (asn1::oid(method)?, general_name(name));
        let label = match method.as_str() {
            CA_ISSUERS => "CA issuers",
            OCSP => "OCSP",
            other => other,
        };
        access.lines.push(format!("{label} {name}"));
        let address = name.strip_prefix("URI:").filter(|address| method == CA_ISSUERS && address.len() <= LONGEST);
        let fetched = |address: &&str| {
            let lower = address.to_ascii_lowercase();
            lower.starts_with("http://") || lower.starts_with("https://")
        };
        access.ca_issuers.extend(address.filter(fetched).map(str::to_owned));
    }
    Ok(access)
}
