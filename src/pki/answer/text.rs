//! Texts that are not PEM: base64 without borders, a web page, and a private key that went astray.

use crate::keyfile::kind::Kind;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The shortest text that counts as base64 alone.
const LEAST: usize = 64;
/// Signs behind `BEGIN ` within which a label ends.
const LABEL: usize = 40;

/// The private key that a text has a border of, however damaged; prose about keys does not count.
pub(super) fn key_in(text: &str) -> Option<Kind> {
    if Kind::of_text(text) == Kind::PuttyKey {
        return Some(Kind::PuttyKey);
    }
    text.match_indices("BEGIN ").find_map(|(place, begin)| {
        let after = text.get(place + begin.len()..)?;
        let label: String =
            after.chars().take(LABEL).take_while(|it| !matches!(it, '-' | '\n' | '\r' | '\\')).collect();
        let label = label.trim();
        match label {
            "PGP PRIVATE KEY BLOCK" => Some(Kind::Pgp),
            "OPENSSH PRIVATE KEY" => Some(Kind::OpenSshKey),
            _ => label.ends_with("PRIVATE KEY").then_some(Kind::PrivateKey),
        }
    })
}

/// Whether a text is HTML.
pub(super) fn is_web_page(text: &str) -> bool {
    let start: String = text.trim_start().chars().take(1024).collect::<String>().to_ascii_lowercase();
    start.starts_with('<') && ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| start.contains(tag))
}

/// The bytes of a text that is base64 and nothing else: `Some(None)` where it is damaged, `None` where it is something else.
pub(super) fn base64(text: &str) -> Option<Option<Zeroizing<Vec<u8>>>> {
    let text = text.trim_matches(|it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '\u{feff}'));
    let dense: Zeroizing<String> = Zeroizing::new(text.chars().filter(|it| !it.is_whitespace()).collect());
    // The first byte of a SEQUENCE.
    if dense.len() < LEAST || !dense.starts_with('M') {
        return None;
    }
    let strange = dense.chars().filter(|it| !it.is_ascii_alphanumeric() && !matches!(it, '+' | '/' | '=')).count();
    // Prose has a tenth of other signs; a copy that went wrong has a few.
    if strange.saturating_mul(50) > dense.len() || text.split_whitespace().next()?.len() < 16 {
        return None;
    }
    Some(STANDARD.decode(dense.as_bytes()).ok().map(Zeroizing::new))
}
