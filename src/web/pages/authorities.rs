//! The CAs that certificates are ordered from: what is set of each, and a form for another one. Secrets go in once and are never
//! shown. Nobody is called from here: `signet ca test` tries whether a CA can be reached.

use crate::web::form::Fields;
use crate::web::layout::{Fact, Layout};
use crate::web::messages::enroll as say;
use crate::web::reply::{Outcome, page, see_other};
use crate::web::request_context::RequestContext;
use askama::Template;
use hyper::StatusCode;
use signet_app::AppError;
use signet_app::authorities::{Given, Shown};
use signet_domain::authority::{AuthorityAnswers, AuthorityName, DnsAnswers};
use signet_domain::invalid::Mistakes;
use signet_domain::secret::Secret;

#[derive(Template)]
#[template(path = "authorities.html")]
struct Authorities {
    layout: Layout,
    mistakes: Mistakes,
    all: Vec<One>,
    typed: Typed,
}

struct One {
    name: String,
    facts: Vec<Fact>,
}

/// The form, but for its secret.
#[derive(Default)]
struct Typed {
    name: String,
    url: String,
    root: String,
    contact: String,
    agree_terms: bool,
    eab_kid: String,
    profile: String,
    preferred_chain: String,
}

impl One {
    fn of(shown: Shown) -> Self {
        let settings = shown.settings;
        let or = |value: Option<String>, none: &str| value.unwrap_or_else(|| none.to_owned());
        if let Some(est) = settings.est {
            let facts = vec![
                Fact::new("Address", settings.url),
                Fact::new("Label", or(est.label, "")),
                Fact::new(
                    "Trusted roots",
                    if shown.roots.is_empty() { "public".to_owned() } else { shown.roots.join("\n") },
                ),
                Fact::new("User", or(est.user, "")),
                Fact::new("Certificate", or(shown.client, "")),
                Fact::new("Orders for", shown.requests.join("\n")),
            ];
            return Self { name: shown.name.to_string(), facts };
        }
        let facts = vec![
            Fact::new("Address", settings.url),
            Fact::new(
                "Trusted roots",
                if shown.roots.is_empty() { "public".to_owned() } else { shown.roots.join("\n") },
            ),
            Fact::new("Terms", if settings.agreed { "agreed" } else { "not agreed" }),
            Fact::new("Contact", or(settings.contact, "")),
            Fact::new("External account", or(settings.eab_kid, "")),
            Fact::new("Profile", or(settings.profile, say::CAS_CHOICE)),
            Fact::new("Preferred chain", or(settings.preferred_chain, say::CAS_CHOICE)),
            Fact::new("Orders for", shown.requests.join("\n")),
        ];
        Self { name: shown.name.to_string(), facts }
    }
}

fn draw(context: &RequestContext<'_>, status: StatusCode, typed: Typed, mistakes: Mistakes) -> Outcome {
    let title = "CAs".to_owned();
    let layout = if mistakes.is_empty() { context.layout(title) } else { context.error_layout(title) };
    let all = context.web.services.authorities.list()?.into_iter().map(One::of).collect();
    page(status, &Authorities { layout, mistakes, all, typed })
}

/// All of them, and an empty form.
pub fn get(context: &RequestContext<'_>) -> Outcome {
    draw(context, StatusCode::OK, Typed::default(), Mistakes::none())
}

/// Adds one.
pub fn post(context: &RequestContext<'_>, mut fields: Fields) -> Outcome {
    let typed = Typed {
        name: fields.trimmed("name"),
        url: fields.trimmed("url"),
        root: fields.text("root"),
        contact: fields.trimmed("contact"),
        agree_terms: fields.checkbox("agree_terms")?,
        eab_kid: fields.trimmed("eab_kid"),
        profile: fields.trimmed("profile"),
        preferred_chain: fields.trimmed("preferred_chain"),
    };
    let eab_key = fields.secret("eab_key");
    fields.finish()?;
    let given = Given {
        answers: AuthorityAnswers {
            url: Some(typed.url.clone()),
            contact: Some(typed.contact.clone()),
            agreed: typed.agree_terms,
            eab_kid: Some(typed.eab_kid.clone()),
            profile: Some(typed.profile.clone()),
            preferred_chain: Some(typed.preferred_chain.clone()),
            challenges: Vec::new(),
            dns: DnsAnswers::default(),
        },
        est: None,
        tsig_secret: None,
        eab_key: (!eab_key.is_empty()).then(|| Secret::new(eab_key.as_bytes().to_vec())),
        roots: Some(typed.root.trim().as_bytes().to_vec()),
    };
    let added = AuthorityName::parse(&typed.name)
        .map_err(AppError::from)
        .and_then(|name| context.web.services.authorities.add(&name, &given, context.by));
    match added {
        Ok(_) => Ok(see_other("/authorities")),
        Err(AppError::Rejected(mistakes)) => draw(context, StatusCode::UNPROCESSABLE_ENTITY, typed, mistakes),
        Err(AppError::Failed(error)) => Err(error.into()),
    }
}
