//! Makes keys. Blocking, and for RSA slow: seconds on a small board.

use super::algorithm::{self, Maker};
use super::curve;
use super::key_error::KeyError;
use super::ml_dsa;
use super::private_key::PrivateKey;
use ::rsa::pkcs1::EncodeRsaPrivateKey;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair};
use elliptic_curve::common::getrandom::SysRng;
use signet_domain::key_spec::KeySpec;
use signet_domain::secret::Secret;
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// Searches that run side by side at most.
const MOST_SEARCHES: usize = 4;

/// A new key of the kind that `key` asks for.
///
/// # Errors
/// [`KeyError::Generation`] when the library or the kernel's generator fails; [`KeyError::Inconsistent`] when what was
/// made does not hold together, which would be a fault of the machine. On NIST's curves and secp256k1 that is seen by the key's
/// first signature.
pub fn generate(key: KeySpec) -> Result<PrivateKey, KeyError> {
    let failed = || KeyError::Generation(key.kind().label());
    match algorithm::maker(key) {
        Maker::AwsRsa(size) => PrivateKey::from_made(rsa::KeyPair::generate(size).map_err(|_| failed())?),
        Maker::AwsEc(curve, algorithm) => {
            PrivateKey::from_made_on(curve, EcdsaKeyPair::generate(algorithm).map_err(|_| failed())?)
        }
        Maker::AwsEd25519 => {
            let pair = Ed25519KeyPair::generate().map_err(|_| failed())?;
            PrivateKey::from_pkcs8(pair.to_pkcs8v1().map_err(|_| failed())?.as_ref())
        }
        Maker::AwsMlDsa(set) => PrivateKey::from_pkcs8(ml_dsa::generate(set).ok_or_else(failed)?.as_ref()),
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

/// As [`generate`], for somebody who waits at a command: RSA primes are looked for by a thread for each core, four at
/// most, and the first key counts. How long a search takes says nothing of what it finds, for each candidate is drawn anew
/// (FIPS 186-5, A.1.3). The searches beside the first give way to all others. Those that come late end with the process, or
/// later unheard, so this is for processes that end soon.
///
/// # Errors
/// As [`generate`].
pub fn generate_soon(key: KeySpec) -> Result<PrivateKey, KeyError> {
    let Maker::AwsRsa(size) = algorithm::maker(key) else { return generate(key) };
    let searches = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_SEARCHES);
    let race = Arc::new(Race::default());
    let searching = (0..searches).take_while(|number| race.begin(size, *number > 0)).count();
    match race.first(searching) {
        Some(pair) => PrivateKey::from_made(pair),
        // No thread could be had, or the library fails.
        None => generate(key),
    }
}

/// Searches for one key.
#[derive(Default)]
struct Race {
    /// How many have ended, and the first key.
    ends: Mutex<(usize, Option<rsa::KeyPair>)>,
    ended: Condvar,
}

impl Race {
    /// False where no thread can be had.
    fn begin(self: &Arc<Self>, size: rsa::KeySize, gives_way: bool) -> bool {
        let race = Arc::clone(self);
        let search = move || {
            if gives_way {
                // Of this thread alone, on Linux.
                let _ = rustix::process::setpriority_process(None, 10);
            }
            let made = rsa::KeyPair::generate(size).ok();
            let mut ends = race.ends.lock().unwrap_or_else(PoisonError::into_inner);
            ends.0 += 1;
            // One that comes late is zeroized by the library when it is dropped.
            if ends.1.is_none() {
                ends.1 = made;
            }
            race.ended.notify_one();
        };
        thread::Builder::new().name("search".to_owned()).spawn(search).is_ok()
    }

    /// Waits for the first of so many; none when all of them failed.
    fn first(&self, searching: usize) -> Option<rsa::KeyPair> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let goes_on = |ends: &mut (usize, Option<rsa::KeyPair>)| ends.1.is_none() && ends.0 < searching;
        self.ended.wait_while(ends, goes_on).unwrap_or_else(PoisonError::into_inner).1.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::try_out;
    use signet_domain::key_spec::{Digest, RsaBits};

    #[test]
    fn the_first_of_several_searches_gives_a_key_that_signs() {
        let key = generate_soon(KeySpec::Rsa(RsaBits::B2048, Digest::Sha256)).unwrap();
        assert_eq!(key.kind(), crate::key_kind::KeyKind::Rsa { bits: 2048 });
        try_out(&key).unwrap();
        assert_eq!(PrivateKey::from_pkcs8(key.pkcs8().expose_secret()).unwrap().spki_der(), key.spki_der());
    }

    #[test]
    fn searches_that_all_failed_give_none_and_one_that_failed_is_waited_past() {
        let race = Race::default();
        assert!(race.first(0).is_none());
        race.ends.lock().unwrap().0 = 2;
        assert!(race.first(2).is_none());
        let race = Arc::new(Race::default());
        race.ends.lock().unwrap().0 = 1;
        assert!(race.begin(rsa::KeySize::Rsa2048, true));
        assert!(race.first(2).is_some());
    }
}
