//! PEM, read leniently and written strictly (RFC 7468, RFC 1421 headers).
//!
//! People give what a mail, a terminal or a JSON file left of a PEM file: text around it, CRLF, `\n` as two
//! characters, blanks before lines, all on one line, a signed mail. This module finds the blocks and
//! undoes that. It does not know what a label means.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use signet_domain::invalid::shortened;
use zeroize::Zeroizing;

/// Bytes that are looked at; an RSA 8192 key with its `-text` output has about 20 KiB.
pub const MAX_INPUT: usize = 256 * 1024;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// What Windows writes before UTF-8.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
/// Label of what OpenPGP writes before a signed text.
const PGP_SIGNED: &str = "PGP SIGNED MESSAGE";
/// DER bytes in a line of 64 columns (RFC 7468 section 2).
const LINE: usize = 48;
/// Labels are short; a longer one is a missing dash.
const MAX_LABEL: usize = 64;

/// One PEM block; its body is base64 that nobody has decoded yet.
pub struct Block {
    /// The text between `BEGIN` and the dashes.
    pub label: String,
    /// RFC 1421 headers in their order, such as `Proc-Type` and `DEK-Info`.
    pub headers: Vec<(String, String)>,
    body: Zeroizing<String>,
}

/// What is wrong with PEM text. `label` is the block's, shortened and without characters that a terminal would obey.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// The last line is missing.
    #[error("the block {label} begins but does not end")]
    NoEnd {
        /// Of the block that began.
        label: String,
    },
    /// The first line is missing.
    #[error("the block {label} ends but does not begin")]
    NoBegin {
        /// Of the block that ended.
        label: String,
    },
    /// Two labels for one block.
    #[error("a block begins as {begin} and ends as {end}")]
    LabelsDiffer {
        /// In the first line.
        begin: String,
        /// In the last line.
        end: String,
    },
    /// `BEGIN` or `END` without five dashes on each side.
    #[error("a BEGIN or END line does not have five dashes on each side")]
    Dashes,
    /// Nothing between the first line and the last.
    #[error("the block {label} is empty")]
    Empty {
        /// Of the empty block.
        label: String,
    },
    /// A character that base64 does not have, or characters missing.
    #[error("the base64 text of the block {label} is damaged")]
    Base64 {
        /// Of the damaged block.
        label: String,
    },
}

impl Block {
    /// The value of a header, its name compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`PemError::Empty`] and [`PemError::Base64`].
    pub fn der(&self) -> Result<Zeroizing<Vec<u8>>, PemError> {
        if self.body.is_empty() {
            return Err(PemError::Empty { label: shortened(&self.label) });
        }
        // Reserved at once: a growing vector would leave copies of a key behind.
        let mut der = Zeroizing::new(Vec::with_capacity(self.body.len()));
        STANDARD
            .decode_vec(self.body.as_bytes(), &mut der)
            .map_err(|_| PemError::Base64 { label: shortened(&self.label) })?;
        Ok(der)
    }
}

/// The text of a file or of a text field: UTF-16 with a byte order mark (what PowerShell's `>` writes) or UTF-8;
/// other bytes become U+FFFD, which does no harm outside of a block.
pub fn text_of(bytes: &[u8]) -> Zeroizing<String> {
    match utf16(bytes) {
        Some(units) => Zeroizing::new(String::from_utf16_lossy(&units)),
        None => Zeroizing::new(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// The same without its byte order mark, and with nothing replaced: none where the bytes are neither UTF-8 nor UTF-16 with a
/// byte order mark. A passphrase is this exactly or another one.
pub fn decoded(bytes: &[u8]) -> Option<Zeroizing<String>> {
    match utf16(bytes) {
        Some(units) if bytes.len().is_multiple_of(2) => String::from_utf16(&units).ok().map(Zeroizing::new),
        Some(_) => None,
        None => {
            let bytes = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
            std::str::from_utf8(bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
        }
    }
}

/// The units behind a byte order mark of UTF-16.
fn utf16(bytes: &[u8]) -> Option<Zeroizing<Vec<u16>>> {
    let of: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    Some(Zeroizing::new(bytes.as_chunks::<2>().0.iter().skip(1).map(|pair| of(*pair)).collect()))
}

/// All blocks of a text, in their order; none where the text has no PEM in it.
///
/// # Errors
/// The first thing that is wrong with a `BEGIN` or `END` line; bodies are judged by [`Block::der`].
pub fn scan(text: &str) -> Result<Vec<Block>, PemError> {
    let text = without_dash_escapes(unescaped(text));
    let mut blocks = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(BEGIN) {
        no_end_in(before)?;
        let (label, body) = label_of(after)?;
        // It begins a text and not a block: its end is the signature's.
        if label == PGP_SIGNED {
            rest = body;
            continue;
        }
        let Some((body, after)) = body.split_once(END).filter(|(body, _)| !body.contains(BEGIN)) else {
            return Err(PemError::NoEnd { label: shortened(label) });
        };
        let (end, after) = label_of(after)?;
        if end != label {
            return Err(PemError::LabelsDiffer { begin: shortened(label), end: shortened(end) });
        }
        blocks.push(block(label, body));
        rest = after;
    }
    no_end_in(rest)?;
    if blocks.is_empty() && has_bare_armor(rest) {
        return Err(PemError::Dashes);
    }
    Ok(blocks)
}

/// One block in 64 columns, each line with its newline.
pub fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let lines = der.len().div_ceil(LINE);
    let mut text = Zeroizing::new(String::with_capacity(lines * 65 + 2 * (label.len() + 20)));
    text.push_str(BEGIN);
    text.push_str(label);
    text.push_str("-----\n");
    for line in der.chunks(LINE) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text.push_str(END);
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// A text as it was before JSON, YAML or a shell escaped it (RFC 8259 7): `\n`, `\/`, `\u002b`, also escaped twice. No PEM has
/// a backslash of its own. What is not an escape stays.
pub(super) fn unescaped(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let escape = after.trim_start_matches('\\');
        let mut characters = escape.chars();
        rest = match characters.next() {
            Some('n' | 'r') => {
                plain.push('\n');
                characters.as_str()
            }
            Some('t') => {
                plain.push('\t');
                characters.as_str()
            }
            Some(character @ ('/' | '"' | '\'')) => {
                plain.push(character);
                characters.as_str()
            }
            Some('u') => match unicode(characters.as_str()) {
                Some((character, behind)) => {
                    plain.push(character);
                    behind
                }
                None => kept_backslash(&mut plain, after),
            },
            // A line that goes on in the next one.
            Some('\n' | '\r') => escape,
            _ => kept_backslash(&mut plain, after),
        };
    }
    plain.push_str(rest);
    plain
}

fn kept_backslash<'a>(plain: &mut String, after: &'a str) -> &'a str {
    plain.push('\\');
    after
}

/// The character of four hex digits, and what is behind them.
fn unicode(text: &str) -> Option<(char, &str)> {
    let (digits, behind) = text.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = is_hex.then(|| u32::from_str_radix(digits, 16).ok())??;
    Some((char::from_u32(code)?, behind))
}

/// The text of a message that is signed by OpenPGP without its dash escapes (RFC 9580 7.2): they would break the blocks in it.
fn without_dash_escapes(text: Zeroizing<String>) -> Zeroizing<String> {
    if !text.contains(&format!("{BEGIN}{PGP_SIGNED}")) {
        return text;
    }
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    for line in text.split_inclusive('\n') {
        plain.push_str(line.strip_prefix("- ").unwrap_or(line));
    }
    plain
}

/// Splits `LABEL-----rest`.
fn label_of(text: &str) -> Result<(&str, &str), PemError> {
    let (label, rest) = text.split_once(DASHES).ok_or(PemError::Dashes)?;
    if label.len() > MAX_LABEL || label.contains(['\n', '\r']) {
        return Err(PemError::Dashes);
    }
    Ok((label.trim(), rest))
}

fn no_end_in(text: &str) -> Result<(), PemError> {
    match text.split_once(END) {
        Some((_, after)) => Err(PemError::NoBegin { label: shortened(label_of(after)?.0) }),
        None => Ok(()),
    }
}

/// A line such as `----BEGIN CERTIFICATE REQUEST----` or `—BEGIN PRIVATE KEY—`: word processors join dashes.
fn has_bare_armor(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim().trim_matches(['-', ' ', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}']);
        let label = line.strip_prefix("BEGIN ").or_else(|| line.strip_prefix("END "));
        label.is_some_and(|label| {
            ["CERTIFICATE REQUEST", "PRIVATE KEY", "CERTIFICATE", "PKCS7"].iter().any(|known| label.ends_with(known))
        })
    })
}

fn block(label: &str, body: &str) -> Block {
    let mut headers = Vec::new();
    let mut base64 = Zeroizing::new(String::with_capacity(body.len()));
    for line in body.lines() {
        // Base64 has no colon, so no blank line is needed to tell where the headers end.
        match line.split_once(':').filter(|_| base64.is_empty()) {
            Some((name, value)) => headers.push((name.trim().to_owned(), value.trim().to_owned())),
            None => base64.extend(line.chars().filter(|character| !is_blank(*character))),
        }
    }
    Block { label: label.to_owned(), headers, body: base64 }
}

/// White space, and what mail programs and web pages put between characters.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200b}' | '\u{feff}')
}

#[cfg(test)]
mod tests;
