//! Draws a QR code from its path, for the tests of this crate and of the label, which include the file by its path.

use signet_app::qr::Qr;

/// Follows the path as a pen would, into a grid of modules.
pub(crate) fn drawn(qr: &Qr) -> Vec<Vec<bool>> {
    let side = usize::try_from(qr.side).unwrap();
    let mut grid = vec![vec![false; side]; side];
    let (mut x, mut y) = (0, 0);
    let spaced = qr.path.replace('M', " M ").replace('m', " m ").replace('h', " h ");
    let mut words = spaced.split_ascii_whitespace();
    let number = |word: Option<&str>| word.unwrap().trim_end_matches(".5").parse::<usize>().unwrap();
    while let Some(command) = words.next() {
        match command {
            "M" => (x, y) = (number(words.next()), number(words.next())),
            "m" => (x, _) = (x + number(words.next()), words.next().filter(|down| *down == "0").unwrap()),
            _ => {
                let length = number(words.next());
                grid[y][x..x + length].fill(true);
                x += length;
            }
        }
    }
    grid
}
