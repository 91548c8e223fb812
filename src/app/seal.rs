//! Keys derived from the unit's seal key, and the AEAD that drafts travel in.
//!
//! The seal key is 32 random bytes, made once for each unit. HKDF-SHA256 (RFC 5869) gives each purpose its own key, so
//! that nothing sealed for one is accepted for another.

use crate::{Failure, random};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, hkdf, hmac};
use signet_domain::hex;
use signet_domain::secret::Secret;
use signet_store::{Store, WriteLock};

/// The unit's sealing keys.
pub struct Seal {
    drafts: RandomizedNonceKey,
    tokens: hmac::Key,
    instance: String,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl Seal {
    /// The keys that `seal_key` (32 bytes) is the source of.
    pub fn new(seal_key: &Secret) -> Result<Self, Failure> {
        let drafts = derive(seal_key, b"signet draft v1")?;
        let tokens = derive(seal_key, b"signet csrf v1")?;
        let instance = derive(seal_key, b"signet cookies v1")?;
        Ok(Self {
            instance: hex::lower(instance.expose_secret().get(..4).unwrap_or_default()),
            drafts: RandomizedNonceKey::new(&AES_256_GCM, drafts.expose_secret()).map_err(|_| Failure::Randomness)?,
            tokens: hmac::Key::new(hmac::HMAC_SHA256, tokens.expose_secret()),
        })
    }

    /// Eight hexadecimal digits that tell this unit's cookies from those of others, also after a restart. No secret.
    pub fn instance(&self) -> String {
        self.instance.clone()
    }

    /// `nonce || ciphertext || tag` of `plain`, bound to `context`.
    pub fn seal(&self, context: &[u8], plain: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let mut body = plain;
        let nonce =
            self.drafts.seal_in_place_append_tag(Aad::from(context), &mut body).map_err(|_| Failure::Randomness)?;
        Ok([nonce.as_ref().as_slice(), &body].concat())
    }

    /// What was sealed, or nothing when it was not sealed here, in this context, or was touched since.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(aws_lc_rs::aead::NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let plain = self.drafts.open_in_place(nonce, Aad::from(context), &mut body).ok()?;
        Some(plain.to_vec())
    }

    /// The CSRF token that belongs to a session cookie's value.
    pub fn token(&self, cookie: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.tokens, cookie.as_bytes());
        let mut token = [0; 32];
        token.copy_from_slice(tag.as_ref());
        token
    }

    /// True when `token` belongs to `cookie`; compared in constant time.
    pub fn token_fits(&self, cookie: &str, token: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.token(cookie), token).is_ok()
    }
}

/// The seal key, made when it is missing.
pub fn ensure_key(store: &Store) -> Result<Secret, Failure> {
    match store.seal_key()? {
        Some(key) => Ok(key),
        None => ensure_key_under(store, &store.lock()?),
    }
}

/// As [`ensure_key`], for who has the lock.
pub(crate) fn ensure_key_under(store: &Store, lock: &WriteLock<'_>) -> Result<Secret, Failure> {
    if let Some(key) = store.seal_key()? {
        return Ok(key);
    }
    let key = Secret::new(random::bytes::<32>()?.to_vec());
    lock.put_seal_key(&key)?;
    Ok(key)
}

/// The key that the audit log's lines are chained with.
pub(super) fn audit_key(seal_key: &Secret) -> Result<hmac::Key, Failure> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, derive(seal_key, b"signet audit v1")?.expose_secret()))
}

fn derive(seal_key: &Secret, purpose: &[u8]) -> Result<Secret, Failure> {
    let mut key = vec![0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"signet")
        .extract(seal_key.expose_secret())
        .expand(&[purpose], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut key))
        .map_err(|_| Failure::Randomness)?;
    Ok(Secret::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(&Secret::new(vec![byte; 32])).unwrap()
    }

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let sealed = seal(1).seal(b"context", b"answers".to_vec()).unwrap();
        assert_eq!(seal(1).open(b"context", &sealed).unwrap(), b"answers");
        assert!(seal(2).open(b"context", &sealed).is_none(), "another unit's key");
        assert!(seal(1).open(b"other", &sealed).is_none(), "another context");
        for at in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            assert!(seal(1).open(b"context", &touched).is_none(), "byte {at} touched");
        }
        assert!(seal(1).open(b"context", b"short").is_none());
    }

    #[test]
    fn a_token_fits_its_cookie_alone() {
        let token = seal(1).token("cookie");
        assert!(seal(1).token_fits("cookie", &token));
        assert!(!seal(1).token_fits("other", &token));
        assert!(!seal(2).token_fits("cookie", &token));
        assert!(!seal(1).token_fits("cookie", &token[..31]));
    }
}
