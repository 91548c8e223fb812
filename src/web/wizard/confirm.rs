//! Step 5: every answer with a link that changes it, the advice, and Save.

use super::{Go, frame, frame::Frame, leave};
use crate::web::draft_cookie::{self, TooLarge};
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use crate::web::router::step_path;
use askama::Template;
use hyper::StatusCode;
use signet_app::CreateError;
use signet_app::requests::cli_equivalent;
use signet_app::requests::create::Saved;
use signet_domain::advice::{Advice, advise};
use signet_domain::draft::{CheckedDraft, Draft, FinishedDraft};
use signet_domain::extensions::Extensions;
use signet_domain::invalid::Mistakes;
use signet_domain::key_spec::KeySpec;
use signet_domain::lifetime::Lifetime;
use signet_domain::name::CsrName;
use signet_domain::name_and_type::{Kind, NameAndType};
use signet_domain::request::NewRequest;
use signet_domain::san::San;
use signet_domain::step::Step;
use signet_domain::supersedes::Supersedes;

/// Only a defect shows it.
const MISSING: WebError = WebError::BadRequest("A step of this request is missing.");

#[derive(Template)]
#[template(path = "wizard/confirm.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    sections: Vec<Section>,
    advice: Vec<Advice>,
    command: Option<String>,
    openssl: Option<String>,
}

struct Section {
    title: &'static str,
    change: &'static str,
    facts: Vec<Fact>,
}

impl Section {
    fn new(step: Step, facts: Vec<Fact>) -> Self {
        Self { title: step.title(), change: step_path(step), facts }
    }
}

/// The page.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    draw(context, StatusCode::OK, draft, Mistakes::none())
}

/// Saves once; Back goes back.
pub fn post(context: &RequestContext<'_>, draft: CheckedDraft<'_>, fields: Fields, go: Go, save: bool) -> Outcome {
    fields.finish()?;
    if go.back {
        return leave(context, &draft, go)?.map_err(|TooLarge| WebError::BadRequest("The draft does not fit."));
    }
    if !save {
        return draw(context, StatusCode::OK, &draft, Mistakes::none());
    }
    let NameAndType { name, kind } = name_and_type(&draft)?;
    let id = &draft.typed().id;
    let saved = match kind {
        Kind::Import => context.web.services.imports.save(id, name, context.by, context.now),
        Kind::New(_) => match context.web.services.requests.save(finished(&draft)?, id, context.by, context.now) {
            Ok(Saved::Later) => return Ok(see_other("/wizard/progress")),
            Ok(Saved::Kept(name)) => Ok(name),
            Err(error) => Err(error),
        },
    };
    ended(context, &draft, saved)
}

/// How a Save ended: the CSR's page, or this one with the reason.
pub fn ended(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, saved: Result<CsrName, CreateError>) -> Outcome {
    match saved {
        Ok(name) => Ok(super::with_all(see_other(&format!("/csrs/{name}?told=saved")), draft_cookie::clear())),
        Err(CreateError::Refused(mistakes)) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, draft, mistakes),
        Err(CreateError::App(error)) => Err(error.into()),
    }
}

/// The page opens only when every step before it is valid; so this and [`finished`] fail for a defect alone.
fn name_and_type<'a>(draft: &'a CheckedDraft<'_>) -> Result<&'a NameAndType, WebError> {
    draft.name_and_type().ok_or(MISSING)
}

fn finished(draft: &CheckedDraft<'_>) -> Result<FinishedDraft, WebError> {
    draft.finish().map_err(|_unfinished| MISSING)
}

fn draw(context: &RequestContext<'_>, status: StatusCode, draft: &CheckedDraft<'_>, mistakes: Mistakes) -> Outcome {
    let title = Step::Confirm.title();
    let (mut command, mut openssl) = (None, None);
    let NameAndType { name, kind } = name_and_type(draft)?;
    let (sections, advice) = match *kind {
        Kind::Import => imported(context, draft.typed(), name)?,
        Kind::New(profile) => {
            let finished = finished(draft)?;
            let request = &finished.request;
            (command, openssl) = twins(&finished);
            let advice = advise(request, context.web.services.clock.today());
            let mut sections = made(request, profile.map_or("None", |profile| profile.label()), context);
            tell_what_is_superseded(finished.supersedes.as_ref(), &mut sections);
            (sections, advice)
        }
    };
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        frame: frame(context, draft, Step::Confirm),
        mistakes,
        sections,
        advice,
        command,
        openssl,
    };
    page(status, &template)
}

/// The command twin. One that takes a key over has none: it could not edit the answers.
fn twins(finished: &FinishedDraft) -> (Option<String>, Option<String>) {
    let FinishedDraft { asked, request, supersedes } = finished;
    if finished.keeps_key() {
        return (None, None);
    }
    let mut command = cli_equivalent::command(request.name.as_str(), asked);
    if let (Some(command), Some(supersedes)) = (&mut command, supersedes) {
        // A name is a word of any shell.
        command.push_str(&format!(" \\\n  --supersedes={}", supersedes.name));
    }
    (command, cli_equivalent::openssl_text(request).ok())
}

fn tell_what_is_superseded(supersedes: Option<&Supersedes>, sections: &mut [Section]) {
    let Some(supersedes) = supersedes else { return };
    for section in sections {
        if section.title == Step::NameAndType.title() {
            section.facts.push(Fact::new("Supersedes", supersedes.name.clone()));
        }
        if section.title == Step::Options.title() && supersedes.same_key {
            section.facts.insert(0, Fact::new("Key", format!("that of {}, taken over", supersedes.name)));
        }
    }
}

fn made(request: &NewRequest, profile: &str, context: &RequestContext<'_>) -> Vec<Section> {
    let NewRequest { name, key, lifetime, subject, names, extensions } = request;
    let name_and_type = vec![
        Fact::new("Name", name.to_string()),
        Fact::new("Type", "Certificate Signing Request"),
        Fact::new("Profile", profile),
    ];
    let text = |text: &Option<signet_domain::subject::Text>| {
        text.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default()
    };
    let country = subject.country.map(|country| format!("{} ({})", country.name(), country.code())).unwrap_or_default();
    let mut subject = vec![
        Fact::new("Common Name", text(&subject.common_name)),
        Fact::new("Country", country),
        Fact::new("State", text(&subject.state)),
        Fact::new("Locality", text(&subject.locality)),
        Fact::new("Organization", text(&subject.organization)),
        Fact::new("Organizational Unit", text(&subject.organizational_unit)),
        Fact::new("Email", subject.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default()),
    ];
    let last = names.len().saturating_sub(1);
    let names = names.iter().enumerate().map(|(at, name)| {
        let copied = if names.common_added() && at == last { " – the common name, added" } else { "" };
        format!("{}{copied}", shown_name(name))
    });
    subject.push(Fact::new("Subject Alternate Names", names.collect::<Vec<_>>().join("\n")));
    vec![
        Section::new(Step::NameAndType, name_and_type),
        Section::new(Step::Options, options(*key, *lifetime, context)),
        Section::new(Step::Subject, subject),
        Section::new(Step::Constraints, constraints(extensions)),
    ]
}

/// As it will be encoded; an internationalised name also as people read it.
fn shown_name(name: &San) -> String {
    let unicode = match name {
        San::Dns(dns) => dns.unicode(),
        _ => None,
    };
    unicode.map_or_else(|| name.to_string(), |unicode| format!("{name} ({unicode})"))
}

fn options(key: KeySpec, lifetime: Lifetime, context: &RequestContext<'_>) -> Vec<Fact> {
    let mut facts = match key {
        KeySpec::Rsa(bits, _) => vec![Fact::new("Key Type", "RSA"), Fact::new("Key Length", bits.value())],
        KeySpec::Ec(curve, _) => vec![Fact::new("Key Type", "EC"), Fact::new("EC Curve", curve.value())],
        KeySpec::Ed25519 => vec![Fact::new("Key Type", "EC"), Fact::new("EC Curve", "ed25519")],
    };
    let digest = key.digest().map_or("none: ed25519 has its own", |digest| digest.value());
    facts.push(Fact::new("Digest Algorithm", digest));
    let limit = Lifetime::public_limit(context.web.services.clock.today()).days();
    let note = format!(
        "{} days – kept beside the request, which carries none; public CAs give at most {limit}",
        lifetime.days()
    );
    facts.push(Fact::new("Lifetime", note));
    facts
}

fn constraints(extensions: &Extensions) -> Vec<Fact> {
    let Extensions { basic_constraints, authority_key_identifier, extended_key_usage, key_usage } = extensions;
    let critical = |on: bool| if on { "critical" } else { "not critical" };
    let basic = basic_constraints.as_ref().map_or("off".to_owned(), |basic| {
        let ca = if basic.ca { "CA" } else { "not a CA" };
        let path = basic.path_length.map(|length| format!(", path length {length}")).unwrap_or_default();
        format!("{ca}{path}, {}", critical(basic.critical))
    });
    let authority = authority_key_identifier.as_ref().map_or("off".to_owned(), |authority| {
        let issuer = if authority.cert_issuer.is_some() { ", with the CA's issuer and serial number" } else { "" };
        format!("key identifier {}{issuer}, not critical", signet_domain::hex::colons(&authority.key_id))
    });
    let extended = extended_key_usage.as_ref().map_or("off".to_owned(), |extended| {
        let usages: Vec<&str> = extended.usages.iter().map(|usage| usage.label()).collect();
        format!("{}, {}", usages.join(", "), critical(extended.critical))
    });
    let usage = key_usage.as_ref().map_or("off".to_owned(), |usage| {
        let bits: Vec<&str> = usage.bits.iter().map(|bit| bit.label()).collect();
        format!("{}, {}", bits.join(", "), critical(usage.critical))
    });
    vec![
        Fact::new("Basic Constraints", basic),
        Fact::new("Authority Key Identifier", authority),
        Fact::new("Extended Key Usage", extended),
        Fact::new("Key Usage", usage),
    ]
}

fn imported(
    context: &RequestContext<'_>,
    draft: &Draft,
    name: &CsrName,
) -> Result<(Vec<Section>, Vec<Advice>), WebError> {
    let name_and_type =
        vec![Fact::new("Name", name.to_string()), Fact::new("Type", "Import Certificate Signing Request")];
    let request = context
        .web
        .services
        .imports
        .request(&draft.id, context.now)?
        .ok_or(WebError::BadRequest("The imported request is not held any more."))?;
    let subject: Vec<String> = request.subject.iter().map(|part| format!("{}={}", part.label, part.value)).collect();
    let facts = vec![
        Fact::new("Subject", subject.join("\n")),
        Fact::new("Subject Alternate Names", request.san.join("\n")),
        Fact::new("Key", request.key.label.clone()),
        Fact::new("Signature", request.signature.label.clone()),
        Fact::new("Fingerprint of the public key (SHA-256)", signet_domain::hex::colons(&request.spki_sha256)),
        Fact::new("Private Key", "held, and belongs to the request"),
    ];
    let advice = signet_app::requests::import::advice(&request);
    Ok((vec![Section::new(Step::NameAndType, name_and_type), Section::new(Step::Import, facts)], advice))
}
