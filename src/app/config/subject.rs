//! The config file's `[subject]`: what a request must have, and what a new one begins with.

use crate::messages::config as say;
use serde::Deserialize;
use signet_domain::policy::Policy;
use signet_domain::subject::SubjectAnswers;
use signet_domain::subject_part::Part;
use signet_domain::visible;
use std::ops::Range;
use toml::Spanned;

/// Where it is wrong, and what is.
type Wrong = (Option<Range<usize>>, String);

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub(super) struct SubjectTable {
    required: Option<Vec<Spanned<String>>>,
    defaults: Defaults,
}

/// The names that a certificate is valid for are not among them: they are the device's, not the vendor's.
#[derive(Debug, Deserialize, Default)]
#[serde(default)]
struct Defaults {
    country: Option<Spanned<String>>,
    state: Option<Spanned<String>>,
    city: Option<Spanned<String>>,
    organization: Option<Spanned<String>>,
    organizational_unit: Option<Spanned<String>>,
    email: Option<Spanned<String>>,
}

impl SubjectTable {
    /// The fields that a request must have; none where the file does not say.
    pub(super) fn required(&self) -> Result<Option<Vec<Part>>, Wrong> {
        let part = |name: &Spanned<String>| {
            let unknown = || (Some(name.span()), say::unknown_subject_field(&visible::line(name.get_ref())));
            Part::parse(name.get_ref()).ok_or_else(unknown)
        };
        self.required.as_ref().map(|required| required.iter().map(part).collect()).transpose()
    }

    /// What a new request begins with, by the rules that it is checked by later.
    pub(super) fn defaults(&self) -> Result<SubjectAnswers, Wrong> {
        let Defaults { country, state, city, organization, organizational_unit, email } = &self.defaults;
        let parts = [
            (Part::Country, country),
            (Part::State, state),
            (Part::City, city),
            (Part::Organization, organization),
            (Part::OrganizationalUnit, organizational_unit),
            (Part::Email, email),
        ];
        let policy = Policy { required: Vec::new(), ..Policy::default() };
        let mut defaults = SubjectAnswers::default();
        for (part, text) in parts {
            let Some(text) = text else { continue };
            text.get_ref().trim().clone_into(defaults.part_mut(part));
            // That there is no name yet is no mistake here.
            let mistakes = defaults.parse(&policy).err().unwrap_or_default();
            if let Some(mistake) = mistakes.iter().find(|mistake| mistake.field == part.field()) {
                return Err((Some(text.span()), say::subject_default(part.field(), &mistake.what)));
            }
        }
        Ok(defaults)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_default_is_checked_as_it_would_be_in_a_request() {
        let text = "[subject.defaults]\ncountry = \"de\"\nstate = \"Berlin\"\ncity = \"Berlin\"\norganization = \"Acme\"\n\
            organizational_unit = \"NAS\"\nemail = \"it@acme.example\"\n";
        let config = Config::parse(text).unwrap();
        let defaults = config.subject_defaults;
        assert_eq!((&*defaults.state, &*defaults.organizational_unit, &*defaults.common), ("Berlin", "NAS", ""));
        assert!(config.unknown.is_empty());
        for (text, line, told) in [
            ("[subject.defaults]\ncountry = \"Germany\"\n", 2, "`subject.defaults.country`"),
            ("[subject]\n[subject.defaults]\nemail = \"nobody\"\n", 3, "`subject.defaults.email`"),
            ("subject.defaults.organization = \"a\\u0007\"\n", 1, "`subject.defaults.organization`"),
        ] {
            let (at, what) = Config::parse(text).unwrap_err();
            assert!(at == line && what.starts_with(told) && !what.ends_with('.'), "{text}: {at} {what}");
        }
    }
}
