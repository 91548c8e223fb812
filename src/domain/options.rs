//! Step 2: the key, its digest and the requested lifetime.

use super::invalid::{Invalid, Mistakes};
use super::key_spec::{Curve, Digest, ED25519, KeySpec, KeyType, KeyValues, RsaBits};
use super::lifetime::Lifetime;
use super::messages::key as messages;
use super::ml_dsa::{self, MlDsa};
use super::policy::Policy;
use super::profile::Profile;
use serde::{Deserialize, Serialize};

/// What step 2 asks, as typed. Field names and values are docs/reference.md's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionsAnswers {
    /// `RSA`, `EC` or `ML-DSA`.
    pub key_type: String,
    /// Bits of an RSA key.
    pub key_length: String,
    /// A name of [`Curve`], or `ed25519`.
    pub ec_curve: String,
    /// A parameter set of [`MlDsa`].
    #[serde(default = "ml_dsa::answer_where_absent", skip_serializing_if = "ml_dsa::is_absent")]
    pub ml_dsa: String,
    /// A name of [`Digest`].
    pub digest_algorithm: String,
    /// Days, 1 to 36500.
    pub lifetime: String,
}

impl OptionsAnswers {
    /// What step 2 shows before anything was chosen: the profile's key, or the defaults.
    pub fn preset(profile: Option<Profile>, lifetime: Lifetime) -> Self {
        Self {
            key_type: profile.map_or(KeyType::Rsa, Profile::key_type).value().into(),
            key_length: RsaBits::B2048.value().into(),
            ec_curve: Curve::Secp384r1.value().into(),
            ml_dsa: MlDsa::DEFAULT.value().into(),
            digest_algorithm: Digest::Sha256.value().into(),
            lifetime: lifetime.days().to_string(),
        }
    }

    /// The answers that ask for such a key; what it has not is as in the preset.
    pub fn of(key: KeySpec, lifetime: Lifetime) -> Self {
        let KeyValues { key_type, key_length, ec_curve, ml_dsa, digest_algorithm } =
            KeyValues::of(Some(key.kind()), key.digest());
        let mut answers = Self::preset(None, lifetime);
        let texts = [
            (&mut answers.key_type, key_type.map(str::to_owned)),
            (&mut answers.key_length, key_length.map(|bits| bits.to_string())),
            (&mut answers.ec_curve, ec_curve.map(str::to_owned)),
            (&mut answers.ml_dsa, ml_dsa.map(|set| set.to_string())),
            (&mut answers.digest_algorithm, digest_algorithm.map(str::to_owned)),
        ];
        texts.into_iter().for_each(|(answer, value)| *answer = value.unwrap_or_else(|| std::mem::take(answer)));
        answers
    }

    /// Step 2 as a value. Fields that the key type does not use are ignored.
    pub fn parse(&self, policy: &Policy) -> Result<Options, Mistakes> {
        let mut mistakes = Mistakes::none();
        let key = self.key(policy, &mut mistakes);
        let lifetime = mistakes.keep(Lifetime::parse(&self.lifetime));
        match (key, lifetime) {
            (Some(key), Some(lifetime)) => Ok(Options { key, lifetime }),
            _ => Err(mistakes),
        }
    }

    /// The key type, where it is one: other steps depend on it.
    pub fn key_type(&self) -> Option<KeyType> {
        KeyType::parse(&self.key_type).ok()
    }

    /// Whether a digest is chosen for such a key: Ed25519 and ML-DSA have their own.
    pub fn has_digest(&self) -> bool {
        let key_type = self.key_type();
        key_type != Some(KeyType::MlDsa) && (key_type != Some(KeyType::Ec) || self.ec_curve != ED25519)
    }

    fn key(&self, policy: &Policy, mistakes: &mut Mistakes) -> Option<KeySpec> {
        match mistakes.keep(KeyType::parse(&self.key_type))? {
            KeyType::Rsa => {
                let bits = mistakes.keep(self.length(policy));
                let digest = mistakes.keep(self.digest(policy));
                Some(KeySpec::Rsa(bits?, digest?))
            }
            KeyType::Ec if self.ec_curve == ED25519 => Some(KeySpec::Ed25519),
            KeyType::Ec => {
                let curve = mistakes.keep(Curve::parse(&self.ec_curve));
                let digest = mistakes.keep(self.digest(policy));
                Some(KeySpec::Ec(curve?, digest?))
            }
            KeyType::MlDsa => mistakes.keep(MlDsa::parse(&self.ml_dsa)).map(KeySpec::MlDsa),
        }
    }

    fn length(&self, policy: &Policy) -> Result<RsaBits, Invalid> {
        let bits = RsaBits::parse(&self.key_length)?;
        if bits == RsaBits::B1024 && !policy.allow_weak {
            return Err(messages::weak_rsa());
        }
        Ok(bits)
    }

    fn digest(&self, policy: &Policy) -> Result<Digest, Invalid> {
        let digest = Digest::parse(&self.digest_algorithm)?;
        if digest == Digest::Sha1 && !policy.allow_weak {
            return Err(messages::weak_digest());
        }
        Ok(digest)
    }
}

/// Step 2, valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The key to be made and the digest it signs with.
    pub key: KeySpec,
    /// The requested lifetime.
    pub lifetime: Lifetime,
}

#[cfg(test)]
mod tests;
