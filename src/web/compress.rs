//! Pages on the wire: gzip, where that tells nobody anything.
//!
//! The length of a compressed page tells what of it repeats what was sent (BREACH, <https://breachattack.com>), to whoever
//! can make the browser send guesses and watches the line. Two things are in the way. The token of a page's forms is
//! masked anew for each answer (`form::token_text`), so that there is no secret to be guessed piece by piece. And only
//! what the console's own pages or the address bar asked for is compressed, by Fetch Metadata: a request that another
//! origin brought about, another service of the same host too, gets the plain page; so does a browser that does not say.

use super::headers;
use super::reply::Reply;
use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full};
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, VARY};
use std::sync::{Mutex, PoisonError};

/// Bytes under which a page is left alone: gzip's frame and the header cost more than they save.
const WORTHWHILE: usize = 1024;

/// How hard a page is compressed. At 3 the heaviest page is over 6 KiB.
const PAGE_LEVEL: Compression = Compression::new(4);

/// Bits of the longest distance to a repetition: 32 KiB, a whole page (RFC 1951).
const WINDOW: u8 = 15;

/// A compressor between two pages. Its tables have 270 KiB: to get them from the system and to give them back costs more than
/// the page itself (230 µs beside 20 to 80).
static SPARE: Mutex<Option<Compress>> = Mutex::new(None);

/// True when the browser that sent this head takes gzip.
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
        named && !parts.any(|part| matches!(part.to_ascii_lowercase().as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// True when a page for this head may be compressed.
pub fn may_compress(headers: &HeaderMap) -> bool {
    let site = headers.get(&headers::SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    matches!(site, Some(b"same-origin" | b"none")) && takes_gzip(headers)
}

/// The reply with its page compressed. Files to download, keys among them, are left as they are.
pub fn compressed(reply: Reply) -> Reply {
    if !reply.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return reply;
    }
    let (mut parts, body) = reply.into_parts();
    // The body is whole in memory: there is nothing to wait for.
    let Some(Ok(body)) = body.collect().now_or_never() else { return Reply::from_parts(parts, Full::default()) };
    let body = body.to_bytes();
    if body.len() < WORTHWHILE {
        return Reply::from_parts(parts, Full::new(body));
    }
    let Some(packed) = page(&body) else { return Reply::from_parts(parts, Full::new(body)) };
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.insert(VARY, HeaderValue::from_static("accept-encoding, sec-fetch-site"));
    Reply::from_parts(parts, Full::new(packed))
}

/// The bytes as one gzip member, without a time or a name in it. None where the library fails.
pub fn gzip(plain: &[u8], level: Compression) -> Option<Bytes> {
    packed(&mut Compress::new_gzip(level, WINDOW), plain)
}

fn page(plain: &[u8]) -> Option<Bytes> {
    let spare = SPARE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut compressor = spare.unwrap_or_else(|| Compress::new_gzip(PAGE_LEVEL, WINDOW));
    let sent = packed(&mut compressor, plain);
    compressor.reset();
    *SPARE.lock().unwrap_or_else(PoisonError::into_inner) = Some(compressor);
    sent
}

/// `compressor` is new, or was reset.
fn packed(compressor: &mut Compress, plain: &[u8]) -> Option<Bytes> {
    let room = plain.len() / 3 + 64;
    let mut sent = Vec::with_capacity(room);
    loop {
        let done = usize::try_from(compressor.total_in()).ok()?;
        match compressor.compress_vec(plain.get(done..)?, &mut sent, FlushCompress::Finish).ok()? {
            Status::StreamEnd => return Some(sent.into()),
            Status::Ok | Status::BufError => sent.reserve(room),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply;
    use super::*;
    use hyper::StatusCode;
    use hyper::header::HeaderName;
    use std::io::Read;

    fn head(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn what_another_origin_brought_about_is_not_compressed() {
        for (site, compressed) in [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false)] {
            assert_eq!(
                may_compress(&head(&[("accept-encoding", "gzip"), ("sec-fetch-site", site)])),
                compressed,
                "{site}"
            );
        }
        assert!(!may_compress(&head(&[("accept-encoding", "gzip")])), "a browser that does not say");
    }

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (value, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("*", true),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("", false),
        ] {
            assert_eq!(takes_gzip(&head(&[("accept-encoding", value)])), takes, "{value}");
        }
    }

    #[test]
    fn pages_of_any_size_come_back_one_after_the_other() {
        // Text that does not compress, so that the room for it has to grow.
        let noise: Vec<u8> = (0..200_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for length in [0, 1, 1_024, 65_536, 200_000, 5] {
            let sent = page(&noise[..length]).unwrap();
            let mut read = Vec::new();
            flate2::read::GzDecoder::new(&sent[..]).read_to_end(&mut read).unwrap();
            assert!(read == noise[..length], "{length}");
        }
    }

    #[test]
    fn a_page_comes_back_whole_and_a_file_is_left_alone() {
        let text = "<p>Grüße</p>".repeat(500);
        let page = reply::body(StatusCode::OK, text.clone().into(), "text/html; charset=utf-8");
        let page = compressed(page);
        assert_eq!(page.headers()[CONTENT_ENCODING], "gzip");
        let sent = page.into_body().collect().now_or_never().unwrap().unwrap().to_bytes();
        let mut read = String::new();
        flate2::read::GzDecoder::new(&sent[..]).read_to_string(&mut read).unwrap();
        assert!(read == text && sent.len() < text.len() / 10);
        let file = compressed(reply::attachment("a.key", "application/x-pem-file", text.into_bytes()));
        assert!(!file.headers().contains_key(CONTENT_ENCODING));
    }
}
