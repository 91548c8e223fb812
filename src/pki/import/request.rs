//! A PKCS#10 request taken apart (RFC 2986 section 4.1), and its signature verified over the bytes as they came.

use super::ImportRefusal;
use crate::pki::keyfile::algorithm_name;
use crate::pki::pem;
use crate::pki::public_key::{PublicKey, PublicKeyError};
use crate::pki::verify::{VerifyError, verify};
use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Reader, SliceReader};
use spki::AlgorithmIdentifierRef;
use x509_cert::request::CertReq;

/// A request whose own signature is good.
pub struct ReadRequest {
    der: Vec<u8>,
    public_key: PublicKey,
}

/// The parts that a signature needs, as they lie in the request.
struct Parts<'a> {
    /// CertificationRequestInfo, tag and length included: what is signed.
    info: &'a [u8],
    /// SubjectPublicKeyInfo, tag and length included.
    spki: &'a [u8],
    version: u8,
    algorithm: AlgorithmIdentifierRef<'a>,
    signature: &'a [u8],
}

impl ReadRequest {
    /// Reads a request and verifies its signature with the key inside.
    pub(super) fn verify(der: Vec<u8>) -> Result<Self, ImportRefusal> {
        let public_key = checked(&der)?;
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

fn checked(der: &[u8]) -> Result<PublicKey, ImportRefusal> {
    const STRUCTURE: ImportRefusal = ImportRefusal::RequestDamaged("its structure cannot be read");
    let parts = parts(der).map_err(|_| STRUCTURE)?;
    if parts.version != 0 {
        return Err(ImportRefusal::RequestDamaged("its version does not exist"));
    }
    // The key first: an algorithm that is not known should not be called a damaged signature.
    let public_key = PublicKey::from_spki(parts.spki)?;
    verify(parts.spki, &parts.algorithm, parts.info, parts.signature)?;
    // What is shown later must be readable now.
    CertReq::from_der(der).map_err(|_| STRUCTURE)?;
    Ok(public_key)
}

fn parts(der: &[u8]) -> der::Result<Parts<'_>> {
    AnyRef::from_der(der)?.sequence(|outer| {
        let info = outer.tlv_bytes()?;
        let algorithm = AlgorithmIdentifierRef::decode(outer)?;
        let signature = BitStringRef::decode(outer)?.as_bytes().ok_or_else(|| der::Tag::BitString.value_error())?;
        let mut inner = SliceReader::new(AnyRef::from_der(info)?.value())?;
        let version = u8::decode(&mut inner)?;
        inner.tlv_bytes()?;
        let spki = inner.tlv_bytes()?;
        Ok(Parts { info, spki, version, algorithm, signature })
    })
}

impl From<PublicKeyError> for ImportRefusal {
    fn from(error: PublicKeyError) -> Self {
        match error {
            PublicKeyError::Malformed => Self::RequestDamaged("its public key cannot be read"),
            PublicKeyError::UnknownAlgorithm(oid) | PublicKeyError::UnknownCurve(oid) => {
                Self::RequestAlgorithm(algorithm_name(oid))
            }
            PublicKeyError::UnnamedCurve => Self::RequestExplicitCurve,
        }
    }
}

impl From<VerifyError> for ImportRefusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Key(error) => error.into(),
            VerifyError::Unreasonable => Self::RequestKeyUnreasonable,
            VerifyError::UnknownSignature(oid) => Self::RequestAlgorithm(algorithm_name(oid)),
            VerifyError::Damaged => Self::SignatureDamaged,
        }
    }
}
