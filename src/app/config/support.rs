//! `[support]`: what the maker promises for the device, as buyers and authorities ask for it (Regulation (EU) 2024/2847, Annex II).
//!
//! Everything is empty until the maker fills it in; `signet check` names what is missing.

use signet_domain::visible;

/// The longest value, characters.
const MOST: usize = 200;

/// What the maker promises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Support {
    /// The month in which security updates end, `YYYY-MM`.
    pub until: String,
    /// Where to report a vulnerability.
    pub contact: String,
    /// How soon they answer.
    pub response: String,
    /// Where advisories are published.
    pub advisories: String,
    /// Where VEX documents are published.
    pub vex: String,
}

impl Support {
    /// Each key with its value, in the order of the file.
    pub fn all(&self) -> [(&'static str, &str); 5] {
        [
            ("until", &self.until),
            ("contact", &self.contact),
            ("response", &self.response),
            ("advisories", &self.advisories),
            ("vex", &self.vex),
        ]
    }

    /// Takes a value; an error is what is wrong with it.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let is_text = value.chars().count() <= MOST && !value.chars().any(char::is_control);
        let is_url = |text: &str| text.starts_with("https://") && text.len() > 8 && !text.contains(char::is_whitespace);
        let (place, is_right, wanted) = match key {
            "until" => (&mut self.until, month(value).is_some(), "a month such as 2031-12"),
            "contact" => (&mut self.contact, true, "a line of at most 200 characters"),
            "response" => (&mut self.response, true, "a line of at most 200 characters"),
            "advisories" => (&mut self.advisories, is_url(value), "an address that begins with https://"),
            _ => (&mut self.vex, is_url(value), "an address that begins with https://"),
        };
        if !(value.is_empty() || is_text && is_right) {
            return Err(format!("`{key}` must be {wanted}, not `{}`", visible::bounded(value, visible::VALUE)));
        }
        value.clone_into(place);
        Ok(())
    }
}

/// Year and month of `YYYY-MM`.
pub fn month(text: &str) -> Option<(i16, i8)> {
    let (year, month) = text.split_once('-')?;
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || month.len() != 2 || !is_digits(year) || !is_digits(month) {
        return None;
    }
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some((year.parse().ok()?, month))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_and_addresses_are_checked_and_nothing_is_required() {
        let set = |key: &str, value: &str| Support::default().set(key, value);
        for (key, value) in [
            ("until", "2031-12"),
            ("until", ""),
            ("contact", "security@example.com"),
            ("advisories", "https://example.com/security"),
            ("vex", ""),
        ] {
            assert!(set(key, value).is_ok(), "{key} {value}");
        }
        let long = "x".repeat(201);
        for (key, value) in [
            ("until", "2031"),
            ("until", "2031-13"),
            ("until", "31-12"),
            ("until", "2031-1"),
            ("contact", "a\nb"),
            ("response", &long),
            ("advisories", "http://example.com"),
            ("vex", "https:// x"),
        ] {
            assert!(set(key, value).unwrap_err().contains(key), "{key} {value}");
        }
    }
}
