//! A page as gzip, ready but for a token that differs each time: everything around it is compressed once.
//!
//! Deflate (RFC 1951) is a row of blocks, and blocks may be stored as they are (3.2.4). Where the token stands, the stream is
//! flushed to a byte's end and one stored block takes it; what comes later refers to what came before, but never to the
//! token, for which the compressor has seen zeros, which no page holds. So the token is never compressed, and its
//! repetition saves nothing: its bytes do not tell on the length.

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress};

/// A gzip member's head (RFC 1952, 2.3): no name, no time, an unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The compressed pieces of one page.
#[derive(Debug)]
pub(super) struct Segments {
    /// Each piece as it is, and as whole bytes of deflate.
    pieces: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Segments {
    /// What stands around the tokens; one piece for a page without one.
    pub(super) fn pieces<'a>(plain: &'a [u8], token: &[u8]) -> Vec<&'a [u8]> {
        // A stored block holds at most 65,535 bytes; and a page with zeros is taken as a whole.
        if token.is_empty() || token.len() > usize::from(u16::MAX) || memchr::memchr(0, plain).is_some() {
            return vec![plain];
        }
        let mut pieces = Vec::with_capacity(4);
        let mut from = 0;
        for at in memchr::memmem::find_iter(plain, token) {
            pieces.extend(plain.get(from..at));
            from = at + token.len();
        }
        pieces.extend(plain.get(from..));
        pieces
    }

    /// Compresses the pieces of a page between which a token of so many bytes stands.
    pub(super) fn of(pieces: &[&[u8]], token: usize, level: Compression) -> Self {
        let mut stream = Compress::new(level, false);
        let last = pieces.len().saturating_sub(1);
        let compressed = pieces.iter().enumerate().map(|(at, piece)| {
            let flush = if at == last { FlushCompress::Finish } else { FlushCompress::Sync };
            let small = deflated(&mut stream, piece, flush);
            if at != last {
                // The stored block's place in what the compressor remembers; its own bytes are not sent.
                deflated(&mut stream, &vec![0; token], FlushCompress::Sync);
            }
            (piece.to_vec(), small)
        });
        Self { pieces: compressed.collect() }
    }

    /// True when these are the pieces.
    pub(super) fn are(&self, pieces: &[&[u8]]) -> bool {
        self.pieces.len() == pieces.len() && self.pieces.iter().zip(pieces).all(|((plain, _), piece)| plain == piece)
    }

    /// Bytes of the pieces as they are.
    pub(super) fn len(&self) -> usize {
        self.pieces.iter().map(|(plain, _)| plain.len()).sum()
    }

    /// The page, which is `plain`, with its token in its places.
    pub(super) fn with(&self, plain: &[u8], token: &[u8]) -> Bytes {
        let small: usize = self.pieces.iter().map(|(_, small)| small.len() + token.len() + 5).sum();
        let mut page = Vec::with_capacity(HEAD.len() + small + 8);
        page.extend_from_slice(&HEAD);
        let length = u16::try_from(token.len()).unwrap_or_default();
        for (at, (_, small)) in self.pieces.iter().enumerate() {
            if at > 0 {
                page.push(0);
                page.extend_from_slice(&length.to_le_bytes());
                page.extend_from_slice(&(!length).to_le_bytes());
                page.extend_from_slice(token);
            }
            page.extend_from_slice(small);
        }
        let mut check = Crc::new();
        check.update(plain);
        page.extend_from_slice(&check.sum().to_le_bytes());
        page.extend_from_slice(&check.amount().to_le_bytes());
        page.into()
    }
}

/// All of `piece` through the stream, and what it gives for it.
fn deflated(stream: &mut Compress, piece: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut small = Vec::with_capacity(piece.len() / 3 + 64);
    let begun = stream.total_in();
    loop {
        let taken = usize::try_from(stream.total_in() - begun).unwrap_or(usize::MAX);
        let rest = piece.get(taken..).unwrap_or_default();
        // Compressing in memory has nothing to fail at; it is done when room is left over.
        let _ = stream.compress_vec(rest, &mut small, flush);
        if small.len() < small.capacity() {
            return small;
        }
        small.reserve(small.capacity());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use proptest::prelude::*;
    use std::io::Read;

    fn unpacked(page: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        GzDecoder::new(page).read_to_end(&mut plain).unwrap();
        plain
    }

    fn page(pieces: &[Vec<u8>], token: &[u8]) -> Vec<u8> {
        pieces.join(token)
    }

    proptest! {
        #[test]
        fn a_page_comes_back_with_another_token_in_its_places(
            pieces in prop::collection::vec(prop::collection::vec(1u8..=3, 0..400), 1..5),
            long in prop::collection::vec(32u8..127, 0..9000),
            level in 0u32..=9,
        ) {
            let (first, second) = ([b'A'; 86], [b'z'; 86]);
            let pieces: Vec<Vec<u8>> = pieces.into_iter().chain([long.repeat(9)]).collect();
            let plain = page(&pieces, &first);
            let kept = Segments::of(&Segments::pieces(&plain, &first), 86, Compression::new(level));
            prop_assert_eq!(unpacked(&kept.with(&plain, &first)), plain);
            let other = page(&pieces, &second);
            prop_assert!(kept.are(&Segments::pieces(&other, &second)));
            prop_assert_eq!(unpacked(&kept.with(&other, &second)), other);
        }
    }

    #[test]
    fn one_byte_more_is_another_page() {
        let kept = Segments::of(&[b"<p>a", b"</p>"], 3, Compression::new(5));
        assert!(kept.are(&[b"<p>a", b"</p>"]) && !kept.are(&[b"<p>a"]) && !kept.are(&[b"<p>b", b"</p>"]));
        assert!(!kept.are(&[b"<p>", b"a</p>"]));
    }

    #[test]
    fn how_often_a_token_repeats_itself_does_not_tell_on_the_length() {
        let length = |token: &[u8]| {
            let plain = page(&[b"<form>".to_vec(), b"</form><form>".to_vec(), b"</form>".to_vec()], token);
            Segments::of(&Segments::pieces(&plain, token), 64, Compression::best()).with(&plain, token).len()
        };
        assert_eq!(
            length(&[b'a'; 64]),
            length(&std::array::from_fn::<u8, 64, _>(|at| b'0' + u8::try_from(at).unwrap()))
        );
    }

    #[test]
    fn a_page_with_zeros_or_without_a_token_is_one_piece() {
        assert_eq!(Segments::pieces(b"a\0b-token-", b"token").len(), 1);
        assert_eq!(Segments::pieces(b"ab", b"token").len(), 1);
        assert_eq!(Segments::pieces(b"ab", b"").len(), 1);
        assert_eq!(Segments::pieces(b"token", b"token"), [b"", b""]);
    }
}
