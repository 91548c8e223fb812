//! The fields of steps 2 to 4: what pages, commands and request files call each, and where its answer is.
//!
//! Forms are read, answers shown, flags and the keys of request files made and commands written by going through these rows,
//! so that a field is named here and nowhere above. The rules are with the answers of its step.

use super::extensions::{KeyUsageBit, Usage};
use super::key_spec::{Curve, Digest, ED25519, KeyType, RsaBits};
use super::ml_dsa::MlDsa;
use super::record::Asked;
use super::subject_part::Part;

/// A field of a step.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The form's field.
    pub name: &'static str,
    /// The form's label; empty where only the template has it.
    pub label: &'static str,
    /// What the command line's help says of its flag; empty where it has none.
    pub help: &'static str,
    /// The heading that this is below.
    pub heading: &'static str,
    /// What the help calls the flag's value.
    pub value: &'static str,
    /// The type of key that it is about; alone it says that this type is meant.
    pub key_type: Option<KeyType>,
    /// What can be chosen, in the order of the form; nothing where anything may be typed.
    pub choices: fn() -> Vec<Choice>,
    /// Where its answer is.
    pub answer: Place,
}

/// A value that can be chosen.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// The form's value.
    pub value: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Not recommended.
    pub weak: bool,
}

/// Finds the answer to a field.
pub type Place = for<'a> fn(&'a mut Asked) -> Answer<'a>;

/// Where the answer to a field is, by its shape.
#[derive(Debug)]
pub enum Answer<'a> {
    /// A text.
    Text(&'a mut String),
    /// Digits, which a request file may have as a number.
    Number(&'a mut String),
    /// One entry a line; the flag may be repeated.
    Lines(&'a mut String),
    /// A checkbox.
    Switch(&'a mut bool),
    /// A checkbox for each usage; the flag may be repeated.
    Usages(&'a mut Vec<Usage>),
    /// A checkbox for each bit; the flag may be repeated.
    Bits(&'a mut Vec<KeyUsageBit>),
}

use Answer::{Bits, Lines, Number, Switch, Text, Usages};

/// Step 2.
pub const OPTIONS: &[Field] = &[
    Field::new("key_type", "Key Type", |asked| Text(&mut asked.options.key_type))
        .flag("Key", "TYPE", "RSA, EC or ML-DSA [default: the profile's, else RSA]")
        .choices(|| all(KeyType::ALL, KeyType::value)),
    Field::new("key_length", "Key Length", |asked| Number(&mut asked.options.key_length))
        .flag("Key", "BITS", "RSA: 1024, 2048, 3072 or 4096 [default: 2048]")
        .choices(|| weak(all(RsaBits::ALL, RsaBits::value), RsaBits::B1024.value()))
        .of(KeyType::Rsa),
    Field::new("ec_curve", "EC Curve", |asked| Text(&mut asked.options.ec_curve))
        .flag("Key", "CURVE", CURVES)
        .choices(|| [all(Curve::ALL, Curve::value), all([ED25519], |curve| curve)].concat())
        .of(KeyType::Ec),
    Field::new("ml_dsa", "ML-DSA parameter set", |asked| Number(&mut asked.options.ml_dsa))
        .flag("Key", "SET", "ML-DSA: 44, 65 or 87 [default: 65]")
        .choices(|| MlDsa::ALL.map(|set| Choice { value: set.value(), label: set.label(), weak: false }).into())
        .of(KeyType::MlDsa),
    Field::new("digest_algorithm", "Digest Algorithm", |asked| Text(&mut asked.options.digest_algorithm))
        .flag("Key", "DIGEST", "SHA1, SHA224, SHA256, SHA384 or SHA512 [default: SHA256]")
        .choices(|| weak(all(Digest::ALL, Digest::value), Digest::Sha1.value())),
    Field::new("lifetime", "Requested lifetime", |asked| Number(&mut asked.options.lifetime))
        .flag("Request", "DAYS", LIFETIME),
];

const CURVES: &str = "EC: SECP256R1, SECP384R1, SECP521R1, SECP256K1, BrainpoolP256R1, BrainpoolP384R1, BrainpoolP512R1 \
                      or ed25519 [default: SECP384R1]";
const LIFETIME: &str = "Requested lifetime, 1 to 36500 [default: the most that public CAs allow: 200, from 2027-03-15 100, \
                        from 2029-03-15 47]";

/// Step 3.
pub const SUBJECT: &[Field] = &[
    part(Part::Country, "CODE", COUNTRY, |asked| Text(&mut asked.subject.country)),
    part(Part::State, "STATE", "State or province [required]", |asked| Text(&mut asked.subject.state)),
    part(Part::City, "CITY", "City [required]", |asked| Text(&mut asked.subject.city)),
    part(Part::Organization, "ORGANIZATION", "Organization [required]", |asked| Text(&mut asked.subject.organization)),
    part(Part::OrganizationalUnit, "UNIT", "Organizational unit", |asked| Text(&mut asked.subject.organizational_unit)),
    part(Part::Email, "ADDRESS", "Email address [required]", |asked| Text(&mut asked.subject.email)),
    part(Part::San, "NAME", SAN, |asked| Lines(&mut asked.subject.san)),
    part(Part::Common, "NAME", COMMON, |asked| Text(&mut asked.subject.common)),
];

const COUNTRY: &str = "Country, as an ISO 3166-1 alpha-2 code such as DE [required]";
const COMMON: &str = "Common Name: the main name of the device";
const SAN: &str = "Host name, IP address or URI that the certificate is for. Repeatable. DNS:, IP:, email: or URI: before it \
                   sets the kind [required]";

/// Step 4. The first field of each extension requests it; the others begin with the same letters and mean nothing without it.
pub const CONSTRAINTS: &[Field] = &[
    extension("bc_enabled", "", "Request Basic Constraints", |asked| Switch(&mut asked.constraints.bc_enabled)),
    extension("bc_ca", "", "Basic Constraints: for a CA", |asked| Switch(&mut asked.constraints.bc_ca)),
    extension("bc_path_length", "N", PATH_LENGTH, |asked| Number(&mut asked.constraints.bc_path_length)),
    extension("bc_critical", "", BC_CRITICAL, |asked| Switch(&mut asked.constraints.bc_critical)),
    extension("aki_enabled", "", "", |asked| Switch(&mut asked.constraints.aki_enabled)),
    extension("aki_issuer", "FILE|HEX", ISSUER, |asked| Text(&mut asked.constraints.aki_issuer)),
    extension("aki_cert_issuer", "", CERT_ISSUER, |asked| Switch(&mut asked.constraints.aki_cert_issuer)),
    extension("eku_enabled", "", "", |asked| Switch(&mut asked.constraints.eku_enabled)),
    extension("eku", "USAGE", USAGES, |asked| Usages(&mut asked.constraints.eku)),
    extension("eku_critical", "", USAGES_CRITICAL, |asked| Switch(&mut asked.constraints.eku_critical)),
    extension("ku_enabled", "", "", |asked| Switch(&mut asked.constraints.ku_enabled)),
    extension("ku", "USAGE", BITS, |asked| Bits(&mut asked.constraints.ku)),
    extension("ku_critical", "", "Mark Key Usage as critical", |asked| Switch(&mut asked.constraints.ku_critical)),
];

const PATH_LENGTH: &str =
    "Basic Constraints: how many CAs may be below this one, 0 to 255. Needs --bc-ca [default: no limit]";
const BC_CRITICAL: &str = "Mark Basic Constraints as critical";
const ISSUER: &str = "Request an Authority Key Identifier: the CA's certificate as PEM, or its key identifier in hex";
const CERT_ISSUER: &str = "Authority Key Identifier: also name issuer and serial number of that certificate";
const USAGES: &str = "Request an Extended Key Usage, such as SERVER_AUTH. Repeatable";
const USAGES_CRITICAL: &str = "Mark Extended Key Usage as critical";
const BITS: &str = "Request a Key Usage, such as digital_signature. Repeatable";

/// A part of the subject, or a name.
const fn part(part: Part, value: &'static str, help: &'static str, answer: Place) -> Field {
    let heading = if matches!(part, Part::San | Part::Common) { "Names" } else { "Subject" };
    Field::new(part.field(), part.label(), answer).flag(heading, value, help)
}

/// A field of step 4, whose label the template has.
const fn extension(name: &'static str, value: &'static str, help: &'static str, answer: Place) -> Field {
    Field::new(name, "", answer).flag("Extensions", value, help)
}

/// All fields, step by step.
pub fn every() -> impl Iterator<Item = &'static Field> {
    [OPTIONS, SUBJECT, CONSTRAINTS].into_iter().flatten()
}

impl Field {
    const fn new(name: &'static str, label: &'static str, answer: Place) -> Self {
        Self { name, label, help: "", heading: "", value: "", key_type: None, choices: Vec::new, answer }
    }

    const fn flag(self, heading: &'static str, value: &'static str, help: &'static str) -> Self {
        Self { heading, value, help, ..self }
    }

    const fn choices(self, choices: fn() -> Vec<Choice>) -> Self {
        Self { choices, ..self }
    }

    const fn of(self, key_type: KeyType) -> Self {
        Self { key_type: Some(key_type), ..self }
    }

    /// The flag with underscores, which is the key of a request file: the name, and of what requests an extension this one's.
    pub fn key(&self) -> &'static str {
        self.name.trim_end_matches("_enabled")
    }

    /// Whether it chooses the key itself, which a renewal may keep.
    pub fn is_of_key(&self) -> bool {
        self.name == "key_type" || self.key_type.is_some()
    }

    /// The answer as people read it.
    pub fn shown(&self, asked: &mut Asked) -> String {
        let answer = (self.answer)(asked).values().join(", ");
        let choice = (self.choices)().into_iter().find(|choice| choice.value == answer);
        choice.map_or(answer, |choice| choice.label.to_owned())
    }

    /// The extension that a field of step 4 belongs to: the letters that its name begins with.
    pub fn extension(&self) -> &'static str {
        self.name.split('_').next().unwrap_or_default()
    }

    /// Whether it means something beside the other answers.
    pub fn applies(&self, asked: &Asked) -> bool {
        let Asked { options, constraints, .. } = asked;
        match (self.name, self.key_type, self.extension()) {
            (_, Some(key_type), _) => options.key_type() == Some(key_type),
            ("digest_algorithm", ..) => options.has_digest(),
            (_, _, "bc") => constraints.bc_enabled,
            (_, _, "aki") => constraints.aki_enabled,
            (_, _, "eku") => constraints.eku_enabled,
            (_, _, "ku") => constraints.ku_enabled,
            _ => true,
        }
    }
}

impl Answer<'_> {
    /// What is in it, as the values of its flag; a switch has none.
    pub fn values(&self) -> Vec<&str> {
        match self {
            Text(text) | Number(text) => vec![text.as_str()],
            Lines(text) => text.split(['\n', ',']).map(str::trim).collect(),
            Switch(_) => Vec::new(),
            Usages(usages) => usages.iter().map(|usage| usage.value()).collect(),
            Bits(bits) => bits.iter().map(|bit| bit.value()).collect(),
        }
    }
}

/// Values that are their own labels.
fn all<T: Copy, const N: usize>(all: [T; N], value: fn(T) -> &'static str) -> Vec<Choice> {
    all.map(|one| Choice { value: value(one), label: value(one), weak: false }).into()
}

/// The same with one of them marked as weak.
fn weak(mut choices: Vec<Choice>, weak: &str) -> Vec<Choice> {
    choices.iter_mut().for_each(|choice| choice.weak = choice.value == weak);
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_an_extension_follow_the_one_that_requests_it() {
        let extensions = CONSTRAINTS.chunk_by(|one, next| one.extension() == next.extension());
        let names: Vec<&str> = extensions.map(|fields| fields[0].name).collect();
        assert_eq!(names, ["bc_enabled", "aki_enabled", "eku_enabled", "ku_enabled"]);
    }

    #[test]
    fn every_field_has_an_answer_of_its_own() {
        for field in every() {
            let mut asked = Asked::default();
            match (field.answer)(&mut asked) {
                Text(text) | Number(text) | Lines(text) => text.push('x'),
                Switch(on) => *on = true,
                Usages(usages) => usages.push(Usage::ServerAuth),
                Bits(bits) => bits.push(KeyUsageBit::CrlSign),
            }
            let changed = every().filter(|other| match (other.answer)(&mut asked) {
                Switch(on) => *on,
                answer => answer.values().concat() != "",
            });
            assert_eq!(changed.map(|field| field.name).collect::<Vec<_>>(), [field.name]);
        }
    }
}
