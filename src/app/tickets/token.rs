//! What a login link holds: 256 random bits; and what is kept of them.

use crate::{Failure, random};
use aws_lc_rs::digest;
use zeroize::Zeroizing;

/// Bytes of a token.
const LENGTH: usize = 32;

/// The secret of a ticket. It is in the link alone.
pub struct Token(Zeroizing<[u8; LENGTH]>);

/// Names a ticket's note: SHA-256 of the token, the owner's generation and the console's process.
pub(super) type Digest = [u8; 32];

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// A new one.
    pub(super) fn random() -> Result<Self, Failure> {
        Ok(Self(Zeroizing::new(random::bytes()?)))
    }

    /// Reads what a link holds: 64 lower-case hex digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let text = Some(text).filter(|text| text.len() == 2 * LENGTH && text.bytes().all(is_digit))?;
        let bytes = Zeroizing::new(signet_domain::hex::decode(text)?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// As a link holds it.
    pub fn in_link(&self) -> Zeroizing<String> {
        Zeroizing::new(signet_domain::hex::lower(self.0.as_slice()))
    }

    /// What is kept of it. Each part has a fixed length or is the last one, so that no two inputs are one.
    pub(super) fn digest(&self, generation: u64, instance: &str) -> Digest {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"signet ticket 1\0");
        context.update(self.0.as_slice());
        context.update(&generation.to_be_bytes());
        context.update(instance.as_bytes());
        let mut digest = Digest::default();
        digest.copy_from_slice(context.finish().as_ref());
        digest
    }
}
