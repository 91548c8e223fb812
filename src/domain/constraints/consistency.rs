//! Key Usage and Extended Key Usage together: "the certificate MUST only be used for a purpose consistent with both"
//! (RFC 5280 4.2.1.12), so that a usage needs one of its bits. The table is the RFC's; others of docs/reference.md join it.

use crate::extensions::{KeyUsageBit, Usage};
use crate::invalid::Invalid;
use crate::key_spec::KeyType;
use crate::messages::constraints::usage_without_its_bits;
use crate::ml_dsa;

/// The usage beside these bits, of a certificate that is not a CA's and a key of that type. Refused at the usage's own box.
pub(super) fn check(usage: Usage, bits: &[KeyUsageBit], key_type: Option<KeyType>) -> Result<(), Invalid> {
    let can = |bit: &KeyUsageBit| key_type != Some(KeyType::MlDsa) || ml_dsa::may_do(*bit).is_ok();
    let needed: Vec<_> = needs_one_of(usage).iter().copied().filter(can).collect();
    if needed.is_empty() || needed.iter().any(|bit| bits.contains(bit)) {
        return Ok(());
    }
    Err(usage_without_its_bits(usage, &needed))
}

/// The bits of which a usage needs one; none where any will do.
fn needs_one_of(usage: Usage) -> &'static [KeyUsageBit] {
    use KeyUsageBit::{ContentCommitment, DigitalSignature, KeyAgreement, KeyEncipherment};
    match usage {
        Usage::ServerAuth => &[DigitalSignature, KeyEncipherment, KeyAgreement],
        Usage::ClientAuth => &[DigitalSignature, KeyAgreement],
        Usage::CodeSigning | Usage::SmartcardLogon | Usage::KerberosPkinitKdc => &[DigitalSignature],
        Usage::EmailProtection => &[DigitalSignature, ContentCommitment, KeyEncipherment, KeyAgreement],
        Usage::TimeStamping | Usage::OcspSigning | Usage::IpsecIke => &[DigitalSignature, ContentCommitment],
        Usage::AnyExtendedKeyUsage | Usage::CertificateTransparency => &[],
    }
}
