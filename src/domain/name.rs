//! The name of a CSR, which is also its file's: safe as a path by grammar.

use super::invalid::Invalid;
use super::messages::name as messages;

/// The longest name, in characters: with `.pem` and a temporary's suffix it stays far below every file system's 255.
const MAX: usize = 120;

/// 1 to 120 of `A-Z a-z 0-9 _ -`, not starting with `-` (docs/reference.md, step 1). Unique ignoring case, see [`CsrName::folded`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CsrName(String);

impl CsrName {
    /// The whole text as a name; blanks around it are not removed. Refused at `name`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(messages::missing());
        }
        if let Some(wrong) = text.chars().find(|&character| !is_name_character(character)) {
            return Err(suggesting(text, messages::not_allowed(wrong)));
        }
        if text.starts_with('-') {
            return Err(suggesting(text, messages::starts_with_a_hyphen()));
        }
        if text.len() > MAX {
            return Err(messages::too_long(text.len(), MAX));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A free name for the CSR that renews this one in `year`: `nas` becomes `nas-2026`, and `nas-2026` becomes `nas-2027`
    /// the year after; where that is taken, `nas-2026-2` and so on. A long one is cut to the maximum.
    pub fn successor(&self, year: i16, is_taken: impl Fn(&Self) -> bool) -> Self {
        let stem = self.stem();
        (1_u64..)
            .map(|turn| {
                let end = if turn == 1 { format!("-{year:04}") } else { format!("-{year:04}-{turn}") };
                // ASCII: every place is a character's.
                let room = MAX.saturating_sub(end.len());
                Self(format!("{}{end}", stem.get(..room).unwrap_or(stem)))
            })
            .find(|name| !is_taken(name))
            // Names are finite, numbers are not.
            .unwrap_or_else(|| self.clone())
    }

    /// The name without what an earlier [`CsrName::successor`] put behind it: a year, perhaps with a number.
    fn stem(&self) -> &str {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_year = |text: &str| text.len() == 4 && text.starts_with("20") && is_number(text);
        let before_year = |text| match str::rsplit_once(text, '-') {
            Some((stem, year)) if is_year(year) && !stem.is_empty() => Some(stem),
            _ => None,
        };
        let numbered = self.0.rsplit_once('-').filter(|(_, number)| is_number(number) && number.len() <= 2);
        before_year(&self.0).or_else(|| before_year(numbered?.0)).unwrap_or(&self.0)
    }

    /// The allowed name that is nearest to a text; none where none of its characters is allowed.
    pub fn nearest(text: &str) -> Option<Self> {
        Self::parse(&nearest(text)).ok()
    }

    /// The name for comparison: two CSRs cannot have equal folded names.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl std::fmt::Display for CsrName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
}

/// The refusal of `text` with the nearest name that is allowed, where anything is left of it.
fn suggesting(text: &str, refused: Invalid) -> Invalid {
    match nearest(text).as_str() {
        "" => refused,
        name => messages::with_example(refused, name).corrected(text, name),
    }
}

/// The nearest name that is allowed; empty where there is none.
fn nearest(text: &str) -> String {
    let mut name = String::new();
    for character in text.trim().trim_start_matches('-').chars().take(MAX) {
        match character {
            _ if is_name_character(character) => name.push(character),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name.trim_matches(['_', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_that_are_safe_as_files() {
        for name in ["a", "0", "_", "nas-2026", "Web_Server", &"x".repeat(120)] {
            assert_eq!(CsrName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(CsrName::parse("NAS-a").unwrap().folded(), "nas-a");
    }

    #[test]
    fn proposes_a_free_name_for_the_year() {
        let propose = |name: &str, taken: &[&str]| {
            CsrName::parse(name).unwrap().successor(2027, |other| taken.contains(&other.as_str())).0
        };
        for (name, taken, proposed) in [
            ("nas", &[][..], "nas-2027"),
            ("nas", &["nas-2027"], "nas-2027-2"),
            ("nas", &["nas-2027", "nas-2027-2"], "nas-2027-3"),
            ("nas-2026", &["nas-2026"], "nas-2027"),
            ("nas-2026-2", &[], "nas-2027"),
            ("nas-2027", &["nas-2027"], "nas-2027-2"),
            ("2026", &[], "2026-2027"),
            ("rack-7", &[], "rack-7-2027"),
            ("nas-1926", &[], "nas-1926-2027"),
        ] {
            assert_eq!(propose(name, taken), proposed, "{name} beside {taken:?}");
        }
        let long = propose(&"x".repeat(120), &[&format!("{}-2027", "x".repeat(115))]);
        assert_eq!(long, format!("{}-2027-2", "x".repeat(113)));
        assert!(CsrName::parse(&long).is_ok());
    }

    #[test]
    fn refuses_each_other_text_by_its_rule() {
        let long = "x".repeat(121);
        for (text, what, fix, right) in [
            ("", "required", "nas-2026", None),
            ("-nas", "starts with a hyphen", "example: nas.", Some("nas")),
            ("my nas", "contains a space", "example: my_nas.", Some("my_nas")),
            (" nas", "contains a space", "example: nas.", Some("nas")),
            ("nas\n", "\\u{a}", "example: nas.", Some("nas")),
            ("nas.pem", "contains \".\"", "example: nas_pem.", Some("nas_pem")),
            ("../etc", "contains \".\"", "example: etc.", Some("etc")),
            ("a/b", "contains \"/\"", "example: a_b.", Some("a_b")),
            ("n\u{e4}s", "contains \"\u{e4}\"", "without accents", Some("n_s")),
            ("\u{ff4e}as", "contains", "example: as.", Some("as")),
            ("a\0b", "\\u{0}", "example: a_b.", Some("a_b")),
            ("...", "contains \".\"", "Use letters", None),
            (&long, "has 121 characters; at most 120", "shorter", None),
        ] {
            let refused = CsrName::parse(text).unwrap_err();
            let offered = refused.correction.as_ref().map(|correction| correction.apply(text));
            assert_eq!(offered.as_deref(), right, "{text:?}");
            assert_eq!(refused.field, "name");
            assert!(refused.what.contains(what), "{text:?}: {}", refused.what);
            assert!(refused.fix.contains(fix), "{text:?}: {}", refused.fix);
        }
    }
}
