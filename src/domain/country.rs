//! The 249 countries of ISO 3166-1, by alpha-2 code.

mod names;

use super::invalid::Invalid;
use super::messages;

/// An ISO 3166-1 alpha-2 code that is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    code: &'static str,
    name: &'static str,
}

impl Country {
    /// All, sorted by name (accents aside), as the form lists them.
    pub const ALL: [Self; 249] = {
        let mut all = [Self { code: "", name: "" }; 249];
        let mut at = 0;
        while at < all.len() {
            #[expect(clippy::indexing_slicing, reason = "both arrays have 249 entries; checked when this is compiled")]
            {
                all[at] = Self { code: names::NAMES[at].0, name: names::NAMES[at].1 };
            }
            at += 1;
        }
        all
    };

    /// The country of a code in either case, surrounding blanks aside. Refused at `country`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if let Some(country) = Self::ALL.into_iter().find(|country| country.code.eq_ignore_ascii_case(text)) {
            return Ok(country);
        }
        Err(match meant(text) {
            Some(Self { code, name }) => messages::country::not_its_code(text, name, code),
            None => messages::country::unknown(text),
        })
    }

    /// Two capital letters.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// The short English name.
    pub fn name(self) -> &'static str {
        self.name
    }
}

/// The country that people mean by its name, or by letters that ISO has not assigned to it.
fn meant(text: &str) -> Option<Country> {
    let code = match text.to_ascii_uppercase().as_str() {
        "UK" | "ENGLAND" | "SCOTLAND" | "WALES" => Some("GB"),
        "EL" => Some("GR"),
        "USA" => Some("US"),
        _ => None,
    };
    Country::ALL.into_iter().find(|country| match code {
        Some(code) => country.code == code,
        None => country.name.to_lowercase() == text.to_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn lists_all_249_codes_once() {
        let codes: HashSet<_> = Country::ALL.iter().map(|country| country.code).collect();
        assert_eq!(codes.len(), 249);
        for code in codes {
            assert!(code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()), "{code}");
        }
        for code in ["AF", "AX", "BQ", "CD", "DE", "GB", "SS", "TW", "US", "XK", "ZW"] {
            assert_eq!(Country::parse(code).is_ok(), code != "XK", "{code}");
        }
    }

    #[test]
    fn is_sorted_by_name_accents_aside() {
        let plain = |name: &str| name.replace('Å', "A").replace('ô', "o").replace('ü', "u").replace(['é'], "e");
        let names: Vec<_> = Country::ALL.iter().map(|country| plain(country.name).to_lowercase()).collect();
        assert!(names.is_sorted());
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), 249);
    }

    #[test]
    fn takes_a_code_in_either_case_and_names_what_was_meant() {
        assert_eq!(Country::parse(" de ").unwrap().code(), "DE");
        for (text, fix) in [("UK", "code GB"), ("Germany", "code DE"), ("türkiye", "code TR"), ("XX", "two letters")] {
            let refused = Country::parse(text).unwrap_err();
            assert_eq!(refused.field, "country");
            assert!(refused.fix.contains(fix), "{text}: {}", refused.fix);
        }
    }
}
