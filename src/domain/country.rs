//! The 249 countries of ISO 3166-1, by alpha-2 code.

/// An ISO 3166-1 alpha-2 code that is assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    code: &'static str,
    name: &'static str,
}

impl Country {
    /// Two capital letters.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// The short English name.
    pub fn name(self) -> &'static str {
        self.name
    }
}
