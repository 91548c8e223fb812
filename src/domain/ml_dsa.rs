//! ML-DSA (FIPS 204), signatures that quantum computers cannot forge: its parameter sets, and what a request may ask of
//! such a key.
//!
//! It knows no encoding and no library; the sentences are in [`messages`].

pub use super::messages::ml_dsa as messages;

use super::extensions::KeyUsageBit;
use super::invalid::Invalid;

/// The parameter sets (FIPS 204 table 1). The number counts the rows and columns of the matrix; more is stronger and larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MlDsa {
    /// ML-DSA-44, category 2: about as strong as SHA-256 against collisions.
    MlDsa44,
    /// ML-DSA-65, category 3: about as strong as AES-192.
    MlDsa65,
    /// ML-DSA-87, category 5: about as strong as AES-256. CNSA 2.0 requires it.
    MlDsa87,
}

impl MlDsa {
    /// All, in the order of the form.
    pub const ALL: [Self; 3] = [Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];

    /// What the form shows before anything was chosen.
    pub const DEFAULT: Self = Self::MlDsa65;

    /// The set of a form's value. Refused at `ml_dsa`.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|set| set.value() == value).ok_or_else(|| messages::unknown_set(value))
    }

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Self::MlDsa44 => "44",
            Self::MlDsa65 => "65",
            Self::MlDsa87 => "87",
        }
    }

    /// The same as a number, for JSON.
    pub fn number(self) -> u32 {
        match self {
            Self::MlDsa44 => 44,
            Self::MlDsa65 => 65,
            Self::MlDsa87 => 87,
        }
    }

    /// The name in FIPS 204, such as `ML-DSA-65`.
    pub fn label(self) -> &'static str {
        match self {
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }

    /// Bytes of a public key (FIPS 204 table 2).
    pub fn public_key_length(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
            Self::MlDsa87 => 2592,
        }
    }

    /// Bytes of a signature (FIPS 204 table 2).
    pub fn signature_length(self) -> usize {
        match self {
            Self::MlDsa44 => 2420,
            Self::MlDsa65 => 3309,
            Self::MlDsa87 => 4627,
        }
    }
}

/// The key only signs: a Key Usage beside it has bits of signatures and no other (RFC 9881 5). The refusal is at the bit's
/// own box.
pub fn may_do(bit: KeyUsageBit) -> Result<(), Invalid> {
    use KeyUsageBit::{ContentCommitment, CrlSign, DigitalSignature, KeyCertSign};
    match bit {
        DigitalSignature | ContentCommitment | KeyCertSign | CrlSign => Ok(()),
        _ => Err(messages::only_signs(bit)),
    }
}

/// What a record or a draft means that does not say the set. It is in files, so that it stays, whatever the form shows first.
const WHERE_ABSENT: MlDsa = MlDsa::MlDsa65;

/// The answer of a record or a draft that does not have one, such as all from before there was ML-DSA.
pub(super) fn answer_where_absent() -> String {
    WHERE_ABSENT.value().to_owned()
}

/// True for the answer that is not written: older programs, which do not know the field, read what has no use of it.
pub(super) fn is_absent(answer: &str) -> bool {
    answer == WHERE_ABSENT.value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_of_three_and_its_number_is_in_its_name() {
        for set in MlDsa::ALL {
            assert_eq!(MlDsa::parse(set.value()), Ok(set));
            assert_eq!(set.value(), set.number().to_string());
            assert_eq!(set.label(), format!("ML-DSA-{}", set.value()));
        }
        for other in ["", "2", "ML-DSA-65", " 65", "65.0"] {
            let refused = MlDsa::parse(other).unwrap_err();
            assert_eq!((refused.field, refused.fix.as_str()), ("ml_dsa", "Choose 44, 65 or 87."));
        }
    }

    #[test]
    fn four_bits_of_nine_are_those_of_signatures() {
        let (can, cannot): (Vec<_>, Vec<_>) = KeyUsageBit::ALL.into_iter().partition(|bit| may_do(*bit).is_ok());
        assert_eq!((can.len(), cannot.len()), (4, 5));
        for bit in cannot {
            let refused = may_do(bit).unwrap_err();
            assert_eq!(refused.field, bit.field());
            assert!(refused.what.contains(bit.label()) && refused.what.contains("RFC 9881 5"), "{}", refused.what);
        }
    }
}
