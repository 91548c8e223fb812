//! What is allowed and rarely intended: shown on the last step and by the command line, never refused.
//!
//! Knows no list of public suffixes and asks nobody: a name without advice may still be refused by a CA.

mod public;

use super::extensions::{KeyUsageBit, Usage};
use super::invalid::shortened;
use super::key_spec::{Curve, Digest, KeySpec, RsaBits};
use super::lifetime::Lifetime;
use super::messages::advice as messages;
use super::ml_dsa;
use super::policy::Policy;
use super::request::NewRequest;
use super::san::San;
use super::subject_part::Part;
use jiff::civil::Date;

/// So many names are listed; the others are counted.
const SHOWN: usize = 5;

/// A choice that is worth a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The form's field to change, by its name in docs/reference.md.
    pub field: &'static str,
    /// What it is and what to do, in one or two sentences.
    pub text: String,
}

/// All advice for a request, in the order of the steps. `policy` says which parts of the subject must be there: nobody is
/// advised to leave out what is required. `today` decides which limits public CAs keep.
pub fn advise(request: &NewRequest, policy: &Policy, today: Date) -> Vec<Advice> {
    let mut advice = Vec::new();
    key(request, &mut advice);
    if is_server(request) {
        lifetime(request, today, &mut advice);
        server(request, policy, &mut advice);
    }
    basic_constraints(request, &mut advice);
    usages(request, &mut advice);
    bits(request, &mut advice);
    advice
}

/// False for a name that no public CA certifies: private addresses, names of the own network, mailboxes and URIs.
pub fn may_be_public(name: &San) -> bool {
    public::may_be_certified(name)
}

fn say(advice: &mut Vec<Advice>, field: &'static str, text: impl Into<String>) {
    advice.push(Advice { field, text: text.into() });
}

fn has(request: &NewRequest, usage: Usage) -> bool {
    request.extensions.extended_key_usage.as_ref().is_some_and(|extension| extension.usages.contains(&usage))
}

/// A certificate without Extended Key Usage serves every purpose, and on a NAS that is a server's; a CA's is not.
fn is_server(request: &NewRequest) -> bool {
    let is_ca = request.extensions.basic_constraints.is_some_and(|constraints| constraints.ca);
    has(request, Usage::ServerAuth) || (request.extensions.extended_key_usage.is_none() && !is_ca)
}

fn key(request: &NewRequest, advice: &mut Vec<Advice>) {
    let tls = is_server(request) || has(request, Usage::ClientAuth);
    match request.key {
        KeySpec::Rsa(RsaBits::B1024, _) => say(advice, "key_length", messages::RSA_1024),
        KeySpec::Ec(Curve::Secp256k1, _) if tls => say(advice, "ec_curve", messages::SECP256K1),
        KeySpec::Ec(curve @ (Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1 | Curve::BrainpoolP512r1), _) if tls => {
            say(advice, "ec_curve", messages::brainpool(curve.value()));
        }
        KeySpec::Ed25519 if is_server(request) => say(advice, "ec_curve", messages::ED25519),
        KeySpec::MlDsa(set) => {
            say(advice, "key_type", ml_dsa::messages::CAS);
            if tls {
                say(advice, "key_type", ml_dsa::messages::CLIENTS);
            }
            say(advice, "ml_dsa", ml_dsa::messages::size(set));
        }
        _ => {}
    }
    if request.key.digest() == Some(Digest::Sha1) {
        say(advice, "digest_algorithm", messages::SHA1);
    }
}

fn lifetime(request: &NewRequest, today: Date, advice: &mut Vec<Advice>) {
    let limit = Lifetime::public_limit(today);
    if request.lifetime > limit {
        say(advice, "lifetime", messages::long_lifetime(limit.days(), request.lifetime.days()));
    }
}

/// What public CAs leave out of a server's certificate (CA/Browser Forum Baseline Requirements 7.1.2.7).
fn server(request: &NewRequest, policy: &Policy, advice: &mut Vec<Advice>) {
    let optional = |part| !policy.required.contains(&part);
    if request.subject.organizational_unit.is_some() && optional(Part::OrganizationalUnit) {
        say(advice, "organizational_unit", messages::ORGANIZATIONAL_UNIT);
    }
    if request.subject.email.is_some() && optional(Part::Email) {
        say(advice, "email", messages::EMAIL);
    }
    if let Some(common) =
        request.subject.common_name.as_ref().filter(|common| San::of_common(common.as_str()).is_none())
    {
        say(advice, "common", messages::common_name_not_a_host(common.as_str(), optional(Part::Common)));
    }
    let inside: Vec<_> = request.names.iter().filter(|name| !public::may_be_certified(name)).collect();
    if !inside.is_empty() {
        let shown: Vec<_> = inside.iter().take(SHOWN).map(|name| shortened(&name.to_string())).collect();
        say(advice, "san", messages::private_names(&shown, inside.len() - shown.len()));
    }
}

fn basic_constraints(request: &NewRequest, advice: &mut Vec<Advice>) {
    let Some(constraints) = request.extensions.basic_constraints.filter(|constraints| constraints.ca) else {
        return;
    };
    if constraints.path_length.is_some() && request.extensions.key_usage.is_none() {
        say(advice, "bc_path_length", messages::PATH_LENGTH_WITHOUT_CERT_SIGN);
    }
    if !constraints.critical {
        say(advice, "bc_critical", messages::CA_NOT_CRITICAL);
    }
}

fn usages(request: &NewRequest, advice: &mut Vec<Advice>) {
    let Some(extension) = &request.extensions.extended_key_usage else {
        return;
    };
    let has = |usage| extension.usages.contains(&usage);
    if has(Usage::TimeStamping) && !extension.critical {
        say(advice, "eku_critical", messages::TIME_STAMPING_NOT_CRITICAL);
    }
    if has(Usage::CodeSigning) {
        say(advice, Usage::CodeSigning.field(), messages::CODE_SIGNING);
    }
    if has(Usage::KerberosPkinitKdc) {
        say(advice, Usage::KerberosPkinitKdc.field(), messages::kerberos_server());
    }
    if has(Usage::SmartcardLogon) {
        say(advice, Usage::SmartcardLogon.field(), messages::smart_card_logon());
    }
    if has(Usage::TimeStamping) && extension.usages.len() > 1 {
        say(advice, Usage::TimeStamping.field(), messages::TIME_STAMPING_AND_OTHERS);
    }
}

/// Bits that the key's algorithm cannot serve.
fn bits(request: &NewRequest, advice: &mut Vec<Advice>) {
    use KeyUsageBit::{DataEncipherment, DecipherOnly, EncipherOnly, KeyAgreement, KeyEncipherment};
    let (cannot, rfc): (&[_], _) = match request.key {
        KeySpec::Rsa(..) => (&[KeyAgreement, EncipherOnly, DecipherOnly], "RFC 3279 2.3.1"),
        KeySpec::Ec(..) => (&[KeyEncipherment, DataEncipherment], "RFC 8813 3"),
        KeySpec::Ed25519 => {
            (&[KeyEncipherment, DataEncipherment, KeyAgreement, EncipherOnly, DecipherOnly], "RFC 8410 5")
        }
        // A rule, not advice: see `ml_dsa::may_do`.
        KeySpec::MlDsa(_) => (&[], "RFC 9881 5"),
    };
    let asked = request.extensions.key_usage.iter().flat_map(|extension| &extension.bits);
    for bit in asked.filter(|bit| cannot.contains(bit)) {
        say(advice, bit.field(), messages::impossible_bit(family(request.key), *bit, rfc));
    }
}

fn family(key: KeySpec) -> &'static str {
    match key {
        KeySpec::Rsa(..) => "RSA",
        KeySpec::Ec(..) => "EC",
        KeySpec::Ed25519 => "Ed25519",
        KeySpec::MlDsa(_) => "ML-DSA",
    }
}

#[cfg(test)]
mod tests;
