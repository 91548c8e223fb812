//! What is set of a CA, as a form has it: the same fields for a new one and for a change. Secrets go in once.

use crate::web::error::WebError;
use crate::web::form::Fields;
use askama::Template;
use signet_app::authorities::Given;
use signet_domain::authority::{Authority, AuthorityAnswers, DnsAnswers};
use signet_domain::invalid::Mistakes;
use signet_domain::secret::Secret;

/// The fields, but for the secret.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) name: String,
    url: String,
    root: String,
    contact: String,
    agree_terms: bool,
    eab_kid: String,
    profile: String,
    preferred_chain: String,
}

/// The fields of the form, with their errors.
#[derive(Template)]
#[template(path = "parts/authority.html")]
pub(super) struct Form<'a> {
    pub(super) typed: &'a Typed,
    pub(super) mistakes: &'a Mistakes,
    /// Else what is there is changed.
    pub(super) is_new: bool,
}

impl Form<'_> {
    /// Fields that few need are open where one is filled in or refused.
    fn is_open(&self) -> bool {
        let Typed { eab_kid, profile, preferred_chain, .. } = self.typed;
        let has = |field: &&str| self.mistakes.has(field);
        [eab_kid, profile, preferred_chain].into_iter().any(|text| !text.is_empty())
            || ["eab_kid", "eab_key", "profile", "preferred_chain"].iter().any(has)
    }
}

impl Typed {
    /// What is set already.
    pub(super) fn of(name: String, settings: Authority, roots: Option<String>) -> Self {
        Self {
            name,
            url: settings.url,
            root: roots.unwrap_or_default(),
            contact: settings.contact.unwrap_or_default(),
            agree_terms: false,
            eab_kid: settings.eab_kid.unwrap_or_default(),
            profile: settings.profile.unwrap_or_default(),
            preferred_chain: settings.preferred_chain.unwrap_or_default(),
        }
    }

    /// What was entered.
    pub(super) fn read(name: String, fields: &mut Fields) -> Result<(Self, Given), WebError> {
        let typed = Self {
            name,
            url: fields.trimmed("url"),
            root: fields.text("root"),
            contact: fields.trimmed("contact"),
            agree_terms: fields.checkbox("agree_terms")?,
            eab_kid: fields.trimmed("eab_kid"),
            profile: fields.trimmed("profile"),
            preferred_chain: fields.trimmed("preferred_chain"),
        };
        let eab_key = fields.secret("eab_key");
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
            // Left empty it stays as it is.
            eab_key: (!eab_key.is_empty()).then(|| Secret::new(eab_key.as_bytes().to_vec())),
            est: None,
            tsig_secret: None,
            roots: Some(typed.root.trim().as_bytes().to_vec()),
        };
        Ok((typed, given))
    }
}
