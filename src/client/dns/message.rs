//! DNS messages (RFC 1035, section 4): what is asked of a server, and as much of its answers as is needed here.

use super::name::Name;
use super::reader::Reader;
use super::tsig::{Signed, TSIG};
use std::net::IpAddr;

/// Types of records.
pub(super) const A: u16 = 1;
pub(super) const NS: u16 = 2;
pub(super) const CNAME: u16 = 5;
pub(super) const SOA: u16 = 6;
pub(super) const TXT: u16 = 16;
pub(super) const AAAA: u16 = 28;

/// Classes.
const IN: u16 = 1;
const NONE: u16 = 254;

/// Bits of the second pair of octets.
const IS_ANSWER: u16 = 0x8000;
const UPDATE: u16 = 5 << 11;
const AUTHORITATIVE: u16 = 0x0400;
const TRUNCATED: u16 = 0x0200;
const RECURSION: u16 = 0x0100;

/// Seconds for which others may keep the record.
const TTL: u32 = 30;
/// Octets of a head.
const HEAD: usize = 12;

/// What a record holds, as far as it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Data {
    /// Of CNAME and NS.
    Name(Name),
    /// Of TXT, its strings after one another.
    Text(Vec<u8>),
    /// Of A and AAAA.
    Address(IpAddr),
    /// Of all others.
    Other,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) owner: Name,
    pub(super) kind: u16,
    pub(super) data: Data,
}

/// A server's answer.
#[derive(Debug)]
pub(super) struct Answer {
    flags: u16,
    pub(super) answers: Vec<Record>,
    pub(super) authority: Vec<Record>,
    pub(super) additional: Vec<Record>,
    /// Its signature.
    pub(super) signed: Option<Signed>,
}

impl Answer {
    /// Its code; 0 is none.
    pub(super) fn code(&self) -> u16 {
        self.flags & 15
    }

    /// True where the server itself has the zone.
    pub(super) fn is_authoritative(&self) -> bool {
        self.flags & AUTHORITATIVE != 0
    }

    /// All of a message; none where it is damaged.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(message);
        let mut head = [0; HEAD / 2];
        for number in &mut head {
            *number = reader.u16()?;
        }
        let [_, flags, questions, answers, authority, additional] = head;
        for _ in 0..questions {
            Name::read(&mut reader)?;
            reader.take(4)?;
        }
        let mut this = Self { flags, answers: Vec::new(), authority: Vec::new(), additional: Vec::new(), signed: None };
        for _ in 0..answers {
            this.answers.push(record(&mut reader)?.0);
        }
        for _ in 0..authority {
            this.authority.push(record(&mut reader)?.0);
        }
        for left in (0..additional).rev() {
            let start = reader.at();
            let (record, body) = record(&mut reader)?;
            if record.kind == TSIG {
                // The last one of all (RFC 8945, section 5.1).
                this.signed = Some(Signed::read(record.owner, body, start).filter(|_| left == 0)?);
            } else {
                this.additional.push(record);
            }
        }
        Some(this)
    }
}

/// A record, and a reader of its data.
fn record<'a>(reader: &mut Reader<'a>) -> Option<(Record, Reader<'a>)> {
    let owner = Name::read(reader)?;
    let (kind, _class) = (reader.u16()?, reader.u16()?);
    reader.take(4)?;
    let length = usize::from(reader.u16()?);
    let body = *reader;
    let end = reader.at() + length;
    let raw = reader.take(length)?;
    let mut inner = body;
    let data = match kind {
        CNAME | NS => Data::Name(Name::read(&mut inner).filter(|_| inner.at() == end)?),
        TXT => {
            let (mut text, mut strings) = (Vec::new(), Reader::new(raw));
            while strings.at() < raw.len() {
                let length = strings.u8()?;
                text.extend_from_slice(strings.take(usize::from(length))?);
            }
            Data::Text(text)
        }
        A => Data::Address(IpAddr::from(<[u8; 4]>::try_from(raw).ok()?)),
        AAAA => Data::Address(IpAddr::from(<[u8; 16]>::try_from(raw).ok()?)),
        _ => Data::Other,
    };
    Some((Record { owner, kind, data }, body))
}

/// True for a complete answer to the message of this number; false for one that was cut to fit; none for anything else.
pub(super) fn is_whole_answer(message: &[u8], request: &[u8]) -> Option<bool> {
    let mut reader = Reader::new(message);
    let (id, flags) = (reader.u16()?, reader.u16()?);
    let is_answer = Some(id) == Reader::new(request).u16() && flags & IS_ANSWER != 0;
    is_answer.then_some(flags & TRUNCATED == 0)
}

fn head(id: u16, flags: u16, counts: [u16; 4]) -> Vec<u8> {
    [id, flags].into_iter().chain(counts).flat_map(u16::to_be_bytes).collect()
}

fn put(message: &mut Vec<u8>, name: &Name, numbers: &[u16]) {
    message.extend_from_slice(name.wire());
    message.extend(numbers.iter().copied().flat_map(u16::to_be_bytes));
}

/// Asks for the records of one type.
pub(super) fn query(id: u16, name: &Name, kind: u16, recursion: bool) -> Vec<u8> {
    let mut message = head(id, if recursion { RECURSION } else { 0 }, [1, 0, 0, 0]);
    put(&mut message, name, &[kind, IN]);
    message
}

/// Adds one TXT record beside others of its name, or removes this one alone (RFC 2136, sections 2.5.1 and 2.5.4).
pub(super) fn update(id: u16, zone: &Name, owner: &Name, text: &str, add: bool) -> Option<Vec<u8>> {
    let length = u8::try_from(text.len()).ok()?;
    let mut message = head(id, UPDATE, [1, 0, 1, 0]);
    put(&mut message, zone, &[SOA, IN]);
    put(&mut message, owner, &[TXT, if add { IN } else { NONE }]);
    message.extend_from_slice(&(if add { TTL } else { 0 }).to_be_bytes());
    message.extend_from_slice(&(u16::from(length) + 1).to_be_bytes());
    message.push(length);
    message.extend_from_slice(text.as_bytes());
    Some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn an_update_is_what_bind_reads() {
        let added = update(0x1234, &name("example"), &name("_acme-challenge.example"), "abc", true).unwrap();
        let expected = b"\x12\x34\x28\x00\x00\x01\x00\x00\x00\x01\x00\x00\x07example\x00\x00\x06\x00\x01\x0f_acme-challenge\x07example\x00\x00\x10\x00\x01\x00\x00\x00\x1e\x00\x04\x03abc";
        assert_eq!(added, expected);
        let removed = update(1, &name("example"), &name("a.example"), "abc", false).unwrap();
        assert!(removed.ends_with(b"\x00\x10\x00\xfe\x00\x00\x00\x00\x00\x04\x03abc"));
    }

    /// An answer with one record of each kind that is understood.
    fn answer() -> Vec<u8> {
        let mut message = query(7, &name("a.example"), TXT, false);
        message[2] = 0x84;
        message[7] = 3;
        message[9] = 1;
        message[11] = 2;
        // 12 is where the question's name is; its second label is at 14.
        message.extend(b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x1e\x00\x04\x01b\xc0\x0e");
        message.extend(b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x1e\x00\x06\x02ab\x02cd");
        message.extend(b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x1e\x00\x00");
        message.extend(b"\xc0\x0e\x00\x06\x00\x01\x00\x00\x00\x1e\x00\x02xx");
        message.extend(b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x1e\x00\x04\xc0\x00\x02\x01");
        message.extend(b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00");
        message
    }

    #[test]
    fn an_answer_is_read_whole() {
        let read = Answer::read(&answer()).unwrap();
        assert!(read.is_authoritative() && read.code() == 0 && read.signed.is_none());
        let data: Vec<&Data> = read.answers.iter().map(|record| &record.data).collect();
        assert_eq!(data, [&Data::Name(name("b.example")), &Data::Text(b"abcd".to_vec()), &Data::Text(Vec::new())]);
        assert_eq!((read.authority[0].kind, &read.authority[0].owner), (SOA, &name("example")));
        assert_eq!(read.additional[0].data, Data::Address([192, 0, 2, 1].into()));
    }

    #[test]
    fn no_cut_or_changed_answer_is_read_beyond_its_end() {
        let whole = answer();
        for end in 0..whole.len() {
            assert!(Answer::read(&whole[..end]).is_none(), "{end}");
        }
        // Whatever stands at a place, reading ends.
        for at in 0..whole.len() {
            for byte in 0..=255 {
                let mut changed = whole.clone();
                changed[at] = byte;
                let _ = Answer::read(&changed);
            }
        }
    }

    #[test]
    fn only_an_answer_to_this_request_counts() {
        let (request, mut message) = (query(7, &name("a.example"), TXT, false), answer());
        assert_eq!(is_whole_answer(&message, &request), Some(true));
        message[2] |= 2;
        assert_eq!(is_whole_answer(&message, &request), Some(false));
        message[1] = 8;
        assert_eq!(is_whole_answer(&message, &request), None);
        assert_eq!(is_whole_answer(&request, &request), None);
    }
}
