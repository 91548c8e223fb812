//! The change of a request that takes one finding away: a button on the last step.

use crate::extensions::{KeyUsageBit, Usage};
use crate::key_spec::{Curve, Digest, KeyType, RsaBits};
use crate::messages::preflight as say;
use crate::record::Asked;
use crate::san::San;
use crate::subject_part::Part;

/// A change of the answers. Whether they hold then is for who makes it to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// These names are taken out, and the common name where it is one of them.
    RemoveNames(Vec<San>),
    /// The common name; empty for none.
    CommonName(String),
    /// These parts of the subject are left empty.
    Clear(Vec<Part>),
    /// A key that all take.
    UsualKey,
    /// A longer RSA key.
    LongKey,
    /// A digest that all take.
    Sha256,
    /// So many days.
    Lifetime(u32),
    /// No CA's certificate.
    NoCa,
    /// These usages are taken out.
    RemoveUsages(Vec<Usage>),
    /// These bits are taken out.
    RemoveBits(Vec<KeyUsageBit>),
    /// Key Usage has Key Cert Sign.
    AddCertSign,
    /// Basic Constraints are critical.
    CriticalConstraints,
    /// Extended Key Usage is critical.
    CriticalUsages,
}

impl Change {
    /// What its button says.
    pub fn label(&self) -> String {
        match self {
            Self::RemoveNames(names) if names.len() > 1 => say::REMOVE_THESE_NAMES.to_owned(),
            Self::RemoveNames(names) => say::remove(&names.iter().map(San::to_string).collect::<String>()),
            Self::CommonName(name) if name.is_empty() => say::CLEAR_COMMON.to_owned(),
            Self::CommonName(name) => say::use_as_common(name),
            Self::Clear(_) => say::CLEAR.to_owned(),
            Self::UsualKey => say::use_value(Curve::Secp256r1.value()),
            Self::LongKey => say::USE_LONG_KEY.to_owned(),
            Self::Sha256 => say::use_value(Digest::Sha256.value()),
            Self::Lifetime(days) => say::request_days(*days),
            Self::NoCa => say::REQUEST_NO_CA.to_owned(),
            Self::RemoveUsages(_) | Self::RemoveBits(_) => say::REMOVE_USAGES.to_owned(),
            Self::AddCertSign => say::ADD_CERT_SIGN_BUTTON.to_owned(),
            Self::CriticalConstraints | Self::CriticalUsages => say::MAKE_CRITICAL_BUTTON.to_owned(),
        }
    }

    /// True where another key would be made.
    pub fn is_of_key(&self) -> bool {
        matches!(self, Self::UsualKey | Self::LongKey)
    }

    /// Changes the answers.
    pub fn apply(&self, asked: &mut Asked) {
        let Asked { options, subject, constraints, .. } = asked;
        match self {
            Self::RemoveNames(names) => {
                let stays = |entry: &&str| San::parse(entry).map_or(true, |name| !names.contains(&name));
                let entries = subject.san.split(['\n', ',']).map(str::trim).filter(|entry| !entry.is_empty());
                subject.san = entries.filter(stays).collect::<Vec<_>>().join("\n");
                if San::of_common(subject.typed(Part::Common)).is_some_and(|common| names.contains(&common)) {
                    subject.common.clear();
                }
            }
            Self::CommonName(name) => subject.common.clone_from(name),
            Self::Clear(parts) => parts.iter().for_each(|part| subject.part_mut(*part).clear()),
            Self::UsualKey => {
                options.key_type = KeyType::Ec.value().to_owned();
                options.ec_curve = Curve::Secp256r1.value().to_owned();
                // Ed25519 and ML-DSA have none, and what is left in the field may be weak.
                options.digest_algorithm = Digest::Sha256.value().to_owned();
            }
            Self::LongKey => options.key_length = RsaBits::B2048.value().to_owned(),
            Self::Sha256 => options.digest_algorithm = Digest::Sha256.value().to_owned(),
            Self::Lifetime(days) => options.lifetime = days.to_string(),
            Self::NoCa => {
                constraints.bc_ca = false;
                constraints.bc_path_length.clear();
                constraints.ku.retain(|bit| !matches!(bit, KeyUsageBit::KeyCertSign | KeyUsageBit::CrlSign));
                constraints.ku_enabled &= !constraints.ku.is_empty();
            }
            Self::RemoveUsages(usages) => constraints.eku.retain(|usage| !usages.contains(usage)),
            Self::RemoveBits(bits) => {
                constraints.ku.retain(|bit| !bits.contains(bit));
                constraints.ku_enabled &= !constraints.ku.is_empty();
            }
            Self::AddCertSign => {
                if !constraints.ku_enabled {
                    constraints.ku.clear();
                }
                constraints.ku_enabled = true;
                constraints.ku_critical = true;
                constraints.ku.push(KeyUsageBit::KeyCertSign);
            }
            Self::CriticalConstraints => constraints.bc_critical = true,
            Self::CriticalUsages => constraints.eku_critical = true,
        }
    }
}
