//! What a service is given: certificate, chain and key, read at once from one CSR's file and written anew from their bytes.
//!
//! The file is another, less trusted user's. Nothing of its text is copied: each certificate must parse, and the key must be
//! the first one's.

use super::choose::Known;
use super::error::Unfit;
use signet_domain::hex;
use signet_domain::secret::Secret;
use signet_pki::certificate::Certificate;
use signet_pki::digest::sha256;
use signet_pki::export::plain_pkcs8_pem;
use signet_pki::pem;
use signet_pki::private_key::PrivateKey;
use signet_store::{Store, StoreError, StoredCsr};
use zeroize::Zeroizing;

/// The files of a version, in the order in which they are removed: the key first.
pub(super) const FILES: [&str; 4] = ["privkey.pem", "fullchain.pem", "cert.pem", "chain.pem"];

/// Certificate, chain and key that belong together.
pub(super) struct Pair {
    /// The record's id: 32 hex digits.
    pub(super) id: String,
    certificate: String,
    chain: String,
    full: String,
    key: Zeroizing<String>,
}

impl Pair {
    /// Reads the request that was chosen. The inner error says why a service cannot use it.
    pub(super) fn read(store: &Store, chosen: &Known) -> Result<Result<Self, Unfit>, StoreError> {
        let Some((csr, key)) = store.csr_with_key(&chosen.name)? else { return Ok(Err(Unfit::Changed)) };
        if csr.record.id != chosen.id || !csr.record.deploy || csr.certificates.is_empty() {
            return Ok(Err(Unfit::Changed));
        }
        Ok(Self::of(&csr, &key))
    }

    fn of(csr: &StoredCsr, key: &Secret) -> Result<Self, Unfit> {
        let id = csr.record.id.clone();
        if !is_id(&id) {
            return Err(Unfit::Id);
        }
        let key = PrivateKey::from_pkcs8(key.expose_secret()).map_err(|_| Unfit::Key)?;
        let mut chain = String::new();
        let mut certificate = String::new();
        for (place, der) in csr.certificates.iter().enumerate() {
            let read = Certificate::read(der).map_err(|_| Unfit::Certificate(place + 1))?;
            let text = pem::encode("CERTIFICATE", der);
            if place > 0 {
                chain.push_str(&text);
                continue;
            }
            if !read.has_key(key.spki_der()) {
                return Err(Unfit::Mismatch);
            }
            certificate = text.to_string();
        }
        let key = plain_pkcs8_pem(&key).map_err(|_| Unfit::Key)?;
        let full = format!("{certificate}{chain}");
        Ok(Self { id, certificate, chain, full, key })
    }

    /// The content of one of [`FILES`].
    pub(super) fn file(&self, name: &str) -> &str {
        match name {
            "privkey.pem" => &self.key,
            "cert.pem" => &self.certificate,
            "chain.pem" => &self.chain,
            _ => &self.full,
        }
    }

    /// Eight bytes in hex that tell what a service gets: the certificates, which fix the key, and how the files lie.
    pub(super) fn digest(&self, uid: u32, gid: u32, mode: u32) -> String {
        let all = format!("{uid} {gid} {mode:o}\n{}", self.full);
        hex::lower(sha256(all.as_bytes()).get(..8).unwrap_or_default())
    }
}

/// True for what a record's id looks like: it becomes a part of a folder's name.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
