//! The factory's requests file: a `[[csr]]` each, in the dialect of `csr create --from`, with the unit's values filled in.

use crate::cli::csr::given::Given;
use crate::cli::error::CliError;
use crate::cli::input::read;
use crate::cli::messages::provision as say;
use jiff::civil::Date;
use serde::Deserialize;
use signet_domain::draft::FinishedDraft;
use signet_domain::invalid::Invalid;
use signet_domain::lifetime::Lifetime;
use signet_domain::note::Note;
use signet_domain::policy::Policy;
use signet_domain::record::Asked;
use signet_domain::request::NewRequest;
use signet_domain::unit::Unit;
use signet_domain::visible;
use std::path::Path;

/// The largest file, bytes.
const MAX_FILE: u64 = 1 << 20;

/// A requests file that is right as far as that can be seen without a unit.
#[derive(Debug, Clone)]
pub(super) struct Requests(Vec<Given>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    csr: Vec<toml::Spanned<Given>>,
}

impl Requests {
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let content = read("requests", path, MAX_FILE)?;
        let wrong = |invalid: Invalid| CliError::Refused(invalid.into());
        let text = std::str::from_utf8(&content).map_err(|_| wrong(say::requests_not_utf8(path)))?;
        Self::parse(text).map_err(|(line, what)| wrong(say::requests_wrong(path, line, &what)))
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let told = |error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
            (line, visible::bounded(error.message().trim_end_matches('.'), visible::VALUE))
        };
        // Keys and types are judged here, where their lines are known; values once the unit's are filled in.
        let file: File = toml::from_str(text).map_err(told)?;
        if file.csr.is_empty() {
            return Err((1, say::NO_REQUEST.to_owned()));
        }
        Ok(Self(file.csr.into_iter().map(toml::Spanned::into_inner).collect()))
    }

    /// The unit's requests with the answers they are made from.
    pub(super) fn of(&self, unit: &Unit, policy: &Policy, today: Date) -> Result<Vec<Made>, CliError> {
        let mut requests: Vec<Made> = Vec::with_capacity(self.0.len());
        for (index, args) in self.0.iter().enumerate() {
            let request = one(args, unit, policy, today).map_err(|error| placed(error, index + 1))?;
            let name = &request.1.name;
            if requests.iter().any(|(_, other, _)| other.name.folded() == name.folded()) {
                return Err(CliError::Refused(say::two_requests_named(index + 1, name.as_str()).into()));
            }
            requests.push(request);
        }
        Ok(requests)
    }
}

/// A request, the answers it is made from, and its note.
type Made = (Asked, NewRequest, Option<Note>);

fn one(args: &Given, unit: &Unit, policy: &Policy, today: Date) -> Result<Made, CliError> {
    let args = args.filled(|text| fill_text(text, unit))?;
    let note = args.note()?;
    let FinishedDraft { asked, request, supersedes: _ } = args.finish(Lifetime::public_limit(today), policy)?;
    Ok((asked, request, note))
}

/// Says in which `[[csr]]` it was.
fn placed(error: CliError, number: usize) -> CliError {
    let CliError::Refused(mistakes) = error else { return error };
    let mut told = signet_domain::invalid::Mistakes::none();
    for invalid in mistakes {
        told.add(Invalid { what: format!("[[csr]] {number}: {}", invalid.what), ..invalid });
    }
    CliError::Refused(told)
}

fn fill_text(text: &str, unit: &Unit) -> Result<String, Invalid> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let (word, after) = behind.split_once('}').unwrap_or((behind, ""));
        let value = match word {
            "serial" => Some(unit.serial()),
            "model" => unit.model(),
            "hostname" => unit.hostname(),
            "mac" => unit.mac(),
            _ => {
                return Err(say::unknown_placeholder(word));
            }
        };
        let value = value.ok_or_else(|| say::no_value(word, unit.serial()))?;
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[[csr]]
name = "web-{serial}"
profile = "https-ecc"
country = "DE"
state = "Berlin"
city = "Berlin"
organization = "Example"
email = "root@{hostname}.local"
san = ["{hostname}", "{hostname}.local"]

[[csr]]
name = "device"
key_type = "RSA"
key_length = 2048
country = "DE"
state = "Berlin"
city = "Berlin"
organization = "Example"
email = "factory@example.com"
common = "{model} {serial}"
san = ["URI:urn:mac:{mac}"]
"#;

    fn today() -> Date {
        Date::constant(2026, 11, 24)
    }

    fn of(text: &str, unit: &Unit) -> Result<Vec<Made>, CliError> {
        Requests::parse(text).unwrap().of(unit, &Policy::default(), today())
    }

    fn unit() -> Unit {
        Unit::parse("A1", "Vault 4", "vault-1", "02:00:5e:10:00:01").unwrap()
    }

    #[test]
    fn fills_in_the_units_values() {
        let requests = of(FILE, &unit()).unwrap();
        let names: Vec<String> = requests.iter().map(|(_, request, _)| request.name.to_string()).collect();
        assert_eq!(names, ["web-A1", "device"]);
        assert_eq!(requests[0].0.subject.san, "vault-1\nvault-1.local");
        assert_eq!(requests[1].0.subject.common, "Vault 4 A1");
        assert_eq!(requests[1].0.options.key_length, "2048");
    }

    #[test]
    fn says_what_the_unit_lacks_and_in_which_request() {
        let error = of(FILE, &Unit::parse("A1", "Vault 4", "vault-1", "").unwrap()).unwrap_err();
        assert_eq!(error.lines()[0], "error: requests: [[csr]] 2: The file uses {mac}, and device A1 has none.");
    }

    #[test]
    fn refuses_words_that_are_not_filled_in_and_names_that_repeat() {
        let error = of(&FILE.replace("web-{serial}", "web-{sreial}"), &unit()).unwrap_err();
        assert!(error.lines()[0].contains("\"{sreial}\" is not filled in"), "{}", error.lines()[0]);
        let error = of(&FILE.replace("web-{serial}", "Device"), &unit()).unwrap_err();
        assert!(error.lines()[0].starts_with("error: name: [[csr]] 2: another one"), "{}", error.lines()[0]);
    }

    #[test]
    fn names_the_line_of_a_wrong_key_or_type() {
        let line = |text: &str| Requests::parse(text).unwrap_err().0;
        assert_eq!(line("[[csr]]\nname = \"a\"\ncolour = \"red\"\n"), 3);
        assert_eq!(line("[[csr]]\nname = \"a\"\nsan = \"nas.local\"\n"), 3);
        assert_eq!(line("[[csrs]]\nname = \"a\"\n"), 1);
        assert_eq!(line("# nothing\n"), 1);
    }
}
