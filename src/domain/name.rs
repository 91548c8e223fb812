//! The name of a CSR, which is also its file's: safe as a path by grammar.

use super::invalid::{Invalid, quoted};

/// The longest name, in characters: with `.pem` and a temporary's suffix it stays far below every file system's 255.
const MAX: usize = 120;

/// 1 to 120 of `A-Z a-z 0-9 _ -`, not starting with `-` (SPEC 3, step 1). Unique ignoring case, see [`CsrName::folded`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CsrName(String);

impl CsrName {
    /// The whole text as a name; blanks around it are not taken away. Refused at `name`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let refuse = |what: String, fix: String| Err(Invalid::new("name", what, fix));
        if text.is_empty() {
            return refuse("A name is required.".into(), "Type a name for this request, such as nas-2026.".into());
        }
        if let Some(wrong) = text.chars().find(|&character| !is_name_character(character)) {
            return refuse(
                format!(
                    "A name holds only letters A to Z without accents, digits, _ and -, and {} is none of them.",
                    quoted(wrong.encode_utf8(&mut [0; 4]))
                ),
                suggestion(text),
            );
        }
        if text.starts_with('-') {
            return refuse("A name does not start with a hyphen.".into(), suggestion(text));
        }
        if text.len() > MAX {
            return refuse(
                format!("A name has at most {MAX} characters, and this one has {}.", text.len()),
                "Shorten the name.".into(),
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for comparison: two CSRs whose folded names are equal cannot stand side by side.
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

/// The nearest name that is allowed, as a sentence.
fn suggestion(text: &str) -> String {
    let mut name = String::new();
    for character in text.trim().trim_start_matches('-').chars().take(MAX) {
        match character {
            _ if is_name_character(character) => name.push(character),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    match name.trim_matches(['_', '-']) {
        "" => "Type another name, such as nas-2026.".into(),
        name => format!("Type another name, such as {name}."),
    }
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
    fn refuses_each_other_text_by_its_rule() {
        let long = "x".repeat(121);
        for (text, what, fix) in [
            ("", "required", "nas-2026"),
            ("-nas", "start with a hyphen", "such as nas."),
            ("my nas", "\" \" is none", "such as my_nas."),
            (" nas", "\" \" is none", "such as nas."),
            ("nas\n", "\\u{a}", "such as nas."),
            ("nas.pem", "\".\" is none", "such as nas_pem."),
            ("../etc", "\".\" is none", "such as etc."),
            ("a/b", "\"/\" is none", "such as a_b."),
            ("n\u{e4}s", "without accents", "such as n_s."),
            ("\u{ff4e}as", "without accents", "such as as."),
            ("a\0b", "\\u{0}", "such as a_b."),
            ("...", "none of them", "such as nas-2026."),
            (&long, "at most 120 characters, and this one has 121", "Shorten"),
        ] {
            let refused = CsrName::parse(text).unwrap_err();
            assert_eq!(refused.field, "name");
            assert!(refused.what.contains(what), "{text:?}: {}", refused.what);
            assert!(refused.fix.contains(fix), "{text:?}: {}", refused.fix);
        }
    }
}
