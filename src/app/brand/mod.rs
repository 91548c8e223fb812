//! The vendor's brand with its files: read where nobody but root could have written them, checked, and made harmless.
//!
//! Knows what a browser would do with such files, and nothing of the pages that they are on.

mod help;
mod png;
mod svg;
mod xml;

use crate::config::{self, Config, ConfigError, Named, Palettes, SupportLink};
use crate::deploy::{DeployError, trusted};
use crate::messages::brand as say;
use signet_domain::visible;

/// Bytes of a picture, and of the help.
const MOST: u64 = 64 * 1024;

/// The vendor's own, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The product's name.
    pub name: String,
    /// The name by which this program is called on the device.
    pub command: String,
    /// The picture in the bar.
    pub logo: Option<Picture>,
    /// The same for dark screens.
    pub logo_dark: Option<Picture>,
    /// The icon of the browser's tab.
    pub favicon: Option<Picture>,
    /// The help, as HTML.
    pub help: Option<String>,
    /// The accents.
    pub palettes: Option<Palettes>,
    /// The vendor's support.
    pub support: Option<SupportLink>,
    /// What is pressed where the password is lost.
    pub reset_button: Option<String>,
}

/// A picture that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it is.
    pub kind: PictureKind,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// What a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// A drawing without anything that runs or loads.
    Svg,
    /// Pixels.
    Png,
}

impl Brand {
    /// The configured brand with its files; none where there is none.
    ///
    /// # Errors
    /// A configuration or a file that others than root could have written, and a file that is refused.
    pub fn load(config: &Config) -> Result<Option<Self>, ConfigError> {
        let Some(brand) = &config.brand else { return Ok(None) };
        let source = config.source.clone().unwrap_or_default();
        let wrong = |line, what| ConfigError::Wrong { path: source.clone(), line, what };
        let absolute = std::path::absolute(&source).unwrap_or_else(|_| source.clone());
        trusted::of_root(&absolute, Config::MOST)
            .map_err(|error| wrong(brand.line, say::untrusted(&error.to_string())))?
            .ok_or_else(|| wrong(brand.line, say::untrusted(&visible::path(&absolute))))?;
        let config::Brand { name, command, line: _, logo, logo_dark, favicon, help, palettes, support, reset_button } =
            brand.clone();
        let picture = |named: Option<Named>| named.map(|named| picture(&named)).transpose();
        let located = |(line, what)| wrong(line, what);
        Ok(Some(Self {
            name,
            command,
            logo: picture(logo).map_err(located)?,
            logo_dark: picture(logo_dark).map_err(located)?,
            favicon: picture(favicon).map_err(located)?,
            help: help.map(|named| read(&named, help::checked)).transpose().map_err(located)?,
            palettes,
            support,
            reset_button,
        }))
    }
}

fn picture(named: &Named) -> Result<Picture, (usize, String)> {
    read(named, |content| match png::is_png(content) {
        true => png::checked(content).map(|content| Picture { kind: PictureKind::Png, content }),
        false => svg::checked(content).map(|content| Picture { kind: PictureKind::Svg, content }),
    })
}

/// A file's content, passed through `checked`; an error is a line of the config and what is wrong.
fn read<T>(named: &Named, checked: impl FnOnce(&[u8]) -> Result<T, String>) -> Result<T, (usize, String)> {
    let Named { key, line, path } = named;
    let wrong = |what| (*line, what);
    let shown = visible::path(path);
    let content = trusted::of_root(path, MOST).map_err(|error| wrong(say::file(key, &why(&error))))?;
    let content = content.ok_or_else(|| wrong(say::missing(key, &shown)))?;
    checked(&content).map_err(|what| wrong(say::content(key, &shown, &what)))
}

/// What is wrong with a file, with its path made visible.
fn why(error: &DeployError) -> String {
    match error {
        DeployError::Untrusted { path, why } => format!("{} cannot be used: {why}", visible::path(path)),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use std::path::{Path, PathBuf};

    const DRAWING: &str =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><path d=\"M0 0h9v9z\"></path></svg>";

    /// A folder of root's with a config that names `logo.svg` in it; none where the tests are not root's.
    fn place() -> Option<(tempfile::TempDir, PathBuf)> {
        if !rustix::process::geteuid().is_root() {
            signet_testing::skip("only root can own what root alone can write to");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let (config, logo) = (folder.path().join("signet.toml"), folder.path().join("logo.svg"));
        let text = format!("[brand]\nname = \"Acme\"\ncommand = \"acme\"\nlogo = \"{}\"\n", logo.display());
        std::fs::write(&config, text).unwrap();
        std::fs::write(logo, DRAWING).unwrap();
        Some((folder, config))
    }

    fn load(config: &Path) -> Result<Option<Brand>, String> {
        let config = Config::load(Some(config), Path::new("/")).unwrap();
        Brand::load(&config).map_err(|error| error.to_string())
    }

    #[test]
    fn a_brand_is_read_from_files_that_root_alone_can_write_to() {
        let Some((folder, config)) = place() else { return };
        let logo = folder.path().join("logo.svg");
        let brand = load(&config).unwrap().unwrap();
        assert_eq!(brand.logo.unwrap(), Picture { kind: PictureKind::Svg, content: DRAWING.into() });
        for (path, line) in [(&config, 2), (&logo, 4)] {
            for mode in [0o664, 0o646] {
                std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
                let refused = load(&config).unwrap_err();
                assert!(refused.contains(&format!("line {line}")) && refused.contains("can write to it"), "{refused}");
            }
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
            chown(path, Some(65534), None).unwrap();
            let refused = load(&config).unwrap_err();
            assert!(refused.contains(&format!("line {line}")) && refused.contains("user 65534"), "{refused}");
            chown(path, Some(0), None).unwrap();
        }
        std::fs::rename(&logo, folder.path().join("other.svg")).unwrap();
        assert!(load(&config).unwrap_err().contains("there is no file"));
        symlink(folder.path().join("other.svg"), &logo).unwrap();
        assert!(load(&config).unwrap_err().contains("it is a link"));
        std::fs::remove_file(&logo).unwrap();
        std::fs::write(&logo, vec![b' '; 65 * 1024]).unwrap();
        assert!(load(&config).unwrap_err().contains("larger than 64 KiB"));
        std::fs::write(&logo, "hello").unwrap();
        assert!(load(&config).unwrap_err().contains("neither a PNG picture nor an SVG drawing"));
    }

    #[test]
    fn without_a_brand_nothing_is_read() {
        assert_eq!(Brand::load(&Config::default()).unwrap(), None);
    }
}
