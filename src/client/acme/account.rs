//! An account's key, and what it signs (RFC 8555, section 6.2; RFC 7515).
//!
//! The key is P-256 (ES256), which every ACME server takes. It is made before the account and kept, so that a CA that is asked
//! twice finds the same account.

use crate::error::ClientError;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
pub use signet_domain::enrollment::Account;
use zeroize::Zeroizing;

/// An account's key.
pub struct AccountKey {
    pair: EcdsaKeyPair,
    x: String,
    y: String,
}

impl std::fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccountKey")
    }
}

/// An account that the CA's operator made (RFC 8555, section 7.3.4).
pub struct ExternalAccount {
    /// Its name at the CA.
    pub kid: String,
    /// The key that was handed out with it.
    pub key: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for ExternalAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExternalAccount").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Base64 for URLs without padding, which JOSE uses everywhere.
pub(super) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads an external account's key as CAs hand it out: base64url, padded or not; plain base64 is taken, too.
pub fn external_key(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let plain: Zeroizing<String> = Zeroizing::new(
        text.trim()
            .trim_end_matches('=')
            .chars()
            .map(|c| {
                if c == '+' {
                    '-'
                } else if c == '/' {
                    '_'
                } else {
                    c
                }
            })
            .collect(),
    );
    let key = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(plain.as_bytes()).ok()?);
    (!key.is_empty()).then_some(key)
}

impl AccountKey {
    /// A new key, PKCS#8.
    pub fn generate() -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Ok(Zeroizing::new(document.map_err(|_| ClientError::AccountKey)?.as_ref().to_vec()))
    }

    /// The key that was kept.
    pub fn read(pkcs8: &[u8]) -> Result<Self, ClientError> {
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map_err(|_| ClientError::AccountKey)?;
        // An uncompressed point: 4, x, y.
        let point = pair.public_key().as_ref().to_vec();
        let (Some(4), Some(x), Some(y)) = (point.first(), point.get(1..33), point.get(33..65)) else {
            return Err(ClientError::AccountKey);
        };
        Ok(Self { x: encoded(x), y: encoded(y), pair })
    }

    fn jwk(&self) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "x": self.x, "y": self.y })
    }

    /// The key's digest (RFC 7638), which challenges are answered with.
    pub fn thumbprint(&self) -> String {
        let text = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, self.x, self.y);
        encoded(digest(&SHA256, text.as_bytes()))
    }

    /// What a challenge's token is answered with (RFC 8555, section 8.1).
    pub fn authorization(&self, token: &str) -> String {
        format!("{token}.{}", self.thumbprint())
    }

    /// A signed message; with an empty payload it is POST-as-GET (RFC 8555, section 6.3).
    pub(super) fn message(
        &self,
        url: &str,
        nonce: &str,
        account: Option<&str>,
        payload: Option<&Value>,
    ) -> Result<Vec<u8>, ClientError> {
        let mut head = json!({ "alg": "ES256", "nonce": nonce, "url": url });
        if let Some(head) = head.as_object_mut() {
            match account {
                Some(account) => head.insert("kid".to_owned(), Value::from(account)),
                None => head.insert("jwk".to_owned(), self.jwk()),
            };
        }
        let payload = payload.map_or_else(String::new, |payload| encoded(payload.to_string()));
        let sign = |text: &str| {
            let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes());
            signature.map(|signature| encoded(signature.as_ref())).map_err(|_| ClientError::AccountKey)
        };
        Ok(joined(&encoded(head.to_string()), &payload, sign)?.to_string().into_bytes())
    }

    /// The proof that the external account's holder wants this key for it (RFC 8555, section 7.3.4).
    pub(super) fn bound_to(&self, external: &ExternalAccount, url: &str) -> Result<Value, ClientError> {
        let head = json!({ "alg": "HS256", "kid": external.kid, "url": url });
        let key = hmac::Key::new(hmac::HMAC_SHA256, &external.key);
        joined(&encoded(head.to_string()), &encoded(self.jwk().to_string()), |text| {
            Ok(encoded(hmac::sign(&key, text.as_bytes()).as_ref()))
        })
    }
}

fn joined(head: &str, payload: &str, sign: impl Fn(&str) -> Result<String, ClientError>) -> Result<Value, ClientError> {
    let signature = sign(&format!("{head}.{payload}"))?;
    Ok(json!({ "protected": head, "payload": payload, "signature": signature }))
}
