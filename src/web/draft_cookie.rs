//! The draft's way through the browser: sealed, split over session cookies under `/wizard` (docs/reference.md).
//!
//! A long one is compressed before: heads of more than 4 KiB are refused by many web servers in front of the console unless
//! they are told to take them. There is no secret in it that its length could tell.

use super::cookies::Cookies;
use super::site::Site;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use signet_app::Failure;
use signet_app::seal::Seal;
use signet_domain::draft::Draft;
use std::io::{Read, Write};

/// Characters of one cookie's value: browsers keep 4096 bytes of name, value and attributes (RFC 6265 6.1).
const CHUNK: usize = 3_900;
/// Characters of all of them.
const MOST: usize = 16 * 1024;
/// Cookies at most.
const COOKIES: usize = MOST.div_ceil(CHUNK);
/// Bytes of a draft as JSON; what cannot be compressed then still fits.
const MOST_PLAIN: usize = 12 * 1024 - 64;
/// Bytes from which on a draft is compressed.
const LONG: usize = 1536;

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
pub fn read(cookies: &Cookies, site: &Site, seal: &Seal, generation: u64) -> Brought {
    let text: String = (0..COOKIES).map_while(|n| cookies.get(&site.draft_name(n))).collect();
    if text.is_empty() {
        return Brought::Nothing;
    }
    let opened = URL_SAFE_NO_PAD.decode(&text).ok().and_then(|sealed| seal.open(&bound_to(generation), &sealed));
    match opened.and_then(inflated).and_then(|plain| serde_json::from_slice(&plain).ok()) {
        Some(draft) => Brought::Draft(Box::new(draft)),
        None => Brought::Stale,
    }
}

/// The `Set-Cookie` values that keep the draft; those of an earlier, longer one are taken away.
pub fn write(
    draft: &Draft,
    site: &Site,
    seal: &Seal,
    generation: u64,
) -> Result<Result<Vec<String>, TooLarge>, Failure> {
    let plain = serde_json::to_vec(draft).map_err(|_| Failure::Randomness)?;
    if plain.len() > MOST_PLAIN {
        return Ok(Err(TooLarge));
    }
    let text = URL_SAFE_NO_PAD.encode(seal.seal(&bound_to(generation), deflated(plain))?);
    if text.len() > MOST {
        return Ok(Err(TooLarge));
    }
    // Base64 is ASCII: each chunk is text.
    let chunks: Vec<&str> = text.as_bytes().chunks(CHUNK).filter_map(|chunk| std::str::from_utf8(chunk).ok()).collect();
    let kept = chunks.iter().enumerate().map(|(n, chunk)| site.set_draft(n, chunk));
    Ok(Ok(kept.chain((chunks.len()..COOKIES).map(|n| expired(site, n))).collect()))
}

/// The `Set-Cookie` values that take the draft away.
pub fn clear(site: &Site) -> Vec<String> {
    (0..COOKIES).map(|n| expired(site, n)).collect()
}

fn expired(site: &Site, n: usize) -> String {
    site.set_draft(n, "") + "; Max-Age=0"
}

/// A long draft compressed (RFC 1950), if that makes it shorter. JSON begins with a brace, which no such stream does.
fn deflated(plain: Vec<u8>) -> Vec<u8> {
    if plain.len() < LONG {
        return plain;
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    let packed = encoder.write_all(&plain).and_then(|()| encoder.finish());
    packed.ok().filter(|packed| packed.len() < plain.len()).unwrap_or(plain)
}

/// The draft as JSON again; none for what was never written here.
fn inflated(sealed: Vec<u8>) -> Option<Vec<u8>> {
    if sealed.first() == Some(&b'{') {
        return Some(sealed);
    }
    let mut plain = Vec::new();
    ZlibDecoder::new(&*sealed).take(MOST_PLAIN as u64).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// A draft ends with the owner's generation; the unit is bound by its key.
fn bound_to(generation: u64) -> Vec<u8> {
    [b"draft".as_slice(), &generation.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::super::site::Sites;
    use super::*;
    use signet_domain::draft::DraftId;
    use signet_domain::secret::Secret;
    use signet_domain::subject::SubjectAnswers;

    fn seal() -> Seal {
        Seal::new(&Secret::new(vec![7; 32])).unwrap()
    }

    fn site() -> Site {
        Sites::new(&seal(), None).of(false).clone()
    }

    /// Text that no compression shortens much.
    fn irregular(length: usize) -> String {
        let mut state = 1_u64;
        let mut letter = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'!' + u8::try_from(state >> 33 & 0x3f).unwrap())
        };
        (0..length).map(|_| letter()).filter(|letter| !"\\\"".contains(*letter)).collect()
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
            let draft = draft(irregular(length));
            let cookies = write(&draft, &site(), &seal(), 5).unwrap().unwrap();
            assert!(cookies.iter().all(|cookie| cookie.len() <= 4096));
            assert!(matches!(read(&jar(&cookies), &site(), &seal(), 5), Brought::Draft(read) if *read == draft));
        }
    }

    #[test]
    fn a_hundred_names_fit_into_the_heads_that_web_servers_take_by_default() {
        let names: Vec<String> = (0..100).map(|n| format!("files-{n}.storage.example.com")).collect();
        let draft = draft(names.join("\n"));
        let cookies = write(&draft, &site(), &seal(), 5).unwrap().unwrap();
        // 4 KiB, less what every answer says beside (`headers`).
        assert!(cookies.iter().map(|cookie| cookie.len() + "set-cookie: \r\n".len()).sum::<usize>() < 3_000);
        assert!(matches!(read(&jar(&cookies), &site(), &seal(), 5), Brought::Draft(read) if *read == draft));
    }

    #[test]
    fn more_than_12_kib_is_told() {
        assert!(write(&draft("n".repeat(13_000)), &site(), &seal(), 5).unwrap().is_err());
    }

    #[test]
    fn another_generation_another_unit_and_a_touched_cookie_are_stale() {
        let cookies = jar(&write(&draft(irregular(5_500)), &site(), &seal(), 5).unwrap().unwrap());
        assert!(matches!(read(&cookies, &site(), &seal(), 6), Brought::Stale));
        let other = Seal::new(&Secret::new(vec![8; 32])).unwrap();
        assert!(matches!(read(&cookies, &site(), &other, 5), Brought::Stale));
        let written = write(&draft(irregular(5_500)), &site(), &seal(), 5).unwrap().unwrap();
        let cut =
            jar(&written.into_iter().filter(|cookie| !cookie.starts_with(&site().draft_name(1))).collect::<Vec<_>>());
        assert!(matches!(read(&cut, &site(), &seal(), 5), Brought::Stale));
        assert!(matches!(read(&Cookies::default(), &site(), &seal(), 5), Brought::Nothing));
    }
}
