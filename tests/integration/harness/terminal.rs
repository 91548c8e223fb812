//! A terminal of a given width, as a command sees it, and what it shows.

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::File;
use std::io::Read;
use std::process::Command;

/// How a command on a terminal ended, and all that was shown, standard error included.
pub struct Shown {
    pub code: i32,
    pub text: String,
}

/// Runs a command to its end on a terminal of so many columns.
pub fn on_terminal(command: &mut Command, columns: u16) -> Shown {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    tcsetwinsize(&ours, Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = rustix::fs::open(ptsname(&ours, Vec::new()).unwrap(), flags, Mode::empty()).unwrap();
    let mut child = command
        .stdin(theirs.try_clone().unwrap())
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs)
        .spawn()
        .unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    // It holds their side open.
    command.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let (mut text, mut bytes, mut screen) = (Vec::new(), [0; 4096], File::from(ours));
    // The end is an error, once nobody holds the other side.
    while let Ok(count @ 1..) = screen.read(&mut bytes) {
        text.extend_from_slice(&bytes[..count]);
    }
    let code = child.wait().unwrap().code().unwrap_or(-1);
    Shown { code, text: String::from_utf8(text).unwrap().replace("\r\n", "\n") }
}
