//! What an ACME server says of itself (RFC 8555, section 7.1.1): its URLs, its terms, whether it needs an external account,
//! and its profiles.

use super::answer::{asked, read};
use crate::error::ClientError;
use crate::https::Https;
use hyper::Method;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Directory {
    pub(super) new_nonce: String,
    pub(super) new_account: String,
    pub(super) new_order: String,
    /// Where certificates are revoked; some private CAs have no such place.
    #[serde(default)]
    pub revoke_cert: Option<String>,
    /// Where the CA suggests when to renew (RFC 9773).
    #[serde(default)]
    pub renewal_info: Option<String>,
    /// What else it says.
    #[serde(default)]
    pub meta: Meta,
}

/// What a directory says besides its URLs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// The URL of its terms.
    pub terms_of_service: Option<String>,
    /// Its home page.
    pub website: Option<String>,
    /// True where an account of the CA's own is needed first.
    pub external_account_required: bool,
    /// Profiles by name, with a description each (draft-ietf-acme-profiles).
    pub profiles: BTreeMap<String, String>,
}

impl Directory {
    /// Asks for the directory.
    pub async fn fetch(https: &mut Https, url: &str) -> Result<Self, ClientError> {
        read(url, &asked(https, Method::GET, url).await?)
    }
}
