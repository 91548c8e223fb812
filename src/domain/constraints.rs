//! Step 4: which extensions are asked for, and the rules that hold within and between them.

mod consistency;

use super::extensions::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, Extensions, KeyUsage, KeyUsageBit, ReadCa, Usage,
};
use super::invalid::{Invalid, Mistakes};
use super::key_spec::KeyType;
use super::messages::constraints as messages;
use super::ml_dsa;
use super::profile::Profile;
use serde::{Deserialize, Serialize};

/// What step 4 asks, as typed. Fields of an extension that is off are kept and have no effect.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are docs/reference.md's, by name")]
pub struct ConstraintsAnswers {
    pub bc_enabled: bool,
    pub bc_ca: bool,
    /// 0 to 255, empty for none.
    pub bc_path_length: String,
    pub bc_critical: bool,
    pub aki_enabled: bool,
    /// The intended CA's certificate as PEM, or its key identifier in hex.
    pub aki_issuer: String,
    pub aki_cert_issuer: bool,
    pub eku_enabled: bool,
    /// The usages whose box is ticked.
    pub eku: Vec<Usage>,
    pub eku_critical: bool,
    pub ku_enabled: bool,
    /// The bits whose box is ticked.
    pub ku: Vec<KeyUsageBit>,
    pub ku_critical: bool,
}

/// The longest key identifier that is accepted, in bytes; those of RFC 5280 4.2.1.2 have 8 or 20, of RFC 7093 up to 64.
const MAX_KEY_ID: usize = 64;

impl ConstraintsAnswers {
    /// What step 4 shows before anything was chosen: the profile's extensions for a key of that type (none given: the
    /// profile's own), or none at all. Key Encipherment is RSA's alone (RFC 3279 2.3.1, RFC 8813 3).
    pub fn preset(profile: Option<Profile>, key_type: Option<KeyType>) -> Self {
        let Some(profile) = profile else {
            return Self::default();
        };
        let ku = match key_type.unwrap_or(profile.key_type()) {
            KeyType::Rsa => vec![KeyUsageBit::DigitalSignature, KeyUsageBit::KeyEncipherment],
            KeyType::Ec | KeyType::MlDsa => vec![KeyUsageBit::DigitalSignature],
        };
        Self {
            bc_enabled: true,
            bc_critical: true,
            eku_enabled: true,
            eku: vec![Usage::ServerAuth],
            ku_enabled: true,
            ku,
            ku_critical: true,
            ..Self::default()
        }
    }

    /// Step 4 as a value, beside a key of that type; none given: no rule about the key applies. Fields of an extension that
    /// is off are not read. `ca` reads the certificate that `aki_issuer` may hold.
    pub fn parse(&self, key_type: Option<KeyType>, ca: &dyn ReadCa) -> Result<Extensions, Mistakes> {
        let mut mistakes = Mistakes::none();
        let extensions = Extensions {
            basic_constraints: self.bc_enabled.then(|| mistakes.keep(self.basic_constraints())).flatten(),
            authority_key_identifier: self
                .aki_enabled
                .then(|| self.authority_key_identifier(ca, &mut mistakes))
                .flatten(),
            extended_key_usage: self.eku_enabled.then(|| self.extended_key_usage(key_type, &mut mistakes)).flatten(),
            key_usage: self.ku_enabled.then(|| self.key_usage(key_type, &mut mistakes)).flatten(),
        };
        if mistakes.is_empty() { Ok(extensions) } else { Err(mistakes) }
    }

    /// The same answers with usages and bits each once, in the order of the form.
    pub fn in_order(mut self) -> Self {
        self.eku = sorted(&self.eku);
        self.ku = sorted(&self.ku);
        self
    }

    /// True when a CA's certificate is asked for.
    fn is_ca(&self) -> bool {
        self.bc_enabled && self.bc_ca
    }

    fn basic_constraints(&self) -> Result<BasicConstraints, Invalid> {
        let path_length = parse_path_length(self.bc_path_length.trim())?;
        if path_length.is_some() && !self.bc_ca {
            return Err(messages::path_length_without_ca());
        }
        Ok(BasicConstraints { ca: self.bc_ca, path_length, critical: self.bc_critical })
    }

    fn authority_key_identifier(&self, ca: &dyn ReadCa, mistakes: &mut Mistakes) -> Option<AuthorityKeyIdentifier> {
        let issuer = self.aki_issuer.trim();
        if issuer.is_empty() {
            return mistakes.keep(Err(messages::no_issuer()));
        }
        if issuer.contains("-----BEGIN") {
            let certificate = mistakes.keep(ca.read_ca(issuer).map_err(messages::not_a_ca))?;
            let cert_issuer = self.aki_cert_issuer.then_some(certificate.issued);
            return Some(AuthorityKeyIdentifier { key_id: certificate.key_id, cert_issuer });
        }
        let key_id = mistakes.keep(parse_key_id(issuer));
        if self.aki_cert_issuer && key_id.is_some() {
            mistakes.add(messages::issuer_and_serial_unknown());
        }
        key_id.map(|key_id| AuthorityKeyIdentifier { key_id, cert_issuer: None })
    }

    fn extended_key_usage(&self, key_type: Option<KeyType>, mistakes: &mut Mistakes) -> Option<ExtendedKeyUsage> {
        let usages = sorted(&self.eku);
        if usages.is_empty() {
            return mistakes.keep(Err(messages::no_usage()));
        }
        if self.eku_critical && usages.contains(&Usage::AnyExtendedKeyUsage) {
            mistakes.add(messages::any_usage_is_critical());
        }
        if self.ku_enabled && !self.ku.is_empty() && !self.is_ca() {
            for &usage in &usages {
                mistakes.keep(consistency::check(usage, &self.ku, key_type));
            }
        }
        Some(ExtendedKeyUsage { usages, critical: self.eku_critical })
    }

    fn key_usage(&self, key_type: Option<KeyType>, mistakes: &mut Mistakes) -> Option<KeyUsage> {
        let bits = sorted(&self.ku);
        if bits.is_empty() {
            return mistakes.keep(Err(messages::no_bit()));
        }
        match (self.is_ca(), bits.contains(&KeyUsageBit::KeyCertSign)) {
            (false, true) => mistakes.add(messages::cert_sign_without_ca()),
            (true, false) => mistakes.add(messages::ca_without_cert_sign()),
            _ => {}
        }
        if key_type == Some(KeyType::MlDsa) {
            for &bit in &bits {
                mistakes.keep(ml_dsa::may_do(bit));
            }
        } else {
            only_with_agreement(&bits, mistakes);
        }
        Some(KeyUsage { bits, critical: self.ku_critical })
    }
}

fn sorted<T: Copy + Ord>(boxes: &[T]) -> Vec<T> {
    let mut boxes = boxes.to_vec();
    boxes.sort_unstable();
    boxes.dedup();
    boxes
}

fn parse_path_length(text: &str) -> Result<Option<u8>, Invalid> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() {
        return Ok(None);
    }
    if text.strip_prefix(['-', '\u{2212}']).is_some_and(digits) {
        return Err(messages::negative_path_length(text));
    }
    if !digits(text) {
        return Err(messages::path_length_not_a_number(text));
    }
    // Only digits are left, so that what does not fit is too large.
    text.parse().map(Some).map_err(|_| messages::path_length_too_large())
}

/// Hex digits, colons and blanks between them.
fn parse_key_id(text: &str) -> Result<Vec<u8>, Invalid> {
    let mut digits = Vec::new();
    for character in text.chars().filter(|&character| character != ':' && !character.is_whitespace()) {
        let Some(digit) = character.to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else {
            return Err(messages::not_a_key_id(text));
        };
        digits.push(digit);
    }
    let bytes = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect::<Vec<u8>>();
    if bytes.is_empty() {
        return Err(messages::key_id_without_digits(text));
    }
    if digits.len() % 2 == 1 {
        return Err(messages::key_id_with_half_a_byte(digits.len()));
    }
    if bytes.len() > MAX_KEY_ID {
        return Err(messages::key_id_too_long(bytes.len(), MAX_KEY_ID));
    }
    Ok(bytes)
}

/// RFC 5280 4.2.1.3: the last two bits say how an agreed key is used, one way or the other.
fn only_with_agreement(bits: &[KeyUsageBit], mistakes: &mut Mistakes) {
    let narrowing = [KeyUsageBit::EncipherOnly, KeyUsageBit::DecipherOnly].into_iter().filter(|bit| bits.contains(bit));
    if !bits.contains(&KeyUsageBit::KeyAgreement) {
        for bit in narrowing {
            mistakes.add(messages::bit_without_agreement(bit));
        }
    } else if narrowing.count() == 2 {
        mistakes.add(messages::both_only_bits());
    }
}

#[cfg(test)]
mod tests;
