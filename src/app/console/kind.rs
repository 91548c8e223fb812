//! What kind of key a certificate of the console has.

use signet_pki::certificate::Certificate;
use signet_pki::key_kind::KeyKind;

/// True for a certificate (DER) whose key is ML-DSA.
pub(super) fn is_ml_dsa(certificate: &[u8]) -> bool {
    Certificate::read(certificate).is_ok_and(|read| matches!(read.key.kind, Some(KeyKind::MlDsa(_))))
}
