//! What every page has around it: title, token, the device's name, the way to the other pages, a trial that is running.
//!
//! Knows which page it is drawn for by that page's path, and nothing of what the page shows.

use super::in_use::OnTrial;
#[cfg(test)]
use super::look;
use super::look::Look;
use signet_app::host::host_name;
use signet_domain::time::duration;

/// The frame's facts, the same for each template that extends `base.html`.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Of the page, without the product's name.
    pub title: String,
    /// For the page's forms.
    pub csrf_token: String,
    /// Whether the pages behind the login are linked.
    pub logged_in: bool,
    /// Whether the title says that something is wrong.
    pub has_error: bool,
    /// How the console is called and looks.
    pub look: &'static Look,
    /// The name by which its owner knows this device among others.
    pub device: Option<String>,
    /// The page's path, without its query.
    pub path: String,
    /// A certificate that is being tried; only for who is logged in.
    pub trial: Option<Trial>,
}

/// A running trial, for the banner.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The request whose certificate is tried.
    pub csr: String,
    /// `4 minutes 20 seconds`.
    pub left: String,
    /// Whether the visitor's connection was made with the certificate: only then can it be confirmed.
    pub greeted: bool,
}

/// Places of the console that have pages of their own below them: the beginning of a path, and the link it belongs to.
const BELOW: [(&str, &str); 4] =
    [("/csrs/", "/csrs"), ("/wizard", "/csrs"), ("/account/", "/account"), ("/authorities/", "/authorities")];

impl Layout {
    /// `aria-current` of the link to `place`: `page` on that page, `true` on a page below it, else nothing.
    pub fn current(&self, place: &str) -> &'static str {
        let below = || BELOW.iter().any(|(begins, of)| *of == place && self.path.starts_with(begins));
        match () {
            () if self.path == place => " aria-current=\"page\"",
            () if below() => " aria-current=\"true\"",
            () => "",
        }
    }
}

impl From<OnTrial> for Trial {
    fn from(OnTrial { csr, left, greeted }: OnTrial) -> Self {
        Self { csr: csr.to_string(), left: duration(left.as_secs()), greeted }
    }
}

/// What the device is called where its owner meets it: the kernel's host name, unless that says nothing.
pub fn device_name() -> Option<String> {
    host_name().filter(|name| !name.starts_with("localhost"))
}

/// A fact: label and value.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What is there, a line a value; empty ones are shown as "none".
    pub value: String,
    /// What is worth knowing of the value.
    pub note: String,
    /// The note's class: `soft`, or a badge's.
    pub class: &'static str,
}

impl Fact {
    /// A label and its value.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), note: String::new(), class: "soft" }
    }

    /// The fact with a note in small print.
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// The fact with a note that is marked: `good`, `warn` or `bad`.
    pub fn badge(self, note: impl Into<String>, tone: &str) -> Self {
        let class = match tone {
            "good" => "badge good",
            "warn" => "badge warn",
            "bad" => "badge bad",
            _ => "badge",
        };
        Self { note: note.into(), class, ..self }
    }
}

/// A fingerprint or a serial number in groups of four bytes, between which a line may break; none for any other text.
pub fn pairs(text: &str) -> Option<Vec<String>> {
    let bytes: Vec<&str> = text.split(':').collect();
    let is_byte = |part: &&str| part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_hexdigit());
    if bytes.len() < 4 || !bytes.iter().all(is_byte) {
        return None;
    }
    let mut groups: Vec<String> = bytes.chunks(4).map(|group| group.join(":") + ":").collect();
    if let Some(last) = groups.last_mut() {
        last.pop();
    }
    Some(groups)
}

/// A piece of a sentence, by how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Words.
    Text(&'a str),
    /// A date, with its time where there is one: a line does not break inside.
    Date(&'a str),
    /// A command, without the backticks around it.
    Code(&'a str),
}

/// A sentence in parts: dates such as `2027-02-27` or `2027-02-27 19:50 UTC`, what is between backticks, and the rest.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    // Most sentences have neither, and a list has one in each row.
    if !text.is_empty() && !text.bytes().any(|byte| byte == b'`' || byte.is_ascii_digit()) {
        parts.push(Part::Text(text));
        return parts;
    }
    let has_code = text.matches('`').count().is_multiple_of(2);
    for (at, piece) in text.split(|letter| has_code && letter == '`').enumerate() {
        if at % 2 == 1 {
            parts.push(Part::Code(piece));
        } else {
            push_dates(piece, &mut parts);
        }
    }
    parts
}

fn push_dates<'a>(text: &'a str, parts: &mut Vec<Part<'a>>) {
    let mut rest = text;
    let mut from = 0;
    while let Some(tail) = rest.get(from..) {
        let is_digit = |letter: char| letter.is_ascii_digit();
        let is_inside = rest.get(..from).is_some_and(|before| before.ends_with(is_digit));
        let length = if is_inside || !tail.starts_with(is_digit) { 0 } else { date_length(tail) };
        match (length, tail.chars().next()) {
            (0, Some(letter)) => from += letter.len_utf8(),
            (0, None) => break,
            (length, _) => {
                let (before, date) = (rest.get(..from).unwrap_or_default(), tail.get(..length).unwrap_or_default());
                if !before.is_empty() {
                    parts.push(Part::Text(before));
                }
                parts.push(Part::Date(date));
                rest = tail.get(length..).unwrap_or_default();
                from = 0;
            }
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
}

/// Bytes of the date, and its time, that `text` begins with; 0 for none.
fn date_length(text: &str) -> usize {
    let is = |pattern: &str, from: usize| {
        text.as_bytes().get(from..from + pattern.len()).is_some_and(|bytes| {
            pattern.bytes().zip(bytes).all(|(of, byte)| if of == b'0' { byte.is_ascii_digit() } else { of == *byte })
        })
    };
    const DATE: &str = "0000-00-00";
    const TIME: &str = " 00:00 UTC";
    match () {
        () if !is(DATE, 0) || is("0", DATE.len()) => 0,
        () if is(TIME, DATE.len()) => DATE.len() + TIME.len(),
        () => DATE.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Layout {
        Layout {
            title: String::new(),
            csrf_token: String::new(),
            logged_in: true,
            has_error: false,
            look: look::current(),
            device: None,
            path: path.to_owned(),
            trial: None,
        }
    }

    #[test]
    fn one_link_leads_to_where_the_visitor_is() {
        for (path, place, current) in [
            ("/csrs", "/csrs", " aria-current=\"page\""),
            ("/csrs/nas", "/csrs", " aria-current=\"true\""),
            ("/wizard/options", "/csrs", " aria-current=\"true\""),
            ("/account/password", "/account", " aria-current=\"true\""),
            ("/console", "/console", " aria-current=\"page\""),
        ] {
            for link in ["/csrs", "/reply", "/console", "/audit", "/help", "/account"] {
                assert_eq!(at(path).current(link), if link == place { current } else { "" }, "{path} {link}");
            }
        }
    }

    #[test]
    fn a_date_stays_whole_and_a_command_is_code() {
        use Part::{Code, Date, Text};
        for (text, expected) in [
            ("", vec![]),
            ("nas.local", vec![Text("nas.local")]),
            ("2027-02-27", vec![Date("2027-02-27")]),
            ("Valid until 2027-02-27", vec![Text("Valid until "), Date("2027-02-27")]),
            ("2026-11-28 19:50 UTC to ∞", vec![Date("2026-11-28 19:50 UTC"), Text(" to ∞")]),
            (
                "ü 2026-11-28, 2027-11-29.",
                vec![Text("ü "), Date("2026-11-28"), Text(", "), Date("2027-11-29"), Text(".")],
            ),
            ("12027-02-27 and 2027-02-271", vec![Text("12027-02-27 and 2027-02-271")]),
            ("run `signet recover password`.", vec![Text("run "), Code("signet recover password"), Text(".")]),
            ("a ` alone", vec![Text("a ` alone")]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_breaks_between_bytes_and_an_address_is_none() {
        assert_eq!(pairs("0A:1B:2C:3D:4E:5F").unwrap(), ["0A:1B:2C:3D:", "4E:5F"]);
        assert_eq!(pairs("0A:1B:2C:3D").unwrap(), ["0A:1B:2C:3D"]);
        for other in ["", "07", "nas.local", "2001:db8::7", "0A:1B:2C:3", "12:30", "AA:BB:CC:DG"] {
            assert_eq!(pairs(other), None, "{other}");
        }
    }
}
