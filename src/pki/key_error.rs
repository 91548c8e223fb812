//! Why bytes are not a private key, or why none could be made.

use super::rsa_numbers::RSA_MAX_BITS;
use der::asn1::ObjectIdentifier;

/// Why bytes are not a private key of ours, or why none could be made. Never holds a part of the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not DER, or not what its algorithm says.
    #[error("the private key is damaged or is not PKCS#8")]
    Malformed,
    /// A kind of key that we do not know.
    #[error("the private key's algorithm {0} is not supported")]
    UnknownAlgorithm(ObjectIdentifier),
    /// A curve that we do not know.
    #[error("the private key's curve {0} is not supported")]
    UnknownCurve(ObjectIdentifier),
    /// A curve written out as numbers.
    #[error("the private key's curve is given by numbers instead of its name")]
    UnnamedCurve,
    /// RSA with more than two primes (RFC 8017 A.1.2, version 1).
    #[error("RSA keys of more than two primes are not supported")]
    MultiPrime,
    /// RSA, longer than [`RSA_MAX_BITS`].
    #[error("RSA keys of {0} bits are too long: the limit is {RSA_MAX_BITS}")]
    TooLong(u32),
    /// RSA with a public exponent that is even, 1, or too long to be used.
    #[error("the RSA key has an unsupported public exponent")]
    Exponent,
    /// ML-DSA in a form that programs wrote before RFC 9881.
    #[error("the ML-DSA key has a form from before RFC 9881")]
    MlDsaForm,
    /// An ML-DSA key that is neither a seed nor an expanded key, or one of another length.
    #[error("the ML-DSA key is neither a seed nor an expanded key of the right length")]
    MlDsaLength,
    /// Its parts contradict each other.
    #[error("the parts of the private key do not belong together")]
    Inconsistent,
    /// The library or the kernel's generator failed.
    #[error("the {0} key could not be made")]
    Generation(String),
}
