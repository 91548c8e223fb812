//! A request whose own signature is verified over the bytes as they came.

use super::error::ImportRefusal;
use crate::inspect::{InspectError, inspect, verify_signature};
use crate::keyfile::algorithm_name;
use crate::pem;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::verify::VerifyError;

/// A request whose own signature is good.
pub struct ReadRequest {
    der: Vec<u8>,
    public_key: PublicKey,
}

impl ReadRequest {
    /// Reads a request and verifies its signature with the key inside.
    pub(super) fn verify(der: Vec<u8>) -> Result<Self, ImportRefusal> {
        // What is shown later must be readable now.
        let inspected = inspect(&der)?;
        // The key before the signature: a kind that is not known should not be called damaged.
        let public_key = PublicKey::from_spki(&inspected.spki_der)?;
        verify_signature(&der)?;
        Ok(Self { der, public_key })
    }

    /// The bytes as they came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The same as PEM: what an uploaded request comes back as after a mistake elsewhere.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der).to_string()
    }

    /// The public key in it.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    pub(super) fn into_der(self) -> Vec<u8> {
        self.der
    }
}

impl From<InspectError> for ImportRefusal {
    fn from(error: InspectError) -> Self {
        match error {
            InspectError::TooLong(_) => Self::RequestTooLarge,
            InspectError::NotARequest => Self::RequestDamaged("structure"),
            InspectError::Damaged(part) => Self::RequestDamaged(part),
        }
    }
}

impl From<PublicKeyError> for ImportRefusal {
    fn from(error: PublicKeyError) -> Self {
        match error {
            PublicKeyError::Malformed => Self::RequestDamaged("public key"),
            PublicKeyError::UnknownAlgorithm(oid) | PublicKeyError::UnknownCurve(oid) => {
                Self::RequestKeyAlgorithm(algorithm_name(oid))
            }
            PublicKeyError::UnnamedCurve => Self::RequestExplicitCurve,
        }
    }
}

impl From<VerifyError> for ImportRefusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Key(error) => error.into(),
            VerifyError::RsaLength(bits) => Self::RequestRsaLength(bits),
            VerifyError::RsaExponent => Self::RequestRsaExponent,
            VerifyError::UnknownSignature(oid) => Self::RequestAlgorithm(algorithm_name(oid)),
            VerifyError::Damaged => Self::SignatureDamaged,
        }
    }
}
