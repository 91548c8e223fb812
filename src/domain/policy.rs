//! What the integrator may decide about the rules (`signet.toml`).

use super::subject_part::Part;

/// The integrator's choices, with the defaults of docs/reference.md.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Parts of the subject that must be filled in. In any case at least a SAN or a common name is required.
    pub required: Vec<Part>,
    /// RSA 1024 and SHA-1, made or imported.
    pub allow_weak: bool,
    /// Private keys may leave the device.
    pub exportable: bool,
    /// So may the keys of the factory's CSRs: only where the config says `exportable = true` itself (docs/reference.md).
    pub factory_exportable: bool,
}

impl Policy {
    /// True when a key may leave the device; `factory_key` says that the factory made it
    /// ([`super::record::Record::has_factory_key`]).
    pub fn may_export(&self, factory_key: bool) -> bool {
        self.exportable && (!factory_key || self.factory_exportable)
    }
}

impl Default for Policy {
    fn default() -> Self {
        let required = vec![Part::Country, Part::State, Part::City, Part::Organization, Part::Email, Part::San];
        Self { required, allow_weak: true, exportable: true, factory_exportable: false }
    }
}
