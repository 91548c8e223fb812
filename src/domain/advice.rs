//! What is allowed and rarely intended: shown on the last step and by the command line, never refused.
//!
//! Knows no list of public suffixes and asks nobody: a name that stays silent here may still be refused by a CA.

mod public;

use super::extensions::{KeyUsageBit, Usage};
use super::invalid::quoted;
use super::key_spec::{Curve, Digest, KeySpec, RsaBits};
use super::lifetime::Lifetime;
use super::policy::Policy;
use super::request::NewRequest;
use super::san::San;
use super::subject_part::Part;
use jiff::civil::Date;

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
        KeySpec::Rsa(RsaBits::B1024, _) => say(
            advice,
            "key_length",
            "RSA keys of 1024 bits can be broken, and public CAs do not accept them. Choose 2048 or more.",
        ),
        KeySpec::Ec(Curve::Secp256k1, _) if tls => say(
            advice,
            "ec_curve",
            "Browsers and TLS libraries do not support SECP256K1. Choose SECP256R1 or SECP384R1.",
        ),
        KeySpec::Ec(curve @ (Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1 | Curve::BrainpoolP512r1), _) if tls => {
            say(
                advice,
                "ec_curve",
                format!(
                    "Browsers do not support {}, and public CAs do not accept it for servers. Choose SECP256R1 or SECP384R1.",
                    curve.value()
                ),
            )
        }
        KeySpec::Ed25519 if is_server(request) => say(
            advice,
            "ec_curve",
            "Most browsers do not support Ed25519, and public CAs do not accept it for servers. Choose SECP256R1 or SECP384R1.",
        ),
        _ => {}
    }
    if request.key.digest() == Some(Digest::Sha1) {
        say(advice, "digest_algorithm", "SHA1 is broken, and most CAs refuse requests signed with it. Choose SHA256.");
    }
}

fn lifetime(request: &NewRequest, today: Date, advice: &mut Vec<Advice>) {
    let limit = Lifetime::public_limit(today);
    if request.lifetime > limit {
        say(
            advice,
            "lifetime",
            format!(
                "Public CAs issue server certificates for at most {} days today, and you request {}. Request fewer, unless \
                 your own CA signs.",
                limit.days(),
                request.lifetime.days()
            ),
        );
    }
}

/// What public CAs leave out of a server's certificate (CA/Browser Forum Baseline Requirements 7.1.2.7).
fn server(request: &NewRequest, policy: &Policy, advice: &mut Vec<Advice>) {
    let optional = |part| !policy.required.contains(&part);
    if request.subject.organizational_unit.is_some() && optional(Part::OrganizationalUnit) {
        let text = "Public CAs leave Organizational Unit out of server certificates. Leave it empty, unless your own CA \
                    needs it.";
        say(advice, "organizational_unit", text);
    }
    if request.subject.email.is_some() && optional(Part::Email) {
        let text = "Public CAs leave the email address out of server certificates. You can leave it empty.";
        say(advice, "email", text);
    }
    if let Some(common) =
        request.subject.common_name.as_ref().filter(|common| San::of_common(common.as_str()).is_none())
    {
        let or = if optional(Part::Common) { ", or leave it empty" } else { "" };
        let text = format!(
            "The common name {} is not a host name. Public CAs accept only one of the alternative names there. Enter the \
             host name{or}.",
            quoted(common.as_str())
        );
        say(advice, "common", text);
    }
    let inside: Vec<_> = request.names.iter().filter(|name| !public::may_be_certified(name)).collect();
    if !inside.is_empty() {
        let text = format!(
            "Public CAs do not sign for {}: private addresses, names of your own network, email addresses and URIs need \
             your own CA. Remove them, or have your own CA sign.",
            listed(&inside)
        );
        say(advice, "san", text);
    }
}

/// The first five, and how many more.
fn listed(names: &[&San]) -> String {
    let shown: Vec<_> = names.iter().take(5).map(|name| super::invalid::shortened(&name.to_string())).collect();
    match names.len().saturating_sub(5) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn basic_constraints(request: &NewRequest, advice: &mut Vec<Advice>) {
    let Some(constraints) = request.extensions.basic_constraints.filter(|constraints| constraints.ca) else {
        return;
    };
    if constraints.path_length.is_some() && request.extensions.key_usage.is_none() {
        let text = "A path length counts only if Key Usage has Key Cert Sign (RFC 5280 4.2.1.9). Turn Key Usage on and \
                    select it.";
        say(advice, "bc_path_length", text);
    }
    if !constraints.critical {
        let text =
            "The Basic Constraints of a CA must be critical (RFC 5280 4.2.1.9). Select Critical Extension there.";
        say(advice, "bc_critical", text);
    }
}

fn usages(request: &NewRequest, advice: &mut Vec<Advice>) {
    let Some(extension) = &request.extensions.extended_key_usage else {
        return;
    };
    let has = |usage| extension.usages.contains(&usage);
    if has(Usage::TimeStamping) && !extension.critical {
        let text = "The Extended Key Usage of a time stamping certificate must be critical (RFC 3161 2.3). Select Critical \
                    Extension there.";
        say(advice, "eku_critical", text);
    }
    if has(Usage::CodeSigning) {
        let text = "Public CAs accept only keys from certified hardware for code signing, and this key is made here. Send \
                    the request to your own CA.";
        say(advice, Usage::CodeSigning.field(), text);
    }
    for (usage, name) in [
        (Usage::KerberosPkinitKdc, "the realm's Kerberos principal (RFC 4556)"),
        (Usage::SmartcardLogon, "the user's principal name"),
    ] {
        if has(usage) {
            let text = format!(
                "Certificates for {} contain {name} in an otherName, which cannot be requested here. Ask the CA to add it.",
                usage.label()
            );
            say(advice, usage.field(), text);
        }
    }
    if has(Usage::TimeStamping) && extension.usages.len() > 1 {
        let text = "A time stamping certificate has no other usage (RFC 3161 2.3). Request the others separately.";
        say(advice, Usage::TimeStamping.field(), text);
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
    };
    let asked = request.extensions.key_usage.iter().flat_map(|extension| &extension.bits);
    for bit in asked.filter(|bit| cannot.contains(bit)) {
        let text = format!("{} keys cannot do {} ({rfc}). Clear it.", family(request.key), bit.label());
        say(advice, bit.field(), text);
    }
}

fn family(key: KeySpec) -> &'static str {
    match key {
        KeySpec::Rsa(..) => "RSA",
        KeySpec::Ec(..) => "EC",
        KeySpec::Ed25519 => "Ed25519",
    }
}

#[cfg(test)]
mod tests;
