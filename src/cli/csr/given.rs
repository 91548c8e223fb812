//! What flags, or an entry of a request file, ask for: values by their flags. The flags of `csr create` and the keys of the
//! files are made from the domain's fields, so that neither is named here.

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use signet_domain::fields::{self, Answer, Field};
use signet_domain::record::Asked;
use signet_domain::subject::SubjectAnswers;
use signet_domain::subject_part::Part;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Values by the flags that they were given with: of a switch that is on, its name. What was not given is not in it.
#[derive(Debug, Clone, Default)]
pub struct Given(BTreeMap<&'static str, Vec<String>>);

/// How a value is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Number,
    List,
    Switch,
}

/// A flag that is also a key of request files.
struct Flag {
    /// The key; the flag has hyphens.
    key: &'static str,
    long: String,
    value: &'static str,
    heading: &'static str,
    help: &'static str,
    shape: Shape,
}

/// All, in the order of the help.
static FLAGS: LazyLock<Vec<Flag>> = LazyLock::new(|| {
    let others = OTHERS.map(|(key, value, help)| Flag::new(key, value, "Request", help, Shape::Text));
    let fields = fields::every().filter(|field| !field.help.is_empty()).map(Flag::of);
    let mut all: Vec<Flag> = others.into_iter().chain(fields).collect();
    all.sort_by_key(|flag| HEADINGS.iter().position(|heading| *heading == flag.heading));
    all
});

/// What is not a field of steps 2 to 4.
const OTHERS: [(&str, &str, &str); 3] = [
    ("name", "NAME", "Name of the request: letters, digits, hyphens and underscores, at most 120 [required]"),
    ("profile", "PROFILE", "Preset for a web server: https-rsa or https-ecc. Flags win [default: none]"),
    ("note", "TEXT", "Note, at most 1000 characters"),
];

/// The headings of the help in their order.
const HEADINGS: [&str; 5] = ["Request", "Key", "Names", "Subject", "Extensions"];

impl Flag {
    fn new(key: &'static str, value: &'static str, heading: &'static str, help: &'static str, shape: Shape) -> Self {
        Self { key, long: key.replace('_', "-"), value, heading, help, shape }
    }

    fn of(field: &Field) -> Self {
        let shape = match (field.answer)(&mut Asked::default()) {
            Answer::Text(_) => Shape::Text,
            Answer::Number(_) => Shape::Number,
            Answer::Lines(_) | Answer::Usages(_) | Answer::Bits(_) => Shape::List,
            Answer::Switch(_) => Shape::Switch,
        };
        Self::new(field.key(), field.value, field.heading, field.help, shape)
    }
}

/// Places between two flags in the help, for flags of a command's own.
pub(super) const PLACES: usize = 10;

impl clap::Args for Given {
    fn augment_args(command: Command) -> Command {
        (0..).step_by(PLACES).zip(FLAGS.iter()).fold(command, |command, (place, flag)| {
            let arg = Arg::new(flag.key).long(&*flag.long).help(flag.help).help_heading(flag.heading);
            command.arg(
                match flag.shape {
                    Shape::Switch => arg.action(ArgAction::SetTrue),
                    Shape::List => arg.action(ArgAction::Append).value_name(flag.value),
                    // A number below zero is refused by its own rule.
                    Shape::Text | Shape::Number => {
                        arg.value_name(flag.value).allow_hyphen_values(flag.key == "bc_path_length")
                    }
                }
                .display_order(place),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = FLAGS.iter().filter_map(|Flag { key, shape, .. }| match shape {
            Shape::Switch => matches.get_flag(key).then(|| (*key, vec![(*key).to_owned()])),
            _ => Some((*key, matches.get_many(key)?.cloned().collect())),
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entry)
    }
}

/// Reads an entry of a file.
struct Entry;

impl<'de> Visitor<'de> for Entry {
    type Value = Given;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a request")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Given, M::Error> {
        let mut given = Given::default();
        while let Some(Key(Flag { key, shape, .. })) = map.next_key()? {
            let values = match shape {
                Shape::Text => vec![map.next_value()?],
                Shape::Number => vec![map.next_value::<NumberOrText>()?.text()],
                Shape::List => map.next_value()?,
                Shape::Switch => map.next_value::<bool>()?.then(|| (*key).to_owned()).into_iter().collect(),
            };
            // A list without entries and a switch that is off say nothing.
            if !values.is_empty() {
                given.0.insert(*key, values);
            }
        }
        Ok(given)
    }
}

/// A key of an entry, read so that the line of an unknown one is known.
#[derive(serde::Deserialize)]
#[serde(try_from = "String")]
struct Key(&'static Flag);

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(given: String) -> Result<Self, String> {
        FLAGS.iter().find(|flag| flag.key == given).map(Self).ok_or_else(|| {
            let known: Vec<String> = FLAGS.iter().map(|flag| format!("`{}`", flag.key)).collect();
            format!("unknown field `{given}`, expected one of {}", known.join(", "))
        })
    }
}

/// TOML has numbers where the form has text.
#[derive(serde::Deserialize)]
#[serde(untagged, expecting = "the value is neither a number nor a string")]
enum NumberOrText {
    Number(i64),
    Text(String),
}

impl NumberOrText {
    fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

impl Given {
    /// The same answers with each text passed through `fill`.
    ///
    /// # Errors
    /// What `fill` refuses first.
    pub fn filled<E>(&self, fill: impl Fn(&str) -> Result<String, E>) -> Result<Self, E> {
        let mut given = self.clone();
        for text in given.0.values_mut().flatten() {
            *text = fill(text)?;
        }
        Ok(given)
    }

    /// These answers over those of a file.
    pub(super) fn over(&self, mut file: Self) -> Self {
        file.0.extend(self.0.clone());
        file
    }

    /// These answers, and the device's defaults where nothing was given. An empty text is an answer, too.
    pub(super) fn or_defaults(mut self, defaults: &SubjectAnswers) -> Self {
        let parts = FLAGS.iter().filter_map(|flag| Some((flag.key, defaults.typed(Part::parse(flag.key)?))));
        for (key, default) in parts.filter(|(_, default)| !default.is_empty()) {
            self.0.entry(key).or_insert_with(|| vec![default.to_owned()]);
        }
        self
    }

    /// Whether there is a value of that key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The value of a key that has one.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.first().map(String::as_str)
    }

    /// The values of a key.
    pub(super) fn values(&self, key: &str) -> &[String] {
        self.0.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The flag that a refused field needs, where neither the command line nor the file has it. A list needs entries where
    /// its extension is on.
    pub(super) fn missing(&self, field: &str) -> Option<&'static str> {
        let key = field.trim_end_matches("_enabled");
        let flag = FLAGS.iter().find(|flag| flag.key == key && flag.shape != Shape::Switch)?;
        (!self.has(key)).then_some(&*flag.long)
    }
}
