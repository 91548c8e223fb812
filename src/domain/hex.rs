//! Bytes as hex digits, and back.

/// `0a1b`.
pub fn lower(bytes: &[u8]) -> String {
    written(bytes, b"0123456789abcdef", "")
}

/// `0A1B`.
pub fn upper(bytes: &[u8]) -> String {
    written(bytes, UPPER, "")
}

/// `0A:1B`, as fingerprints are read.
pub fn colons(bytes: &[u8]) -> String {
    written(bytes, UPPER, ":")
}

/// The bytes of an even number of digits, in either case.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

const UPPER: &[u8; 16] = b"0123456789ABCDEF";

fn written(bytes: &[u8], digits: &[u8; 16], between: &str) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2 + between.len()));
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 {
            text.push_str(between);
        }
        let halves = [byte >> 4, byte & 0xf].map(usize::from);
        text.extend(halves.iter().filter_map(|half| digits.get(*half)).copied().map(char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back_from_its_digits() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&lower(&all)).as_ref(), Some(&all));
        assert_eq!(decode(&upper(&all)).as_ref(), Some(&all));
        assert_eq!(colons(&[0x0a, 0x1b, 0xff]), "0A:1B:FF");
        assert_eq!((lower(&[0x0a, 0x1b]), colons(&[])), ("0a1b".to_owned(), String::new()));
    }

    #[test]
    fn what_is_not_pairs_of_digits_is_refused() {
        for text in ["0", "0a1", "0g", "0:", " 0", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
