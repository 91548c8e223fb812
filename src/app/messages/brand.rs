//! What is wrong with a vendor's brand. Each follows the line's number and has no full stop at its end.

use crate::config::Shortage;

/// What a link to the support is called where the config does not say.
pub(crate) const SUPPORT: &str = "Support";

/// A brand without the product's name.
pub(crate) const NO_NAME: &str = "[brand] needs `name`: the product's name, which pages show";

/// A brand without a command: pages would name a program that the device does not have.
pub(crate) const NO_COMMAND: &str =
    "[brand] needs `command`: the name of a link to this program on the device, which pages show in commands";

/// A text for the support without its address.
pub(crate) const NO_SUPPORT_URL: &str = "`support_text` needs `support_url`";

/// One accent of two.
pub(crate) const ONE_ACCENT: &str = "`accent` and `accent_dark` belong together: one colour for light screens, one for dark ones. \
                                     No colour can be read on both";

/// A text that does not fit.
pub(crate) fn text(key: &str, max: usize) -> String {
    format!(
        "`{key}` must be one line of at most {max} characters, without blanks around it and without hidden characters"
    )
}

/// A name that cannot be a command.
pub(crate) fn command(max: usize) -> String {
    format!("`command` must be the name of a program without its path: letters, digits, - _ . and at most {max} bytes")
}

/// A path from a working directory.
pub(crate) fn relative(key: &str) -> String {
    format!("`{key}` must be an absolute path")
}

/// Something else than a link.
pub(crate) fn link(value: &str, max: usize) -> String {
    format!(
        "`support_url` must be a link of at most {max} bytes that begins with https://, http:// or mailto:, not `{value}`"
    )
}

/// Something else than a colour.
pub(crate) fn colour(key: &str, value: &str) -> String {
    format!("`{value}` is not a colour. Write `{key}` as #rrggbb")
}

/// A colour that is hard to see.
pub(crate) fn contrast(key: &str, shortage: &Shortage, is_light: bool) -> String {
    let Shortage { accent, other, place, measured, needed, instead } = shortage;
    let (screen, way) = if is_light { ("light", "darker") } else { ("dark", "lighter") };
    format!(
        "`{key}` {accent} has a contrast of {} to {place} ({other}) on {screen} screens, and {} is needed. Choose a {way} colour, such as {instead}",
        ratio(*measured),
        ratio(*needed),
    )
}

/// `4.5:1` of 450.
fn ratio(hundredths: u32) -> String {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let digits = format!("{whole}.{part:02}");
    format!("{}:1", digits.strip_suffix('0').unwrap_or(&digits))
}

/// A config file that others than root could have written.
pub(crate) fn untrusted(why: &str) -> String {
    format!("[brand] counts only in a file that nobody but root can write to: {why}")
}

/// A file that others than root could have written, or that cannot be read.
pub(crate) fn file(key: &str, why: &str) -> String {
    format!("`{key}`: {why}")
}

/// A file that is not there.
pub(crate) fn missing(key: &str, path: &str) -> String {
    format!("`{key}`: there is no file {path}")
}

/// A file whose content is refused.
pub(crate) fn content(key: &str, path: &str, what: &str) -> String {
    format!("`{key}`: {path} {what}")
}
