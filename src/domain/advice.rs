//! What is allowed and mostly not wanted: told on Confirm and by the command line, never refused.
//!
//! Knows no list of public suffixes and asks nobody: a name that stays silent here may still be refused by a CA.

mod public;

use super::extensions::{KeyUsageBit, Usage};
use super::key_spec::{Curve, Digest, KeySpec, RsaBits};
use super::lifetime::Lifetime;
use super::request::NewRequest;
use super::san::San;
use jiff::civil::Date;

/// A choice that is worth a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The form's field to change, by its name in docs/reference.md.
    pub field: &'static str,
    /// What it is and what to do, in one or two sentences.
    pub text: String,
}

/// All advice for a request, in the order of the steps. `today` decides which limits public CAs keep.
pub fn advise(request: &NewRequest, today: Date) -> Vec<Advice> {
    let mut advice = Vec::new();
    key(request, &mut advice);
    if has(request, Usage::ServerAuth) {
        lifetime(request, today, &mut advice);
        server(request, &mut advice);
    }
    basic_constraints(request, &mut advice);
    usages(request, &mut advice);
    bits(request, &mut advice);
    advice
}

fn say(advice: &mut Vec<Advice>, field: &'static str, text: impl Into<String>) {
    advice.push(Advice { field, text: text.into() });
}

fn has(request: &NewRequest, usage: Usage) -> bool {
    request.extensions.extended_key_usage.as_ref().is_some_and(|extension| extension.usages.contains(&usage))
}

fn key(request: &NewRequest, advice: &mut Vec<Advice>) {
    let tls = has(request, Usage::ServerAuth) || has(request, Usage::ClientAuth);
    match request.key {
        KeySpec::Rsa(RsaBits::B1024, _) => say(
            advice,
            "key_length",
            "RSA keys of 1024 bits can be broken, and no public CA certifies them. Choose 2048 or more.",
        ),
        KeySpec::Ec(Curve::Secp256k1, _) if tls => {
            say(advice, "ec_curve", "Browsers and TLS libraries do not use SECP256K1. Choose SECP256R1 or SECP384R1.")
        }
        KeySpec::Ec(curve @ (Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1 | Curve::BrainpoolP512r1), _) if tls => {
            say(
                advice,
                "ec_curve",
                format!(
                    "Browsers do not use {}, and no public CA certifies it for servers. Choose SECP256R1 or SECP384R1.",
                    curve.value()
                ),
            )
        }
        KeySpec::Ed25519 if has(request, Usage::ServerAuth) => say(
            advice,
            "ec_curve",
            "Most browsers do not take Ed25519, and no public CA certifies it for servers. Choose SECP256R1 or SECP384R1.",
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
                "Public CAs give a server's certificate at most {} days now, and {} are asked. Ask for fewer, unless your \
                 own CA signs.",
                limit.days(),
                request.lifetime.days()
            ),
        );
    }
}

/// What public CAs leave out of a server's certificate (CA/Browser Forum Baseline Requirements 7.1.2.7).
fn server(request: &NewRequest, advice: &mut Vec<Advice>) {
    if request.subject.organizational_unit.is_some() {
        let text = "Public CAs leave Organizational Unit out of a server's certificate. Leave it empty, unless your own CA \
                    wants it.";
        say(advice, "organizational_unit", text);
    }
    if request.subject.email.is_some() {
        let text = "Public CAs leave the email address out of a server's certificate. That does no harm; leave it empty \
                    where it is not required.";
        say(advice, "email", text);
    }
    if let Some(common) =
        request.subject.common_name.as_ref().filter(|common| San::of_common(common.as_str()).is_none())
    {
        let text = format!(
            "The common name \"{}\" is no host name, and public CAs take only one of the alternative names there. Type \
             the host name, or leave it empty.",
            common.as_str()
        );
        say(advice, "common", text);
    }
    let inside: Vec<_> = request.names.iter().filter(|name| !public::may_be_certified(name)).collect();
    if !inside.is_empty() {
        let text = format!(
            "No public CA signs for {}: private addresses, names that only your network knows, email addresses and URIs \
             need a CA of your own. Take them away, or have your own CA sign.",
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
        let text = "A path length is heeded only where Key Usage says Key Cert Sign (RFC 5280 4.2.1.9). Turn Key Usage on \
                    and tick it.";
        say(advice, "bc_path_length", text);
    }
    if !constraints.critical {
        let text = "A CA's Basic Constraints are to be critical (RFC 5280 4.2.1.9). Tick Critical there.";
        say(advice, "bc_critical", text);
    }
}

fn usages(request: &NewRequest, advice: &mut Vec<Advice>) {
    let Some(extension) = &request.extensions.extended_key_usage else {
        return;
    };
    let has = |usage| extension.usages.contains(&usage);
    if has(Usage::TimeStamping) && !extension.critical {
        let text = "A time stamping certificate's Extended Key Usage is critical (RFC 3161 2.3). Tick Critical there.";
        say(advice, "eku_critical", text);
    }
    if has(Usage::CodeSigning) {
        let text = "Public CAs sign code only with keys made in certified hardware, and this key is made here. Use the \
                    request with your own CA.";
        say(advice, Usage::CodeSigning.field(), text);
    }
    for (usage, name) in [
        (Usage::KerberosPkinitKdc, "the realm's Kerberos principal (RFC 4556)"),
        (Usage::SmartcardLogon, "the user's principal name"),
    ] {
        if has(usage) {
            let text = format!(
                "{} certificates name {name} in an otherName, which cannot be asked for here. Have the CA add it.",
                usage.value()
            );
            say(advice, usage.field(), text);
        }
    }
    if has(Usage::TimeStamping) && extension.usages.len() > 1 {
        let text = "A time stamping certificate has no other usage (RFC 3161 2.3). Ask for the others in a request of \
                    their own.";
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
        let text = format!("{} keys cannot do {} ({rfc}). Take it away.", family(request.key), bit.label());
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
