//! Makes keys. Blocking, and for RSA slow: seconds on a small board.

use super::algorithm::{self, Maker};
use super::curve;
use super::private_key::{KeyError, PrivateKey};
use crate::domain::key_spec::KeySpec;
use crate::secret::Secret;
use ::rsa::pkcs1::EncodeRsaPrivateKey;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair};
use elliptic_curve::common::getrandom::SysRng;

/// A new key of the kind that `key` asks for.
///
/// # Errors
/// [`KeyError::Generation`] when the library or the kernel's generator fails; [`KeyError::Inconsistent`] when what was
/// made does not hold together, which would be a fault of the machine.
pub fn generate(key: KeySpec) -> Result<PrivateKey, KeyError> {
    let failed = || KeyError::Generation(algorithm::kind(key).label());
    match algorithm::maker(key) {
        Maker::AwsRsa(size) => {
            let pair = rsa::KeyPair::generate(size).map_err(|_| failed())?;
            PrivateKey::from_pkcs8(pair.as_der().map_err(|_| failed())?.as_ref())
        }
        Maker::AwsEc(curve) => {
            let pair = EcdsaKeyPair::generate(curve).map_err(|_| failed())?;
            PrivateKey::from_pkcs8(pair.to_pkcs8v1().map_err(|_| failed())?.as_ref())
        }
        Maker::AwsEd25519 => {
            let pair = Ed25519KeyPair::generate().map_err(|_| failed())?;
            PrivateKey::from_pkcs8(pair.to_pkcs8v1().map_err(|_| failed())?.as_ref())
        }
        Maker::RustRsa(bits) => {
            let pair = ::rsa::PrivateKey::new(&mut SysRng, bits).map_err(|_| failed())?;
            let der = pair.to_pkcs1_der().map_err(|_| failed())?;
            PrivateKey::from_pkcs1(der.as_bytes())
        }
        Maker::RustEc(name) => {
            let scalar: Secret = curve::make(name).ok_or_else(failed)?;
            PrivateKey::from_scalar(name, scalar.expose_secret(), None)
        }
    }
}
