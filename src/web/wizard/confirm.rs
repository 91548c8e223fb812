//! Step 5: every answer with a link that changes it, what the CA makes of the request, and Save.

use super::signer::{self, Signer};
use super::{Go, certificate, facts, frame, frame::Frame, leave};
use crate::web::draft_cookie::{self, TooLarge};
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::messages::wizard as say;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use crate::web::router::step_path;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::data_flag::DataFlag;
use signet_app::requests::cli_equivalent;
use signet_app::requests::create::Saved;
use signet_domain::draft::{CheckedDraft, Draft, FinishedDraft};
use signet_domain::invalid::Mistakes;
use signet_domain::lifetime::Lifetime;
use signet_domain::name::CsrName;
use signet_domain::name_and_type::{Kind, NameAndType};
use signet_domain::request::NewRequest;
use signet_domain::san::San;
use signet_domain::step::{Step, Walk};
use signet_domain::subject_part::Part;
use signet_domain::supersedes::Supersedes;

/// Only a defect shows it.
const MISSING: WebError = WebError::BadRequest(say::STEP_MISSING);

#[derive(Template)]
#[template(path = "wizard/confirm.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    sections: Vec<Section>,
    /// What is worth knowing of what is imported.
    advice: Vec<String>,
    signer: Option<Signer>,
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
pub fn post(context: &RequestContext<'_>, draft: CheckedDraft<'_>, mut fields: Fields, go: Go, save: bool) -> Outcome {
    let (kind, change) = (fields.text("signer"), fields.text("change"));
    fields.finish()?;
    if go.back {
        return leave(context, &draft, go)?.map_err(|TooLarge| WebError::BadRequest(say::TOO_LONG));
    }
    if !kind.is_empty() || !change.is_empty() {
        return signer::post(context, draft, &kind, &change);
    }
    if !save {
        return draw(context, StatusCode::OK, &draft, Mistakes::none());
    }
    let NameAndType { name, kind } = name_and_type(&draft)?;
    let id = &draft.typed().id;
    let saved = match kind {
        Kind::Import => context.web.services.imports.save(id, name, context.by, context.now),
        Kind::Certificate => context.web.services.certified.save(id, name, context.by, context.now),
        Kind::New(_) => match context.web.services.requests.save(finished(&draft)?, id, context.by, context.now) {
            Ok(Saved::Later) => return Ok(see_other("/wizard/progress")),
            Ok(Saved::Kept(name)) => Ok(name),
            Err(error) => Err(error),
        },
    };
    ended(context, &draft, saved)
}

/// How a Save ended: the CSR's page, or this one with the reason.
pub fn ended(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, saved: Result<CsrName, AppError>) -> Outcome {
    match saved {
        Ok(name) => {
            let told = if draft.typed().walk() == Walk::Certificate { "with-certificate" } else { "saved" };
            Ok(super::with_all(see_other(&format!("/csrs/{name}?told={told}")), draft_cookie::clear(context.site)))
        }
        Err(AppError::Rejected(mistakes)) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, draft, mistakes),
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}

/// The page opens only when every step before it is valid; so this and [`finished`] fail for a defect alone.
fn name_and_type<'a>(draft: &'a CheckedDraft<'_>) -> Result<&'a NameAndType, WebError> {
    draft.name_and_type().ok_or(MISSING)
}

fn finished(draft: &CheckedDraft<'_>) -> Result<FinishedDraft, WebError> {
    draft.finish().map_err(|_unfinished| MISSING)
}

/// The answers, what is worth knowing of them, and what CAs make of them.
type Shown = (Vec<Section>, Vec<String>, Option<Signer>);

fn draw(context: &RequestContext<'_>, status: StatusCode, draft: &CheckedDraft<'_>, mistakes: Mistakes) -> Outcome {
    let title = Step::Confirm.title();
    let (mut command, mut openssl) = (None, None);
    let NameAndType { name, kind } = name_and_type(draft)?;
    let (sections, advice, signer) = match *kind {
        Kind::Import => imported(context, draft.typed(), name)?,
        Kind::Certificate => certified(context, draft, name)?,
        Kind::New(profile) => {
            let finished = finished(draft)?;
            let request = &finished.request;
            (command, openssl) = twins(context, &finished);
            let limit = Lifetime::public_limit(context.web.services.clock.today());
            let signer = Signer::of_new(context, draft, request);
            let mut sections = made(request, profile.map_or("None", |profile| profile.label()), limit);
            tell_what_is_replaced(finished.supersedes.as_ref(), &mut sections);
            (sections, Vec::new(), Some(signer))
        }
    };
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        frame: frame(context, draft, Step::Confirm),
        mistakes,
        sections,
        advice,
        signer,
        command,
        openssl,
    };
    page(status, &template)
}

/// The command twin. One that takes a key over has none: it could not edit the answers.
fn twins(context: &RequestContext<'_>, finished: &FinishedDraft) -> (Option<String>, Option<String>) {
    let FinishedDraft { asked, request, supersedes } = finished;
    if finished.keeps_key() {
        return (None, None);
    }
    let services = &context.web.services;
    let data = DataFlag::elsewhere(services.store.path());
    let mut command = cli_equivalent::command(request.name.as_str(), asked, &data, &services.config.subject_defaults);
    if let (Some(command), Some(supersedes)) = (&mut command, supersedes) {
        // A name is a word of any shell.
        command.push_str(&format!(" \\\n  --supersedes={}", supersedes.name));
    }
    (command, cli_equivalent::openssl_text(request).ok())
}

fn tell_what_is_replaced(supersedes: Option<&Supersedes>, sections: &mut [Section]) {
    let Some(supersedes) = supersedes else { return };
    for section in sections {
        if section.title == Step::NameAndType.title() {
            section.facts.push(Fact::new("Replaces", supersedes.name.clone()));
        }
        if section.title == Step::Options.title() && supersedes.same_key {
            section.facts.insert(0, Fact::new("Key", format!("the same key as {}", supersedes.name)));
        }
    }
}

fn made(request: &NewRequest, profile: &str, limit: Lifetime) -> Vec<Section> {
    let NewRequest { name, key, lifetime, subject, names, extensions } = request;
    let name_and_type =
        vec![Fact::new("Name", name.to_string()), Fact::new("Type", "New request"), Fact::new("Profile", profile)];
    let text = |text: &Option<signet_domain::subject::Text>| {
        text.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default()
    };
    let country = subject.country.map(|country| format!("{} ({})", country.name(), country.code())).unwrap_or_default();
    let mut subject = vec![
        Fact::new(Part::Common.label(), text(&subject.common_name)),
        Fact::new(Part::Country.label(), country),
        Fact::new(Part::State.label(), text(&subject.state)),
        Fact::new(Part::City.label(), text(&subject.locality)),
        Fact::new(Part::Organization.label(), text(&subject.organization)),
        Fact::new(Part::OrganizationalUnit.label(), text(&subject.organizational_unit)),
        Fact::new(
            Part::Email.label(),
            subject.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        ),
    ];
    let last = names.len().saturating_sub(1);
    let names = names.iter().enumerate().map(|(at, name)| {
        let copied = if names.common_added() && at == last { " – copy of the common name" } else { "" };
        format!("{}{copied}", shown_name(name))
    });
    subject.push(Fact::new(Part::San.label(), names.collect::<Vec<_>>().join("\n")));
    vec![
        Section::new(Step::NameAndType, name_and_type),
        Section::new(Step::Options, facts::options(*key, *lifetime, limit)),
        Section::new(Step::Subject, subject),
        Section::new(Step::Constraints, facts::constraints(extensions)),
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

fn certified(context: &RequestContext<'_>, draft: &CheckedDraft<'_>, name: &CsrName) -> Result<Shown, WebError> {
    let name_and_type = vec![Fact::new("Name", name.to_string()), Fact::new("Type", "Certificate with its key")];
    let (facts, advice) = match certificate::facts(context, draft) {
        Ok(found) => found,
        // It has expired since it was given: Save says so.
        Err(AppError::Rejected(mistakes)) => (Vec::new(), mistakes.iter().map(|one| one.what.clone()).collect()),
        Err(AppError::Failed(error)) => return Err(error.into()),
    };
    let sections = vec![Section::new(Step::NameAndType, name_and_type), Section::new(Step::Certificate, facts)];
    Ok((sections, advice, None))
}

fn imported(context: &RequestContext<'_>, draft: &Draft, name: &CsrName) -> Result<Shown, WebError> {
    let name_and_type = vec![Fact::new("Name", name.to_string()), Fact::new("Type", "Import request")];
    let request = context
        .web
        .services
        .imports
        .request(&draft.id, context.now)?
        .ok_or(WebError::BadRequest("The imported request is no longer in memory."))?;
    let subject: Vec<String> = request.subject.iter().map(|part| format!("{}={}", part.label, part.value)).collect();
    let facts = vec![
        Fact::new("Subject", subject.join("\n")),
        Fact::new("Subject Alternate Names", request.san.join("\n")),
        Fact::new("Key", request.key.label.clone()),
        Fact::new("Signature", request.signature.label.clone()),
        Fact::new("Fingerprint of the public key (SHA-256)", signet_domain::hex::colons(&request.spki_sha256)),
        Fact::new("Private Key", "belongs to the request; saved with it"),
    ];
    let advice = signet_app::requests::import::advice(&request).into_iter().map(|advice| advice.text).collect();
    let sections = vec![Section::new(Step::NameAndType, name_and_type), Section::new(Step::Import, facts)];
    Ok((sections, advice, Some(Signer::of_import(context, draft, &request))))
}
