//! The text that an age file begins with: its version, how its key is wrapped, and a MAC over both.
//!
//! ```text
//! age-encryption.org/v1
//! -> scrypt SALT WORK
//! WRAPPED-KEY
//! --- MAC
//! ```

use super::{AgeError, FILE_KEY, Key, MOST_WORK, derived};
use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::io::{ErrorKind, Read};
use zeroize::Zeroizing;

/// Bytes of scrypt's salt.
pub(super) const SALT: usize = 16;
/// Bytes of the wrapped key: the key and a tag.
const WRAPPED: usize = FILE_KEY + 16;

const VERSION: &str = "age-encryption.org/v1";
const ANY_VERSION: &str = "age-encryption.org/";
const STANZA: &str = "-> scrypt ";
const FOOTER: &str = "---";
/// The longest line, bytes.
const MOST: usize = 128;

/// A header as it was read.
pub(super) struct Header {
    pub(super) salt: [u8; SALT],
    pub(super) work: u8,
    wrapped: [u8; WRAPPED],
    /// What the MAC is over.
    text: String,
    mac: Vec<u8>,
}

/// A header for a key.
pub(super) fn write(salt: &[u8; SALT], work: u8, wrap: &Key, file_key: &[u8; FILE_KEY]) -> Result<String, AgeError> {
    // Of its full size from the start: growing would leave a copy of the key behind.
    let mut wrapped = Vec::with_capacity(WRAPPED);
    wrapped.extend_from_slice(file_key);
    cipher(wrap)?.seal_in_place_append_tag(zero_nonce(), Aad::empty(), &mut wrapped).map_err(|_| AgeError::Library)?;
    let (salt, wrapped) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(wrapped));
    let text = format!("{VERSION}\n{STANZA}{salt} {work}\n{wrapped}\n{FOOTER}");
    let mac = STANDARD_NO_PAD.encode(hmac::sign(&mac_key(file_key)?, text.as_bytes()));
    Ok(format!("{text} {mac}\n"))
}

/// Reads a header to the end of its last line, and not a byte more.
pub(super) fn read(file: &mut impl Read) -> Result<Header, AgeError> {
    let first = line(file).map_err(|error| if matches!(error, AgeError::Io(_)) { error } else { AgeError::NotAge })?;
    if first != VERSION {
        return Err(if first.starts_with(ANY_VERSION) { AgeError::Version } else { AgeError::NotAge });
    }
    let stanza = line(file)?;
    let arguments = stanza.strip_prefix(STANZA).ok_or(AgeError::NotByPassphrase)?;
    let (salt, work) = arguments.split_once(' ').ok_or(AgeError::Header)?;
    let work = work_factor(work)?;
    let wrapped = decoded(&line(file)?)?;
    let footer = line(file)?;
    let mac = footer.strip_prefix(FOOTER).ok_or(AgeError::NotByPassphrase)?;
    let mac = mac.strip_prefix(' ').ok_or(AgeError::Header)?;
    let text = format!("{first}\n{stanza}\n{}\n{FOOTER}", STANDARD_NO_PAD.encode(&wrapped));
    Ok(Header {
        salt: decoded(salt)?.try_into().map_err(|_| AgeError::Header)?,
        work,
        wrapped: wrapped.try_into().map_err(|_| AgeError::Header)?,
        text,
        mac: decoded(mac)?,
    })
}

impl Header {
    /// The file's key, where this is the key that wraps it and nothing of the header was changed.
    pub(super) fn unwrapped(&self, wrap: &Key) -> Result<Zeroizing<[u8; FILE_KEY]>, AgeError> {
        let mut wrapped = Zeroizing::new(self.wrapped);
        let opened = cipher(wrap)?
            .open_in_place(zero_nonce(), Aad::empty(), wrapped.as_mut_slice())
            .map_err(|_| AgeError::Passphrase)?;
        let mut file_key = Zeroizing::new([0; FILE_KEY]);
        file_key.copy_from_slice(opened);
        hmac::verify(&mac_key(&file_key)?, self.text.as_bytes(), &self.mac).map_err(|_| AgeError::Header)?;
        Ok(file_key)
    }
}

/// A decimal number without a zero in front, within the bound.
fn work_factor(text: &str) -> Result<u8, AgeError> {
    let number = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') && text.len() <= 9;
    let work: u32 = text.parse().ok().filter(|_| number).ok_or(AgeError::Header)?;
    u8::try_from(work).ok().filter(|work| *work <= MOST_WORK).ok_or(AgeError::Work(work))
}

/// Base64 without padding, in its one spelling.
fn decoded(text: &str) -> Result<Vec<u8>, AgeError> {
    STANDARD_NO_PAD.decode(text).map_err(|_| AgeError::Header)
}

/// A line without its end. Byte by byte, since what follows the header is not text.
fn line(file: &mut impl Read) -> Result<String, AgeError> {
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        match file.read_exact(&mut byte) {
            Ok(()) if byte == [b'\n'] => return String::from_utf8(line).map_err(|_| AgeError::Header),
            Ok(()) if line.len() < MOST => line.extend_from_slice(&byte),
            Ok(()) => return Err(AgeError::Header),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(AgeError::Cut),
            Err(error) => return Err(error.into()),
        }
    }
}

fn cipher(wrap: &Key) -> Result<LessSafeKey, AgeError> {
    UnboundKey::new(&CHACHA20_POLY1305, wrap.as_slice()).map(LessSafeKey::new).map_err(|_| AgeError::Library)
}

/// The wrapping key is used once.
fn zero_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn mac_key(file_key: &[u8; FILE_KEY]) -> Result<hmac::Key, AgeError> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, derived(file_key, &[], b"header")?.as_slice()))
}
