//! `signet csr create`: a request from flags, or from a TOML file whose keys are the flags' names.
//!
//! The same answers, one entry or many, are what `csr apply` and `signet provision` read ([`super::entries`]).

use super::entries::from_file;
use super::read;
use super::record::Records;
use crate::cli::error::CliError;
use crate::cli::how::{Change, How};
use crate::cli::messages::DRY_RUN;
use crate::cli::messages::requests as say;
use crate::cli::output::{Text, hint};
use serde::Deserialize;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_domain::advice::advise;
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::draft::{Draft, DraftId, FinishedDraft, Rules};
use signet_domain::extensions::{KeyUsageBit, Usage};
use signet_domain::invalid::{Invalid, Mistakes};
use signet_domain::key_spec::KeyType;
use signet_domain::lifetime::Lifetime;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::note::Note;
use signet_domain::policy::Policy;
use signet_domain::subject::SubjectAnswers;
use signet_pki::ca::CaReader;
use std::path::PathBuf;

/// Options of `csr create`; the file's keys are the same with underscores.
#[derive(Debug, Clone, Default, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Name of the request: letters, digits, hyphens and underscores, at most 120 [required].
    #[arg(long, help_heading = "Request")]
    pub name: Option<String>,
    /// Preset for a web server: https-rsa or https-ecc. Flags win [default: none].
    #[arg(long, help_heading = "Request")]
    pub profile: Option<String>,
    /// Read the values from a TOML file. Flags win.
    #[arg(long, value_name = "FILE", help_heading = "Request")]
    #[serde(skip)]
    pub from: Option<PathBuf>,
    /// Request that the new one replaces, once it has a certificate.
    #[arg(long, value_name = "OLD", help_heading = "Request")]
    #[serde(skip)]
    pub supersedes: Option<String>,
    /// Note, at most 1000 characters.
    #[arg(long, value_name = "TEXT", help_heading = "Request")]
    pub note: Option<String>,
    /// Requested lifetime, 1 to 36500 [default: the most that public CAs allow: 200, from 2027-03-15 100, from 2029-03-15 47].
    #[arg(long, value_name = "DAYS", help_heading = "Request")]
    #[serde(deserialize_with = "number_or_text")]
    pub lifetime: Option<String>,
    /// RSA, EC or ML-DSA [default: the profile's, else RSA].
    #[arg(long, value_name = "TYPE", help_heading = "Key")]
    pub key_type: Option<String>,
    /// RSA: 1024, 2048, 3072 or 4096 [default: 2048].
    #[arg(long, value_name = "BITS", help_heading = "Key")]
    #[serde(deserialize_with = "number_or_text")]
    pub key_length: Option<String>,
    /// EC: SECP256R1, SECP384R1, SECP521R1, SECP256K1, BrainpoolP256R1, BrainpoolP384R1, BrainpoolP512R1 or ed25519
    /// [default: SECP384R1].
    #[arg(long, value_name = "CURVE", help_heading = "Key")]
    pub ec_curve: Option<String>,
    /// ML-DSA: 44, 65 or 87 [default: 65].
    #[arg(long, value_name = "SET", help_heading = "Key")]
    #[serde(deserialize_with = "number_or_text")]
    pub ml_dsa: Option<String>,
    /// SHA1, SHA224, SHA256, SHA384 or SHA512 [default: SHA256].
    #[arg(long, value_name = "DIGEST", help_heading = "Key")]
    pub digest_algorithm: Option<String>,
    /// Host name, IP address or URI that the certificate is for. Repeatable. DNS:, IP:, email: or URI: before it sets the
    /// kind [required].
    #[arg(long, value_name = "NAME", help_heading = "Names")]
    pub san: Vec<String>,
    /// Common Name: the main name of the device.
    #[arg(long, value_name = "NAME", help_heading = "Names")]
    pub common: Option<String>,
    /// Country, as an ISO 3166-1 alpha-2 code such as DE [required].
    #[arg(long, value_name = "CODE", help_heading = "Subject")]
    pub country: Option<String>,
    /// State or province [required].
    #[arg(long, help_heading = "Subject")]
    pub state: Option<String>,
    /// City [required].
    #[arg(long, help_heading = "Subject")]
    pub city: Option<String>,
    /// Organization [required].
    #[arg(long, help_heading = "Subject")]
    pub organization: Option<String>,
    /// Organizational unit.
    #[arg(long, value_name = "UNIT", help_heading = "Subject")]
    pub organizational_unit: Option<String>,
    /// Email address [required].
    #[arg(long, value_name = "ADDRESS", help_heading = "Subject")]
    pub email: Option<String>,
    /// Request Basic Constraints.
    #[arg(long, help_heading = "Extensions")]
    pub bc: bool,
    /// Basic Constraints: for a CA.
    #[arg(long, help_heading = "Extensions")]
    pub bc_ca: bool,
    /// Basic Constraints: how many CAs may be below this one, 0 to 255. Needs --bc-ca [default: no limit].
    #[arg(long, value_name = "N", allow_hyphen_values = true, help_heading = "Extensions")]
    #[serde(deserialize_with = "number_or_text")]
    pub bc_path_length: Option<String>,
    /// Mark Basic Constraints as critical.
    #[arg(long, help_heading = "Extensions")]
    pub bc_critical: bool,
    /// Request an Authority Key Identifier: the CA's certificate as PEM, or its key identifier in hex.
    #[arg(long, value_name = "FILE|HEX", help_heading = "Extensions")]
    pub aki_issuer: Option<String>,
    /// Authority Key Identifier: also name issuer and serial number of that certificate.
    #[arg(long, help_heading = "Extensions")]
    pub aki_cert_issuer: bool,
    /// Request an Extended Key Usage, such as SERVER_AUTH. Repeatable.
    #[arg(long, value_name = "USAGE", help_heading = "Extensions")]
    pub eku: Vec<String>,
    /// Mark Extended Key Usage as critical.
    #[arg(long, help_heading = "Extensions")]
    pub eku_critical: bool,
    /// Request a Key Usage, such as digital_signature. Repeatable.
    #[arg(long, value_name = "USAGE", help_heading = "Extensions")]
    pub ku: Vec<String>,
    /// Mark Key Usage as critical.
    #[arg(long, help_heading = "Extensions")]
    pub ku_critical: bool,
    /// Check everything and show what would be created, and create nothing.
    #[arg(long, help_heading = "Output")]
    #[serde(skip)]
    pub dry_run: bool,
}

/// The answers by their shape.
struct Answers<'a> {
    texts: [&'a mut Option<String>; 18],
    lists: [&'a mut Vec<String>; 3],
    switches: [&'a mut bool; 6],
}

const EXAMPLES: &str = "\
[required] holds unless the configuration says otherwise (subject.required).

Examples:
  signet csr create --name nas --profile https-rsa \\
      --san nas.example.org --san 192.168.1.20 \\
      --country DE --state Bavaria --city Munich \\
      --organization Example --email admin@example.org

  signet csr create --from nas.toml --json

The file has the same names, with underscores:
  name = \"nas\"
  profile = \"https-rsa\"
  san = [\"nas.example.org\", \"192.168.1.20\"]";

/// Creates the request.
pub fn run(services: &Services, args: &Args, how: &How) -> Result<(), CliError> {
    let file;
    let args = match &args.from {
        None => args,
        Some(path) => {
            file = from_file(path)?.overridden_by(args);
            &file
        }
    };
    let today = services.clock.today();
    let note = args.note()?;
    let finished = args.finish(Lifetime::public_limit(today), &services.config.policy);
    let finished = finished.map_err(|error| args.by_flags(error))?;
    let old = args.supersedes.as_deref().map(|old| super::stored(services, old)).transpose()?;
    let supersedes = old.as_ref().map(|old| services.renewals.supersedes(old)).transpose()?;
    let finished = FinishedDraft { supersedes, ..finished };
    if args.dry_run {
        return would_make(services, &finished, how);
    }
    let name = services.requests.create(&finished, None, Actor::command_line())?;
    if let Some(note) = note.filter(|note| !note.as_str().is_empty()) {
        services.requests.set_note(&name, &note, Actor::command_line())?;
    }
    let request = &finished.request;
    for advice in advise(request, &services.config.policy, today) {
        how.advise_on(advice.field, &advice.text);
    }
    let row = services.catalog.csr(&name)?;
    let records = if old.is_some() { Records::read(services)? } else { Records::alone(services) };
    how.report(&records.of(&row).with(Change::done(true)), || {
        let path = services.store.path().join("csrs").join(format!("{name}.pem"));
        let mut text = Text::new();
        text.line(say::created(&name, &request.key.label())).line(super::lies_in(&path)).line(hint(say::send(&name)));
        text
    })
}

/// What would be made; also of a renewal and of an entry of a file.
pub(super) fn would_make(services: &Services, finished: &FinishedDraft, how: &How) -> Result<(), CliError> {
    let request = &finished.request;
    for advice in advise(request, &services.config.policy, services.clock.today()) {
        how.advise_on(advice.field, &advice.text);
    }
    let old = finished.supersedes.as_ref().map(|old| old.name.as_str());
    let content = services.requests.preview(finished)?;
    let record = Records::alone(services).of_preview(&request.name, &content, request.key, old);
    how.report(&record.with(Change::would(true)), || {
        let mut text = Text::new();
        text.line(say::would_create(&request.name, &request.key.label(), old));
        text.line(DRY_RUN);
        text
    })
}

impl Args {
    /// The same answers with each text passed through `fill`.
    ///
    /// # Errors
    /// What `fill` refuses first.
    pub fn filled<E>(&self, fill: impl Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        let mut args = self.clone();
        let Answers { texts, lists, .. } = args.answers();
        for text in texts.into_iter().flatten().chain(lists.into_iter().flatten()) {
            *text = fill(text)?;
        }
        Ok(args)
    }

    /// The flags over the file's answers.
    fn overridden_by(mut self, flags: &Self) -> Self {
        let mut flags = flags.clone();
        let (own, given) = (self.answers(), flags.answers());
        for (answer, flag) in own.texts.into_iter().zip(given.texts).filter(|(_, flag)| flag.is_some()) {
            answer.clone_from(flag);
        }
        for (answer, flag) in own.lists.into_iter().zip(given.lists).filter(|(_, flag)| !flag.is_empty()) {
            answer.clone_from(flag);
        }
        for (answer, flag) in own.switches.into_iter().zip(given.switches) {
            *answer |= *flag;
        }
        Self { from: None, supersedes: flags.supersedes, dry_run: flags.dry_run, ..self }
    }

    /// Taken apart without `..`, so that a new answer is in each of the two above.
    fn answers(&mut self) -> Answers<'_> {
        let Self {
            from: _,
            supersedes: _,
            dry_run: _,
            name,
            note,
            profile,
            key_type,
            key_length,
            ec_curve,
            ml_dsa,
            digest_algorithm,
            lifetime,
            country,
            state,
            city,
            organization,
            organizational_unit,
            email,
            common,
            bc_path_length,
            aki_issuer,
            san,
            eku,
            ku,
            bc,
            bc_ca,
            bc_critical,
            aki_cert_issuer,
            eku_critical,
            ku_critical,
        } = self;
        Answers {
            texts: [
                name,
                note,
                profile,
                key_type,
                key_length,
                ec_curve,
                ml_dsa,
                digest_algorithm,
                lifetime,
                country,
                state,
                city,
                organization,
                organizational_unit,
                email,
                common,
                bc_path_length,
                aki_issuer,
            ],
            lists: [san, eku, ku],
            switches: [bc, bc_ca, bc_critical, aki_cert_issuer, eku_critical, ku_critical],
        }
    }

    /// The note, where one is given.
    ///
    /// # Errors
    /// A note that is too long, or with characters that a terminal would obey.
    pub fn note(&self) -> Result<Option<Note>, CliError> {
        Ok(self.note.as_deref().map(Note::parse).transpose()?)
    }

    /// The request that the flags ask for.
    ///
    /// # Errors
    /// Everything that is wrong with them, in the order of the wizard's steps.
    pub fn finish(&self, limit: Lifetime, policy: &Policy) -> Result<FinishedDraft, CliError> {
        let rules = Rules { policy, ca: &CaReader };
        // A draft of flags has answers to every step: none is missing.
        self.draft(limit)?.finish(rules).map_err(|unfinished| CliError::Refused(unfinished.mistakes))
    }

    /// The same refusal, with the flags that were not given apart from those that say something wrong.
    fn by_flags(&self, error: CliError) -> CliError {
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

    /// The flag that a refused field needs, where neither the command line nor the file has it.
    fn missing(&self, field: &str) -> Option<&'static str> {
        let (flag, is_given) = match field {
            "name" => ("name", self.name.is_some()),
            "country" => ("country", self.country.is_some()),
            "state" => ("state", self.state.is_some()),
            "city" => ("city", self.city.is_some()),
            "organization" => ("organization", self.organization.is_some()),
            "organizational_unit" => ("organizational-unit", self.organizational_unit.is_some()),
            "email" => ("email", self.email.is_some()),
            "common" => ("common", self.common.is_some()),
            "san" => ("san", !self.san.is_empty()),
            "aki_issuer" => ("aki-issuer", self.aki_issuer.is_some()),
            "eku_enabled" => ("eku", !self.eku.is_empty()),
            "ku_enabled" => ("ku", !self.ku.is_empty()),
            _ => return None,
        };
        (!is_given).then_some(flag)
    }

    /// The wizard's answers that the flags stand for: a profile's, where no flag says otherwise.
    fn draft(&self, limit: Lifetime) -> Result<Draft, CliError> {
        let text = |flag: &Option<String>| flag.clone().unwrap_or_default();
        let name_and_type =
            NameAndTypeAnswers { name: text(&self.name), r#type: "csr".to_owned(), profile: text(&self.profile) };
        let mut draft = Draft::new(DraftId::from_bytes([0; 16]));
        draft.set_name_and_type(name_and_type);
        let mut options = draft.options_or_preset(limit);
        let set = |answer: &mut String, flag: &Option<String>| {
            if let Some(flag) = flag {
                answer.clone_from(flag);
            }
        };
        set(&mut options.key_type, &self.key_type);
        // A curve, a length or a parameter set alone says which type is meant.
        let told = [(KeyType::Rsa, &self.key_length), (KeyType::Ec, &self.ec_curve), (KeyType::MlDsa, &self.ml_dsa)];
        let mut told = told.into_iter().filter(|(_, flag)| flag.is_some());
        if let (None, Some((meant, _)), None) = (&self.key_type, told.next(), told.next()) {
            meant.value().clone_into(&mut options.key_type);
        }
        set(&mut options.key_length, &self.key_length);
        set(&mut options.ec_curve, &self.ec_curve);
        set(&mut options.ml_dsa, &self.ml_dsa);
        set(&mut options.digest_algorithm, &self.digest_algorithm);
        set(&mut options.lifetime, &self.lifetime);
        draft.set_options(options);
        draft.set_subject(SubjectAnswers {
            country: text(&self.country),
            state: text(&self.state),
            city: text(&self.city),
            organization: text(&self.organization),
            organizational_unit: text(&self.organizational_unit),
            email: text(&self.email),
            common: text(&self.common),
            san: self.san.join("\n"),
        });
        // In the order of the flags: the record says what was asked as it was asked.
        draft.constraints = Some(self.constraints(draft.constraints_or_preset())?);
        Ok(draft)
    }

    fn constraints(&self, preset: ConstraintsAnswers) -> Result<ConstraintsAnswers, CliError> {
        let mut mistakes = Mistakes::none();
        let mut answers = preset;
        if self.bc || self.bc_ca || self.bc_critical || self.bc_path_length.is_some() {
            answers.bc_enabled = true;
            answers.bc_ca = self.bc_ca;
            answers.bc_critical = self.bc_critical;
            answers.bc_path_length = self.bc_path_length.clone().unwrap_or_default();
        }
        if let Some(issuer) = &self.aki_issuer {
            answers.aki_enabled = true;
            answers.aki_issuer = issuer_text(issuer)?;
        }
        answers.aki_enabled |= self.aki_cert_issuer;
        answers.aki_cert_issuer = self.aki_cert_issuer;
        if !self.eku.is_empty() || self.eku_critical {
            answers.eku_enabled = true;
            answers.eku_critical = self.eku_critical;
            answers.eku = self.eku.iter().filter_map(|value| mistakes.keep(usage(value))).collect();
        }
        if !self.ku.is_empty() || self.ku_critical {
            answers.ku_enabled = true;
            answers.ku_critical = self.ku_critical;
            answers.ku = self.ku.iter().filter_map(|value| mistakes.keep(bit(value))).collect();
        }
        if mistakes.is_empty() { Ok(answers) } else { Err(CliError::Refused(mistakes)) }
    }
}

fn usage(value: &str) -> Result<Usage, Invalid> {
    let known = Usage::ALL.into_iter().find(|usage| usage.value().eq_ignore_ascii_case(value));
    known.ok_or_else(|| {
        let all: Vec<&str> = Usage::ALL.iter().map(|usage| usage.value()).collect();
        say::unknown_extended_usage(value, &all)
    })
}

fn bit(value: &str) -> Result<KeyUsageBit, Invalid> {
    let known = KeyUsageBit::ALL.into_iter().find(|bit| bit.value().eq_ignore_ascii_case(value));
    known.ok_or_else(|| {
        let all: Vec<&str> = KeyUsageBit::ALL.iter().map(|bit| bit.value()).collect();
        say::unknown_usage(value, &all)
    })
}

/// The CA's certificate where the command line names it as a file.
pub(super) fn issuer_file(args: &Args) -> Option<PathBuf> {
    args.aki_issuer.as_deref().filter(|given| is_file(given)).map(PathBuf::from)
}

/// Whether it is neither PEM text nor hex; a file whose name is hex is a file where there is one.
fn is_file(given: &str) -> bool {
    let is_hex = given.bytes().all(|byte| byte.is_ascii_hexdigit() || b": ".contains(&byte));
    !given.contains("-----BEGIN") && (!is_hex || std::path::Path::new(given).is_file())
}

/// A file's text where a file of that name exists, else what was given: PEM text or hex.
fn issuer_text(given: &str) -> Result<String, CliError> {
    if !is_file(given) {
        return Ok(given.to_owned());
    }
    let content = read("aki_issuer", std::path::Path::new(given), 256 * 1024)?;
    Ok(String::from_utf8_lossy(&content).into_owned())
}

/// TOML has numbers where the form has text.
fn number_or_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        Number(i64),
        Text(String),
    }
    Ok(Some(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text,
    }))
}
