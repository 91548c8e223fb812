//! Why an import is refused: one variant a cause. The sentences for each are in `messages`.

use crate::keyfile::KeyFileError;
use crate::keyfile::kind::Kind;
use crate::pem::PemError;

impl ImportRefusal {
    /// True for what is wrong with the kind of key: request and key then have one cause.
    pub fn is_kind_of_key(&self) -> bool {
        match self {
            Self::RequestKeyAlgorithm(_)
            | Self::RequestExplicitCurve
            | Self::RequestRsaLength(_)
            | Self::RequestRsaExponent => true,
            Self::Key(error) => matches!(
                error,
                KeyFileError::Algorithm(_)
                    | KeyFileError::Curve(_)
                    | KeyFileError::ExplicitCurve
                    | KeyFileError::RsaTooShort(_)
                    | KeyFileError::RsaTooLong(_)
                    | KeyFileError::RsaExponent
            ),
            _ => false,
        }
    }
}

/// One reason for which an import is refused. [`ImportRefusal::invalid`] gives its field and its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// Neither text nor file.
    #[error("no certificate request was given")]
    NoRequest,
    /// More than [`MAX_INPUT`](crate::pem::MAX_INPUT) bytes.
    #[error("the certificate request is too large")]
    RequestTooLarge,
    /// The PEM around it.
    #[error("the certificate request's PEM is damaged: {0}")]
    RequestPem(PemError),
    /// Something else, named where possible.
    #[error("not a certificate request but {}", .0.name().unwrap_or("something unknown"))]
    NotARequest(Kind),
    /// Two requests that are not the same, in one text or file.
    #[error("two certificate requests were given")]
    TwoRequests,
    /// The file has another request than the text.
    #[error("the certificate request's file and text differ")]
    RequestsDiffer,
    /// Which part of it cannot be read.
    #[error("the certificate request's {0} cannot be read")]
    RequestDamaged(&'static str),
    /// A key or a curve that is not supported.
    #[error("the certificate request has a key of the kind {0}, which is not supported")]
    RequestKeyAlgorithm(String),
    /// A signature that is not supported.
    #[error("the certificate request is signed by {0}, which is not supported")]
    RequestAlgorithm(String),
    /// Its curve is written out as numbers.
    #[error("the certificate request describes its curve by numbers")]
    RequestExplicitCurve,
    /// Bits of its RSA key, fewer than 1024 or more than 8192.
    #[error("the certificate request's RSA key has {0} bits")]
    RequestRsaLength(u32),
    /// Its RSA key has a public exponent that is even, 1, or too long beside its modulus.
    #[error("the certificate request's RSA key has an unsupported public exponent")]
    RequestRsaExponent,
    /// Its signature is not its own key's over its own bytes.
    #[error("the certificate request's signature does not verify")]
    SignatureDamaged,
    /// Neither text nor file.
    #[error("no private key was given")]
    NoKey,
    /// More than [`MAX_INPUT`](crate::pem::MAX_INPUT) bytes.
    #[error("the private key is too large")]
    KeyTooLarge,
    /// The PEM around it.
    #[error("the private key's PEM is damaged: {0}")]
    KeyPem(PemError),
    /// Something else, named where possible.
    #[error("not a private key but {}", .0.name().unwrap_or("something unknown"))]
    NotAKey(Kind),
    /// Two keys that are not the same, in one text or file.
    #[error("two private keys were given")]
    TwoKeys,
    /// The file has another key than the text.
    #[error("the private key's file and text differ")]
    KeysDiffer,
    /// The two passphrases are not the same.
    #[error("the passphrases differ")]
    PassphrasesDiffer,
    /// The key file itself.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The request's public key is another's.
    #[error("the private key belongs to another request")]
    KeyOfAnotherRequest,
}
