//! Reading other people's DER element by element, without demanding more of it than its lengths being right.
//!
//! No recursion and no copying beyond the input's size; what an element means is for the caller to know.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Class, Decode, Encode, Reader, SliceReader, Tag, TagNumber, Tagged};
use signet_domain::hex::colons;
use signet_domain::visible::is_command;

/// Bytes of a value that are shown in hex before it is cut short.
const SHOWN_BYTES: usize = 64;

/// Number of UniversalString (X.680 8.6), which [`Tag`] does not have.
const UNIVERSAL_STRING: u32 = 28;
/// GraphicString, likewise.
const GRAPHIC_STRING: u32 = 25;
/// ObjectDescriptor, likewise.
const OBJECT_DESCRIPTOR: u32 = 7;

/// The elements that make up `content`.
///
/// The `der` crate stops at universal tags that it does not know, among them string types that are allowed in names
/// (RFC 5280 4.1.2.4). Such an element is carried with the same number in the private class, which no certificate uses.
pub(super) fn elements(content: &[u8]) -> der::Result<Vec<AnyRef<'_>>> {
    let mut elements = Vec::new();
    let mut rest = content;
    while let Some(&identifier) = rest.first() {
        let mut reader = SliceReader::new(rest)?;
        match AnyRef::decode(&mut reader) {
            Ok(element) => {
                elements.push(element);
                rest = rest.get(usize::try_from(reader.position())?..).unwrap_or_default();
            }
            Err(error) => {
                let (element, behind) = of_unknown_tag(identifier, rest).ok_or(error)?;
                elements.push(element);
                rest = behind;
            }
        }
    }
    Ok(elements)
}

/// The first element of `bytes`, where `der` does not know its tag, and what is behind it.
fn of_unknown_tag(identifier: u8, bytes: &[u8]) -> Option<(AnyRef<'_>, &[u8])> {
    const CONSTRUCTED: u8 = 0x20;
    let number = identifier & 0x1f;
    // Other classes are known, and the numbers 0 and 31 are the end of contents and the long form.
    if identifier & 0xc0 != 0 || matches!(number, 0 | 0x1f) {
        return None;
    }
    let (length, value) = length(bytes.get(1..)?)?;
    let (value, behind) = value.split_at_checked(length)?;
    let tag = Tag::Private { constructed: identifier & CONSTRUCTED != 0, number: TagNumber(u32::from(number)) };
    Some((AnyRef::new(tag, value).ok()?, behind))
}

/// A definite length in DER, and what follows it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0..=0x7f => Some((usize::from(first), rest)),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            Some((length.iter().fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte)), rest))
        }
        _ => None,
    }
}

/// One element of DER without the blanks and zeros that editors and block devices leave behind it.
pub(super) fn without_padding(der: &[u8]) -> &[u8] {
    const SEQUENCE: u8 = 0x30;
    let inside = der.get(1..).filter(|_| der.first() == Some(&SEQUENCE));
    let end = inside.and_then(length).and_then(|(length, rest)| (der.len() - rest.len()).checked_add(length));
    let Some((element, behind)) = end.and_then(|end| der.split_at_checked(end)) else { return der };
    let is_padding = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    if behind.iter().all(is_padding) { element } else { der }
}

/// The elements of a SEQUENCE.
pub(super) fn sequence(element: AnyRef<'_>) -> der::Result<Vec<AnyRef<'_>>> {
    element.tag().assert_eq(Tag::Sequence)?;
    elements(element.value())
}

/// The number of a context-specific tag.
pub(super) fn context(element: AnyRef<'_>) -> Option<u32> {
    let tag = element.tag();
    (tag.class() == Class::ContextSpecific).then(|| tag.number().value())
}

/// The element's bytes, header included; in DER there is but one way to write them.
pub(super) fn bytes(element: AnyRef<'_>) -> der::Result<Vec<u8>> {
    element.to_der()
}

/// An object identifier, dotted; in hex when it is longer than can be held.
pub(super) fn oid(element: AnyRef<'_>) -> der::Result<String> {
    element.tag().assert_eq(Tag::ObjectIdentifier)?;
    Ok(oid_content(element.value()))
}

/// The same from the content bytes alone.
pub(super) fn oid_content(content: &[u8]) -> String {
    ObjectIdentifier::from_bytes(content).map_or_else(|_| format!("#{}", short_hex(content)), |oid| oid.to_string())
}

/// A string of any of ASN.1's kinds; other values in hex with their header. Control characters and marks that turn the
/// direction of writing are escaped, so that a value cannot pose as another or command a terminal.
pub(super) fn text(element: AnyRef<'_>) -> String {
    let value = element.value();
    let decoded = match element.tag() {
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString
        | Tag::GeneralString => Some(utf8_or_latin1(value)),
        // In practice Latin 1, whatever T.61 says.
        Tag::TeletexString | Tag::VideotexString => Some(latin1(value)),
        Tag::BmpString => utf16(value),
        Tag::Private { constructed: false, number } => match number.value() {
            UNIVERSAL_STRING => utf32(value),
            GRAPHIC_STRING | OBJECT_DESCRIPTOR => Some(utf8_or_latin1(value)),
            _ => None,
        },
        _ => None,
    };
    match decoded {
        Some(text) => shown(&text),
        None => format!("#{}", short_hex(&original(element))),
    }
}

/// The bytes of an element as they came: see [`elements`] for those that are carried under another class.
fn original(element: AnyRef<'_>) -> Vec<u8> {
    let mut der = element.to_der().unwrap_or_default();
    if let (Tag::Private { .. }, Some(identifier)) = (element.tag(), der.first_mut()) {
        *identifier &= 0x3f;
    }
    der
}

/// Appends the header of an element in DER: identifier and length (X.690 10.1).
pub(super) fn push_header(identifier: u8, length: usize, der: &mut Vec<u8>) {
    der.push(identifier);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => der.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let significant = bytes.iter().skip_while(|byte| **byte == 0);
            // At most eight.
            der.push(0x80 | u8::try_from(significant.clone().count()).unwrap_or(8));
            der.extend(significant);
        }
    }
}

/// Text with its invisible characters escaped.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_command(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// `0A:1B`, cut short with the number of bytes.
pub(super) fn short_hex(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN_BYTES) {
        Some(first) if bytes.len() > SHOWN_BYTES => format!("{}... ({} bytes)", colons(first), bytes.len()),
        _ => colons(bytes),
    }
}

/// Programs that write Latin 1 into a UTF8String are old and not rare.
fn utf8_or_latin1(value: &[u8]) -> String {
    std::str::from_utf8(value).map_or_else(|_| latin1(value), str::to_owned)
}

fn latin1(value: &[u8]) -> String {
    value.iter().map(|byte| char::from(*byte)).collect()
}

fn utf32(value: &[u8]) -> Option<String> {
    let (characters, rest) = value.as_chunks::<4>();
    let characters = characters.iter().map(|bytes| char::from_u32(u32::from_be_bytes(*bytes)));
    rest.is_empty().then(|| characters.collect())?
}

fn utf16(value: &[u8]) -> Option<String> {
    let units = value.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).ok().map(u16::from_be_bytes));
    String::from_utf16(&units.collect::<Option<Vec<_>>>()?).ok()
}
