//! The seam between the command that makes devices and where they are recorded.

use crate::cli::error::CliError;
use signet_app::provision::register::Register;
use signet_domain::unit::Unit;
use std::path::Path;

/// Keeps devices that a batch into this folder did not make, for the next run, and returns the file's path.
pub type KeepsRows<'a> = dyn Fn(&Path, &[&Unit]) -> Result<Option<String>, CliError> + 'a;

/// Where devices are recorded, as far as the command that makes them has to know.
pub struct Recording<'a> {
    /// Opens the register, once everything that the command line names was found to be right.
    pub open: &'a dyn Fn() -> Result<Option<&'a dyn Register>, CliError>,
    /// A line that says where it is.
    pub place: Option<String>,
    /// What happens to the devices that a batch did not make.
    pub not_made: &'a KeepsRows<'a>,
    /// Stations elsewhere record there, too.
    pub is_shared: bool,
}
