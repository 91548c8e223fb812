//! The fields of step 3 by name: their labels, their bounds, and the refusal of a required one that is empty.

use super::invalid::Invalid;

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
    pub fn field(self) -> &'static str {
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
    pub fn label(self) -> &'static str {
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

    /// The refusal of a required part that was left empty.
    pub(super) fn missing(self) -> Invalid {
        let (what, fix) = match self {
            Self::Country => ("Country is required.", "Choose the country of the organization."),
            Self::State => ("State is required.", "Enter the state or province. If there is none, enter the city."),
            Self::City => ("Locality is required.", "Enter the city or town."),
            Self::Organization => ("Organization is required.", "Enter the company's name, or your own."),
            Self::OrganizationalUnit => ("Organizational Unit is required.", "Enter the department."),
            Self::Email => {
                ("Email is required.", "Enter the address of the person responsible, such as root@nas.local.")
            }
            Self::Common => ("Common Name is required.", "Enter the device's full host name, such as nas.local."),
            Self::San => (
                "Subject Alternate Names are required.",
                "Enter each name or address that clients connect to on a line of its own, such as nas.local.",
            ),
        };
        Invalid::new(self.field(), what, fix)
    }
}
