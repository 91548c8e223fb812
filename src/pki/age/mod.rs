//! Files that a passphrase encrypts, in the format age (<https://c2sp.org/age>, version 1), which `age -d` and others open.
//!
//! Of the format's recipients only the passphrase is known: scrypt derives the key that wraps the file's own. Header, key schedule
//! and chunks are the format's; HKDF, HMAC, ChaCha20-Poly1305 and scrypt are the libraries'. A file of any length is written and
//! read in bounded memory: one chunk, and what scrypt takes.

mod header;
mod payload;
#[cfg(test)]
mod tests;

use aws_lc_rs::{hkdf, rand};
use pkcs5::scrypt::{Params, scrypt};
use signet_domain::secret::Secret;
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

pub use payload::{Opened, Sealed};

/// scrypt's work factor, log2 N, in files that are written: 32 MiB with r = 8.
pub const WORK: u8 = 15;
/// The largest one that is read: 256 MiB, which is what `age -p` writes.
pub const MOST_WORK: u8 = 18;

/// Bytes of the key that the passphrase wraps.
const FILE_KEY: usize = 16;

/// Why a file is not written or read.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    /// The first line is not that of an age file.
    #[error("the file is not encrypted in the format age")]
    NotAge,
    /// A version of the format that is not known.
    #[error("the file is of a version of the format age that is not known")]
    Version,
    /// The header is not as the format has it.
    #[error("the file's header is damaged")]
    Header,
    /// It is encrypted for keys instead of a passphrase, or for more than one.
    #[error("the file is not encrypted by a passphrase")]
    NotByPassphrase,
    /// scrypt would take too much memory.
    #[error("the file asks for a work factor of {0}; the most is {most}", most = MOST_WORK)]
    Work(u32),
    /// Another passphrase, or a file that was changed in its header.
    #[error("the passphrase does not open the file")]
    Passphrase,
    /// A chunk was changed.
    #[error("the file is damaged")]
    Damaged,
    /// The end is missing.
    #[error("the file is incomplete: its end is missing")]
    Cut,
    /// The cryptographic library failed.
    #[error("the cryptographic library could not work")]
    Library,
    /// Reading or writing.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Begins a file: what is written into the result is encrypted, until [`Sealed::finish`].
pub fn seal<W: Write>(out: W, passphrase: &Secret) -> Result<Sealed<W>, AgeError> {
    seal_with(WORK, out, passphrase)
}

fn seal_with<W: Write>(work: u8, mut out: W, passphrase: &Secret) -> Result<Sealed<W>, AgeError> {
    let salt = random::<{ header::SALT }>()?;
    let file_key = Zeroizing::new(random::<FILE_KEY>()?);
    let wrap = wrap_key(passphrase, &salt, work)?;
    let head = header::write(&salt, work, &wrap, &file_key)?;
    out.write_all(head.as_bytes())?;
    let nonce = random::<{ payload::NONCE }>()?;
    out.write_all(&nonce)?;
    Sealed::new(out, payload_key(&file_key, &nonce)?)
}

/// Opens a file: the result reads what was encrypted, and ends only where the file is whole.
pub fn open<R: Read>(mut file: R, passphrase: &Secret) -> Result<Opened<R>, AgeError> {
    let head = header::read(&mut file)?;
    let wrap = wrap_key(passphrase, &head.salt, head.work)?;
    let file_key = head.unwrapped(&wrap)?;
    let mut nonce = [0; payload::NONCE];
    file.read_exact(&mut nonce).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => AgeError::Cut,
        _ => AgeError::Io(error),
    })?;
    Opened::new(file, payload_key(&file_key, &nonce)?)
}

fn random<const N: usize>() -> Result<[u8; N], AgeError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| AgeError::Library)?;
    Ok(bytes)
}

type Key = Zeroizing<[u8; 32]>;

fn wrap_key(passphrase: &Secret, salt: &[u8; header::SALT], work: u8) -> Result<Key, AgeError> {
    let params = Params::new(work, 8, 1).map_err(|_| AgeError::Work(work.into()))?;
    let salt = [b"age-encryption.org/v1/scrypt".as_slice(), salt].concat();
    let mut key = Key::default();
    scrypt(passphrase.expose_secret(), &salt, &params, key.as_mut_slice()).map_err(|_| AgeError::Library)?;
    Ok(key)
}

fn payload_key(file_key: &[u8; FILE_KEY], nonce: &[u8; payload::NONCE]) -> Result<Key, AgeError> {
    derived(file_key, nonce, b"payload")
}

/// HKDF-SHA-256 of the file's key.
fn derived(file_key: &[u8; FILE_KEY], salt: &[u8], info: &[u8]) -> Result<Key, AgeError> {
    let mut key = Key::default();
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(file_key)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(key.as_mut_slice()))
        .map_err(|_| AgeError::Library)?;
    Ok(key)
}
