//! Slow hashes of passwords and codes. Knows neither who asks nor how often.

use crate::{Failure, random};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use signet_domain::secret::Secret;
use signet_store::Hashed;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroize;

/// RFC 9106's Argon2id with OWASP's first choice for small machines: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
/// Bytes that a hash takes.
pub(super) const MEMORY: usize = MEMORY_KIB as usize * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Blocks (1 KiB) that are asked for; only those that are computed with are touched. From 32 MiB on glibc gives memory
/// back as soon as it is freed (mallopt(3), M_MMAP_THRESHOLD); below, each thread that hashed once would keep its own.
const ASKED: usize = 33 * 1024;

/// What takes tens of mebibytes is computed alone, so that only the largest of them has to fit.
static ALONE: Mutex<()> = Mutex::new(());

/// Waits until nothing else that takes much memory is computed.
pub(super) fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A PHC string (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`) with 16 random bytes of salt.
pub(crate) fn hash(secret: &Secret) -> Result<Hashed, Failure> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| Failure::PasswordHash)?;
    let salt = random::bytes::<16>()?;
    let hash = compute(secret, &salt, Algorithm::Argon2id, Version::V0x13, &params)?;
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| Failure::PasswordHash)?,
        salt: Some(Salt::new(&salt).map_err(|_| Failure::PasswordHash)?),
        hash: Some(hash),
    };
    Ok(Hashed::new(phc.to_string()))
}

/// True when `kept` is the hash of `secret`. The costs come from the kept hash; they are bounded, so that a damaged file
/// cannot make the console compute for ever.
pub(crate) fn verify(secret: &Secret, kept: &Hashed) -> Result<bool, Failure> {
    let damaged = || Failure::PasswordHash;
    let kept = PasswordHash::new(kept.as_str()).map_err(|_| damaged())?;
    let params = Params::try_from(&kept).map_err(|_| damaged())?;
    if params.m_cost() > 4 * MEMORY_KIB || params.t_cost() > 16 || params.p_cost() > 4 {
        return Err(damaged());
    }
    let algorithm = Algorithm::try_from(kept.algorithm.as_str()).map_err(|_| damaged())?;
    let version = kept.version.map_or(Ok(Version::default()), Version::try_from).map_err(|_| damaged())?;
    let (salt, hash) = kept.salt.zip(kept.hash).ok_or_else(damaged)?;
    // `Output` compares in constant time.
    Ok(compute(secret, salt.as_ref(), algorithm, version, &params)? == hash)
}

fn compute(
    secret: &Secret,
    salt: &[u8],
    algorithm: Algorithm,
    version: Version,
    params: &Params,
) -> Result<Output, Failure> {
    let _alone = alone();
    let mut memory = Vec::with_capacity(ASKED);
    memory.resize(params.block_count(), Block::new());
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    let out = out.get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)).ok_or(Failure::PasswordHash)?;
    let outcome = Argon2::new(algorithm, version, params.clone()).hash_password_into_with_memory(
        secret.expose_secret(),
        salt,
        out,
        memory.as_mut_slice(),
    );
    memory.iter_mut().for_each(Zeroize::zeroize);
    outcome.map_err(|_| Failure::PasswordHash)?;
    Output::new(out).map_err(|_| Failure::PasswordHash)
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
            Err(Failure::PasswordHash)
        ));
    }
}
