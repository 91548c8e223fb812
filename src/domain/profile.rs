//! The presets: which answers of steps 2 and 4 a profile stands for.

/// A named preset (SPEC 3, step 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `https-rsa`.
    HttpsRsa,
    /// `https-ecc`.
    HttpsEcc,
}

impl Profile {
    /// All, in the order of the form.
    pub const ALL: [Self; 2] = [Self::HttpsRsa, Self::HttpsEcc];

    /// The form's value.
    pub fn value(self) -> &'static str {
        match self {
            Self::HttpsRsa => "https-rsa",
            Self::HttpsEcc => "https-ecc",
        }
    }

    /// The form's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::HttpsRsa => "HTTPS RSA Certificate",
            Self::HttpsEcc => "HTTPS ECC Certificate",
        }
    }
}
