//! The vendor's two colours on everything that the style sheet shows them on: refused where people could not read them.
//!
//! The accent is the token `--brand` of static/signet.css: links, the filled button and the current place. Text on the button
//! and the tint behind hints follow from it.

use super::colour::Colour;
use crate::messages::brand as say;

/// What text needs (WCAG 2.2, 1.4.3 AA), in hundredths as [`Shortage`] counts.
const TEXT: u32 = 450;
/// What a sign needs that is not text (1.4.11 AA).
const SIGN: u32 = 300;

/// How much of the accent is in the tint, in percent: the most with which text on it can be read.
const TINTS: [u32; 6] = [10, 8, 6, 4, 2, 0];

/// The accents, for a light and a dark screen, with what follows from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palettes {
    /// On a light screen.
    pub light: Palette,
    /// On a dark screen.
    pub dark: Palette,
}

/// The tokens of one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// `--brand`.
    pub accent: Colour,
    /// `--on-brand`: text on the accent.
    pub on_accent: Colour,
    /// `--tint`: the surface of hints, and of buttons under the pointer.
    pub tint: Colour,
}

/// A pair of colours that cannot be told apart well enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shortage {
    /// The accent.
    pub(crate) accent: Colour,
    /// What the accent is shown on, or what is shown on it.
    pub(crate) other: Colour,
    /// What that is.
    pub(crate) place: &'static str,
    /// The ratio in hundredths, cut and not rounded.
    pub(crate) measured: u32,
    /// The ratio that is needed, in hundredths.
    pub(crate) needed: u32,
    /// The nearest colour that has enough contrast everywhere.
    pub(crate) instead: Colour,
}

/// One of the sheet's colour schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Light,
    Dark,
}

/// The sheet's tokens that the accent is shown on as text, with their colours of both schemes.
const SURFACES: [(&str, &str, u32, u32); 5] = [
    ("ground", "the page", 0xf5_f7_f7, 0x11_16_17),
    ("card", "a card", 0xff_ff_ff, 0x19_1f_20),
    ("good-tint", "a message of success", 0xe4_f3_e9, 0x15_30_1f),
    ("warn-tint", "a warning", 0xfd_f2_d9, 0x33_29_0f),
    ("bad-tint", "a message of an error", 0xfc_eb_eb, 0x36_1b_1c),
];
/// What the bar of progress moves in.
const LINE: (u32, u32) = (0xdd_e3_e3, 0x2c_36_37);
/// Text on the tint.
const INK: (u32, u32) = (0x15_20_21, 0xe9_ef_ef);
const SOFT: (u32, u32) = (0x4f_5d_5f, 0xa6_b4_b5);

impl Scheme {
    fn of(self, (light, dark): (u32, u32)) -> Colour {
        Colour::of(if self == Self::Light { light } else { dark })
    }

    fn card(self) -> Colour {
        self.of((0xff_ff_ff, 0x19_1f_20))
    }

    /// Where an accent goes for more contrast.
    fn away(self) -> Colour {
        if self == Self::Light { Colour::BLACK } else { Colour::WHITE }
    }
}

impl Palette {
    /// The tokens for an accent; a sentence where people could not see it.
    pub(super) fn new(key: &str, accent: Colour, scheme: Scheme) -> Result<Self, String> {
        match shortage(accent, scheme) {
            Some(shortage) => Err(say::contrast(key, &shortage, scheme == Scheme::Light)),
            None => Ok(Self { accent, on_accent: on(accent), tint: tint(accent, scheme) }),
        }
    }
}

/// White or black, whichever is read better on the accent.
fn on(accent: Colour) -> Colour {
    if accent.contrast(Colour::WHITE) >= accent.contrast(Colour::BLACK) { Colour::WHITE } else { Colour::BLACK }
}

/// The card with some of the accent in it.
fn tint(accent: Colour, scheme: Scheme) -> Colour {
    let read = |tint: &Colour| {
        [accent, scheme.of(INK), scheme.of(SOFT)].iter().all(|text| hundredths(text.contrast(*tint)) >= TEXT)
    };
    let mut tints = TINTS.iter().map(|percent| scheme.card().mixed(accent, *percent));
    tints.clone().find(read).or_else(|| tints.next_back()).unwrap_or(scheme.card())
}

/// The pair that lacks most, if any does.
fn shortage(accent: Colour, scheme: Scheme) -> Option<Shortage> {
    let worst = lacking(accent, scheme)?;
    // At the end of the way is black or white, which is read on everything.
    let better = (1..=100).map(|percent| accent.mixed(scheme.away(), percent));
    let instead = better.clone().find(|colour| lacking(*colour, scheme).is_none());
    Some(Shortage { instead: instead.unwrap_or(scheme.away()), ..worst })
}

fn lacking(accent: Colour, scheme: Scheme) -> Option<Shortage> {
    let text = SURFACES.iter().map(|(_, place, light, dark)| (*place, scheme.of((*light, *dark)), accent, TEXT));
    let others = [
        ("the text of a button", on(accent), accent, TEXT),
        ("the text of a button under the pointer", on(accent), accent.brightened(), TEXT),
        ("the bar of progress", scheme.of(LINE), accent, SIGN),
    ];
    let pairs = text.chain(others).map(|(place, other, shown, needed)| Shortage {
        accent,
        other,
        place,
        measured: hundredths(shown.contrast(other)),
        needed,
        instead: accent,
    });
    pairs.filter(|pair| pair.measured < pair.needed).min_by_key(|pair| pair.measured * 100 / pair.needed)
}

/// Cut, so that what is told to be enough is enough. A cast from float to integer saturates.
fn hundredths(ratio: f64) -> u32 {
    (ratio * 100.0).floor() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = include_str!("../../../../static/signet.css");

    fn colour(text: &str) -> Colour {
        Colour::parse(text).unwrap()
    }

    /// A token of the sheet, light and dark.
    fn token(name: &str) -> (Colour, Colour) {
        let rest = SHEET.split_once(&format!("--{name}: light-dark(")).unwrap().1;
        let (light, dark) = rest.split_once(')').unwrap().0.split_once(", ").unwrap();
        let long = |text: &str| if text == "#fff" { Colour::WHITE } else { colour(text) };
        (long(light), long(dark))
    }

    #[test]
    fn the_surfaces_are_those_of_the_style_sheet() {
        let both = |(light, dark): (u32, u32)| (Colour::of(light), Colour::of(dark));
        for (name, _, light, dark) in SURFACES {
            assert_eq!(token(name), both((light, dark)), "{name}");
        }
        assert_eq!((token("line"), token("ink"), token("soft")), (both(LINE), both(INK), both(SOFT)));
        assert_eq!(token("card"), (Scheme::Light.card(), Scheme::Dark.card()));
        assert!(SHEET.contains("button:hover, .button:hover { filter: brightness(1.1); }"));
    }

    #[test]
    fn the_sheets_own_accents_are_seen_everywhere() {
        let (light, dark) = token("brand");
        assert_eq!(lacking(light, Scheme::Light), None);
        assert_eq!(lacking(dark, Scheme::Dark), None);
    }

    #[test]
    fn an_accent_that_cannot_be_read_is_refused_with_the_measured_ratio_and_one_that_can() {
        let refused = Palette::new("accent", colour("#ffcc00"), Scheme::Light).unwrap_err();
        assert!(refused.contains("#ffcc00") && refused.contains(":1") && refused.contains("4.5:1"), "{refused}");
        for (accent, scheme) in [
            ("#ffcc00", Scheme::Light),
            ("#777777", Scheme::Light),
            ("#ffffff", Scheme::Light),
            ("#0b5c5e", Scheme::Dark),
            ("#000000", Scheme::Dark),
            ("#d00000", Scheme::Dark),
        ] {
            let shortage = shortage(colour(accent), scheme).unwrap();
            assert!(shortage.measured < shortage.needed, "{accent}");
            assert_eq!(lacking(shortage.instead, scheme), None, "{accent}: {}", shortage.instead);
        }
        // Black and white are what they are measured against.
        let white = shortage(Colour::WHITE, Scheme::Light).unwrap();
        assert_eq!((white.measured, white.place), (100, "a card"));
    }

    #[test]
    fn text_on_the_accent_and_on_its_tint_is_read() {
        for number in (0..0x0100_0000_u32).step_by(9973) {
            for scheme in [Scheme::Light, Scheme::Dark] {
                let Ok(palette) = Palette::new("accent", Colour::of(number), scheme) else { continue };
                let Palette { accent, on_accent, tint } = palette;
                for (a, b) in [(accent, on_accent), (accent, tint), (scheme.of(INK), tint), (scheme.of(SOFT), tint)] {
                    assert!(a.contrast(b) >= 4.5, "{accent}: {a} on {b}");
                }
            }
        }
    }
}
