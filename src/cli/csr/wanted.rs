//! The request that flags, or an entry of a request file, ask for.

use super::given::Given;
use crate::cli::error::CliError;
use crate::cli::input::read;
use crate::cli::messages::requests as say;
use signet_domain::draft::{Draft, DraftId, FinishedDraft, Rules};
use signet_domain::extensions::{KeyUsageBit, Usage};
use signet_domain::fields::{self, Answer, Field};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::lifetime::Lifetime;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::note::Note;
use signet_domain::policy::Policy;
use signet_domain::record::Asked;
use signet_pki::ca::CaReader;
use std::path::{Path, PathBuf};

/// The issuer's key, whose value may be a file's name.
const ISSUER: &str = "aki_issuer";

impl Given {
    /// The CA's certificate where it is named as a file.
    pub(super) fn issuer_file(&self) -> Option<PathBuf> {
        self.text(ISSUER).filter(|given| is_file(given)).map(PathBuf::from)
    }

    /// The note, where one is given.
    ///
    /// # Errors
    /// A note that is too long, or with characters that a terminal would obey.
    pub fn note(&self) -> Result<Option<Note>, CliError> {
        Ok(self.text("note").map(Note::parse).transpose()?)
    }

    /// The request that is asked for.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the wizard's steps.
    pub fn finish(&self, limit: Lifetime, policy: &Policy) -> Result<FinishedDraft, CliError> {
        let rules = Rules { policy, ca: &CaReader };
        // A draft of flags has answers to every step: none is missing.
        self.draft(limit)?.finish(rules).map_err(|unfinished| CliError::Refused(unfinished.mistakes))
    }

    /// The same refusal, with the flags that were not given apart from those that say something wrong.
    pub(super) fn by_flags(&self, error: CliError) -> CliError {
        let CliError::Refused(mistakes) = error else { return error };
        let (mut flags, mut refused) = (Vec::new(), Mistakes::none());
        for one in mistakes {
            match self.missing(one.field) {
                Some(flag) => flags.push(flag),
                None => refused.add(one),
            }
        }
        if flags.is_empty() { CliError::Refused(refused) } else { CliError::Missing { flags, refused } }
    }

    /// The wizard's answers that the flags stand for: a profile's, where no flag says otherwise.
    fn draft(&self, limit: Lifetime) -> Result<Draft, CliError> {
        let text = |flag| self.text(flag).unwrap_or_default().to_owned();
        let mut draft = Draft::new(DraftId::from_bytes([0; 16]));
        let r#type = NameAndTypeAnswers::NEW.to_owned();
        draft.set_name_and_type(NameAndTypeAnswers { name: text("name"), r#type, profile: text("profile") });
        let mut asked = Asked { options: draft.options_or_preset(limit), ..Asked::default() };
        let mut mistakes = Mistakes::none();
        // A curve, a length or a parameter set alone says which type is meant.
        let mut meant = fields::OPTIONS.iter().filter(|field| self.has(field.key())).filter_map(|field| field.key_type);
        if let (Some(meant), None) = (meant.next(), meant.next()) {
            meant.value().clone_into(&mut asked.options.key_type);
        }
        for field in fields::OPTIONS.iter().chain(fields::SUBJECT).filter(|field| self.has(field.key())) {
            self.answer(field, &mut asked, &mut mistakes)?;
        }
        draft.set_options(asked.options.clone());
        draft.set_subject(asked.subject.clone());
        asked.constraints = draft.constraints_or_preset();
        // A flag of an extension replaces all that the profile says of it.
        for extension in fields::CONSTRAINTS.chunk_by(|one, next| one.extension() == next.extension()) {
            if !extension.iter().any(|field| self.has(field.key())) {
                continue;
            }
            for field in extension {
                self.answer(field, &mut asked, &mut mistakes)?;
            }
            if let Some(Answer::Switch(is_on)) = extension.first().map(|field| (field.answer)(&mut asked)) {
                *is_on = true;
            }
        }
        // In the order of the flags: the record says what was asked as it was asked.
        draft.constraints = Some(asked.constraints);
        if mistakes.is_empty() { Ok(draft) } else { Err(CliError::Refused(mistakes)) }
    }

    /// Answers a field with what was given for it, or with nothing.
    fn answer(&self, field: &Field, asked: &mut Asked, mistakes: &mut Mistakes) -> Result<(), CliError> {
        let values = self.values(field.key());
        match (field.answer)(asked) {
            Answer::Text(text) if field.name == ISSUER => {
                *text = values.iter().map(|one| issuer_text(one)).collect::<Result<_, _>>()?
            }
            Answer::Text(text) | Answer::Number(text) | Answer::Lines(text) => *text = values.join("\n"),
            Answer::Switch(is_on) => *is_on = !values.is_empty(),
            Answer::Usages(usages) => *usages = values.iter().filter_map(|one| mistakes.keep(usage(one))).collect(),
            Answer::Bits(bits) => *bits = values.iter().filter_map(|one| mistakes.keep(bit(one))).collect(),
        }
        Ok(())
    }
}

fn usage(value: &str) -> Result<Usage, Invalid> {
    let known = Usage::ALL.into_iter().find(|usage| usage.value().eq_ignore_ascii_case(value));
    known.ok_or_else(|| say::unknown_extended_usage(value, &Usage::ALL.map(Usage::value)))
}

fn bit(value: &str) -> Result<KeyUsageBit, Invalid> {
    let known = KeyUsageBit::ALL.into_iter().find(|bit| bit.value().eq_ignore_ascii_case(value));
    known.ok_or_else(|| say::unknown_usage(value, &KeyUsageBit::ALL.map(KeyUsageBit::value)))
}

/// Whether it is neither PEM text nor hex; a file whose name is hex is a file where there is one.
fn is_file(given: &str) -> bool {
    let is_hex = given.bytes().all(|byte| byte.is_ascii_hexdigit() || b": ".contains(&byte));
    !given.contains("-----BEGIN") && (!is_hex || Path::new(given).is_file())
}

/// A file's text where a file of that name exists, else what was given: PEM text or hex.
fn issuer_text(given: &str) -> Result<String, CliError> {
    if !is_file(given) {
        return Ok(given.to_owned());
    }
    let content = read("aki_issuer", Path::new(given), 256 * 1024)?;
    Ok(String::from_utf8_lossy(&content).into_owned())
}
