//! `[brand]` as it lies in the file. An empty text is none.

use super::palette::{Palette, Scheme};
use super::{Brand, Colour, Named, Palettes, SupportLink};
use crate::messages::brand as say;
use serde::Deserialize;
use signet_domain::visible::{self, is_hidden};
use std::ops::Range;
use std::path::PathBuf;
use toml::Spanned;

/// Characters of the product's name: it stands in the bar of a phone, and in the title of a tab.
const NAME: usize = 40;
/// Characters of other short texts.
const TEXT: usize = 80;
/// Bytes of a link.
const LINK: usize = 300;
/// Bytes of the command's name.
const COMMAND: usize = 32;

type Text = Option<Spanned<String>>;
/// Where it is wrong, and what is.
type Wrong = (Option<Range<usize>>, String);

#[derive(Debug, Deserialize, Default)]
#[serde(default)]
pub(in crate::config) struct BrandTable {
    name: Text,
    command: Text,
    logo: Text,
    logo_dark: Text,
    favicon: Text,
    accent: Text,
    accent_dark: Text,
    support_url: Text,
    support_text: Text,
    reset_button: Text,
    help: Text,
}

impl BrandTable {
    /// The brand, if the table says anything. `line` gives the line of a place in the file.
    pub(in crate::config) fn read(&self, line: impl Fn(usize) -> usize) -> Result<Option<Brand>, Wrong> {
        let Some(any) = self.all().into_iter().flatten().next() else { return Ok(None) };
        let name = self.text("name", &self.name, NAME)?.ok_or_else(|| wrong(any, say::NO_NAME.to_owned()))?;
        let command = self.command()?.ok_or_else(|| wrong(any, say::NO_COMMAND.to_owned()))?;
        let file = |key, text| named(key, text, &line);
        Ok(Some(Brand {
            name,
            command,
            line: self.name.as_ref().map_or(1, |name| line(name.span().start)),
            logo: file("logo", &self.logo)?,
            logo_dark: file("logo_dark", &self.logo_dark)?,
            favicon: file("favicon", &self.favicon)?,
            help: file("help", &self.help)?,
            palettes: self.palettes()?,
            support: self.support()?,
            reset_button: self.text("reset_button", &self.reset_button, TEXT)?,
        }))
    }

    /// Taken apart without `..`, so that a new key is among them.
    fn all(&self) -> [Option<&Spanned<String>>; 11] {
        let Self {
            name,
            command,
            logo,
            logo_dark,
            favicon,
            accent,
            accent_dark,
            support_url,
            support_text,
            reset_button,
            help,
        } = self;
        [name, command, logo, logo_dark, favicon, accent, accent_dark, support_url, support_text, reset_button, help]
            .map(given)
    }

    fn text(&self, key: &str, text: &Text, max: usize) -> Result<Option<String>, Wrong> {
        let Some(text) = given(text) else { return Ok(None) };
        let value = text.get_ref();
        let fits = value.trim() == value && value.chars().count() <= max && !value.chars().any(is_hidden);
        if fits { Ok(Some(value.clone())) } else { Err(wrong(text, say::text(key, max))) }
    }

    fn command(&self) -> Result<Option<String>, Wrong> {
        let Some(text) = given(&self.command) else { return Ok(None) };
        let value = text.get_ref();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let fits = value.len() <= COMMAND && value.bytes().all(plain) && value.starts_with(char::is_alphanumeric);
        if fits { Ok(Some(value.clone())) } else { Err(wrong(text, say::command(COMMAND))) }
    }

    fn palettes(&self) -> Result<Option<Palettes>, Wrong> {
        let (light, dark) = match (given(&self.accent), given(&self.accent_dark)) {
            (None, None) => return Ok(None),
            (Some(light), Some(dark)) => (light, dark),
            (Some(one), None) | (None, Some(one)) => return Err(wrong(one, say::ONE_ACCENT.to_owned())),
        };
        let palette = |key, text: &Spanned<String>, scheme| {
            let colour = Colour::parse(text.get_ref());
            let colour = colour.ok_or_else(|| wrong(text, say::colour(key, &visible::line(text.get_ref()))))?;
            Palette::new(key, colour, scheme).map_err(|what| wrong(text, what))
        };
        Ok(Some(Palettes {
            light: palette("accent", light, Scheme::Light)?,
            dark: palette("accent_dark", dark, Scheme::Dark)?,
        }))
    }

    fn support(&self) -> Result<Option<SupportLink>, Wrong> {
        let text = self.text("support_text", &self.support_text, TEXT)?;
        let Some(url) = given(&self.support_url) else {
            return match given(&self.support_text) {
                Some(text) => Err(wrong(text, say::NO_SUPPORT_URL.to_owned())),
                None => Ok(None),
            };
        };
        let value = url.get_ref();
        let scheme = ["https://", "http://", "mailto:"].into_iter().find(|scheme| value.starts_with(scheme));
        // What RFC 3986 lets a URI consist of, without what would end an attribute.
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte);
        if value.len() > LINK || !value.bytes().all(plain) || scheme.is_none_or(|scheme| value.len() <= scheme.len()) {
            return Err(wrong(url, say::link(&visible::line(value), LINK)));
        }
        Ok(Some(SupportLink { url: value.clone(), text: text.unwrap_or_else(|| say::SUPPORT.to_owned()) }))
    }
}

fn given(text: &Text) -> Option<&Spanned<String>> {
    text.as_ref().filter(|text| !text.get_ref().is_empty())
}

fn named(key: &'static str, text: &Text, line: impl Fn(usize) -> usize) -> Result<Option<Named>, Wrong> {
    let Some(text) = given(text) else { return Ok(None) };
    let path = PathBuf::from(text.get_ref());
    if !path.is_absolute() {
        return Err(wrong(text, say::relative(key)));
    }
    Ok(Some(Named { key, line: line(text.span().start), path }))
}

fn wrong(text: &Spanned<String>, what: String) -> Wrong {
    (Some(text.span()), what)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const NEEDED: &str = "[brand]\nname = \"Acme Certificates\"\ncommand = \"acme-certs\"\n";

    #[test]
    fn every_key_is_read() {
        let more = "logo = \"/a\"\nlogo_dark = \"/b\"\nfavicon = \"/c\"\nhelp = \"/d\"\naccent = \"#003b71\"\n\
            accent_dark = \"#8ec5ff\"\nsupport_url = \"https://acme.example/?a=b&c\"\nreset_button = \"the button Reset\"\n";
        let brand = Config::parse(&format!("{NEEDED}{more}")).unwrap().brand.unwrap();
        assert_eq!((&*brand.name, &*brand.command, brand.line), ("Acme Certificates", "acme-certs", 2));
        let files = [brand.logo, brand.logo_dark, brand.favicon, brand.help].map(Option::unwrap);
        assert_eq!(
            files.map(|file| (file.key, file.line)),
            [("logo", 4), ("logo_dark", 5), ("favicon", 6), ("help", 7)]
        );
        assert_eq!(brand.palettes.unwrap().light.accent.to_string(), "#003b71");
        assert_eq!(brand.support.unwrap().text, "Support");
        assert_eq!(brand.reset_button.unwrap(), "the button Reset");
    }

    #[test]
    fn a_table_that_says_nothing_is_no_brand() {
        for text in ["", "[brand]\n", "[brand]\nname = \"\"\naccent = \"\"\n"] {
            assert!(Config::parse(text).unwrap().brand.is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, told) in [
            ("[brand]\ncommand = \"x\"\n", 2, "needs `name`"),
            ("[brand]\nname = \"Acme\"\n", 2, "needs `command`"),
            ("[brand]\nname = \" Acme\"\ncommand = \"x\"\n", 2, "`name` must be"),
            ("[brand]\nname = \"A\\u202ecme\"\ncommand = \"x\"\n", 2, "`name` must be"),
            ("[brand]\nname = \"Acme\"\ncommand = \"a b\"\n", 3, "`command` must be"),
            ("[brand]\nname = \"Acme\"\ncommand = \"-a\"\n", 3, "`command` must be"),
        ] {
            let (at, what) = Config::parse(text).unwrap_err();
            assert!(at == line && what.contains(told), "{text}: {at} {what}");
        }
        for (more, told) in [
            ("logo = \"logo.svg\"", "`logo` must be an absolute path"),
            ("accent = \"#003b71\"", "`accent` and `accent_dark`"),
            ("accent = \"blue\"\naccent_dark = \"#8ec5ff\"", "`blue` is not a colour"),
            ("accent = \"#ffcc00\"\naccent_dark = \"#8ec5ff\"", "#ffcc00"),
            ("support_text = \"Help\"", "needs `support_url`"),
            ("support_url = \"javascript:alert(1)\"", "must be a link"),
            ("support_url = \"https://\"", "must be a link"),
            ("support_url = \"https://a.example/\\\"x\"", "must be a link"),
        ] {
            let (at, what) = Config::parse(&format!("{NEEDED}{more}\n")).unwrap_err();
            assert!(at == 4 && what.contains(told), "{more}: {at} {what}");
        }
    }
}
