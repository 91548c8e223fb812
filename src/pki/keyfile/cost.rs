//! What opening a key file may cost at most.

/// PBKDF2 rounds that are run: more than three times those of our own exports, and seconds on a slow device.
pub const MAX_ROUNDS: u64 = 2_000_000;
/// Bytes of memory that scrypt may take, 128 * N * r. OpenSSL has the same bound for what it writes and opens.
pub const MAX_SCRYPT_MEMORY: u64 = 32 * 1024 * 1024;
/// Bytes that scrypt may take beyond it: a block of 128 * r for each of its `p` passes, and one more.
pub(crate) const MAX_SCRYPT_BLOCKS: u64 = 64 * 1024;
/// Bytes that scrypt may work through in all, 128 * N * r * p: `p` costs time alone. It takes about as long as
/// [`MAX_ROUNDS`] rounds of PBKDF2 with SHA-256.
pub const MAX_SCRYPT_WORK: u64 = 8 * MAX_SCRYPT_MEMORY;

/// Hashes that all derivations of one PKCS#12 file may take; a round of PBKDF2 is two for each block of a key. GnuTLS and Firefox
/// write 600,000 rounds
/// for the MAC and for each encrypted part, with up to three hashes each.
pub const MAX_HASHES: u64 = 8_000_000;

/// A key derivation that is refused before it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// PBKDF2 rounds, over [`MAX_ROUNDS`].
    Rounds(u64),
    /// Hashes of all derivations of a PKCS#12 file, over [`MAX_HASHES`].
    Hashes(u64),
    /// Bytes of scrypt memory, over [`MAX_SCRYPT_MEMORY`].
    Memory(u64),
    /// Bytes of scrypt memory, and how often it goes through them (its parallelization): together over [`MAX_SCRYPT_WORK`].
    Work {
        /// Bytes, within the bound.
        memory: u64,
        /// scrypt's `p`.
        passes: u64,
    },
}

impl Cost {
    /// True where OpenSSL opens the file: it has no bound on rounds, and refuses 32 MiB of scrypt memory and more.
    pub fn is_opened_by_openssl(self) -> bool {
        match self {
            Self::Rounds(_) | Self::Hashes(_) => true,
            Self::Memory(_) => false,
            Self::Work { memory, .. } => memory < MAX_SCRYPT_MEMORY,
        }
    }
}

/// What the file asks for, and what is allowed.
impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const MIB: u64 = 1024 * 1024;
        let (most_memory, most_work) = (MAX_SCRYPT_MEMORY / MIB, MAX_SCRYPT_WORK / MIB);
        match self {
            Self::Rounds(u64::MAX) => write!(f, "more rounds of PBKDF2 than can be counted; the most is {MAX_ROUNDS}"),
            Self::Rounds(rounds) => write!(f, "{rounds} rounds of PBKDF2; the most is {MAX_ROUNDS}"),
            Self::Hashes(hashes) => write!(f, "{hashes} hashes to derive its keys; the most is {MAX_HASHES}"),
            Self::Memory(u64::MAX) => {
                write!(f, "more memory for scrypt than can be counted; the most is {most_memory} MiB")
            }
            Self::Memory(bytes) => {
                write!(f, "{} MiB of memory for scrypt; the most is {most_memory} MiB", bytes.div_ceil(MIB))
            }
            Self::Work { memory, passes } => {
                let each = memory.div_ceil(MIB);
                write!(f, "{passes} passes of scrypt over {each} MiB; the most is {most_work} MiB in all")
            }
        }
    }
}
