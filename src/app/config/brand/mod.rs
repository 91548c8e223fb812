//! The config file's `[brand]`: how the console is called and looks in a vendor's product.
//!
//! Values exist only if they are right. The files that are named here are read and checked elsewhere ([`crate::brand`]).

mod colour;
mod palette;
mod table;

pub use colour::Colour;
pub(crate) use palette::Shortage;
pub use palette::{Palette, Palettes};
pub(super) use table::BrandTable;

use std::path::PathBuf;

/// The vendor's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The product's name, which takes the place of ours.
    pub name: String,
    /// The name by which this program is called on the device.
    pub command: String,
    /// The line that names the product: where the file as a whole is not trusted, it is the one to be told.
    pub line: usize,
    /// The picture in the bar of every page.
    pub logo: Option<Named>,
    /// The same for dark screens.
    pub logo_dark: Option<Named>,
    /// The icon of the browser's tab.
    pub favicon: Option<Named>,
    /// What the page Help shows instead of our help.
    pub help: Option<Named>,
    /// The accents and what follows from them; none for the sheet's own.
    pub palettes: Option<Palettes>,
    /// Where the vendor's support is.
    pub support: Option<SupportLink>,
    /// What is pressed on the device where the password is lost, such as `the button Reset`.
    pub reset_button: Option<String>,
}

/// A file that the config names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The key that names it.
    pub key: &'static str,
    /// Its line, from 1.
    pub line: usize,
    /// Where it lies.
    pub path: PathBuf,
}

/// The link below every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportLink {
    /// `https:`, `http:` or `mailto:`.
    pub url: String,
    /// What is read of it.
    pub text: String,
}
