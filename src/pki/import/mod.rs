//! A request and its private key from outside, read and matched (docs/reference.md).
//!
//! Each comes as text, as a file, or as both with the same bytes in them. The two are read separately, so that after
//! a mistake in one the other is kept. This module knows the form's fields, but no form, no page and no store.

mod error;
mod request;
#[cfg(test)]
mod tests;

pub use error::ImportRefusal;
pub use request::ReadRequest;

use super::asn1;
use super::keyfile::kind::Kind;
use super::keyfile::{KeyFile, KeyFileError};
use super::pem::{self, Block, MAX_INPUT};
use super::private_key::PrivateKey;
use der::Decode;
use der::asn1::ObjectIdentifier;
use signet_domain::invalid::Invalid;
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

/// What one text field and the file field beside it hold; nothing but blanks counts as nothing.
#[derive(Clone, Copy, Default)]
pub struct Source<'a> {
    /// The text field.
    pub paste: Option<&'a [u8]>,
    /// The file's bytes, PEM or DER.
    pub file: Option<&'a [u8]>,
}

/// A request whose own signature is good, and the private key of its public key.
pub struct Imported {
    /// The request's bytes, unchanged (DER).
    pub request: Vec<u8>,
    /// The key.
    pub key: PrivateKey,
}

/// Reads both and matches them.
///
/// # Errors
/// The first [`ImportRefusal`]; the request is read before the key.
pub fn import(
    request: Source<'_>,
    key: Source<'_>,
    passphrase: Option<&Secret>,
    passphrase_confirm: Option<&Secret>,
) -> Result<Imported, ImportRefusal> {
    matched(read_request(request)?, read_key(key, passphrase, passphrase_confirm)?)
}

/// Exactly one request, its own signature verified.
///
/// # Errors
/// The [`ImportRefusal`]s at `signing_request`.
pub fn read_request(source: Source<'_>) -> Result<ReadRequest, ImportRefusal> {
    let paste = source.paste.map(request_in).transpose()?.flatten();
    let file = source.file.map(request_in).transpose()?.flatten();
    match (paste, file) {
        (None, None) => Err(ImportRefusal::NoRequest),
        (Some(paste), Some(file)) if paste != file => Err(ImportRefusal::RequestsDiffer),
        (Some(der), _) | (None, Some(der)) => ReadRequest::verify(der),
    }
}

/// Exactly one private key, opened where it is encrypted. An empty passphrase beside a plain key counts as none.
///
/// # Errors
/// The [`ImportRefusal`]s at `private_key`, `passphrase` and `passphrase_confirm`.
pub fn read_key(
    source: Source<'_>,
    passphrase: Option<&Secret>,
    passphrase_confirm: Option<&Secret>,
) -> Result<PrivateKey, ImportRefusal> {
    let key = find_key(source)?;
    confirmed(&key, passphrase, passphrase_confirm)?;
    Ok(key.open(passphrase.filter(|it| !it.is_empty() || key.is_encrypted()))?)
}

/// The same, not opened: whoever opens it says when, and with which passphrase.
///
/// # Errors
/// The [`ImportRefusal`]s at `private_key` that need no passphrase.
pub fn find_key(source: Source<'_>) -> Result<KeyFile, ImportRefusal> {
    let paste = source.paste.map(key_in).transpose()?.flatten();
    let file = source.file.map(key_in).transpose()?.flatten();
    match (paste, file) {
        (None, None) => Err(ImportRefusal::NoKey),
        (Some(paste), Some(file)) if paste != file => Err(ImportRefusal::KeysDiffer),
        (Some(key), _) | (None, Some(key)) => Ok(key),
    }
}

/// The passphrase and its repetition, which may be left out: whoever opens a file learns at once whether they have
/// mistyped. For a plain key only an empty passphrase makes sense.
///
/// # Errors
/// [`ImportRefusal::PassphrasesDiffer`], [`KeyFileError::NotEncrypted`].
pub fn confirmed(
    key: &KeyFile,
    passphrase: Option<&Secret>,
    passphrase_confirm: Option<&Secret>,
) -> Result<(), ImportRefusal> {
    let [passphrase, confirmation] =
        [passphrase, passphrase_confirm].map(|secret| secret.map(Secret::expose_secret).unwrap_or_default());
    let is_given = !passphrase.is_empty() || !confirmation.is_empty();
    if is_given && !key.is_encrypted() {
        return Err(KeyFileError::NotEncrypted.into());
    }
    if !confirmation.is_empty() && passphrase != confirmation {
        return Err(ImportRefusal::PassphrasesDiffer);
    }
    Ok(())
}

/// The refusals of a request and of a key: for an unsupported kind of key only one, at the key.
pub fn refused(request: Option<ImportRefusal>, key: Option<ImportRefusal>) -> Vec<Invalid> {
    let same_cause = |key: &ImportRefusal| key.is_kind_of_key();
    let request = request.filter(|request| !request.is_kind_of_key() || !key.as_ref().is_some_and(same_cause));
    request.iter().chain(&key).map(ImportRefusal::invalid).collect()
}

/// A request and a key that belong together.
///
/// # Errors
/// [`ImportRefusal::KeyOfAnotherRequest`].
pub fn matched(request: ReadRequest, key: PrivateKey) -> Result<Imported, ImportRefusal> {
    if request.public_key() != key.public_key() {
        return Err(ImportRefusal::KeyOfAnotherRequest);
    }
    Ok(Imported { request: request.into_der(), key })
}

/// The one request in a file or a text; the same one twice is one.
fn request_in(bytes: &[u8]) -> Result<Option<Vec<u8>>, ImportRefusal> {
    if is_blank(bytes) {
        return Ok(None);
    }
    if bytes.len() > MAX_INPUT {
        return Err(ImportRefusal::RequestTooLarge);
    }
    let bytes = asn1::without_padding(bytes);
    match Kind::of_der(bytes) {
        Kind::Unknown => {}
        Kind::Request => return Ok(Some(bytes.to_vec())),
        other => return Err(ImportRefusal::NotARequest(other)),
    }
    let text = pem::text_of(bytes);
    let blocks = pem::scan(&text).map_err(ImportRefusal::RequestPem)?;
    let mut found: Option<Vec<u8>> = None;
    for block in blocks.iter().filter(|block| Kind::of_label(&block.label) == Kind::Request) {
        let der = asn1::without_padding(&block.der().map_err(ImportRefusal::RequestPem)?).to_vec();
        if found.as_ref().is_some_and(|found| *found != der) {
            return Err(ImportRefusal::TwoRequests);
        }
        found = Some(der);
    }
    match found {
        Some(der) => match Kind::of_der(&der) {
            Kind::Request | Kind::Unknown => Ok(Some(der)),
            other => Err(ImportRefusal::NotARequest(other)),
        },
        None => Err(ImportRefusal::NotARequest(instead(&blocks, &text))),
    }
}

/// The one private key in a file or a text; the same one twice is one.
fn key_in(bytes: &[u8]) -> Result<Option<KeyFile>, ImportRefusal> {
    if is_blank(bytes) {
        return Ok(None);
    }
    if bytes.len() > MAX_INPUT {
        return Err(ImportRefusal::KeyTooLarge);
    }
    let bytes = asn1::without_padding(bytes);
    match Kind::of_der(bytes) {
        Kind::Unknown => {}
        Kind::PrivateKey => return Ok(Some(KeyFile::from_der(Zeroizing::new(bytes.to_vec())))),
        other => return Err(ImportRefusal::NotAKey(other)),
    }
    let text = pem::text_of(bytes);
    let blocks = pem::scan(&text).map_err(ImportRefusal::KeyPem)?;
    let curve = named_curve(&blocks);
    let mut found: Option<KeyFile> = None;
    for block in blocks.iter().filter(|block| Kind::of_label(&block.label) == Kind::PrivateKey) {
        let key = KeyFile::from_pem(block, curve).map_err(ImportRefusal::KeyPem)?;
        if found.as_ref().is_some_and(|found| *found != key) {
            return Err(ImportRefusal::TwoKeys);
        }
        found = Some(key);
    }
    match found {
        Some(key) => match key.kind() {
            Kind::PrivateKey | Kind::Unknown => Ok(Some(key)),
            other => Err(ImportRefusal::NotAKey(other)),
        },
        None => Err(ImportRefusal::NotAKey(instead(&blocks, &text))),
    }
}

/// The curve of an `EC PARAMETERS` block, which OpenSSL writes before the key.
pub(crate) fn named_curve(blocks: &[Block]) -> Option<ObjectIdentifier> {
    let block = blocks.iter().find(|block| block.label == "EC PARAMETERS")?;
    ObjectIdentifier::from_der(&block.der().ok()?).ok()
}

/// What there is in place of what was wanted.
fn instead(blocks: &[Block], text: &str) -> Kind {
    let mut kinds = blocks.iter().map(|block| Kind::of_label(&block.label));
    let of_blocks = kinds.find(|kind| *kind != Kind::Parameters && *kind != Kind::Unknown);
    match (of_blocks, blocks) {
        (Some(kind), _) => kind,
        (None, [first, ..]) => Kind::of_label(&first.label),
        (None, []) => Kind::of_text(text),
    }
}

/// A text field with nothing in it, a file field without a file.
fn is_blank(bytes: &[u8]) -> bool {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).iter().all(u8::is_ascii_whitespace)
}
