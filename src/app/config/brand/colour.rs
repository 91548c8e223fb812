//! Colours as a config file writes them, and how well one is seen on another (WCAG 2.2, 1.4.3).

use std::fmt::{self, Display, Formatter};

/// A colour of sRGB without transparency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

impl Colour {
    /// White.
    pub const WHITE: Self = Self::of(0xFF_FF_FF);
    /// Black.
    pub const BLACK: Self = Self::of(0);

    /// The colour of `0xRRGGBB`.
    pub(super) const fn of(number: u32) -> Self {
        let [_, red, green, blue] = number.to_be_bytes();
        Self { red, green, blue }
    }

    /// Reads `#rrggbb`; none for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        let is_hex = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_hex.then(|| u32::from_str_radix(digits, 16).ok().map(Self::of)).flatten()
    }

    /// The contrast ratio to another colour: 1 for the same, 21 for black and white.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The relative luminance, 0 to 1.
    pub(super) fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }

    /// This colour with `percent` of another one in it.
    pub(super) fn mixed(self, other: Self, percent: u32) -> Self {
        let mix = |a: u8, b: u8| channel(f64::from(u32::from(a) * (100 - percent) + u32::from(b) * percent) / 100.0);
        Self { red: mix(self.red, other.red), green: mix(self.green, other.green), blue: mix(self.blue, other.blue) }
    }

    /// As the sheet's `brightness(1.1)` shows it, on the button that a pointer is over.
    pub(super) fn brightened(self) -> Self {
        let bright = |value: u8| channel(f64::from(value) * 1.1);
        Self { red: bright(self.red), green: bright(self.green), blue: bright(self.blue) }
    }
}

/// The nearest value that a channel can have. A cast from float to integer saturates.
fn channel(value: f64) -> u8 {
    value.round() as u8
}

impl Display for Colour {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { red, green, blue } = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_hex_digits_after_a_hash() {
        for (text, shown) in [("#0b5c5e", "#0b5c5e"), ("#FFCC00", "#ffcc00"), ("#000000", "#000000")] {
            assert_eq!(Colour::parse(text).unwrap().to_string(), shown);
        }
        for text in ["", "#", "0b5c5e", "#0b5", "#0b5c5e00", "#0b5c5g", "#+b5c5e", "red", "#0b5c5\u{e9}", "rgb(0,0,0)"]
        {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_contrast_is_that_of_wcag() {
        // The ratios that WebAIM's checker gives, cut after two digits.
        for (a, b, ratio) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            ("#777777", "#ffffff", 4.47),
            ("#767676", "#ffffff", 4.54),
            ("#0000ff", "#ffffff", 8.59),
            ("#ff0000", "#ffffff", 3.99),
            ("#ffcc00", "#ffffff", 1.51),
        ] {
            let (a, b) = (Colour::parse(a).unwrap(), Colour::parse(b).unwrap());
            assert!((0.0..0.0101).contains(&(a.contrast(b) - ratio)), "{a} {b}: {}", a.contrast(b));
            assert!((a.contrast(b) - b.contrast(a)).abs() < 1e-9);
        }
    }

    #[test]
    fn colours_are_mixed_and_brightened_within_their_bounds() {
        assert_eq!(Colour::BLACK.mixed(Colour::WHITE, 50).to_string(), "#808080");
        assert_eq!(Colour::BLACK.mixed(Colour::WHITE, 100), Colour::WHITE);
        assert_eq!(Colour::parse("#0a64ff").unwrap().brightened().to_string(), "#0b6eff");
    }
}
