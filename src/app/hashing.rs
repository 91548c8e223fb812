//! Slow hashes of passwords and codes, one at a time for the whole process.
//!
//! They are computed on one thread that stays: an allocator that keeps memory for each thread, as glibc's does, would
//! keep the 19 MiB of a hash for every thread that ever computed one. Knows neither who asks nor how often.

use super::{AppError, random};
use crate::secret::Secret;
use crate::store::Hashed;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};

/// RFC 9106's Argon2id with OWASP's first choice for small machines: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A PHC string (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`) with 16 random bytes of salt.
pub(super) fn hash(secret: &Secret) -> Result<Hashed, AppError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| AppError::PasswordHash)?;
    let salt = random::bytes::<16>()?;
    let secret = secret.clone();
    on_one_thread(move || {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let hash = argon2.hash_password_with_salt(secret.expose_secret(), &salt).map_err(|_| AppError::PasswordHash)?;
        Ok(Hashed::new(hash.to_string()))
    })
}

/// True when `kept` is the hash of `secret`. The costs come from the kept hash; they are bounded, so that a damaged file
/// cannot make the console compute for ever.
pub(super) fn verify(secret: &Secret, kept: &Hashed) -> Result<bool, AppError> {
    let parsed = PasswordHash::new(kept.as_str()).map_err(|_| AppError::PasswordHash)?;
    let params = Params::try_from(&parsed).map_err(|_| AppError::PasswordHash)?;
    if params.m_cost() > 4 * MEMORY_KIB || params.t_cost() > 16 || params.p_cost() > 4 {
        return Err(AppError::PasswordHash);
    }
    let (secret, kept) = (secret.clone(), kept.clone());
    on_one_thread(move || {
        let kept = PasswordHash::new(kept.as_str()).map_err(|_| AppError::PasswordHash)?;
        Ok(Argon2::default().verify_password(secret.expose_secret(), &kept).is_ok())
    })
}

type Work = Box<dyn FnOnce() + Send>;

/// Waits for the thread, which is started when it is not there, to do the work.
fn on_one_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    static THREAD: Mutex<Option<Sender<Work>>> = Mutex::new(None);
    let (told, outcome) = sync_channel(1);
    let work: Work = Box::new(move || {
        // Nobody waits any more only when the whole program ends.
        let _ = told.send(work());
    });
    let mut thread = THREAD.lock().unwrap_or_else(PoisonError::into_inner);
    let unsent = match thread.as_ref() {
        Some(sender) => sender.send(work).err().map(|unsent| unsent.0),
        None => Some(work),
    };
    if let Some(work) = unsent {
        let (sender, works) = channel::<Work>();
        let run = move || works.iter().for_each(|work| work());
        std::thread::Builder::new().name("hash".to_owned()).spawn(run).map_err(|_| AppError::PasswordHash)?;
        sender.send(work).map_err(|_| AppError::PasswordHash)?;
        *thread = Some(sender);
    }
    drop(thread);
    outcome.recv().map_err(|_| AppError::PasswordHash)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_verifies_its_secret_alone() {
        let kept = hash(&Secret::from("correct horse".to_owned())).unwrap();
        assert!(kept.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(&Secret::from("correct horse".to_owned()), &kept).unwrap());
        assert!(!verify(&Secret::from("correct house".to_owned()), &kept).unwrap());
    }

    #[test]
    fn a_hash_with_unreasonable_costs_is_refused() {
        let costly =
            "$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(matches!(
            verify(&Secret::from("any".to_owned()), &Hashed::new(costly.to_owned())),
            Err(AppError::PasswordHash)
        ));
    }
}
