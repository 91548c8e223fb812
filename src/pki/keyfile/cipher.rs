//! The block ciphers that key files are encrypted with, in CBC mode with PKCS#7 padding.
//!
//! The crates `aes`, `des`, `rc2` and `cbc` do the work; this module only chooses. Where a key comes from it does not know.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::{TdesEde2, TdesEde3};
use rc2::Rc2;
use zeroize::Zeroizing;

/// A cipher in CBC mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    /// 3DES with three keys.
    DesEde3,
    /// 3DES with two keys.
    DesEde2,
    /// RC2 with a key of 128 bits.
    Rc2Of128,
    /// RC2 with a key of 40 bits.
    Rc2Of40,
}

/// Why there is no plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CipherError {
    /// Not a whole number of blocks, or none: no passphrase can open it.
    #[error("the encrypted part has an impossible length")]
    Length,
    /// The padding is wrong: another passphrase, or changed bytes.
    #[error("the encrypted part does not open")]
    Padding,
}

impl Cipher {
    /// The longest key of all, in bytes.
    pub(crate) const MAX_KEY: usize = 32;

    /// Bytes of the key.
    pub(crate) fn key_len(self) -> usize {
        match self {
            Self::Rc2Of40 => 5,
            Self::Aes128 | Self::DesEde2 | Self::Rc2Of128 => 16,
            Self::Aes192 | Self::DesEde3 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Bytes of a block, which is also the length of the initialisation vector.
    pub(crate) fn block_len(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::DesEde3 | Self::DesEde2 | Self::Rc2Of128 | Self::Rc2Of40 => 8,
        }
    }

    /// Opens `sealed`; `key` and `iv` have the lengths above.
    pub(crate) fn decrypt(self, key: &[u8], iv: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        if sealed.is_empty() || !sealed.len().is_multiple_of(self.block_len()) {
            return Err(CipherError::Length);
        }
        match self {
            Self::Aes128 => open::<Decryptor<Aes128>>(key, iv, sealed),
            Self::Aes192 => open::<Decryptor<Aes192>>(key, iv, sealed),
            Self::Aes256 => open::<Decryptor<Aes256>>(key, iv, sealed),
            Self::DesEde3 => open::<Decryptor<TdesEde3>>(key, iv, sealed),
            Self::DesEde2 => open::<Decryptor<TdesEde2>>(key, iv, sealed),
            // The key's length is its effective length, too (RFC 2268 2).
            Self::Rc2Of128 | Self::Rc2Of40 => open::<Decryptor<Rc2>>(key, iv, sealed),
        }
    }
}

fn open<M: KeyIvInit + BlockModeDecrypt>(
    key: &[u8],
    iv: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CipherError> {
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let mode = M::new_from_slices(key, iv).map_err(|_| CipherError::Length)?;
    let length = mode.decrypt_padded::<Pkcs7>(&mut buffer).map_err(|_| CipherError::Padding)?.len();
    buffer.truncate(length);
    Ok(buffer)
}
