//! Step 2: the key and the digest.

use super::facts::options_in_short;
use super::fields::read;
use super::preset::Preset;
use super::{Go, frame, frame::Frame, leave};
use crate::web::draft_cookie::TooLarge;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::layout::Layout;
use crate::web::messages::wizard as say;
use crate::web::reply::{Outcome, page};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::Failure;
use signet_domain::draft::CheckedDraft;
use signet_domain::fields::{self, Field};
use signet_domain::invalid::Mistakes;
use signet_domain::lifetime::Lifetime;
use signet_domain::options::OptionsAnswers;
use signet_domain::record::Asked;
use signet_domain::step::Step;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "wizard/options.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    answers: OptionsAnswers,
    types: [(&'static str, &'static str, &'static str); 3],
    choices: BTreeMap<&'static str, Vec<(&'static str, String)>>,
    lifetime_hint: String,
    /// The chosen profile and what it sets here, as long as that is what the answers are.
    preset: Option<Preset>,
    /// The key that is kept, and whose it is: nothing of it can be chosen.
    kept_key: Option<(String, String)>,
    /// False for a kept key that has a digest of its own.
    has_digest: bool,
}

impl Page {
    /// A field's label.
    fn label(&self, name: &str) -> &'static str {
        fields::OPTIONS.iter().find(|field| field.name == name).map_or("", |field| field.label)
    }

    /// What can be chosen in a field.
    fn choices(&self, name: &str) -> &[(&'static str, String)] {
        self.choices.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    draft: &CheckedDraft<'_>,
    answers: OptionsAnswers,
    mistakes: Mistakes,
) -> Outcome {
    let title = Step::Options.title();
    let kept_key = kept_key(context, draft)?;
    let has_digest = kept_key.is_none() || answers.has_digest();
    let profile = draft.typed().preset_of_options(&answers, limit(context)).filter(|_| kept_key.is_none());
    let preset = Preset::of(context, profile, || Some(options_in_short(&draft.parse_options(&answers).ok()?)));
    let template = Page {
        layout: if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) },
        frame: frame(context, draft, Step::Options),
        mistakes,
        answers,
        types: [
            ("RSA", "RSA", "Works everywhere."),
            ("EC", "EC", "Smaller and faster."),
            ("ML-DSA", "ML-DSA", "Safe from quantum computers. Only private CAs and new software know it."),
        ],
        choices: fields::OPTIONS.iter().map(|field| (field.name, shown(field))).collect(),
        lifetime_hint: say::lifetime_hint(limit(context).days()),
        preset,
        kept_key,
        has_digest,
    };
    page(status, &template)
}

/// The choices of a field with their labels.
fn shown(field: &Field) -> Vec<(&'static str, String)> {
    let mark = |weak| if weak { " (not recommended)" } else { "" };
    let choices = (field.choices)().into_iter();
    choices.map(|choice| (choice.value, format!("{}{}", choice.label, mark(choice.weak)))).collect()
}

/// The key of the request that is renewed with it; none where one is made, and where that request is gone with its key.
fn kept_key(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Result<Option<(String, String)>, Failure> {
    let Some(supersedes) = draft.typed().supersedes.as_ref().filter(|supersedes| supersedes.same_key) else {
        return Ok(None);
    };
    let Some((name, _)) = context.web.services.catalog.predecessor(supersedes)? else { return Ok(None) };
    let key = context.web.services.catalog.readable(&name)?.request.key.label;
    Ok(Some((key, name.to_string())))
}

fn limit(context: &RequestContext<'_>) -> Lifetime {
    Lifetime::public_limit(context.web.services.clock.today())
}

/// The page.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    draw(context, StatusCode::OK, draft, draft.typed().options_or_preset(limit(context)), Mistakes::none())
}

/// Takes the answers.
pub fn post(context: &RequestContext<'_>, mut draft: CheckedDraft<'_>, mut form: Fields, go: Go) -> Outcome {
    let kept = draft.typed().options.clone().filter(|_| draft.typed().keeps_key());
    let kept = if kept.is_some() && kept_key(context, &draft)?.is_none() {
        // Its request was deleted with its key: another one is made.
        draft.forget_predecessor();
        None
    } else {
        kept
    };
    let keeps = kept.is_some();
    let mut asked = Asked { options: kept.unwrap_or_default(), ..Asked::default() };
    // The form has no fields for a key that is kept, nor for what such a key does not use.
    for field in fields::OPTIONS {
        if !keeps || (!field.is_of_key() && field.applies(&asked)) {
            read(&mut form, field, &mut asked)?;
        }
    }
    form.finish()?;
    let answers = asked.options;
    let parsed = match draft.parse_options(&answers) {
        Err(mistakes) if !go.back => {
            return draw(context, StatusCode::UNPROCESSABLE_ENTITY, &draft, answers, mistakes);
        }
        parsed => parsed,
    };
    draft.set_options(answers, parsed);
    super::begin_key(context, &draft);
    leave(context, &draft, go)?.map_err(|TooLarge| WebError::BadRequest(say::TOO_LONG))
}
