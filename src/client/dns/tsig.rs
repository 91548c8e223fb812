//! Messages signed with a key that both sides know (TSIG, RFC 8945).

use super::error::DnsError;
use super::name::Name;
use super::reader::Reader;
use aws_lc_rs::hmac;
use signet_domain::authority::TsigAlgorithm;

/// The type of such a record.
pub(super) const TSIG: u16 = 250;
/// Seconds by which two clocks may differ.
const FUDGE: u16 = 300;
/// Its class.
const ANY: u16 = 255;

/// Errors of RFC 8945, section 3, and of RFC 2136 where the signature is wrong.
const NOT_AUTHORITATIVE: u16 = 9;
const BAD_SIGNATURE: u16 = 16;
const BAD_KEY: u16 = 17;
const BAD_TIME: u16 = 18;
const BAD_TRUNCATION: u16 = 22;

/// A key with its name and what it signs with.
pub(super) struct Key {
    name: Name,
    algorithm: Name,
    key: hmac::Key,
}

/// The record in an answer.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    /// Where in the message it starts.
    start: usize,
    name: Name,
    algorithm: Name,
    time: u64,
    fudge: u16,
    mac: Vec<u8>,
    id: u16,
    error: u16,
    other: Vec<u8>,
}

impl Signed {
    pub(super) fn read(name: Name, mut body: Reader<'_>, start: usize) -> Option<Self> {
        let algorithm = Name::read(&mut body)?;
        let (time, fudge, length) = (body.u48()?, body.u16()?, body.u16()?);
        let mac = body.take(usize::from(length))?.to_vec();
        let (id, error, length) = (body.u16()?, body.u16()?, body.u16()?);
        let other = body.take(usize::from(length))?.to_vec();
        Some(Self { start, name, algorithm, time, fudge, mac, id, error, other })
    }

    /// The server's clock, where it says so.
    fn servers_time(&self) -> Option<u64> {
        Reader::new(&self.other).u48()
    }
}

/// The variables that are signed with a message (RFC 8945, section 4.3.3).
fn variables(name: &Name, algorithm: &Name, time: u64, fudge: u16, error: u16, other: &[u8]) -> Vec<u8> {
    let mut all = name.wire().to_vec();
    all.extend(ANY.to_be_bytes());
    all.extend([0; 4]);
    all.extend_from_slice(algorithm.wire());
    all.extend(time.to_be_bytes().into_iter().skip(2));
    for number in [fudge, error, u16::try_from(other.len()).unwrap_or(u16::MAX)] {
        all.extend(number.to_be_bytes());
    }
    all.extend_from_slice(other);
    all
}

impl Key {
    /// None where the text is not a name.
    pub(super) fn new(name: &str, algorithm: TsigAlgorithm, secret: &[u8]) -> Option<Self> {
        let kind = match algorithm {
            TsigAlgorithm::Sha256 => hmac::HMAC_SHA256,
            TsigAlgorithm::Sha384 => hmac::HMAC_SHA384,
            TsigAlgorithm::Sha512 => hmac::HMAC_SHA512,
        };
        let (name, algorithm) = (Name::parse(name)?, Name::parse(algorithm.word())?);
        Some(Self { name, algorithm, key: hmac::Key::new(kind, secret) })
    }

    /// Adds the signature; gives its MAC, which the answer's signature covers, too.
    pub(super) fn sign(&self, message: &mut Vec<u8>, now: u64) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(message);
        context.update(&variables(&self.name, &self.algorithm, now, FUDGE, 0, &[]));
        let mac = context.sign().as_ref().to_vec();
        let id = message.get(..2).unwrap_or_default().to_vec();
        let mut data = self.algorithm.wire().to_vec();
        data.extend(now.to_be_bytes().into_iter().skip(2));
        // No MAC is longer than 64 octets.
        let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
        data.extend(FUDGE.to_be_bytes());
        data.extend(length(&mac));
        data.extend_from_slice(&mac);
        data.extend(id);
        data.extend([0; 4]);
        message.extend_from_slice(self.name.wire());
        message.extend([TSIG, ANY].into_iter().flat_map(u16::to_be_bytes));
        message.extend([0; 4]);
        message.extend(length(&data));
        message.extend(data);
        // One record more at the end.
        if let Some(count) = message.get_mut(11) {
            *count += 1;
        }
        mac
    }

    /// Whether the answer is the server's own.
    pub(super) fn verify(
        &self,
        message: &[u8],
        code: u16,
        signed: Option<&Signed>,
        request_mac: &[u8],
        now: u64,
    ) -> Result<(), DnsError> {
        let Some(signed) = signed else {
            // A server that does not know signatures refuses the whole message without one.
            return if code == 0 { Err(DnsError::Unsigned) } else { Err(DnsError::of_code(code)) };
        };
        if code == NOT_AUTHORITATIVE || code == 0 {
            match signed.error {
                BAD_KEY => return Err(DnsError::BadKey),
                BAD_SIGNATURE | BAD_TRUNCATION => return Err(DnsError::BadSignature),
                BAD_TIME => {
                    return Err(DnsError::BadTime { apart: signed.servers_time().map(|time| time.abs_diff(now)) });
                }
                _ => {}
            }
        }
        let before = message.get(..signed.start).unwrap_or_default();
        let (Some(middle), Some(after)) = (before.get(2..10), before.get(12..)) else { return Err(DnsError::Unsigned) };
        let additional = Reader::new(before.get(10..12).unwrap_or_default()).u16().unwrap_or(1).saturating_sub(1);
        let mut whole = u16::try_from(request_mac.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec();
        whole.extend_from_slice(request_mac);
        whole.extend(signed.id.to_be_bytes());
        whole.extend_from_slice(middle);
        whole.extend(additional.to_be_bytes());
        whole.extend_from_slice(after);
        let Signed { time, fudge, error, other, .. } = signed;
        whole.extend(variables(&signed.name, &signed.algorithm, *time, *fudge, *error, other));
        let is_same = signed.name == self.name && signed.algorithm == self.algorithm;
        if !is_same || hmac::verify(&self.key, &whole, &signed.mac).is_err() {
            return Err(DnsError::Unsigned);
        }
        if time.abs_diff(now) > u64::from(*fudge) {
            return Err(DnsError::BadTime { apart: Some(time.abs_diff(now)) });
        }
        if code == 0 { Ok(()) } else { Err(DnsError::of_code(code)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::message::{Answer, query};

    const NOW: u64 = 1_800_000_000;

    fn key(secret: &[u8]) -> Key {
        Key::new("Key.example", TsigAlgorithm::Sha256, secret).unwrap()
    }

    /// What a server with this key answers to a request of this MAC: no error and no records.
    fn answered(key: &Key, request_mac: &[u8], time: u64) -> Vec<u8> {
        let mut message = query(7, &Name::parse("example").unwrap(), 6, false);
        message[2] = 0xa8;
        let mut digested = u16::try_from(request_mac.len()).unwrap().to_be_bytes().to_vec();
        digested.extend_from_slice(request_mac);
        digested.extend_from_slice(&message);
        digested.extend(variables(&key.name, &key.algorithm, time, FUDGE, 0, &[]));
        let mac = hmac::sign(&key.key, &digested);
        let mut signed = message.clone();
        let length = mac.as_ref().len();
        let mac_at = {
            key.sign(&mut signed, time);
            signed.len() - 6 - length
        };
        signed[mac_at..mac_at + length].copy_from_slice(mac.as_ref());
        signed
    }

    fn verified(key: &Key, message: &[u8], request_mac: &[u8]) -> Result<(), DnsError> {
        let answer = Answer::read(message).unwrap();
        key.verify(message, answer.code(), answer.signed.as_ref(), request_mac, NOW)
    }

    #[test]
    fn an_answer_counts_only_with_a_signature_over_it_and_the_request() {
        let key = self::key(b"0123456789abcdef0123456789abcdef");
        let mut request = query(7, &Name::parse("example").unwrap(), 6, false);
        let mac = key.sign(&mut request, NOW);
        let good = answered(&key, &mac, NOW);
        verified(&key, &good, &mac).unwrap();
        assert!(matches!(verified(&key, &good, b"another request's"), Err(DnsError::Unsigned)));
        let other = self::key(b"another secret");
        assert!(matches!(verified(&key, &answered(&other, &mac, NOW), &mac), Err(DnsError::Unsigned)));
        let mut changed = good.clone();
        changed[13] ^= 1;
        assert!(matches!(verified(&key, &changed, &mac), Err(DnsError::Unsigned)));
        let late = verified(&key, &answered(&key, &mac, NOW + 301), &mac);
        assert!(matches!(late, Err(DnsError::BadTime { apart: Some(301) })));
        let mut unsigned = query(7, &Name::parse("example").unwrap(), 6, false);
        unsigned[2] = 0xa8;
        assert!(matches!(verified(&key, &unsigned, &mac), Err(DnsError::Unsigned)));
        unsigned[3] = 5;
        assert!(matches!(verified(&key, &unsigned, &mac), Err(DnsError::Refused)));
    }
}
