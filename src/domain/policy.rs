//! What the integrator may decide about the rules (`signet.toml`).

use super::subject::Part;

/// The integrator's choices, with the defaults of SPEC 11.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Parts of the subject that must be filled in. Whatever stands here, at least a SAN or a common name is required.
    pub required: Vec<Part>,
    /// RSA 1024 and SHA-1, made or imported.
    pub allow_weak: bool,
    /// Private keys may leave the device.
    pub exportable: bool,
}

impl Default for Policy {
    fn default() -> Self {
        let required = vec![Part::Country, Part::State, Part::City, Part::Organization, Part::Email, Part::San];
        Self { required, allow_weak: true, exportable: true }
    }
}
