//! The format of a CSR's file: a request, its private key, a record and, once there is one, its certificate with its chain, each a PEM
//! block (RFC 7468).
//!
//! OpenSSL reads the first two as the file lies. Blocks of later versions and text between blocks are kept when the record
//! is written anew. Knows no ASN.1: the contents of the blocks are bytes here. A key's text is only ever in memory that is
//! zeroized and does not grow.

use super::error::Damage;
use super::messages;
use pem_rfc7468::LineEnding;
use serde::Deserialize;
use signet_domain::record::{Origin, RECORD_VERSION, Record};
use signet_domain::secret::Secret;
use signet_domain::visible;
use std::ops::Range;
use zeroize::Zeroizing;

/// The largest file that is read or written, bytes.
pub const MAX_FILE: usize = 512 * 1024;

pub(super) const REQUEST: &str = "CERTIFICATE REQUEST";
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";
pub(super) const RECORD: &str = "SIGNET RECORD";
pub(super) const CERTIFICATE: &str = "CERTIFICATE";

/// What is in a CSR's file but for the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCsr {
    /// Who made it, when, and what was asked.
    pub record: Record,
    /// The request's DER.
    pub request: Vec<u8>,
    /// The CA's certificates as DER, the one of this key first; none until they are added.
    pub certificates: Vec<Vec<u8>>,
}

/// The file's bytes, with the certificates (DER) that came along; none when they would be more than [`MAX_FILE`].
pub(super) fn encode(
    record: &Record,
    request: &[u8],
    key: &Secret,
    certificates: &[Vec<u8>],
) -> Option<Zeroizing<Vec<u8>>> {
    let record = record_json(record);
    let mut blocks = vec![(REQUEST, request), (PRIVATE_KEY, key.expose_secret()), (RECORD, record.as_slice())];
    blocks.extend(certificates.iter().map(|der| (CERTIFICATE, der.as_slice())));
    join(&blocks).filter(|file| file.len() <= MAX_FILE)
}

/// The file with another record and everything else as it is; none when it would be larger than [`MAX_FILE`].
pub(super) fn with_record(file: &[u8], record: &Record) -> Result<Option<Zeroizing<Vec<u8>>>, Damage> {
    let blocks = own_blocks(file)?;
    decode_block(file, blocks.request.clone(), REQUEST)?;
    decode_block(file, blocks.key.clone(), PRIVATE_KEY)?;
    let Some(new) = join(&[(RECORD, &record_json(record))]) else { return Ok(None) };
    let before = file.get(..blocks.record.start).unwrap_or_default();
    let after = file.get(blocks.record.end..).unwrap_or_default();
    let mut changed = Zeroizing::new(Vec::with_capacity(before.len() + new.len() + after.len()));
    for part in [before, &new, after] {
        changed.extend_from_slice(part);
    }
    Ok((changed.len() <= MAX_FILE).then_some(changed))
}

/// The file with another record and these certificates (DER) instead of those that were there, at its end; everything else
/// as it is. None when it would be larger than [`MAX_FILE`].
pub(super) fn with_answer(
    file: &[u8],
    record: &Record,
    certificates: &[Vec<u8>],
) -> Result<Option<Zeroizing<Vec<u8>>>, Damage> {
    let Some(file) = with_record(file, record)? else { return Ok(None) };
    let certificates: Vec<(&str, &[u8])> = certificates.iter().map(|der| (CERTIFICATE, der.as_slice())).collect();
    let Some(new) = join(&certificates) else { return Ok(None) };
    let mut changed = Zeroizing::new(Vec::with_capacity(file.len() + 1 + new.len()));
    let mut kept_to = 0;
    for block in blocks(&file)?.iter().filter(|block| block.label == CERTIFICATE) {
        changed.extend_from_slice(file.get(kept_to..block.range.start).unwrap_or_default());
        kept_to = block.range.end;
    }
    changed.extend_from_slice(file.get(kept_to..).unwrap_or_default());
    if changed.last().is_some_and(|last| *last != b'\n') {
        changed.push(b'\n');
    }
    changed.extend_from_slice(&new);
    Ok((changed.len() <= MAX_FILE).then_some(changed))
}

/// Reads all but the key, whose block must be whole.
pub(super) fn decode(file: &[u8]) -> Result<StoredCsr, Damage> {
    let blocks = own_blocks(file)?;
    decode_block(file, blocks.key, PRIVATE_KEY)?;
    let request = std::mem::take(&mut *decode_block(file, blocks.request, REQUEST)?);
    let mut certificates = Vec::with_capacity(blocks.certificates.len());
    for range in blocks.certificates {
        certificates.push(std::mem::take(&mut *decode_block(file, range, CERTIFICATE)?));
    }
    Ok(StoredCsr { record: blocks.parsed, request, certificates })
}

/// Reads the key: PKCS#8 DER.
pub(super) fn decode_key(file: &[u8]) -> Result<Secret, Damage> {
    let blocks = own_blocks(file)?;
    Ok(Secret::new(std::mem::take(&mut *decode_block(file, blocks.key, PRIVATE_KEY)?)))
}

/// PEM blocks one behind the other, in a buffer that did not grow; none for lengths that no memory holds.
pub(super) fn join(blocks: &[(&str, &[u8])]) -> Option<Zeroizing<Vec<u8>>> {
    let mut lengths = Vec::with_capacity(blocks.len());
    for (label, der) in blocks {
        lengths.push(pem_rfc7468::encoded_len(label, LineEnding::LF, der).ok()?);
    }
    let mut text = Zeroizing::new(vec![0; lengths.iter().sum()]);
    let mut rest = text.as_mut_slice();
    for ((label, der), length) in blocks.iter().zip(lengths) {
        let (place, behind) = rest.split_at_mut_checked(length)?;
        pem_rfc7468::encode(label, LineEnding::LF, der, place).ok()?;
        rest = behind;
    }
    Some(text)
}

/// A PEM block: its label and its place, line end included.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    pub(super) range: Range<usize>,
}

/// Every PEM block in its order. Text between them is passed over.
pub(super) fn blocks(file: &[u8]) -> Result<Vec<Block<'_>>, Damage> {
    let text = std::str::from_utf8(file).map_err(|_| Damage::NotText)?;
    let mut found = Vec::new();
    let mut open: Option<(&str, usize, usize)> = None;
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        let boundary = |kind: &str| line.strip_prefix(kind).and_then(|rest| rest.strip_suffix("-----"));
        match (boundary("-----BEGIN "), boundary("-----END "), open) {
            (Some(label), _, None) => open = Some((label, start, index + 1)),
            (None, Some(label), Some((begun, start, _))) if label == begun => {
                found.push(Block { label, range: start..at });
                open = None;
            }
            (None, None, _) => {}
            (_, _, Some((_, _, line))) => return Err(Damage::Unfinished { line }),
            (_, _, None) => return Err(Damage::Unfinished { line: index + 1 }),
        }
    }
    match open {
        Some((_, _, line)) => Err(Damage::Unfinished { line }),
        None => Ok(found),
    }
}

/// The bytes of one block, in memory that is zeroized.
pub(super) fn decode_block(
    file: &[u8],
    range: Range<usize>,
    label: &'static str,
) -> Result<Zeroizing<Vec<u8>>, Damage> {
    let text = file.get(range).unwrap_or_default();
    // Decoded base64 is shorter than its text.
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let length = match pem_rfc7468::decode(text, &mut bytes) {
        Ok((found, der)) if found == label && !der.is_empty() => der.len(),
        _ => return Err(Damage::Base64(label)),
    };
    bytes.truncate(length);
    Ok(bytes)
}

/// True when the record, as far as it can be read, says that the factory made the CSR.
pub(super) fn says_factory(file: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Told {
        origin: Origin,
    }
    let told = || {
        let record = only(&blocks(file).ok()?, RECORD).ok()?;
        serde_json::from_slice(&decode_block(file, record, RECORD).ok()?).ok()
    };
    matches!(told(), Some(Told { origin: Origin::Factory }))
}

/// The places of the blocks that are ours, and the record.
struct OwnBlocks {
    certificates: Vec<Range<usize>>,
    request: Range<usize>,
    key: Range<usize>,
    record: Range<usize>,
    parsed: Record,
}

fn own_blocks(file: &[u8]) -> Result<OwnBlocks, Damage> {
    let blocks = blocks(file)?;
    // The record comes first: a newer version may have other rules for the rest.
    let record = only(&blocks, RECORD)?;
    let parsed = parse_record(&decode_block(file, record.clone(), RECORD)?)?;
    let certificates = blocks.iter().filter(|block| block.label == CERTIFICATE).map(|block| block.range.clone());
    Ok(OwnBlocks {
        certificates: certificates.collect(),
        request: only(&blocks, REQUEST)?,
        key: only(&blocks, PRIVATE_KEY)?,
        record,
        parsed,
    })
}

fn only(blocks: &[Block<'_>], label: &'static str) -> Result<Range<usize>, Damage> {
    let mut ranges = blocks.iter().filter(|block| block.label == label).map(|block| block.range.clone());
    let range = ranges.next().ok_or(Damage::Missing(label))?;
    if ranges.next().is_some() { Err(Damage::Repeated(label)) } else { Ok(range) }
}

fn parse_record(json: &[u8]) -> Result<Record, Damage> {
    check_version(json, RECORD_VERSION)?;
    serde_json::from_slice(json).map_err(|error| Damage::Json(visible::line(&error.to_string())))
}

/// Refuses what a newer program wrote before anything else of it is read.
pub(super) fn check_version(json: &[u8], ours: u32) -> Result<(), Damage> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    match serde_json::from_slice(json) {
        Ok(Versioned { version }) if version > ours => Err(Damage::Newer(version)),
        Ok(_) => Ok(()),
        Err(error) => Err(Damage::Json(messages::json(&error))),
    }
}

fn record_json(record: &Record) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "a record is strings, numbers and lists under string keys: always JSON")]
    serde_json::to_vec(record).expect("a record is JSON")
}
