//! A logo as PNG (W3C PNG, third edition): its chunks are whole, it is small, and nothing in it moves or tells anything.
//!
//! The picture itself is not decoded: that is the browser's. What is not needed to draw it is left out.

use flate2::Crc;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Pixels of width and height.
const SIDE: u32 = 2048;

/// Chunks that are kept. Texts, times, profiles, camera data and the frames of animations are not.
const KEPT: [&[u8]; 6] = [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA"];

/// Whether it begins as a PNG picture does.
pub(super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// A chunk: what it is, its data, and all of it with length and checksum.
struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    whole: &'a [u8],
}

/// The picture with what is needed to draw it; an error is what is wrong with it.
pub(super) fn checked(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or_else(|| "is not a PNG picture".to_owned())?;
    let mut kept = SIGNATURE.to_vec();
    let (mut has_palette, mut has_data, mut has_end) = (false, false, false);
    let mut needs_palette = None;
    while !rest.is_empty() {
        let chunk = next(rest).ok_or_else(|| "is cut off in the middle of a chunk".to_owned())?;
        rest = rest.get(chunk.whole.len()..).unwrap_or_default();
        is_intact(&chunk)?;
        match (chunk.kind, needs_palette) {
            (b"IHDR", None) => needs_palette = Some(header(chunk.data)?),
            (b"IHDR", Some(_)) | (_, None) => return Err("does not begin with one header (IHDR)".to_owned()),
            (b"PLTE", _) => has_palette = true,
            (b"IDAT", _) => has_data = true,
            (b"IEND", _) => has_end = true,
            // A lower-case first letter: a viewer need not know it.
            (kind, _) if kind.first().is_some_and(u8::is_ascii_lowercase) => {}
            (kind, _) => return Err(format!("has an unknown chunk {}", kind.escape_ascii())),
        }
        if has_end && !rest.is_empty() {
            return Err("has more bytes after its end".to_owned());
        }
        if KEPT.contains(&chunk.kind) {
            kept.extend_from_slice(chunk.whole);
        }
    }
    match () {
        () if !has_data || !has_end => Err("has no picture in it, or no end".to_owned()),
        () if needs_palette == Some(true) && !has_palette => Err("has no palette, which its header names".to_owned()),
        () => Ok(kept),
    }
}

/// The chunk at the beginning; none where it is not whole.
fn next(bytes: &[u8]) -> Option<Chunk<'_>> {
    let length = bytes.first_chunk::<4>().map(|length| u32::from_be_bytes(*length))?;
    let whole = bytes.get(..usize::try_from(length).ok()?.checked_add(12)?)?;
    let (kind, data) = (whole.get(4..8)?, whole.get(8..whole.len() - 4)?);
    Some(Chunk { kind, data, whole })
}

fn is_intact(chunk: &Chunk<'_>) -> Result<(), String> {
    let name = chunk.kind.escape_ascii();
    if !chunk.kind.iter().all(u8::is_ascii_alphabetic) {
        return Err(format!("is damaged: {name} is not a chunk's name"));
    }
    let mut sum = Crc::new();
    sum.update(chunk.kind);
    sum.update(chunk.data);
    let stated = chunk.whole.last_chunk::<4>().map(|sum| u32::from_be_bytes(*sum));
    if stated == Some(sum.sum()) {
        Ok(())
    } else {
        Err(format!("is damaged: the checksum of its chunk {name} is wrong"))
    }
}

/// Whether a header needs a palette (11.2.1).
fn header(data: &[u8]) -> Result<bool, String> {
    let &[w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, 0, 0, 0 | 1] = data else {
        return Err("has a header that no PNG has".to_owned());
    };
    let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
    if !(1..=SIDE).contains(&width) || !(1..=SIDE).contains(&height) {
        return Err(format!("has {width} × {height} pixels: 1 to {SIDE} are allowed on each side"));
    }
    match (colour, depth) {
        (0, 1 | 2 | 4 | 8 | 16) | (2 | 4 | 6, 8 | 16) => Ok(false),
        (3, 1 | 2 | 4 | 8) => Ok(true),
        _ => Err(format!("has a colour type {colour} of {depth} bits, which no PNG has")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let mut sum = Crc::new();
        sum.update(kind);
        sum.update(data);
        [&(data.len() as u32).to_be_bytes(), kind, data, &sum.sum().to_be_bytes()].concat()
    }

    fn head(width: u32, height: u32, rest: [u8; 5]) -> Vec<u8> {
        chunk(b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &rest].concat())
    }

    fn picture(chunks: &[Vec<u8>]) -> Vec<u8> {
        [SIGNATURE, &chunks.concat()].concat()
    }

    const RGB: [u8; 5] = [8, 2, 0, 0, 0];

    fn whole() -> [Vec<u8>; 3] {
        [head(1, 1, RGB), chunk(b"IDAT", b"x"), chunk(b"IEND", b"")]
    }

    #[test]
    fn what_is_not_needed_to_draw_it_is_left_out() {
        let [start, data, end] = whole();
        let plain = picture(&[start.clone(), data.clone(), end.clone()]);
        assert_eq!(checked(&plain).unwrap(), plain);
        let more = ["tEXt", "iCCP", "acTL", "eXIf", "tIME"].map(|kind| chunk(kind.as_bytes(), b"data"));
        assert_eq!(checked(&picture(&[vec![start], more.to_vec(), vec![data, end]].concat())).unwrap(), plain);
    }

    #[test]
    fn what_is_no_whole_small_picture_is_refused() {
        let [start, data, end] = whole();
        for (chunks, told) in [
            (vec![], "no picture"),
            (vec![data.clone(), end.clone()], "does not begin"),
            (vec![start.clone(), start.clone()], "does not begin"),
            (vec![start.clone(), end.clone()], "no picture"),
            (vec![start.clone(), data.clone()], "no end"),
            (vec![start.clone(), data.clone(), end.clone(), end.clone()], "after its end"),
            (vec![start.clone(), chunk(b"XXXX", b""), data.clone(), end.clone()], "unknown chunk XXXX"),
            (vec![start.clone(), data.clone(), b"IE".to_vec()], "cut off"),
            (vec![head(1, 1, [8, 3, 0, 0, 0]), data.clone(), end.clone()], "no palette"),
            (vec![head(0, 1, RGB), data.clone(), end.clone()], "0 × 1 pixels"),
            (vec![head(100_000, 100_000, RGB), data.clone(), end.clone()], "100000 × 100000 pixels"),
            (vec![head(1, 1, [7, 2, 0, 0, 0]), data.clone(), end.clone()], "colour type 2 of 7 bits"),
            (vec![head(1, 1, [8, 2, 1, 0, 0]), data.clone(), end.clone()], "header that no PNG has"),
            (vec![chunk(b"IHDR", b"short"), data.clone(), end.clone()], "header that no PNG has"),
        ] {
            let refused = checked(&picture(&chunks)).unwrap_err();
            assert!(refused.contains(told), "{told}: {refused}");
        }
        let mut damaged = picture(&[start, data, end]);
        damaged[41] ^= 1;
        assert!(checked(&damaged).unwrap_err().contains("checksum of its chunk IDAT"));
        let long = [SIGNATURE, &[0xFF; 4], b"IHDR"].concat();
        assert!(checked(&long).unwrap_err().contains("cut off"));
    }
}
