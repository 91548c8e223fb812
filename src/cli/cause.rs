//! Why a command fails: one table for every command, with the exit code and JSON's word for it.
//!
//! A cause has one code and one word, and means the same wherever it occurs. docs/reference.md and every `--help` have this
//! table. Which error has which cause is decided where the error is turned into lines ([`super::error`]).

use super::layout::wrapped;
use std::io::{Error, ErrorKind};

/// Where the last column of the table begins.
const COLUMN: usize = 25;

/// Why a command did not do what it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "Cause::when says what each one is")]
pub enum Cause {
    Usage,
    Refused,
    NotFound,
    Unavailable,
    Internal,
    CannotCreate,
    Io,
    Busy,
    Rights,
    Config,
    Exists,
    NotAnswered,
    Damaged,
    Newer,
    ReadOnlyOrFull,
    InUse,
    NotAllowed,
    NotReloaded,
}

impl Cause {
    /// All of them, by their codes.
    pub const ALL: [Self; 18] = [
        Self::Usage,
        Self::Refused,
        Self::NotFound,
        Self::Unavailable,
        Self::Internal,
        Self::CannotCreate,
        Self::Io,
        Self::Busy,
        Self::Rights,
        Self::Config,
        Self::Exists,
        Self::NotAnswered,
        Self::Damaged,
        Self::Newer,
        Self::ReadOnlyOrFull,
        Self::InUse,
        Self::NotAllowed,
        Self::NotReloaded,
    ];

    /// The exit code. Up to 78 they are those of sysexits(3); the others are Signet's own.
    pub const fn code(self) -> u8 {
        match self {
            Self::Usage => 64,
            Self::Refused => 65,
            Self::NotFound => 66,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::CannotCreate => 73,
            Self::Io => 74,
            Self::Busy => 75,
            Self::Rights => 77,
            Self::Config => 78,
            Self::Exists => 79,
            Self::NotAnswered => 80,
            Self::Damaged => 81,
            Self::Newer => 82,
            Self::ReadOnlyOrFull => 83,
            Self::InUse => 84,
            Self::NotAllowed => 85,
            Self::NotReloaded => 86,
        }
    }

    /// JSON's word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::NotFound => "not_found",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::CannotCreate => "cannot_create",
            Self::Io => "io",
            Self::Busy => "busy",
            Self::Rights => "rights",
            Self::Config => "config",
            Self::Exists => "exists",
            Self::NotAnswered => "not_answered",
            Self::Damaged => "damaged",
            Self::Newer => "newer",
            Self::ReadOnlyOrFull => "read_only_or_full",
            Self::InUse => "in_use",
            Self::NotAllowed => "not_allowed",
            Self::NotReloaded => "not_reloaded",
        }
    }

    /// When it occurs: for help and reference.
    pub const fn when(self) -> &'static str {
        match self {
            Self::Usage => "the command line is wrong, or a confirmation such as --yes is missing",
            Self::Refused => "a value, file or certificate is refused by a rule",
            Self::NotFound => "a request, file or data directory that was named does not exist",
            Self::Unavailable => {
                "an address cannot be listened on, no console runs, or a CA cannot be reached or is not trusted"
            }
            Self::Internal => "an internal error",
            Self::CannotCreate => {
                "a file cannot be made at that path: its folder is missing, or something else is there"
            }
            Self::Io => "reading or writing failed",
            Self::Busy => "another process holds the lock, or a CA needs time: try again",
            Self::Rights => "owners, modes or kinds of files do not allow it",
            Self::Config => "the configuration, the list of services or the settings of a CA are missing or wrong",
            Self::Exists => "a request, file, owner or device of that name exists already",
            Self::NotAnswered => "the request has no certificate yet",
            Self::Damaged => "a stored file or a backup is damaged",
            Self::Newer => "a stored file or a backup was written by a newer version",
            Self::ReadOnlyOrFull => "the partition is read-only or full, or a limit of the configuration is reached",
            Self::InUse => "the request is in use, and --force is missing",
            Self::NotAllowed => "the configuration of this device does not allow it",
            Self::NotReloaded => "a service or the console did not take over its new certificate",
        }
    }

    /// Of a file that was named and cannot be read.
    pub fn of_reading(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Self::NotFound,
            ErrorKind::PermissionDenied => Self::Rights,
            ErrorKind::FileTooLarge | ErrorKind::IsADirectory | ErrorKind::InvalidInput => Self::Refused,
            _ => Self::Io,
        }
    }

    /// Of a file that cannot be written, and of standard output.
    pub fn of_writing(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::AlreadyExists => Self::Exists,
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::InvalidFilename => {
                Self::CannotCreate
            }
            ErrorKind::PermissionDenied => Self::Rights,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem => Self::ReadOnlyOrFull,
            _ => Self::Io,
        }
    }
}

/// The table for the help of the program itself; `width` columns wide.
pub(super) fn table(width: usize) -> String {
    let mut table = format!("Exit codes, with the code of JSON errors:\n  0   {:<17}  it worked", "");
    for cause in Cause::ALL {
        let lines = wrapped(cause.when(), width.saturating_sub(COLUMN));
        let when = lines.join(&format!("\n{:COLUMN$}", ""));
        table.push_str(&format!("\n  {}  {:<17}  {when}", cause.code(), cause.word()));
    }
    table
}

/// The same in a few lines, for the help of a command.
pub(super) fn summary(program: &str, width: usize) -> String {
    let codes = Cause::ALL.map(|cause| format!("{} {}", cause.code(), cause.word()));
    wrapped(&format!("Exit codes of all commands (see {program} --help): 0, {}.", codes.join(", ")), width).join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_a_code_and_a_word_of_its_own() {
        let mut codes = Cause::ALL.map(Cause::code);
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
        assert_eq!(codes, Cause::ALL.map(Cause::code), "by their codes");
        let mut words = Cause::ALL.map(Cause::word);
        words.sort_unstable();
        assert!(words.windows(2).all(|pair| pair[0] < pair[1]), "{words:?}");
    }

    #[test]
    fn a_full_device_and_a_missing_folder_are_told_apart() {
        let of = |errno: rustix::io::Errno| Cause::of_writing(&Error::from(errno));
        use rustix::io::Errno;
        assert_eq!(of(Errno::NOSPC), Cause::ReadOnlyOrFull);
        assert_eq!(of(Errno::DQUOT), Cause::ReadOnlyOrFull);
        assert_eq!(of(Errno::ROFS), Cause::ReadOnlyOrFull);
        assert_eq!(of(Errno::NOENT), Cause::CannotCreate);
        assert_eq!(of(Errno::EXIST), Cause::Exists);
        assert_eq!(of(Errno::ACCESS), Cause::Rights);
        assert_eq!(of(Errno::IO), Cause::Io);
        assert_eq!(Cause::of_reading(&Error::from(Errno::NOENT)), Cause::NotFound);
        assert_eq!(Cause::of_reading(&Error::from(Errno::ACCESS)), Cause::Rights);
    }
}
