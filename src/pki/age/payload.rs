//! What follows the header: chunks of 64 KiB, each encrypted with a number and a mark of the last one, so that none can be left
//! out, moved or cut off unnoticed.

use super::{AgeError, Key};
use aws_lc_rs::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::io::{self, ErrorKind, Read, Write};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of the nonce that the payload begins with.
pub(super) const NONCE: usize = 16;
/// Bytes of a chunk, but the last one.
pub(super) const CHUNK: usize = 64 * 1024;
/// Bytes that encryption adds to a chunk.
pub(super) const TAG: usize = 16;

struct Cipher {
    key: LessSafeKey,
    chunk: u64,
}

impl Cipher {
    fn new(key: &Key) -> Result<Self, AgeError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_slice()).map_err(|_| AgeError::Library)?;
        Ok(Self { key: LessSafeKey::new(key), chunk: 0 })
    }

    /// The next chunk's nonce: its number in 11 bytes, and whether it is the last one.
    fn nonce(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        let [.., a, b, c, d, e, f, g, h, mark] = &mut nonce;
        for (place, byte) in [a, b, c, d, e, f, g, h].into_iter().zip(self.chunk.to_be_bytes()) {
            *place = byte;
        }
        *mark = u8::from(last);
        self.chunk += 1;
        Nonce::assume_unique_for_key(nonce)
    }
}

/// A file that is being written. It is whole only after [`Sealed::finish`].
pub struct Sealed<W> {
    out: W,
    cipher: Cipher,
    /// Plain text that has not made a chunk yet; it never grows.
    waiting: Zeroizing<Vec<u8>>,
}

impl<W: Write> Sealed<W> {
    pub(super) fn new(out: W, key: Key) -> Result<Self, AgeError> {
        Ok(Self { out, cipher: Cipher::new(&key)?, waiting: Zeroizing::new(Vec::with_capacity(CHUNK + TAG)) })
    }

    /// Writes the last chunk, and gives back what the file was written to.
    pub fn finish(mut self) -> Result<W, AgeError> {
        self.chunk(true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    pub(super) fn chunk(&mut self, last: bool) -> io::Result<()> {
        let nonce = self.cipher.nonce(last);
        self.cipher
            .key
            .seal_in_place_append_tag(nonce, Aad::empty(), &mut *self.waiting)
            .map_err(|_| io::Error::other(AgeError::Library))?;
        let written = self.out.write_all(&self.waiting);
        self.waiting.clear();
        written
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk is written when more comes: it may be the last one.
        if self.waiting.len() == CHUNK && !bytes.is_empty() {
            self.chunk(false)?;
        }
        let taken = bytes.get(..bytes.len().min(CHUNK - self.waiting.len())).unwrap_or_default();
        self.waiting.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file that is being read.
pub struct Opened<R> {
    file: R,
    cipher: Cipher,
    /// Plain text of the chunk that is read from, and how far it has been read.
    plain: Zeroizing<Vec<u8>>,
    at: usize,
    /// The byte behind a chunk of full size, which says whether that is the last one.
    ahead: Option<u8>,
    is_over: bool,
    /// A chunk did not verify, or could not be read: nothing more is given.
    has_failed: bool,
}

impl<R: Read> Opened<R> {
    pub(super) fn new(file: R, key: Key) -> Result<Self, AgeError> {
        let plain = Zeroizing::new(Vec::with_capacity(CHUNK + TAG));
        Ok(Self { file, cipher: Cipher::new(&key)?, plain, at: 0, ahead: None, is_over: false, has_failed: false })
    }

    /// Reads and verifies the next chunk.
    fn next(&mut self) -> Result<(), AgeError> {
        let is_first = self.cipher.chunk == 0;
        self.plain.zeroize();
        self.at = 0;
        self.plain.resize(CHUNK + TAG, 0);
        let mut length = 0;
        if let (Some(byte), Some(first)) = (self.ahead.take(), self.plain.first_mut()) {
            *first = byte;
            length = 1;
        }
        while let Some(room) = self.plain.get_mut(length..).filter(|room| !room.is_empty()) {
            match self.file.read(room) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.plain.truncate(length);
        if length == CHUNK + TAG {
            let mut byte = [0];
            let more = loop {
                match self.file.read(&mut byte) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    read => break read?,
                }
            };
            let [byte] = byte;
            self.ahead = (more == 1).then_some(byte);
        }
        let is_last = self.ahead.is_none();
        let number = self.cipher.chunk;
        let nonce = self.cipher.nonce(is_last);
        // A copy, to tell a file that ends after a whole chunk from one that was changed.
        let copy = is_last.then(|| Zeroizing::new(self.plain.to_vec()));
        let opened = self.cipher.key.open_in_place(nonce, Aad::empty(), &mut self.plain).map(|plain| plain.len());
        let Ok(length) = opened else { return Err(self.why(number, copy)) };
        if length == 0 && !is_first {
            return Err(AgeError::Damaged);
        }
        self.plain.truncate(length);
        self.is_over = is_last;
        Ok(())
    }

    /// Why what seems to be the last chunk does not open: the file ends too soon where it is whole as another one, or not whole.
    fn why(&mut self, number: u64, last: Option<Zeroizing<Vec<u8>>>) -> AgeError {
        let Some(mut last) = last else { return AgeError::Damaged };
        if last.len() < TAG {
            return AgeError::Cut;
        }
        self.cipher.chunk = number;
        let nonce = self.cipher.nonce(false);
        let is_another = self.cipher.key.open_in_place(nonce, Aad::empty(), &mut last).is_ok();
        if is_another { AgeError::Cut } else { AgeError::Damaged }
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.has_failed {
            return Err(io::Error::other(AgeError::Damaged));
        }
        while self.at == self.plain.len() && !self.is_over {
            if let Err(error) = self.next() {
                self.has_failed = true;
                self.plain.zeroize();
                self.at = 0;
                return Err(match error {
                    AgeError::Io(error) => error,
                    error => io::Error::other(error),
                });
            }
        }
        let rest = self.plain.get(self.at..).unwrap_or_default();
        let count = rest.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

impl<W> std::fmt::Debug for Sealed<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl<R> std::fmt::Debug for Opened<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Opened(..)")
    }
}
