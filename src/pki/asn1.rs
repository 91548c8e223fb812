//! Reading other people's DER element by element, without demanding more of it than its lengths being right.
//!
//! No recursion and no copying beyond the input's size; what an element means is for the caller to know.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Class, Decode, Encode, Reader, SliceReader, Tag, Tagged};
use signet_domain::hex::{self, colons};
use signet_domain::visible::is_command;

/// Bytes of a value that are shown in hex before it is cut short.
const SHOWN_BYTES: usize = 64;

/// The elements that make up `content`.
pub(super) fn elements(content: &[u8]) -> der::Result<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(content)?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(AnyRef::decode(&mut reader)?);
    }
    Ok(elements)
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
    ObjectIdentifier::from_bytes(content).map_or_else(|_| format!("#{}", hex::upper(content)), |oid| oid.to_string())
}

/// A string of any of ASN.1's kinds; other values in hex with their header. Control characters and marks that turn the
/// direction of writing are escaped, so that a value cannot pose as another or command a terminal.
pub(super) fn text(element: AnyRef<'_>) -> String {
    let value = element.value();
    let decoded = match element.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            String::from_utf8(value.to_vec()).ok()
        }
        // In practice Latin 1, whatever T.61 says.
        Tag::TeletexString => Some(value.iter().map(|byte| char::from(*byte)).collect()),
        Tag::BmpString => utf16(value),
        _ => None,
    };
    match decoded {
        Some(text) => shown(&text),
        None => format!("#{}", short_hex(&element.to_der().unwrap_or_default())),
    }
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

fn utf16(value: &[u8]) -> Option<String> {
    let units = value.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).ok().map(u16::from_be_bytes));
    String::from_utf16(&units.collect::<Option<Vec<_>>>()?).ok()
}
