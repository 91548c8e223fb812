//! Elements by their headers alone, and BER of indefinite length (X.690 8.1.3.6) made definite: some CAs' Java writes
//! PKCS#7 so, and Firefox PKCS#12. Certificates inside are DER already and come out as they went in. What is made may hold a
//! private key, so it is zeroized.

use super::asn1::push_header;
use zeroize::Zeroizing;

/// Nested deeper than any PKCS#7 with certificates in it.
const DEEPEST: usize = 32;
/// Bytes by which lengths may be longer than the ends that they replace: one for an element of more than 64 KiB.
const MORE: usize = 256;

/// The first element of `bytes` with its header, and what is behind it. `Err` has how many bytes are missing at its end, or
/// none where it is not an element of definite length.
pub(crate) fn element(bytes: &[u8]) -> Result<(&[u8], &[u8]), Option<usize>> {
    let header = header(bytes).ok_or(None)?;
    let whole = header.length.and_then(|length| header.size.checked_add(length)).ok_or(None)?;
    bytes.split_at_checked(whole).ok_or(Some(whole.saturating_sub(bytes.len())))
}

/// Whether the first element is constructed and of indefinite length.
pub(crate) fn is_indefinite(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80, ..])
}

/// The first element with lengths in all that is inside; none where it is damaged.
pub(crate) fn definite(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // Reserved at once: a growing vector would leave copies of a key behind.
    let mut made = Zeroizing::new(Vec::with_capacity(bytes.len() + MORE));
    convert(bytes, &mut made, 0)?;
    Some(made)
}

struct Header {
    /// Of identifier and length.
    size: usize,
    constructed: bool,
    /// Of the content; none for indefinite.
    length: Option<usize>,
}

fn header(bytes: &[u8]) -> Option<Header> {
    let (&first, rest) = bytes.split_first()?;
    // Tags of more than one byte do not occur in what is read here.
    if first & 0x1f == 0x1f {
        return None;
    }
    let constructed = first & 0x20 != 0;
    let (&length, rest) = rest.split_first()?;
    let (size, length) = match length {
        0..=0x7f => (2, Some(usize::from(length))),
        0x80 if constructed => (2, None),
        0x81..=0x84 => {
            let count = usize::from(length & 0x7f);
            let length = rest.get(..count)?.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
            (2 + count, Some(length))
        }
        _ => return None,
    };
    Some(Header { size, constructed, length })
}

/// Appends the first element of `bytes` in definite form and gives what is behind it.
fn convert<'a>(bytes: &'a [u8], made: &mut Vec<u8>, depth: usize) -> Option<&'a [u8]> {
    let header = header(bytes)?;
    let identifier = *bytes.first()?;
    let content = bytes.get(header.size..)?;
    let deeper = || depth.checked_add(1).filter(|depth| *depth < DEEPEST);
    let start = made.len();
    let Some(length) = header.length else {
        let mut rest = content;
        while !rest.starts_with(&[0, 0]) {
            rest = convert(rest, made, deeper()?)?;
        }
        wrap(identifier, start, made);
        return rest.get(2..);
    };
    let (content, behind) = content.split_at_checked(length)?;
    if !header.constructed || !has_indefinite(content) {
        made.extend_from_slice(bytes.get(..header.size.checked_add(length)?)?);
        return Some(behind);
    }
    let mut rest = content;
    while !rest.is_empty() {
        rest = convert(rest, made, deeper()?)?;
    }
    wrap(identifier, start, made);
    Some(behind)
}

/// Whether one of the elements of `content` is of indefinite length.
fn has_indefinite(mut content: &[u8]) -> bool {
    while let Some(header) = header(content) {
        let Some(length) = header.length else { return true };
        content = content.get(header.size.saturating_add(length)..).unwrap_or_default();
    }
    false
}

/// Puts a header before what was appended since `start`.
fn wrap(identifier: u8, start: usize, made: &mut Vec<u8>) {
    let end = made.len();
    let mut header = Vec::new();
    push_header(identifier, end - start, &mut header);
    made.extend_from_slice(&header);
    if let Some(element) = made.get_mut(start..) {
        element.rotate_right(header.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_every_element_inside_its_length() {
        for (ber, der) in [
            (&[0x30, 0x80, 0, 0][..], Some(&[0x30, 0][..])),
            (&[0x30, 0x80, 2, 1, 5, 0, 0, 0xff], Some(&[0x30, 3, 2, 1, 5])),
            (&[0x30, 0x80, 0x31, 0x80, 5, 0, 0, 0, 0, 0], Some(&[0x30, 4, 0x31, 2, 5, 0])),
            // One of indefinite length inside one of definite length.
            (&[0x30, 0x80, 0x31, 6, 0x24, 0x80, 4, 0, 0, 0, 0, 0], Some(&[0x30, 6, 0x31, 4, 0x24, 2, 4, 0])),
            // A primitive element has a length, and zeros in it do not end it.
            (&[0x30, 0x80, 4, 2, 0, 0, 0, 0], Some(&[0x30, 4, 4, 2, 0, 0])),
            (&[0x30, 0x80, 4, 0x80, 0, 0], None),
            (&[0x30, 0x80, 2, 1, 5], None),
            (&[0x30, 0x80, 2, 9, 5, 0, 0], None),
            (&[0x30, 0x80, 0x1f, 1, 0, 0], None),
        ] {
            assert_eq!(definite(ber).as_deref().map(Vec::as_slice), der, "{ber:02x?}");
        }
        let long = [&[0x30, 0x80, 4, 0x82, 1, 0][..], &[7; 256], &[0, 0]].concat();
        let made = definite(&long).expect("made");
        assert_eq!(made[..4], [0x30, 0x82, 1, 4]);
        assert_eq!(element(&made), Ok((made.as_slice(), &[][..])));
    }

    #[test]
    fn tells_how_much_is_missing() {
        assert_eq!(element(&[0x30, 3, 2, 1, 5, 9]), Ok((&[0x30, 3, 2, 1, 5][..], &[9][..])));
        assert_eq!(element(&[0x30, 5, 2, 1]), Err(Some(3)));
        assert_eq!(element(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Err(Some(0xffff_ffff)));
        for none in [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 0x82, 1], &[0x30, 0x85, 0, 0, 0, 0, 1]] {
            assert_eq!(element(none), Err(None), "{none:02x?}");
        }
    }
}
