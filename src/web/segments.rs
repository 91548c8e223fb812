//! A page as gzip, ready but for a token that differs each time: everything around it is compressed once.
//!
//! Deflate (RFC 1951) is a row of blocks, and blocks may be stored as they are (3.2.4). Where the token stands, the stream is
//! flushed to a byte's end and one stored block takes it; what comes later refers to what came before, but never to the
//! token, for which the compressor has seen zeros, which no page holds. So the token is never compressed, and its
//! repetition saves nothing: its bytes do not tell on the length.

use bytes::Bytes;
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress};
use std::sync::OnceLock;

/// A gzip member's head (RFC 1952, 2.3): no name, no time, an unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// How hard a page is pressed: phones pay for bytes, and a page that is asked for often is kept.
const LEVEL: Compression = Compression::best();

/// A page, but for its token.
#[derive(Debug)]
pub(super) struct Segments {
    pieces: Vec<Vec<u8>>,
    /// The token's length.
    token: usize,
    /// Made when it is first asked for.
    small: OnceLock<Small>,
}

/// The page as a gzip member, but for its token and its check value.
#[derive(Debug)]
struct Small {
    pieces: Vec<Vec<u8>>,
    check: Check,
}

/// The page's check value, whatever its token is. CRC-32 is linear: each bit of the token's own value turns the same bits of the
/// page's wherever the token stands, so that nobody has to go over the page again.
#[derive(Debug)]
struct Check {
    /// With a token of zeros.
    page: u32,
    token: u32,
    /// What each bit turns, the lowest first.
    turns: [u32; 32],
}

impl Segments {
    /// Takes a page apart; one piece where it has no such token.
    pub(super) fn of(plain: &[u8], token: &[u8]) -> Self {
        let mut pieces = Vec::with_capacity(4);
        let mut from = 0;
        // A stored block holds at most 65,535 bytes; and a page with zeros is taken as a whole.
        if !token.is_empty() && u16::try_from(token.len()).is_ok() && memchr::memchr(0, plain).is_none() {
            for at in memchr::memmem::find_iter(plain, token) {
                pieces.push(plain.get(from..at).unwrap_or_default().to_vec());
                from = at + token.len();
            }
        }
        pieces.push(plain.get(from..).unwrap_or_default().to_vec());
        Self { pieces, token: token.len(), small: OnceLock::new() }
    }

    /// Bytes of the page.
    pub(super) fn len(&self) -> usize {
        let between = self.pieces.len().saturating_sub(1) * self.token;
        self.pieces.iter().map(Vec::len).sum::<usize>() + between
    }

    /// The page with a token of the same length in its places.
    pub(super) fn plain(&self, token: &[u8]) -> Bytes {
        joined(&self.pieces, token, &[]).into()
    }

    /// The same as one gzip member.
    pub(super) fn compressed(&self, token: &[u8]) -> Bytes {
        let Small { pieces, check } = self.small.get_or_init(|| self.deflated());
        let length = u32::try_from(self.len()).unwrap_or_default();
        let [a, b, c, d] = check.with(token).to_le_bytes();
        let [e, f, g, h] = length.to_le_bytes();
        joined(pieces, token, &[a, b, c, d, e, f, g, h]).into()
    }

    fn deflated(&self) -> Small {
        let mut stream = Compress::new(LEVEL, false);
        let last = self.pieces.len().saturating_sub(1);
        let zeros = vec![0; self.token];
        let length = u16::try_from(self.token).unwrap_or_default();
        let pieces = self.pieces.iter().enumerate().map(|(at, piece)| {
            let mut small = if at == 0 { HEAD.to_vec() } else { Vec::new() };
            let flush = if at == last { FlushCompress::Finish } else { FlushCompress::Sync };
            small.append(&mut deflated(&mut stream, piece, flush));
            if at != last {
                // The stored block's place in what the compressor remembers; its own bytes are not sent.
                deflated(&mut stream, &zeros, FlushCompress::Sync);
                small.push(0);
                small.extend_from_slice(&length.to_le_bytes());
                small.extend_from_slice(&(!length).to_le_bytes());
            }
            small
        });
        Small { pieces: pieces.collect(), check: Check::of(&self.pieces, &zeros) }
    }
}

impl Check {
    fn of(pieces: &[Vec<u8>], zeros: &[u8]) -> Self {
        let mut turns = [0; 32];
        let mut after = 0;
        // From the end, since what a token turns depends on how much comes after it.
        for piece in pieces.iter().skip(1).rev() {
            after += piece.len() as u64;
            for (at, turned) in turns.iter_mut().enumerate() {
                let mut moved = Hasher::new_with_initial(1 << at);
                moved.combine(&Hasher::new_with_initial_len(0, after));
                *turned ^= moved.finalize();
            }
            after += zeros.len() as u64;
        }
        Self { page: crc32fast::hash(&joined(pieces, zeros, &[])), token: crc32fast::hash(zeros), turns }
    }

    fn with(&self, token: &[u8]) -> u32 {
        let turned = crc32fast::hash(token) ^ self.token;
        let turns = self.turns.iter().enumerate().filter(|(at, _)| turned >> at & 1 == 1);
        turns.fold(self.page, |page, (_, turn)| page ^ turn)
    }
}

/// The pieces with a token between them, and what comes last.
fn joined(pieces: &[Vec<u8>], token: &[u8], end: &[u8]) -> Vec<u8> {
    let between = pieces.len().saturating_sub(1) * token.len();
    let mut page = Vec::with_capacity(pieces.iter().map(Vec::len).sum::<usize>() + between + end.len());
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 {
            page.extend_from_slice(token);
        }
        page.extend_from_slice(piece);
    }
    page.extend_from_slice(end);
    page
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

    proptest! {
        #[test]
        fn a_page_comes_back_with_another_token_in_its_places(
            pieces in prop::collection::vec(prop::collection::vec(1u8..=3, 0..400), 1..5),
            long in prop::collection::vec(32u8..127, 0..9000),
        ) {
            let (first, second) = ([b'A'; 86], [b'z'; 86]);
            let pieces: Vec<Vec<u8>> = pieces.into_iter().chain([long.repeat(9)]).collect();
            prop_assume!(!pieces.iter().any(|piece| memchr::memmem::find(piece, &first).is_some()));
            let segments = Segments::of(&pieces.join(&first[..]), &first);
            for token in [first, second] {
                let page = pieces.join(&token[..]);
                prop_assert_eq!(segments.len(), page.len());
                prop_assert_eq!(&segments.plain(&token)[..], &page[..]);
                prop_assert_eq!(unpacked(&segments.compressed(&token)), page);
            }
        }
    }

    #[test]
    fn how_often_a_token_repeats_itself_does_not_tell_on_the_length() {
        let length = |token: &[u8]| {
            let page = [&b"<form>"[..], b"</form><form>", b"</form>"].join(token);
            Segments::of(&page, token).compressed(token).len()
        };
        let varied = std::array::from_fn::<u8, 64, _>(|at| b'0' + u8::try_from(at).unwrap());
        assert_eq!(length(&[b'a'; 64]), length(&varied));
    }

    #[test]
    fn a_page_with_zeros_or_without_a_token_is_one_piece() {
        for (page, token) in [(&b"a\0b-token-"[..], &b"token"[..]), (b"ab", b"token"), (b"ab", b"")] {
            let segments = Segments::of(page, token);
            assert_eq!(segments.pieces, [page]);
            assert_eq!(unpacked(&segments.compressed(token)), page);
        }
        assert_eq!(Segments::of(b"token", b"token").pieces, [b"", b""]);
    }
}
