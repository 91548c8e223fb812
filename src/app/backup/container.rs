//! What is inside of a backup: a line of JSON that says what it is, then parts, each a line of JSON and the bytes that it announces,
//! and a last line that says that nothing is missing.
//!
//! ```text
//! {"signet_backup":1,"made":"2026-11-29T07:31:40Z","program":"0.1.0"}
//! {"kind":"request","name":"nas","length":3021}
//! <3021 bytes: the file csrs/nas.pem><newline>
//! {"kind":"end","parts":1}
//! ```
//!
//! Every length is bounded before it is read.

use super::error::BackupError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_domain::visible;
use signet_pki::age::AgeError;
use signet_store::MAX_FILE;
use std::io::{self, ErrorKind, Read, Write};
use zeroize::Zeroizing;

/// The version of the format that this program writes and reads.
const VERSION: u64 = 1;
/// The longest line, bytes.
const LINE: usize = 1024;
/// The largest part but a request, bytes.
const SMALL: usize = 64 * 1024;

/// The first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Head {
    signet_backup: u64,
    /// When it was made, by the clock of the device that it was made on.
    pub(super) made: Timestamp,
    program: String,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A request's file.
    Request(CsrName),
    /// The owner: a hash of the password, and since when it is in force.
    Owner,
    /// `signet.toml` of the data directory.
    Settings,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parts: Option<u64>,
}

/// A backup that is being written.
pub(super) struct Writer<W> {
    out: W,
    parts: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(out: W, made: Timestamp) -> Result<Self, BackupError> {
        let mut writer = Self { out, parts: 0 };
        writer.line(&Head { signet_backup: VERSION, made, program: env!("CARGO_PKG_VERSION").to_owned() })?;
        Ok(writer)
    }

    pub(super) fn part(&mut self, kind: &Kind, bytes: &[u8]) -> Result<(), BackupError> {
        let (kind, name) = match kind {
            Kind::Request(name) => ("request", Some(name.to_string())),
            Kind::Owner => ("owner", None),
            Kind::Settings => ("settings", None),
        };
        self.line(&Line { kind: kind.to_owned(), name, length: Some(bytes.len()), parts: None })?;
        self.out.write_all(bytes).and_then(|()| self.out.write_all(b"\n")).map_err(of_io)?;
        self.parts += 1;
        Ok(())
    }

    /// Writes the last line, and gives back what was written to.
    pub(super) fn end(mut self) -> Result<W, BackupError> {
        let parts = Some(self.parts);
        self.line(&Line { kind: "end".to_owned(), name: None, length: None, parts })?;
        Ok(self.out)
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), BackupError> {
        // Strings and numbers: serialisation has nothing to fail at.
        let json = serde_json::to_vec(value).unwrap_or_default();
        self.out.write_all(&json).and_then(|()| self.out.write_all(b"\n")).map_err(of_io)
    }
}

/// A backup that is being read.
pub(super) struct Reader<R> {
    file: R,
    pub(super) head: Head,
    parts: u64,
}

impl<R: Read> Reader<R> {
    pub(super) fn new(mut file: R) -> Result<Self, BackupError> {
        #[derive(Deserialize)]
        struct Version {
            signet_backup: u64,
        }
        let line = line(&mut file).map_err(|error| match error {
            error @ (BackupError::Age(_) | BackupError::Cut) => error,
            _ => BackupError::NotABackup,
        })?;
        let Version { signet_backup } = serde_json::from_slice(&line).map_err(|_| BackupError::NotABackup)?;
        if signet_backup > VERSION {
            return Err(BackupError::Newer(signet_backup));
        }
        let head = serde_json::from_slice(&line).map_err(|_| BackupError::NotABackup)?;
        Ok(Self { file, head, parts: 0 })
    }

    /// The next part; none at the end, behind which nothing is.
    pub(super) fn next(&mut self) -> Result<Option<(Kind, Secret)>, BackupError> {
        let damaged = |what: &str| BackupError::Damaged(what.to_owned());
        let line: Line =
            serde_json::from_slice(&line(&mut self.file)?).map_err(|_| damaged("a line in it does not read"))?;
        let kind = match (line.kind.as_str(), line.name) {
            ("end", None) => {
                if line.parts != Some(self.parts) || line.length.is_some() {
                    return Err(damaged("it has not as many parts as it says"));
                }
                let mut byte = [0];
                return match self.file.read(&mut byte).map_err(of_io)? {
                    0 => Ok(None),
                    _ => Err(damaged("something is behind its end")),
                };
            }
            ("request", Some(name)) => Kind::Request(CsrName::parse(&name).map_err(|_| {
                BackupError::Damaged(format!("it has a request named {}", visible::bounded(&name, visible::VALUE)))
            })?),
            ("owner", None) => Kind::Owner,
            ("settings", None) => Kind::Settings,
            _ => return Err(damaged("it has a part that is not known")),
        };
        let most = if matches!(kind, Kind::Request(_)) { MAX_FILE } else { SMALL };
        let length = line.length.filter(|length| *length <= most && line.parts.is_none());
        let length = length.ok_or_else(|| damaged("a part in it is too large"))?;
        let mut bytes = Zeroizing::new(vec![0; length]);
        let mut newline = [0];
        self.file.read_exact(&mut bytes).and_then(|()| self.file.read_exact(&mut newline)).map_err(of_io)?;
        if newline != [b'\n'] {
            return Err(damaged("a part in it is longer than it says"));
        }
        self.parts += 1;
        Ok(Some((kind, bytes.into())))
    }
}

/// A line without its end.
fn line(file: &mut impl Read) -> Result<Vec<u8>, BackupError> {
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        file.read_exact(&mut byte).map_err(of_io)?;
        match byte {
            [b'\n'] => return Ok(line),
            _ if line.len() == LINE => return Err(BackupError::Damaged("a line in it is too long".to_owned())),
            _ => line.extend_from_slice(&byte),
        }
    }
}

/// What the encrypted file says comes by way of the operating system's error.
fn of_io(error: io::Error) -> BackupError {
    match error.downcast::<AgeError>() {
        Ok(error) => error.into(),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => BackupError::Cut,
        Err(error) => AgeError::Io(error).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parts: &[(Kind, &[u8])]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), Timestamp::UNIX_EPOCH).unwrap();
        parts.iter().for_each(|(kind, bytes)| writer.part(kind, bytes).unwrap());
        writer.end().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<(Kind, Vec<u8>)>, BackupError> {
        let mut reader = Reader::new(bytes)?;
        let mut parts = Vec::new();
        while let Some((kind, bytes)) = reader.next()? {
            parts.push((kind, bytes.expose_secret().to_vec()));
        }
        Ok(parts)
    }

    #[test]
    fn parts_are_read_back_and_none_may_be_cut_off_or_added() {
        let name = CsrName::parse("nas").unwrap();
        let parts = [(Kind::Request(name), b"one\n{".as_slice()), (Kind::Settings, b""), (Kind::Owner, b"{}")];
        let file = written(&parts);
        let expected: Vec<_> = parts.iter().map(|(kind, bytes)| (kind.clone(), bytes.to_vec())).collect();
        assert_eq!(read(&file).unwrap(), expected);
        for cut in 0..file.len() {
            assert!(matches!(read(&file[..cut]), Err(BackupError::Cut)), "{cut}");
        }
        assert!(matches!(read(&[&file[..], b"\n"].concat()), Err(BackupError::Damaged(_))));
    }

    #[test]
    fn what_is_no_backup_or_too_much_is_refused_before_it_is_read() {
        let file = String::from_utf8(written(&[(Kind::Settings, b"abc")])).unwrap();
        for (from, to, wanted) in [
            ("\"signet_backup\":1", "\"signet_backup\":2", "newer version of Signet (format 2)"),
            ("signet_backup", "other", "not a backup"),
            ("\"length\":3", "\"length\":65537", "too large"),
            ("\"length\":3", "\"length\":2", "longer than it says"),
            ("\"length\":3", "\"length\":-1", "does not read"),
            ("settings", "identity", "not known"),
            ("\"kind\":\"settings\"", "\"kind\":\"request\",\"name\":\"../owner\"", "a request named"),
            ("\"kind\":\"settings\"", "\"kind\":\"settings\",\"more\":1", "does not read"),
            ("\"parts\":1", "\"parts\":2", "as many parts"),
        ] {
            let error = read(file.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
            assert!(error.contains(wanted), "{to}: {error}");
        }
        assert!(matches!(read(&[b' '; 5000]), Err(BackupError::NotABackup)));
    }
}
