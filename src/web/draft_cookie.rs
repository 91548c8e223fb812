//! The draft's way through the browser: sealed, split over session cookies under `/wizard` (docs/reference.md).
//!
//! Cookies ignore ports: with `Path=/` they would reach the device's other services and their header limits.

use super::cookies::Cookies;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_app::Failure;
use signet_app::seal::Seal;
use signet_domain::draft::Draft;

/// Characters of one cookie's value: browsers keep 4096 bytes of name, value and attributes (RFC 6265 6.1).
const CHUNK: usize = 3_900;
/// Characters of all of them.
const MOST: usize = 16 * 1024;
/// Cookies at most.
const COOKIES: usize = MOST.div_ceil(CHUNK);
const PREFIX: &str = "__Secure-draft-";
const ATTRIBUTES: &str = "Path=/wizard; Secure; HttpOnly; SameSite=Strict";

/// What the browser brought.
#[derive(Debug)]
pub enum Brought {
    /// No draft.
    Nothing,
    /// One that was not sealed here, is older than the owner's generation, or was touched.
    Stale,
    /// A draft.
    Draft(Box<Draft>),
}

/// A draft that does not fit into cookies.
#[derive(Debug)]
pub struct TooLarge;

/// Reads the draft from a request's cookies.
pub fn read(cookies: &Cookies, seal: &Seal, generation: u64) -> Brought {
    let text: String = (0..COOKIES).map_while(|n| cookies.get(&format!("{PREFIX}{n}"))).collect();
    if text.is_empty() {
        return Brought::Nothing;
    }
    let opened = URL_SAFE_NO_PAD.decode(&text).ok().and_then(|sealed| seal.open(&bound_to(generation), &sealed));
    match opened.and_then(|plain| serde_json::from_slice(&plain).ok()) {
        Some(draft) => Brought::Draft(Box::new(draft)),
        None => Brought::Stale,
    }
}

/// The `Set-Cookie` values that keep the draft; those of an earlier, longer one are taken away.
pub fn write(draft: &Draft, seal: &Seal, generation: u64) -> Result<Result<Vec<String>, TooLarge>, Failure> {
    let plain = serde_json::to_vec(draft).map_err(|_| Failure::Randomness)?;
    let text = URL_SAFE_NO_PAD.encode(seal.seal(&bound_to(generation), plain)?);
    if text.len() > MOST {
        return Ok(Err(TooLarge));
    }
    // Base64 is ASCII: each chunk is text.
    let chunks: Vec<&str> = text.as_bytes().chunks(CHUNK).filter_map(|chunk| std::str::from_utf8(chunk).ok()).collect();
    let kept = chunks.iter().enumerate().map(|(n, chunk)| format!("{PREFIX}{n}={chunk}; {ATTRIBUTES}"));
    Ok(Ok(kept.chain((chunks.len()..COOKIES).map(expired)).collect()))
}

/// The `Set-Cookie` values that take the draft away.
pub fn clear() -> Vec<String> {
    (0..COOKIES).map(expired).collect()
}

fn expired(n: usize) -> String {
    format!("{PREFIX}{n}=; {ATTRIBUTES}; Max-Age=0")
}

/// A draft ends with the owner's generation; the unit is bound by its key.
fn bound_to(generation: u64) -> Vec<u8> {
    [b"draft".as_slice(), &generation.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_domain::draft::DraftId;
    use signet_domain::secret::Secret;
    use signet_domain::subject::SubjectAnswers;

    fn seal() -> Seal {
        Seal::new(&Secret::new(vec![7; 32])).unwrap()
    }

    fn draft(san: String) -> Draft {
        let mut draft = Draft::new(DraftId::from_bytes([1; 16]));
        draft.subject = Some(SubjectAnswers { san, ..SubjectAnswers::default() });
        draft
    }

    fn jar(cookies: &[String]) -> Cookies {
        let pairs = cookies.iter().filter(|cookie| !cookie.contains("Max-Age=0"));
        pairs
            .map(|cookie| {
                let (name, rest) = cookie.split_once('=').unwrap();
                (name.to_owned(), rest.split_once(';').unwrap().0.to_owned())
            })
            .collect()
    }

    #[test]
    fn comes_back_whole_over_several_cookies() {
        for length in [0, 10, 3_000, 6_000, 11_000] {
            let draft = draft("n".repeat(length));
            let cookies = write(&draft, &seal(), 5).unwrap().unwrap();
            assert!(cookies.iter().all(|cookie| cookie.len() <= 4096));
            assert!(matches!(read(&jar(&cookies), &seal(), 5), Brought::Draft(read) if *read == draft));
        }
    }

    #[test]
    fn more_than_16_kib_is_told() {
        assert!(write(&draft("n".repeat(13_000)), &seal(), 5).unwrap().is_err());
    }

    #[test]
    fn another_generation_another_unit_and_a_touched_cookie_are_stale() {
        let cookies = jar(&write(&draft("n".repeat(5_000)), &seal(), 5).unwrap().unwrap());
        assert!(matches!(read(&cookies, &seal(), 6), Brought::Stale));
        let other = Seal::new(&Secret::new(vec![8; 32])).unwrap();
        assert!(matches!(read(&cookies, &other, 5), Brought::Stale));
        let written = write(&draft("n".repeat(5_000)), &seal(), 5).unwrap().unwrap();
        let cut =
            jar(&written.into_iter().filter(|cookie| !cookie.starts_with("__Secure-draft-1")).collect::<Vec<_>>());
        assert!(matches!(read(&cut, &seal(), 5), Brought::Stale));
        assert!(matches!(read(&Cookies::default(), &seal(), 5), Brought::Nothing));
    }
}
