//! Step 3: who the certificate is for. The names that it is valid for are in [`super::san`].

use super::country::Country;
use super::invalid::{Invalid, Mistakes};
use super::messages::subject as messages;
use super::policy::Policy;
use super::san::{DnsName, Mailbox, SanList, url_of_host};
use super::subject_part::Part;
use super::visible::is_direction;
use serde::{Deserialize, Serialize};

/// What step 3 asks, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are docs/reference.md's, by name")]
pub struct SubjectAnswers {
    pub country: String,
    pub state: String,
    pub city: String,
    pub organization: String,
    pub organizational_unit: String,
    pub email: String,
    pub common: String,
    /// One name a line; commas also separate.
    pub san: String,
}

impl SubjectAnswers {
    /// Step 3 as a value. Text loses surrounding blanks; what is left empty is not in the subject.
    pub fn parse(&self, policy: &Policy) -> Result<Named, Mistakes> {
        let mut mistakes = Mistakes::none();
        let subject = Subject {
            country: self.part(Part::Country, policy, &mut mistakes, Country::parse),
            state: self.text(Part::State, policy, &mut mistakes),
            locality: self.text(Part::City, policy, &mut mistakes),
            organization: self.text(Part::Organization, policy, &mut mistakes),
            organizational_unit: self.text(Part::OrganizationalUnit, policy, &mut mistakes),
            email: self.part(Part::Email, policy, &mut mistakes, |text| {
                Mailbox::parse(text).map_err(|refusal| refusal.at(Part::Email.field(), text))
            }),
            common_name: self.text(Part::Common, policy, &mut mistakes),
        };
        let names = mistakes.keep_all(self.names(subject.common_name.as_ref(), policy));
        match names {
            Some(names) if mistakes.is_empty() => Ok(Named { subject, names }),
            _ => Err(mistakes),
        }
    }

    /// The text of a part, to be changed.
    pub fn part_mut(&mut self, part: Part) -> &mut String {
        match part {
            Part::Country => &mut self.country,
            Part::State => &mut self.state,
            Part::City => &mut self.city,
            Part::Organization => &mut self.organization,
            Part::OrganizationalUnit => &mut self.organizational_unit,
            Part::Email => &mut self.email,
            Part::Common => &mut self.common,
            Part::San => &mut self.san,
        }
    }

    /// The same answers to begin another request with: parts that the rules do not accept any more are left empty.
    pub fn reusable(mut self) -> Self {
        let anything = Policy { required: Vec::new(), ..Policy::default() };
        for invalid in self.parse(&anything).err().unwrap_or_default() {
            if let Some(part) = Part::parse(invalid.field) {
                self.part_mut(part).clear();
            }
        }
        self
    }

    /// What was typed for a part, surrounding blanks aside.
    pub fn typed(&self, part: Part) -> &str {
        let typed = match part {
            Part::Country => &self.country,
            Part::State => &self.state,
            Part::City => &self.city,
            Part::Organization => &self.organization,
            Part::OrganizationalUnit => &self.organizational_unit,
            Part::Email => &self.email,
            Part::Common => &self.common,
            Part::San => &self.san,
        };
        typed.trim()
    }

    fn text(&self, part: Part, policy: &Policy, mistakes: &mut Mistakes) -> Option<Text> {
        self.part(part, policy, mistakes, |text| Text::parse(part, text))
    }

    fn part<T>(
        &self,
        part: Part,
        policy: &Policy,
        mistakes: &mut Mistakes,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        match self.typed(part) {
            "" if policy.required.contains(&part) => mistakes.keep(Err(messages::missing(part))),
            "" => None,
            text => mistakes.keep(parse(text)),
        }
    }

    fn names(&self, common: Option<&Text>, policy: &Policy) -> Result<SanList, Mistakes> {
        // Commas and blanks alone are not a name.
        let blank = self.san.chars().all(|character| character == ',' || character.is_whitespace());
        if blank && policy.required.contains(&Part::San) {
            return Err(messages::missing(Part::San).into());
        }
        // Whatever the integrator requires, a certificate is for something.
        if blank && self.typed(Part::Common).is_empty() && !policy.required.contains(&Part::Common) {
            return Err(messages::no_name().into());
        }
        SanList::parse(&self.san, common.map_or("", Text::as_str))
    }
}

/// Step 3, valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The distinguished name.
    pub subject: Subject,
    /// The subject alternative names, the common name's copy included.
    pub names: SanList,
}

/// The distinguished name; an empty part is `None` and is left out of the encoding.
/// Encoded in the order of the fields here: CN, C, ST, L, O, OU, emailAddress (docs/reference.md).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// CN, 1 to 64 characters.
    pub common_name: Option<Text>,
    /// C, PrintableString of two letters.
    pub country: Option<Country>,
    /// ST, 1 to 128 characters.
    pub state: Option<Text>,
    /// L, 1 to 128 characters.
    pub locality: Option<Text>,
    /// O, 1 to 64 characters.
    pub organization: Option<Text>,
    /// OU, 1 to 64 characters.
    pub organizational_unit: Option<Text>,
    /// emailAddress, IA5String of at most 255 characters.
    pub email: Option<Mailbox>,
}

/// Text within its part's bound, without control characters; a UTF8String in the encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text of a part, neither empty nor surrounded by blanks, within the part's bound in characters (X.520).
    ///
    /// Refused at the part's field: control characters, Unicode's line and paragraph separators, the invisible marks
    /// that turn the direction of writing, by which a subject would look like another, and a URL as the common name.
    fn parse(part: Part, text: &str) -> Result<Self, Invalid> {
        let is_control = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
        if let Some(control) = text.chars().find(|&character| is_control(character)) {
            return Err(messages::control_character(part, control));
        }
        if let Some(mark) = text.chars().find(|&character| is_direction(character)) {
            let plain = text.replace(is_direction, "");
            let refused = messages::direction_mark(part, mark, &plain);
            let plain = plain.trim();
            return Err(match Self::parse(part, plain) {
                Ok(_) if !plain.is_empty() => refused.corrected(text, plain),
                _ => refused,
            });
        }
        if let (Part::Common, Some(refusal)) = (part, url_of_host(text)) {
            return Err(refusal.at(part.field(), text));
        }
        let length = text.chars().count();
        match part.max() {
            Some(max) if length > max => Err(match part {
                Part::Common if DnsName::parse(text).is_ok() => messages::too_long_host(length, max),
                _ => messages::too_long(part, length, max),
            }),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests;
