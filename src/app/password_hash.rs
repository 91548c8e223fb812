//! Slow hashes of passwords and codes. Knows neither who asks nor how often.

use crate::{Failure, random};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use signet_domain::invalid::Invalid;
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

/// What a hash is computed in; zeroized when it is dropped. Kept from one hash to the next where many are computed: to get
/// it from the kernel and to fill and clear it takes a sixth of the time of each.
#[derive(Default)]
pub(crate) struct Memory(Vec<Block>);

impl Memory {
    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            *self = Self(Vec::with_capacity(ASKED.max(count)));
            self.0.resize(count, Block::new());
        }
        &mut self.0
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // Only what was touched: `Vec::zeroize` clears what was asked for.
        self.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// A PHC string (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`) with 16 random bytes of salt.
pub(crate) fn hash(secret: &Secret) -> Result<Hashed, Failure> {
    let _alone = alone();
    let mut memory = Memory::default();
    hash_in(&mut memory, secret)
}

/// The same in memory that the caller keeps. Others may compute meanwhile, each with its own.
pub(crate) fn hash_in(memory: &mut Memory, secret: &Secret) -> Result<Hashed, Failure> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| Failure::PasswordHash)?;
    let salt = random::bytes::<16>()?;
    let hash = compute(memory, secret, &salt, &Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone()))?;
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
    let _alone = alone();
    let mut memory = Memory::default();
    // `Output` compares in constant time.
    Ok(compute(&mut memory, secret, salt.as_ref(), &Argon2::new(algorithm, version, params))? == hash)
}

/// Bounds of a hash that was made elsewhere ([`accepted`]): the memory that this console counts on, and a work no smaller than
/// OWASP's cheapest choice (7 MiB, 5 passes).
const OTHERS_MEMORY_KIB: std::ops::RangeInclusive<u32> = 7168..=MEMORY_KIB;
const OTHERS_PASSES: std::ops::RangeInclusive<u32> = 1..=16;
const OTHERS_LANES: std::ops::RangeInclusive<u32> = 1..=4;
const OTHERS_LEAST_WORK: u32 = 7168 * 5;
const OTHERS_SALT: std::ops::RangeInclusive<usize> = 16..=48;
const OTHERS_OUTPUT: std::ops::RangeInclusive<usize> = 16..=Params::DEFAULT_OUTPUT_LEN;

/// A hash that was made elsewhere, at the field `hash_stdin`: what [`verify`] takes, and neither weaker nor costlier than what
/// this console makes.
pub(crate) fn accepted(text: &str) -> Result<Hashed, Invalid> {
    let refused = |what: String| {
        let fix = format!("Make one with Argon2id, {MEMORY_KIB} KiB, {PASSES} passes and {LANES} lane.");
        Invalid::new("hash_stdin", what, fix)
    };
    let no_hash = || refused("This is not a hash as a PHC string ($argon2id$v=19$m=…,t=…,p=…$salt$hash).".to_owned());
    let phc = PasswordHash::new(text).map_err(|_| no_hash())?;
    if phc.algorithm.as_str() != Algorithm::Argon2id.ident().as_str() || phc.version != Some(Version::V0x13.into()) {
        return Err(refused("The hash is not Argon2id of version 19.".to_owned()));
    }
    let params = Params::try_from(&phc).map_err(|_| no_hash())?;
    let (salt, output) = phc.salt.as_ref().zip(phc.hash.as_ref()).ok_or_else(no_hash)?;
    // None by default, and no key or data, which would be needed to verify it.
    let names: Vec<&str> = phc.params.as_str().split(',').filter_map(|one| one.split('=').next()).collect();
    if names != ["m", "t", "p"] {
        return Err(refused("The hash must have the parameters m, t and p, and no others.".to_owned()));
    }
    let sizes = [
        ("memory (m, KiB)", OTHERS_MEMORY_KIB.contains(&params.m_cost()), format!("{OTHERS_MEMORY_KIB:?}")),
        ("passes (t)", OTHERS_PASSES.contains(&params.t_cost()), format!("{OTHERS_PASSES:?}")),
        ("lanes (p)", OTHERS_LANES.contains(&params.p_cost()), format!("{OTHERS_LANES:?}")),
        ("salt, in bytes,", OTHERS_SALT.contains(&salt.as_ref().len()), format!("{OTHERS_SALT:?}")),
        ("hash, in bytes,", OTHERS_OUTPUT.contains(&output.as_ref().len()), format!("{OTHERS_OUTPUT:?}")),
    ];
    if let Some((name, _, bounds)) = sizes.iter().find(|(_, fits, _)| !fits) {
        return Err(refused(format!("The {name} must be from {}.", bounds.replace("..=", " to "))));
    }
    if params.m_cost().saturating_mul(params.t_cost()) < OTHERS_LEAST_WORK {
        return Err(refused(format!("Memory times passes must be {OTHERS_LEAST_WORK} or more.")));
    }
    Ok(Hashed::new(text.to_owned()))
}

fn compute(memory: &mut Memory, secret: &Secret, salt: &[u8], argon2: &Argon2<'_>) -> Result<Output, Failure> {
    let params = argon2.params();
    let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
    let out = out.get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)).ok_or(Failure::PasswordHash)?;
    let memory = memory.blocks(params.block_count());
    argon2
        .hash_password_into_with_memory(secret.expose_secret(), salt, out, memory)
        .map_err(|_| Failure::PasswordHash)?;
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
    fn a_hash_does_not_depend_on_what_its_memory_was_used_for() {
        let salt = [7; 16];
        let argon2 = |passes, lanes| {
            Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, passes, lanes, None).unwrap())
        };
        let hash = |memory: &mut Memory, secret: &str, passes, lanes| {
            compute(memory, &Secret::from(secret.to_owned()), &salt, &argon2(passes, lanes)).unwrap()
        };
        let mut used = Memory::default();
        for (secret, passes, lanes) in [("one", 2, 1), ("two", 2, 1), ("one", 2, 1), ("three", 1, 4), ("two", 3, 2)] {
            assert_eq!(hash(&mut used, secret, passes, lanes), hash(&mut Memory::default(), secret, passes, lanes));
        }
        used.blocks(65).iter().for_each(|block| {
            assert_eq!(block.as_ref(), &[0; 128], "memory that grows keeps nothing of the last hash")
        });
    }

    #[test]
    fn a_hash_of_others_is_taken_within_bounds_alone() {
        let salt = "AAAAAAAAAAAAAAAAAAAAAA";
        let output = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        let phc = |head: &str| format!("$argon2id$v=19${head}${salt}${output}");
        for good in ["m=19456,t=2,p=1", "m=7168,t=5,p=1", "m=19456,t=16,p=4"] {
            assert!(accepted(&phc(good)).is_ok(), "{good}: {:?}", accepted(&phc(good)));
        }
        for bad in [
            "m=65536,t=3,p=4",
            "m=4096,t=9,p=1",
            "m=19456,t=1,p=1",
            "m=7168,t=4,p=1",
            "m=19456,t=17,p=1",
            "m=19456,t=2,p=5",
            "m=19456,t=2",
            "m=19456,t=2,p=1,data=AAAA",
            "m=19456,t=2,p=1,keyid=AAAA",
            "m=4294967296,t=2,p=1",
        ] {
            assert_eq!(accepted(&phc(bad)).unwrap_err().field, "hash_stdin", "{bad}");
        }
        let good = phc("m=19456,t=2,p=1");
        for bad in [
            String::new(),
            "correct horse battery staple".to_owned(),
            good.replace("argon2id", "argon2i"),
            good.replace("v=19", "v=16"),
            good.replace("$v=19", ""),
            good.replace(salt, "AAAAAAAAAAA"),
            good.replace(output, "AAAAAAAAAAAAAAAAAAA"),
            good.replace(&format!("${output}"), ""),
            format!("{good}$"),
            format!("{good}\n"),
            "$6$saltsalt$hash".to_owned(),
        ] {
            assert!(accepted(&bad).is_err(), "{bad}");
        }
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
