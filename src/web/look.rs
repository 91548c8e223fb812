//! How the console is called and looks: as Signet, or in a vendor's own name and colours.
//!
//! Where there is a brand, our name is on no page but the one about licences. What pages say in sentences of their crates names
//! the program in commands alone, which [`Look::words`] rewrites.

use super::assets::{self, Asset};
use signet_app::brand::Brand;
use signet_app::config::{Palettes, SupportLink};
use std::borrow::Cow;
use std::sync::OnceLock;

/// Our own name.
const PRODUCT: &str = "Signet";
/// The program's name, and what every command begins with.
const COMMAND: &str = "signet";
/// What a sentence says of a lost password; the owner of a device with a button need not know the command.
const RECOVER: &str = "run `signet recover password` on the device";

/// The look of this process, which serves one console. Pages are made of parts that do not know the page they are on.
static CURRENT: OnceLock<Look> = OnceLock::new();

/// How the console looks: Signet's own until something else was chosen.
pub fn current() -> &'static Look {
    CURRENT.get_or_init(Look::own)
}

/// One of the two.
#[derive(Debug)]
pub struct Look {
    /// Whether it is a vendor's.
    pub is_vendors: bool,
    /// The product's name.
    pub product: String,
    /// The program's name in commands.
    pub command: String,
    /// The vendor's colours, after the console's own sheet.
    pub colours: Option<Asset>,
    /// The vendor's support.
    pub support: Option<SupportLink>,
    /// What is pressed where the password is lost.
    pub reset_button: Option<String>,
    /// The vendor's help, as HTML.
    pub help: Option<String>,
    logo: Option<Asset>,
    logo_dark: Option<Asset>,
    favicon: Option<Asset>,
}

impl Look {
    /// The vendor's, or ours.
    pub fn new(brand: Option<Brand>) -> Self {
        let Some(brand) = brand else { return Self::own() };
        let Brand { name, command, logo, logo_dark, favicon, help, palettes, support, reset_button } = brand;
        Self {
            is_vendors: true,
            product: name,
            command,
            colours: palettes.map(|palettes| Asset::sheet("colours", sheet(&palettes))),
            support,
            reset_button,
            help,
            logo: logo.map(|picture| Asset::picture("logo", &picture)),
            logo_dark: logo_dark.map(|picture| Asset::picture("logo-dark", &picture)),
            favicon: favicon.map(|picture| Asset::picture("favicon", &picture)),
        }
    }

    /// Makes this the look of the process, before its first page is drawn. A later one changes nothing.
    pub fn choose(self) {
        let _ = CURRENT.set(self);
    }

    /// Signet's own.
    pub fn own() -> Self {
        Self {
            is_vendors: false,
            product: PRODUCT.to_owned(),
            command: COMMAND.to_owned(),
            colours: None,
            support: None,
            reset_button: None,
            help: None,
            logo: None,
            logo_dark: None,
            favicon: None,
        }
    }

    /// The console's style sheet.
    pub fn style(&self) -> &str {
        assets::style().path()
    }

    /// The icon of the browser's tab: the vendor's, else the logo, else ours.
    pub fn icon(&self) -> &Asset {
        self.favicon.as_ref().or(self.logo.as_ref()).unwrap_or(assets::icon())
    }

    /// The picture in the bar.
    pub fn logo(&self) -> Option<&str> {
        self.logo.as_ref().map(Asset::path)
    }

    /// The same for dark screens.
    pub fn logo_dark(&self) -> Option<&str> {
        self.logo_dark.as_ref().map(Asset::path)
    }

    /// The vendor's files.
    pub fn files(&self) -> impl Iterator<Item = &Asset> {
        [&self.colours, &self.logo, &self.logo_dark, &self.favicon].into_iter().flatten()
    }

    /// A sentence of ours with the commands that this device has.
    pub fn words<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut words = Cow::Borrowed(text);
        let mut replace = |ours: &str, theirs: &dyn Fn() -> String| {
            if words.contains(ours) {
                words = Cow::Owned(words.replace(ours, &theirs()));
            }
        };
        if let Some(button) = &self.reset_button {
            replace(RECOVER, &|| format!("press {button}"));
        }
        if self.is_vendors {
            replace("`signet ", &|| format!("`{} ", self.command));
            replace("newer version of Signet", &|| format!("newer version of {}", self.product));
            // The block of a request's file that has our name: owners never see the file.
            replace("SIGNET RECORD", &|| "RECORD".to_owned());
        }
        words
    }

    /// A whole command of this program, as the device has it.
    pub fn command_line<'a>(&self, command: &'a str) -> Cow<'a, str> {
        match command.strip_prefix(COMMAND).filter(|rest| rest.starts_with(' ') && self.is_vendors) {
            Some(rest) => Cow::Owned(format!("{}{rest}", self.command)),
            None => Cow::Borrowed(command),
        }
    }
}

/// The tokens of static/signet.css that a brand sets, also for browsers without `light-dark`.
fn sheet(Palettes { light, dark }: &Palettes) -> String {
    format!(
        ":root {{ --brand: {}; --on-brand: {}; --tint: {}; }}\n\
         @supports (color: light-dark(#fff, #000)) {{\n  \
         :root {{ --brand: light-dark({}, {}); --on-brand: light-dark({}, {}); --tint: light-dark({}, {}); }}\n}}\n",
        light.accent,
        light.on_accent,
        light.tint,
        light.accent,
        dark.accent,
        light.on_accent,
        dark.on_accent,
        light.tint,
        dark.tint,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use signet_app::config::Config;

    fn acme() -> Look {
        Look {
            is_vendors: true,
            product: "Acme".to_owned(),
            command: "acme-certs".to_owned(),
            reset_button: Some("the button Reset".to_owned()),
            ..Look::own()
        }
    }

    #[test]
    fn sentences_have_the_commands_and_the_button_of_the_device() {
        let acme = acme();
        for (text, shown) in [
            ("Run `signet check`, or `signet csr list`.", "Run `acme-certs check`, or `acme-certs csr list`."),
            ("If it is lost, run `signet recover password` on the device.", "If it is lost, press the button Reset."),
            ("A request named signet exists.", "A request named signet exists."),
            ("it has no SIGNET RECORD block", "it has no RECORD block"),
            ("written by a newer version of Signet (format 2)", "written by a newer version of Acme (format 2)"),
        ] {
            assert_eq!(acme.words(text), shown);
            assert_eq!(Look::own().words(text), text);
        }
        assert_eq!(acme.command_line("signet csr create \\\n  --name=a"), "acme-certs csr create \\\n  --name=a");
        assert_eq!(acme.command_line("signetx"), "signetx");
        assert_eq!(Look::own().command_line("signet csr"), "signet csr");
    }

    #[test]
    fn the_colours_are_set_as_tokens_of_both_schemes() {
        let text = "[brand]\nname = \"Acme\"\ncommand = \"a\"\naccent = \"#003b71\"\naccent_dark = \"#8ec5ff\"\n";
        let palettes = Config::parse(text).unwrap().brand.unwrap().palettes.unwrap();
        let css = sheet(&palettes);
        assert!(css.starts_with(":root { --brand: #003b71; --on-brand: #ffffff; --tint: #e6ebf1; }\n"), "{css}");
        assert!(
            css.contains("--brand: light-dark(#003b71, #8ec5ff); --on-brand: light-dark(#ffffff, #000000);"),
            "{css}"
        );
        assert_eq!(css.matches('{').count(), css.matches('}').count());
    }
}
