//! The fields of step 3 by name: their labels and their bounds.

/// A part of step 3 that can be required; its value is the field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are docs/reference.md's, by name")]
pub enum Part {
    Country,
    State,
    City,
    Organization,
    OrganizationalUnit,
    Email,
    Common,
    San,
}

impl Part {
    /// All, in the order of the form.
    pub const ALL: [Self; 8] = [
        Self::Country,
        Self::State,
        Self::City,
        Self::Organization,
        Self::OrganizationalUnit,
        Self::Email,
        Self::Common,
        Self::San,
    ];

    /// The part of a field's name, none for another text.
    pub fn parse(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.field() == field)
    }

    /// The form's field.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::State => "state",
            Self::City => "city",
            Self::Organization => "organization",
            Self::OrganizationalUnit => "organizational_unit",
            Self::Email => "email",
            Self::Common => "common",
            Self::San => "san",
        }
    }

    /// The form's label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Country => "Country",
            Self::State => "State",
            Self::City => "Locality",
            Self::Organization => "Organization",
            Self::OrganizationalUnit => "Organizational Unit",
            Self::Email => "Email",
            Self::Common => "Common Name",
            Self::San => "Subject Alternate Names",
        }
    }

    /// The upper bound of a text part, in characters (X.520; RFC 5280 appendix A).
    pub fn max(self) -> Option<usize> {
        match self {
            Self::State | Self::City => Some(128),
            Self::Organization | Self::OrganizationalUnit | Self::Common => Some(64),
            Self::Email => Some(255),
            Self::Country | Self::San => None,
        }
    }
}
