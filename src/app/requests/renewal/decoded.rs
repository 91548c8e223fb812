//! The answers that an import's own bytes amount to, where the wizard can ask for exactly the same; else why it cannot.
//!
//! The order of the subject's parts and of the extensions is not looked at: requests made here have an order of their own.

use crate::messages::renewal as say;
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::extensions::Usage;
use signet_domain::key_spec::{Digest, KeyKind};
use signet_domain::lifetime::Lifetime;
use signet_domain::options::OptionsAnswers;
use signet_domain::policy::Policy;
use signet_domain::record::Asked;
use signet_domain::subject::{Named, SubjectAnswers};
use signet_pki::inspect::{Inspected, RequestedExtensions};

/// The answers; refused with the reason, words that end without a full stop.
pub(super) fn answers(request: &Inspected, lifetime: Lifetime) -> Result<Asked, String> {
    let asked = Asked {
        profile: String::new(),
        options: options(request, lifetime)?,
        subject: subject(request)?,
        constraints: constraints(&request.requested)?,
    };
    let policy = Policy { required: Vec::new(), allow_weak: true, ..Policy::default() };
    let first = |mistakes: signet_domain::invalid::Mistakes| {
        mistakes.iter().next().map(|first| first.what.trim_end_matches('.').to_owned()).unwrap_or_default()
    };
    asked.options.parse(&policy).map_err(first)?;
    asked.constraints.parse(asked.options.key_type(), &signet_pki::ca::CaReader).map_err(first)?;
    same_names(request, &asked.subject.parse(&policy).map_err(first)?)?;
    Ok(asked)
}

fn options(request: &Inspected, lifetime: Lifetime) -> Result<OptionsAnswers, String> {
    let kind = request.key.kind.ok_or_else(|| say::unknown_key(&request.key.label))?;
    // How the import was signed says nothing of what it asks for.
    let key = kind.spec(request.signature.digest.unwrap_or(Digest::Sha256));
    match (key, kind) {
        (Some(key), _) => Ok(OptionsAnswers::of(key, lifetime)),
        (None, KeyKind::Rsa { bits }) => Err(say::rsa_length(bits)),
        (None, _) => Err(say::unknown_key(&request.key.label)),
    }
}

fn subject(request: &Inspected) -> Result<SubjectAnswers, String> {
    let mut answers = SubjectAnswers::default();
    for part in &request.subject {
        let place = match part.oid.as_str() {
            "2.5.4.3" => &mut answers.common,
            "2.5.4.6" => &mut answers.country,
            "2.5.4.7" => &mut answers.city,
            "2.5.4.8" => &mut answers.state,
            "2.5.4.10" => &mut answers.organization,
            "2.5.4.11" => &mut answers.organizational_unit,
            "1.2.840.113549.1.9.1" => &mut answers.email,
            _ => return Err(say::unknown_subject_field(&part.label)),
        };
        if !place.is_empty() {
            return Err(say::repeated_subject_field(&part.label));
        }
        if part.value.is_empty() {
            return Err(say::empty_subject_field(&part.label));
        }
        place.clone_from(&part.value);
    }
    answers.san = request.san.join("\n");
    Ok(answers)
}

fn constraints(requested: &RequestedExtensions) -> Result<ConstraintsAnswers, String> {
    let RequestedExtensions {
        subject_alternative_name: _,
        basic_constraints,
        authority_key_identifier,
        subject_key_identifier,
        extended_key_usage,
        key_usage,
        other,
    } = requested;
    if let Some(other) = other.first() {
        return Err(say::unknown_extension(&other.oid));
    }
    if subject_key_identifier.is_some() {
        return Err(say::SUBJECT_KEY_ID.to_owned());
    }
    let mut answers = ConstraintsAnswers::default();
    if let Some(basic) = basic_constraints {
        (answers.bc_enabled, answers.bc_ca, answers.bc_critical) = (true, basic.ca, basic.critical);
        answers.bc_path_length = basic.path_length.map(|length| length.to_string()).unwrap_or_default();
    }
    if let Some(authority) = authority_key_identifier {
        let (Some(key_id), None, None, false) =
            (&authority.key_id, &authority.issuer, &authority.serial, authority.critical)
        else {
            return Err(say::AUTHORITY_KEY_ID.to_owned());
        };
        answers.aki_enabled = true;
        answers.aki_issuer.clone_from(key_id);
    }
    if let Some(extended) = extended_key_usage {
        (answers.eku_enabled, answers.eku_critical) = (true, extended.critical);
        for usage in &extended.usages {
            let known = Usage::ALL.into_iter().find(|known| known.value() == usage);
            answers.eku.push(known.ok_or_else(|| say::unknown_usage(usage))?);
        }
    }
    if let Some(usage) = key_usage {
        (answers.ku_enabled, answers.ku_critical, answers.ku) = (true, usage.critical, usage.bits.clone());
    }
    Ok(answers.in_order())
}

/// The names and the subject that the answers stand for are those of the request, no more and no less.
fn same_names(request: &Inspected, Named { subject, names }: &Named) -> Result<(), String> {
    if let Some(attribute) = request.attributes.first() {
        return Err(say::unknown_attribute(&attribute.label));
    }
    let same =
        |asked: &str, made: &str| asked == made || (asked.starts_with("DNS:") && asked.eq_ignore_ascii_case(made));
    let made: Vec<String> = names.iter().map(ToString::to_string).collect();
    if let Some(lost) = request.san.iter().find(|asked| !made.iter().any(|made| same(asked, made))) {
        return Err(say::name_written_differently(lost));
    }
    if let Some(added) = made.iter().find(|made| !request.san.iter().any(|asked| same(asked, made))) {
        return Err(say::name_missing(added));
    }
    let is_critical = request.requested.subject_alternative_name.as_ref().is_some_and(|san| san.critical);
    if is_critical != (request.subject.is_empty() && !made.is_empty()) {
        return Err(say::NAMES_CRITICAL.to_owned());
    }
    // Blanks around a part are taken away from what is typed.
    let typed = &request.typed_subject;
    let texts = [
        (&typed.common, subject.common_name.as_ref()),
        (&typed.state, subject.state.as_ref()),
        (&typed.city, subject.locality.as_ref()),
        (&typed.organization, subject.organization.as_ref()),
        (&typed.organizational_unit, subject.organizational_unit.as_ref()),
    ];
    let others = [
        (&typed.country, subject.country.map(|country| country.code().to_owned())),
        (&typed.email, subject.email.as_ref().map(|email| email.as_str().to_owned())),
    ];
    let texts = texts.map(|(asked, made)| (asked, made.map(|made| made.as_str().to_owned())));
    match texts.into_iter().chain(others).find(|(asked, made)| *asked != made) {
        Some((asked, _)) => Err(say::subject_written_differently(asked.as_deref().unwrap_or_default())),
        None => Ok(()),
    }
}
