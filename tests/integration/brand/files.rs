//! A vendor's files as they should be and as they should not.

use std::path::{Path, PathBuf};

/// A drawing around some content.
pub fn drawing(content: &str) -> String {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 32\">{content}</svg>")
}

/// A folder of root's with a vendor's files; none where the tests are not root's.
pub struct Vendor(tempfile::TempDir);

impl Vendor {
    pub fn new() -> Option<Self> {
        if !crate::harness::unprivileged::is_root() {
            signet_testing::skip("only root can own what root alone can write to");
            return None;
        }
        let vendor = Self(tempfile::tempdir().unwrap());
        vendor.write("logo.svg", drawing("<rect width=\"96\" height=\"32\" fill=\"#003b71\"></rect>").as_bytes());
        vendor.write("dark.svg", drawing("<rect width=\"96\" height=\"32\" fill=\"#8ec5ff\"></rect>").as_bytes());
        vendor.write("icon.png", &png());
        vendor.write("help.html", b"<h2>Call us</h2><p>Or open <a href=\"/csrs\">your requests</a>.</p>");
        Some(vendor)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: &[u8]) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// A line of the config that names a file.
    pub fn names(&self, key: &str, file: &str) -> String {
        format!("{key} = \"{}\"\n", self.path(file).display())
    }

    /// A brand that uses everything there is.
    pub fn config(&self) -> String {
        let files = [("logo", "logo.svg"), ("logo_dark", "dark.svg"), ("favicon", "icon.png"), ("help", "help.html")];
        let files: String = files.iter().map(|(key, file)| self.names(key, file)).collect();
        format!("{MINIMAL}{files}{COLOURS}{SUPPORT}")
    }
}

pub const MINIMAL: &str = "[brand]\nname = \"Acme Certificates\"\ncommand = \"acme-certs\"\n";
const COLOURS: &str = "accent = \"#003b71\"\naccent_dark = \"#8ec5ff\"\n";
const SUPPORT: &str = "support_url = \"https://support.acme.example/nas?a=1&b=2\"\nsupport_text = \"Ask Acme\"\n\
    reset_button = \"the button Reset\"\n";

/// A PNG of one pixel, as any program writes it.
pub fn png() -> Vec<u8> {
    let hex = "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d494441\
        5478da6360b02efc0f00029701ac6e64222a0000000049454e44ae426082";
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A data directory whose config is this.
pub fn data(folder: &Path, config: &str) -> PathBuf {
    let data = folder.join("data");
    let _ = std::fs::create_dir(&data);
    std::fs::write(data.join("signet.toml"), config).unwrap();
    data
}
