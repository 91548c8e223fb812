//! The name of a CSR, which is also its file's: safe as a path by grammar.

/// 1 to 120 of `A-Z a-z 0-9 _ -`, not starting with `-` (SPEC 3, step 1). Unique ignoring case, see [`CsrName::folded`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CsrName(String);

impl CsrName {
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
