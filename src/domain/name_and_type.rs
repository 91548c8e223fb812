//! Step 1: the name, and whether a CSR is made, imported, or made from a certificate that is imported.

use super::invalid::{Invalid, Mistakes};
use super::messages;
use super::name::CsrName;
use super::profile::Profile;
use serde::{Deserialize, Serialize};

/// What step 1 asks, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameAndTypeAnswers {
    /// The CSR's name.
    pub name: String,
    /// `csr`, `import` or `certificate`.
    pub r#type: String,
    /// Empty, or a value of [`Profile`].
    pub profile: String,
}

impl NameAndTypeAnswers {
    /// The value of `type` for a request that is made here.
    pub const NEW: &str = "csr";
    /// The value of `type` for a request that is imported with its key.
    pub const IMPORT: &str = "import";
    /// The value of `type` for a certificate that is imported with its key.
    pub const CERTIFICATE: &str = "certificate";

    /// Step 1 as a value. `profile` means nothing for an import and is ignored there.
    pub fn parse(&self) -> Result<NameAndType, Mistakes> {
        let mut mistakes = Mistakes::none();
        let name = mistakes.keep(CsrName::parse(&self.name));
        let kind = mistakes.keep(self.kind());
        match (name, kind) {
            (Some(name), Some(kind)) => Ok(NameAndType { name, kind }),
            _ => Err(mistakes),
        }
    }

    fn kind(&self) -> Result<Kind, Invalid> {
        match self.r#type.as_str() {
            Self::NEW => Ok(Kind::New(Profile::parse(&self.profile)?)),
            Self::IMPORT => Ok(Kind::Import),
            Self::CERTIFICATE => Ok(Kind::Certificate),
            other => Err(messages::key::unknown_type(other)),
        }
    }
}

/// Step 1, valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAndType {
    /// The CSR's name.
    pub name: CsrName,
    /// Made here, or imported.
    pub kind: Kind,
}

/// Where the request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Made here, perhaps from a profile.
    New(Option<Profile>),
    /// Made elsewhere and imported with its key.
    Import,
    /// A certificate that is imported with its key.
    Certificate,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(name: &str, kind: &str, profile: &str) -> NameAndTypeAnswers {
        NameAndTypeAnswers { name: name.into(), r#type: kind.into(), profile: profile.into() }
    }

    #[test]
    fn reads_type_and_profile() {
        for (kind, profile, expected) in [
            ("csr", "", Kind::New(None)),
            ("csr", "https-rsa", Kind::New(Some(Profile::HttpsRsa))),
            ("csr", "https-ecc", Kind::New(Some(Profile::HttpsEcc))),
            ("import", "", Kind::Import),
            ("import", "nonsense", Kind::Import),
            ("certificate", "nonsense", Kind::Certificate),
        ] {
            assert_eq!(answers("nas", kind, profile).parse().unwrap().kind, expected);
        }
    }

    #[test]
    fn refuses_each_field_by_itself() {
        for (name, kind, profile, expected) in [
            ("", "csr", "", &[("name", "required")][..]),
            ("nas", "", "", &[("type", "\"\" is not a known type")]),
            ("nas", "CSR", "", &[("type", "\"CSR\" is not a known type")]),
            ("nas", "csr", "https", &[("profile", "\"https\" is not a known profile")]),
            ("a b", "csr", "HTTPS-RSA", &[("name", "contains a space"), ("profile", "not a known profile")]),
        ] {
            let mistakes = answers(name, kind, profile).parse().unwrap_err();
            assert_eq!(mistakes.len(), expected.len());
            for (invalid, (field, words)) in mistakes.iter().zip(expected) {
                assert_eq!(invalid.field, *field);
                assert!(invalid.what.contains(words), "{}", invalid.what);
            }
        }
    }
}
