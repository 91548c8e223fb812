//! What is set of a CA, as a form has it: the same fields for a new one and for a change. Secrets go in once.

use super::checks::Checks;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::messages::enroll as say;
use askama::Template;
use signet_app::authorities::Given;
use signet_domain::authority::{Authority, AuthorityAnswers};
use signet_domain::enrollment::ChallengeKind;
use signet_domain::invalid::{Invalid, Mistakes};
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
    checks: Checks,
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
            checks: Checks::of(settings.challenges, settings.dns),
        }
    }

    /// A kind of challenge has to be chosen: nothing ticked is not the same as nothing said.
    pub(super) fn checked(&self) -> Result<(), Invalid> {
        if self.checks.challenges().is_empty() { Err(say::no_challenge()) } else { Ok(()) }
    }

    /// What was entered; `before` are the kinds of challenge that were set.
    pub(super) fn read(name: String, fields: &mut Fields, before: &[ChallengeKind]) -> Result<(Self, Given), WebError> {
        let typed = Self {
            name,
            url: fields.trimmed("url"),
            root: fields.text("root"),
            contact: fields.trimmed("contact"),
            agree_terms: fields.checkbox("agree_terms")?,
            eab_kid: fields.trimmed("eab_kid"),
            profile: fields.trimmed("profile"),
            preferred_chain: fields.trimmed("preferred_chain"),
            checks: Checks::read(fields, before)?,
        };
        // Left empty it stays as it is.
        let mut secret = |field: &str| {
            let text = fields.secret(field);
            (!text.is_empty()).then(|| Secret::new(text.as_bytes().to_vec()))
        };
        let given = Given {
            answers: AuthorityAnswers {
                url: Some(typed.url.clone()),
                contact: Some(typed.contact.clone()),
                agreed: typed.agree_terms,
                eab_kid: Some(typed.eab_kid.clone()),
                profile: Some(typed.profile.clone()),
                preferred_chain: Some(typed.preferred_chain.clone()),
                challenges: typed.checks.challenges(),
                dns: typed.checks.dns(),
            },
            eab_key: secret("eab_key"),
            est: None,
            tsig_secret: secret("tsig_secret"),
            roots: Some(typed.root.trim().as_bytes().to_vec()),
        };
        Ok((typed, given))
    }
}
