//! `signet csr create`: a request from flags, or from a TOML file whose keys are the flags' names.
//!
//! The same answers, one entry or many, are what `csr apply` and `signet provision` read ([`super::entries`]).

use super::entries::from_file;
use super::read;
use super::record::Records;
use crate::cli::error::CliError;
use crate::cli::flags::flag_of;
use crate::cli::how::{Change, How};
use crate::cli::output::Text;
use serde::Deserialize;
use signet_app::Services;
use signet_app::audit::Actor;
use signet_domain::advice::advise;
use signet_domain::constraints::ConstraintsAnswers;
use signet_domain::draft::{Draft, DraftId, FinishedDraft, Rules};
use signet_domain::extensions::{KeyUsageBit, Usage};
use signet_domain::invalid::{Invalid, Mistakes};
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
#[expect(missing_docs, reason = "the flags are docs/reference.md's; their help says what they are")]
pub struct Args {
    /// Read the answers from a TOML file; flags beside it win.
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub from: Option<PathBuf>,
    /// The request that the new one replaces once it has a certificate.
    #[arg(long, value_name = "OLD")]
    #[serde(skip)]
    pub supersedes: Option<String>,
    /// Check everything and say what would be made, and make nothing.
    #[arg(long)]
    #[serde(skip)]
    pub dry_run: bool,
    /// Letters, digits, _ and -; at most 120.
    #[arg(long)]
    pub name: Option<String>,
    /// A note, at most 1000 characters.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// https-rsa or https-ecc: answers for a web server, where no flag says otherwise.
    #[arg(long)]
    pub profile: Option<String>,
    /// RSA or EC.
    #[arg(long)]
    pub key_type: Option<String>,
    /// 1024, 2048, 3072 or 4096, for RSA.
    #[arg(long)]
    #[serde(deserialize_with = "number_or_text")]
    pub key_length: Option<String>,
    /// SECP256R1, SECP384R1, SECP521R1, SECP256K1, BrainpoolP256R1, BrainpoolP384R1, BrainpoolP512R1 or ed25519, for EC.
    #[arg(long)]
    pub ec_curve: Option<String>,
    /// SHA1, SHA224, SHA256, SHA384 or SHA512.
    #[arg(long)]
    pub digest_algorithm: Option<String>,
    /// Days wished for, 1 to 36500; kept beside the request, which carries none.
    #[arg(long)]
    #[serde(deserialize_with = "number_or_text")]
    pub lifetime: Option<String>,
    /// ISO 3166-1 alpha-2, such as DE.
    #[arg(long)]
    pub country: Option<String>,
    #[arg(long)]
    pub state: Option<String>,
    #[arg(long)]
    pub city: Option<String>,
    #[arg(long)]
    pub organization: Option<String>,
    #[arg(long)]
    pub organizational_unit: Option<String>,
    #[arg(long)]
    pub email: Option<String>,
    /// The main name of the device.
    #[arg(long)]
    pub common: Option<String>,
    /// A name or address of the device; repeatable. DNS:, IP:, email: and URI: before it decide what it is.
    #[arg(long)]
    pub san: Vec<String>,
    /// Ask for Basic Constraints.
    #[arg(long)]
    pub bc: bool,
    #[arg(long)]
    pub bc_ca: bool,
    /// 0 to 255, with --bc-ca.
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[serde(deserialize_with = "number_or_text")]
    pub bc_path_length: Option<String>,
    #[arg(long)]
    pub bc_critical: bool,
    /// Ask for an Authority Key Identifier: the CA's certificate (a PEM file) or its key identifier in hex.
    #[arg(long, value_name = "FILE|HEX")]
    pub aki_issuer: Option<String>,
    /// Also name the CA's issuer and serial number.
    #[arg(long)]
    pub aki_cert_issuer: bool,
    /// Ask for an Extended Key Usage, such as SERVER_AUTH; repeatable.
    #[arg(long, value_name = "USAGE")]
    pub eku: Vec<String>,
    #[arg(long)]
    pub eku_critical: bool,
    /// Ask for a Key Usage bit, such as digital_signature; repeatable.
    #[arg(long, value_name = "BIT")]
    pub ku: Vec<String>,
    #[arg(long)]
    pub ku_critical: bool,
}

/// Makes the request.
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
    let finished = args.finish(Lifetime::public_limit(today), &services.config.policy)?;
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
        how.advise(format_args!("advice: {}: {}", flag_of(advice.field), advice.text));
    }
    let row = services.catalog.csr(&name)?;
    let records = if old.is_some() { Records::read(services)? } else { Records::alone(services) };
    how.report(&records.of(&row).with(Change::done(true)), || {
        let path = services.store.path().join("csrs").join(format!("{name}.pem"));
        let mut text = Text::new();
        text.line(format_args!("Made {name}: {}", request.key.label()))
            .line(super::lies_in(&path))
            .line(format_args!("Next: `signet csr export {name}` writes the request to send to the CA."));
        text
    })
}

/// What would be made; also of a renewal and of an entry of a file.
pub(super) fn would_make(services: &Services, finished: &FinishedDraft, how: &How) -> Result<(), CliError> {
    let request = &finished.request;
    for advice in advise(request, &services.config.policy, services.clock.today()) {
        how.advise(format_args!("advice: {}: {}", flag_of(advice.field), advice.text));
    }
    let old = finished.supersedes.as_ref().map(|old| old.name.as_str());
    let content = services.requests.preview(finished)?;
    let record = Records::alone(services).of_preview(&request.name, &content, request.key, old);
    how.report(&record.with(Change::would(true)), || {
        let mut text = Text::new();
        let replaces = old.map(|old| format!(", to replace {old}")).unwrap_or_default();
        text.line(format_args!("Would make {}: {}{replaces}", request.name, request.key.label()));
        text.line("Nothing was done (--dry-run).");
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
        let alone = [
            &mut args.name,
            &mut args.note,
            &mut args.profile,
            &mut args.key_type,
            &mut args.key_length,
            &mut args.ec_curve,
            &mut args.digest_algorithm,
            &mut args.lifetime,
            &mut args.country,
            &mut args.state,
            &mut args.city,
            &mut args.organization,
            &mut args.organizational_unit,
            &mut args.email,
            &mut args.common,
            &mut args.bc_path_length,
            &mut args.aki_issuer,
        ];
        let lists = [&mut args.san, &mut args.eku, &mut args.ku];
        for text in alone.into_iter().flatten().chain(lists.into_iter().flatten()) {
            *text = fill(text)?;
        }
        Ok(args)
    }

    /// The flags over the file's answers.
    fn overridden_by(self, flags: &Self) -> Self {
        let one = |flag: &Option<String>, file: Option<String>| flag.clone().or(file);
        let many = |flag: &Vec<String>, file: Vec<String>| if flag.is_empty() { file } else { flag.clone() };
        Self {
            from: None,
            supersedes: flags.supersedes.clone(),
            dry_run: flags.dry_run,
            name: one(&flags.name, self.name),
            note: one(&flags.note, self.note),
            profile: one(&flags.profile, self.profile),
            key_type: one(&flags.key_type, self.key_type),
            key_length: one(&flags.key_length, self.key_length),
            ec_curve: one(&flags.ec_curve, self.ec_curve),
            digest_algorithm: one(&flags.digest_algorithm, self.digest_algorithm),
            lifetime: one(&flags.lifetime, self.lifetime),
            country: one(&flags.country, self.country),
            state: one(&flags.state, self.state),
            city: one(&flags.city, self.city),
            organization: one(&flags.organization, self.organization),
            organizational_unit: one(&flags.organizational_unit, self.organizational_unit),
            email: one(&flags.email, self.email),
            common: one(&flags.common, self.common),
            san: many(&flags.san, self.san),
            bc: flags.bc || self.bc,
            bc_ca: flags.bc_ca || self.bc_ca,
            bc_path_length: one(&flags.bc_path_length, self.bc_path_length),
            bc_critical: flags.bc_critical || self.bc_critical,
            aki_issuer: one(&flags.aki_issuer, self.aki_issuer),
            aki_cert_issuer: flags.aki_cert_issuer || self.aki_cert_issuer,
            eku: many(&flags.eku, self.eku),
            eku_critical: flags.eku_critical || self.eku_critical,
            ku: many(&flags.ku, self.ku),
            ku_critical: flags.ku_critical || self.ku_critical,
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
        // A curve or a length without a type says which type is meant.
        if self.key_type.is_none() && self.ec_curve.is_some() != self.key_length.is_some() {
            options.key_type = if self.ec_curve.is_some() { "EC" } else { "RSA" }.to_owned();
        }
        set(&mut options.key_length, &self.key_length);
        set(&mut options.ec_curve, &self.ec_curve);
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
        Invalid::new(
            "eku",
            format!("{} is no usage.", signet_domain::invalid::quoted(value)),
            format!("Choose from {}.", all.join(", ")),
        )
    })
}

fn bit(value: &str) -> Result<KeyUsageBit, Invalid> {
    let known = KeyUsageBit::ALL.into_iter().find(|bit| bit.value().eq_ignore_ascii_case(value));
    known.ok_or_else(|| {
        let all: Vec<&str> = KeyUsageBit::ALL.iter().map(|bit| bit.value()).collect();
        Invalid::new(
            "ku",
            format!("{} is no key usage.", signet_domain::invalid::quoted(value)),
            format!("Choose from {}.", all.join(", ")),
        )
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
