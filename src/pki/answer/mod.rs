//! Certificates from a CA in whatever form they come: PEM with text around it, DER, PKCS#7 in either, base64 without borders.
//!
//! Out come certificates in the order in which they came, each once. Which of them is the leaf, and whether they belong
//! together, is for [`super::chain`]. A private key that was given by mistake is neither kept nor shown.

mod error;
mod pkcs7;
#[cfg(test)]
mod tests;
mod text;

pub use error::AnswerError;

use super::ber;
use super::certificate::Certificate;
use super::keyfile::kind::Kind;
use super::pem::{self, Block, PemError};
use std::collections::HashSet;
use zeroize::Zeroizing;

/// The longest file or text that is read, in bytes.
pub const MAX_ANSWER: usize = 256 * 1024;
/// The most certificates that are read. A chain has three or four.
pub const MAX_CERTIFICATES: usize = 64;

/// What a CA sent.
#[derive(Debug)]
pub struct Answer {
    /// The certificates that can be read, in their order; never empty.
    pub certificates: Vec<Certificate>,
    /// Those that cannot.
    pub unread: Vec<Unread>,
}

/// A certificate beside others that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its subject for a sentence, where that can be found.
    pub subject: Option<String>,
    /// Which one it is and what is wrong: [`AnswerError::Damaged`].
    pub error: AnswerError,
}

/// All certificates that a CA sent, in their order; the same one twice is one.
///
/// # Errors
/// As [`read_usable`], and where one of several cannot be read.
pub fn read_answer(bytes: &[u8]) -> Result<Vec<Certificate>, AnswerError> {
    let answer = read_usable(bytes)?;
    match answer.unread.into_iter().next() {
        Some(unread) => Err(unread.error),
        None => Ok(answer.certificates),
    }
}

/// The certificates that can be read: a damaged root that nobody needs is no reason to refuse the others.
///
/// # Errors
/// [`AnswerError`], one variant a cause: nothing, too much, something else, or damage and where.
pub fn read_usable(bytes: &[u8]) -> Result<Answer, AnswerError> {
    read(bytes, Keys::Refused)
}

/// The same of a file that may hold a private key beside the certificates, which is passed over.
///
/// # Errors
/// As [`read_usable`].
pub fn read_beside_key(bytes: &[u8]) -> Result<Answer, AnswerError> {
    read(bytes, Keys::PassedOver)
}

/// Whether a text has the border of a private key, however damaged.
pub(crate) fn holds_key(text: &str) -> bool {
    text::key_in(text).is_some()
}

/// The bytes of a text that is base64 and nothing else: `Some(None)` where it is damaged, `None` where it is something else.
pub(crate) fn base64(text: &str) -> Option<Option<Zeroizing<Vec<u8>>>> {
    text::base64(text)
}

/// Certificates that were found elsewhere, DER; the same one twice is one.
///
/// # Errors
/// [`AnswerError::TooMany`], and the first one's where none can be read.
pub fn of_certificates(ders: &[Vec<u8>]) -> Result<Answer, AnswerError> {
    certificates(ders)
}

/// What becomes of a private key in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Refused,
    PassedOver,
}

fn read(bytes: &[u8], keys: Keys) -> Result<Answer, AnswerError> {
    if bytes.len() > MAX_ANSWER {
        return Err(AnswerError::TooLarge(bytes.len()));
    }
    if bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).iter().all(u8::is_ascii_whitespace) {
        return Err(AnswerError::Empty);
    }
    let ders = match bytes {
        // A text may begin with the sign 0, which is 30 too, but not go on with a byte of length.
        [0x30, second, ..] if !second.is_ascii_graphic() && !second.is_ascii_whitespace() => of_der(bytes)?,
        // Lengths that are signs as well: no text of 33 to 126 bytes that begins with 0 is a whole SEQUENCE by chance.
        [0x30, ..] if Kind::of_der(bytes) != Kind::Unknown => of_der(bytes)?,
        [0xfe, 0xed, 0xfe, 0xed, ..] => return Err(AnswerError::NotAnAnswer(Kind::JavaKeyStore)),
        _ => of_text(&pem::unescaped(&pem::text_of(bytes)), keys)?,
    };
    certificates(&ders)
}

/// Certificates of their bytes; more than [`MAX_CERTIFICATES`] are refused before any is read.
fn certificates(ders: &[Vec<u8>]) -> Result<Answer, AnswerError> {
    let of = ders.len();
    let mut seen = HashSet::new();
    let different: Vec<_> = ders.iter().enumerate().filter(|(_, der)| seen.insert(der.as_slice())).collect();
    if different.len() > MAX_CERTIFICATES {
        return Err(AnswerError::TooMany(different.len()));
    }
    let mut answer = Answer { certificates: Vec::new(), unread: Vec::new() };
    for (place, der) in different {
        match Certificate::read(der) {
            Ok(certificate) => answer.certificates.push(certificate),
            Err(why) => {
                let error = AnswerError::Damaged { place: place + 1, of, why };
                answer.unread.push(Unread { subject: Certificate::subject_of(der), error });
            }
        }
    }
    match answer.unread.first() {
        Some(first) if answer.certificates.is_empty() => Err(first.error.clone()),
        _ => Ok(answer),
    }
}

/// The certificates of text: PEM blocks, or base64 alone.
fn of_text(text: &str, keys: Keys) -> Result<Vec<Vec<u8>>, AnswerError> {
    // Whatever else is wrong: whoever gave a key must learn that first.
    if let Some(kind) = text::key_in(text).filter(|_| keys == Keys::Refused) {
        return Err(AnswerError::PrivateKey(kind));
    }
    let page = text::is_web_page(text);
    // A page that shows certificates between tags breaks their lines with more tags.
    let unless_page = |error: PemError| if page { AnswerError::WebPage } else { AnswerError::Pem(error) };
    let blocks = pem::scan(text).map_err(unless_page)?;
    if blocks.is_empty() {
        return match text::base64(text) {
            Some(Some(der)) => of_der(&der),
            Some(None) => Err(AnswerError::Base64),
            None if page => Err(AnswerError::WebPage),
            None => Err(AnswerError::NotAnAnswer(Kind::of_text(text))),
        };
    }
    let mut ders = Vec::new();
    for block in blocks.iter().filter(|block| may_hold(&block.label)) {
        ders.extend(of_block(block, &block.der().map_err(unless_page)?)?);
    }
    if ders.is_empty() && blocks.iter().any(|block| may_hold(&block.label)) {
        return Err(AnswerError::NoContent);
    }
    if ders.is_empty() {
        let mut kinds = blocks.iter().map(|block| Kind::of_label(&block.label));
        return Err(AnswerError::NotAnAnswer(kinds.find(|kind| *kind != Kind::Unknown).unwrap_or(Kind::Unknown)));
    }
    Ok(ders)
}

/// Labels under which certificates come. Others (parameters, requests, revocation lists) may be beside them.
pub(crate) fn may_hold(label: &str) -> bool {
    matches!(Kind::of_label(label), Kind::Certificate | Kind::Pkcs7)
        || matches!(label, "CERTIFICATE CHAIN" | "PKCS7 CERTIFICATE")
}

/// The certificates of one block. Some write a PKCS#7 under CERTIFICATE, and the other way round: what is inside decides.
fn of_block(block: &Block, der: &[u8]) -> Result<Vec<Vec<u8>>, AnswerError> {
    if Kind::of_label(&block.label) != Kind::Certificate || Kind::of_der(der) != Kind::Unknown {
        return of_der(der);
    }
    // OpenSSL's TRUSTED CERTIFICATE has its own trust settings behind the certificate; what is damaged is named by its place.
    let elements = elements(der).unwrap_or_else(|_| vec![der]);
    let certificates =
        elements.iter().enumerate().filter(|(place, it)| *place == 0 || Kind::of_der(it) == Kind::Certificate);
    Ok(certificates.map(|(_, certificate)| certificate.to_vec()).collect())
}

/// The certificates of DER: some one behind the other, or a PKCS#7.
fn of_der(der: &[u8]) -> Result<Vec<Vec<u8>>, AnswerError> {
    if Kind::of_der(der) != Kind::Pkcs12 && ber::is_indefinite(der) {
        return of_definite(&ber::definite(der).ok_or(AnswerError::Indefinite)?);
    }
    of_definite(der)
}

fn of_definite(der: &[u8]) -> Result<Vec<Vec<u8>>, AnswerError> {
    let elements = elements(der)?;
    match elements.first().map_or(Kind::Unknown, |first| Kind::of_der(first)) {
        Kind::Certificate => Ok(elements.into_iter().map(<[u8]>::to_vec).collect()),
        Kind::Pkcs7 => pkcs7::certificates(elements.first().copied().unwrap_or_default()),
        kind @ Kind::PrivateKey => Err(AnswerError::PrivateKey(kind)),
        kind => Err(AnswerError::NotAnAnswer(kind)),
    }
}

/// The elements that follow each other; blanks and zeros between and behind them are passed over. What cannot be cut is the
/// last one.
fn elements(der: &[u8]) -> Result<Vec<&[u8]>, AnswerError> {
    let mut elements = Vec::new();
    let mut rest = der;
    loop {
        let padding = rest.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0).count();
        rest = rest.get(padding..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(elements);
        }
        match ber::element(rest) {
            Ok((element, behind)) => {
                elements.push(element);
                rest = behind;
            }
            Err(Some(missing)) if elements.is_empty() => return Err(AnswerError::CutOff { missing }),
            Err(None) if elements.is_empty() => return Err(AnswerError::NotAnAnswer(Kind::Unknown)),
            Err(_) => {
                elements.push(rest);
                return Ok(elements);
            }
        }
    }
}
