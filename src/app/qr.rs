//! A text as a QR code (ISO/IEC 18004), drawn as the path of an SVG.

use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write as _;

/// The quiet zone that readers need (9.1), modules.
const QUIET: i32 = 4;

/// A drawn code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Side of the square with its quiet zone, modules; the SVG's `viewBox` is `0 0 side side`.
    pub side: i32,
    /// The dark modules, as a path to be stroked one module wide: a line for each run of them in a row.
    pub path: String,
}

impl Qr {
    /// The code of a text, with the error correction that paper needs; none for a text of more than 2,331 bytes.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        Some(Self { side: code.size() + 2 * QUIET, path: path(&code) })
    }
}

fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let (mut x, mut pen) = (0, None);
        while x < code.size() {
            let start = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > start {
                // Writing to a String cannot fail.
                let _ = match pen {
                    None => write!(path, "M{} {}.5h{}", start + QUIET, y + QUIET, x - start),
                    Some(pen) => write!(path, "m{} 0h{}", start - pen, x - start),
                };
                pen = Some(x);
            }
            x += 1;
        }
    }
    path
}

#[cfg(test)]
mod drawn;

#[cfg(test)]
mod tests {
    use super::drawn::drawn;
    use super::*;

    #[test]
    fn the_path_draws_every_dark_module_and_no_other() {
        let text = "88:47:FE:53:C1:18:63:74";
        let (code, qr) = (QrCode::encode_text(text, QrCodeEcc::Medium).unwrap(), Qr::of(text).unwrap());
        let grid = drawn(&qr);
        for y in 0..qr.side {
            for x in 0..qr.side {
                let dark = grid[usize::try_from(y).unwrap()][usize::try_from(x).unwrap()];
                assert_eq!(dark, code.get_module(x - QUIET, y - QUIET), "{x} {y}");
            }
        }
        assert!(Qr::of(&"x".repeat(3000)).is_none());
    }
}
