//! Why a text is not the certificate of a CA: one variant a cause.

use crate::pem::PemError;

/// Why a text is not a CA's certificate: whole sentences, shown where the certificate was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CaError {
    /// Damaged PEM.
    #[error("This is not a certificate in PEM form: {0}.")]
    Pem(#[from] PemError),
    /// No PEM block at all.
    #[error("There is no certificate in this text.")]
    NotPem,
    /// How many certificates there are.
    #[error("There are {0} certificates, but only one can be the issuer. Give only the CA's own.")]
    Several(usize),
    /// A request instead.
    #[error("This is a certificate signing request, not a certificate.")]
    Request,
    /// A private key, perhaps beside a certificate.
    #[error("This contains a private key, which is not needed here. Do not send it to anyone.")]
    PrivateKey,
    /// The label of another PEM block.
    #[error("This is a PEM block of the kind {0}, not a certificate.")]
    Other(String),
    /// The certificate does not parse.
    #[error("The certificate is damaged: it cannot be read.")]
    Damaged,
    /// Basic Constraints without CA.
    #[error("This is not a CA's certificate: its Basic Constraints do not allow it to sign certificates.")]
    NotCa,
}
