//! Step 2: the key and the digest.

use super::facts::options_in_short;
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
use signet_domain::invalid::Mistakes;
use signet_domain::key_spec::{Curve, Digest, ED25519, KeyType, RsaBits};
use signet_domain::lifetime::Lifetime;
use signet_domain::ml_dsa::MlDsa;
use signet_domain::options::OptionsAnswers;
use signet_domain::step::Step;

#[derive(Template)]
#[template(path = "wizard/options.html")]
struct Page {
    layout: Layout,
    frame: Frame,
    mistakes: Mistakes,
    answers: OptionsAnswers,
    types: [(&'static str, &'static str, &'static str); 3],
    lengths: Vec<(&'static str, String)>,
    curves: Vec<(&'static str, &'static str)>,
    sets: [(&'static str, &'static str); 3],
    digests: Vec<(&'static str, String)>,
    lifetime_hint: String,
    /// The chosen profile and what it sets here, as long as that is what the answers are.
    preset: Option<Preset>,
    /// The key that is kept, and whose it is: nothing of it can be chosen.
    kept_key: Option<(String, String)>,
    /// False for a kept key that has a digest of its own.
    has_digest: bool,
}

fn draw(
    context: &RequestContext<'_>,
    status: StatusCode,
    draft: &CheckedDraft<'_>,
    answers: OptionsAnswers,
    mistakes: Mistakes,
) -> Outcome {
    let title = Step::Options.title();
    let marked = |value: &str, weak: bool| if weak { format!("{value} (not recommended)") } else { value.to_owned() };
    let kept_key = kept_key(context, draft)?;
    let has_digest = kept_key.is_none() || !has_own_digest(&answers);
    let profile = draft.typed().preset_of_options(&answers, limit(context)).filter(|_| kept_key.is_none());
    let preset = Preset::of(context, profile, || Some(options_in_short(&draft.parse_options(&answers).ok()?)));
    let curves = Curve::ALL.map(|curve| (curve.value(), curve.value()));
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
        lengths: RsaBits::ALL.map(|bits| (bits.value(), marked(bits.value(), bits == RsaBits::B1024))).into(),
        curves: curves.into_iter().chain([(ED25519, ED25519)]).collect(),
        sets: MlDsa::ALL.map(|set| (set.value(), set.label())),
        digests: Digest::ALL.map(|digest| (digest.value(), marked(digest.value(), digest == Digest::Sha1))).into(),
        lifetime_hint: say::lifetime_hint(limit(context).days()),
        preset,
        kept_key,
        has_digest,
    };
    page(status, &template)
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

/// Whether nothing is signed with a digest that can be chosen.
fn has_own_digest(answers: &OptionsAnswers) -> bool {
    match answers.key_type() {
        Some(KeyType::MlDsa) => true,
        Some(KeyType::Ec) => answers.ec_curve == ED25519,
        _ => false,
    }
}

fn limit(context: &RequestContext<'_>) -> Lifetime {
    Lifetime::public_limit(context.web.services.clock.today())
}

/// The page.
pub fn get(context: &RequestContext<'_>, draft: &CheckedDraft<'_>) -> Outcome {
    draw(context, StatusCode::OK, draft, draft.typed().options_or_preset(limit(context)), Mistakes::none())
}

/// Takes the answers.
pub fn post(context: &RequestContext<'_>, mut draft: CheckedDraft<'_>, mut fields: Fields, go: Go) -> Outcome {
    let kept = draft.typed().options.clone().filter(|_| draft.typed().keeps_key());
    let kept = if kept.is_some() && kept_key(context, &draft)?.is_none() {
        // Its request was deleted with its key: another one is made.
        draft.forget_predecessor();
        None
    } else {
        kept
    };
    let mut chosen = |field: &'static str, kept: Option<&String>| kept.cloned().unwrap_or_else(|| fields.text(field));
    let answers = OptionsAnswers {
        key_type: chosen("key_type", kept.as_ref().map(|kept| &kept.key_type)),
        key_length: chosen("key_length", kept.as_ref().map(|kept| &kept.key_length)),
        ec_curve: chosen("ec_curve", kept.as_ref().map(|kept| &kept.ec_curve)),
        ml_dsa: chosen("ml_dsa", kept.as_ref().map(|kept| &kept.ml_dsa)),
        digest_algorithm: chosen(
            "digest_algorithm",
            kept.as_ref().filter(|kept| has_own_digest(kept)).map(|kept| &kept.digest_algorithm),
        ),
        lifetime: fields.trimmed("lifetime"),
    };
    fields.finish()?;
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
