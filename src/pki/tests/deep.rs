//! Files in which elements are nested without end: each reader of what others wrote ends, on a stack that is smaller than the file.

use crate::answer::read_beside_key;
use crate::asn1::push_header;
use crate::certificate::Certificate;
use crate::certified_key;
use crate::import::{Source, read_key, read_request};
use crate::inspect::inspect;
use crate::keyfile::KeyFile;
use crate::pkcs12::read::Pkcs12File;
use std::thread;
use zeroize::Zeroizing;

const DEPTH: usize = 20_000;
/// Bytes: not enough for a call for each level.
const STACK: usize = 512 * 1024;

/// Elements of this identifier, each in the one before it.
fn nested(identifier: u8) -> Vec<u8> {
    // From the inside, turned around: an element in front of others would move them each time.
    let mut turned = Vec::new();
    for _ in 0..DEPTH {
        let mut header = Vec::new();
        push_header(identifier, turned.len(), &mut header);
        turned.extend(header.iter().rev());
    }
    turned.reverse();
    turned
}

/// The same without lengths, with all ends and with none.
fn indefinite(identifier: u8) -> [Vec<u8>; 2] {
    let open = [identifier, 0x80].repeat(DEPTH);
    [[open.clone(), vec![0; 2 * DEPTH]].concat(), open]
}

fn sequence(content: &[u8]) -> Vec<u8> {
    let mut der = Vec::new();
    push_header(0x30, content.len(), &mut der);
    der.extend(content);
    der
}

fn read_by_all(bytes: &[u8]) {
    let source = || Source { paste: None, file: Some(bytes) };
    let _ = Pkcs12File::read(bytes).and_then(|file| file.opening(None).map(drop));
    let _ = read_beside_key(bytes);
    let _ = Certificate::read(bytes);
    let _ = KeyFile::from_der(Zeroizing::new(bytes.to_vec())).open(None);
    let _ = read_request(source());
    let _ = read_key(source(), None, None);
    let _ = inspect(bytes);
    let _ = certified_key::find(source(), Source::default()).and_then(|found| found.opening(None).map(drop));
}

#[test]
fn elements_nested_without_end_end_every_reader() {
    let work = || {
        let mut read = 0;
        for identifier in [0x24, 0x30, 0x31, 0xa0, 0xa3] {
            for deep in [nested(identifier)].into_iter().chain(indefinite(identifier)) {
                let pkcs12 = sequence(&[&[2, 1, 3][..], &deep].concat());
                let signed = sequence(&[&sequence(&deep)[..], &sequence(&deep), &[3, 1, 0]].concat());
                for bytes in [&deep, &pkcs12, &signed] {
                    read_by_all(bytes);
                    read += 1;
                }
            }
        }
        read
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    assert_eq!(thread.join().expect("it ends"), 45);
}
