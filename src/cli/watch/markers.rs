//! The reset button: its handler leaves an empty file, which is removed once the recovery that it is named after is durable.

use super::child::{Commands, Ran};
use crate::cli::messages::watch as say;
use crate::cli::output::tell;
use signet_app::recover::Recovery;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Where they are, as under systemd.
pub(super) const FOLDER: &str = "/run/signet-recovery";

/// How long a recovery may take.
const MOST: Duration = Duration::from_secs(60);
/// One that fails, on a read-only partition for instance, is tried again after this time, until it works.
const PAUSE: Duration = Duration::from_secs(30);

/// What is asked for first, when several are there: a reset ends everything else.
const ORDER: [Recovery; 4] = [Recovery::FactoryReset, Recovery::Identity, Recovery::Password, Recovery::Lockout];

/// The folder, and when it is looked at again.
pub(super) struct Markers {
    folder: PathBuf,
    not_before: Option<Instant>,
    distrusted: bool,
}

impl Markers {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, not_before: None, distrusted: false }
    }

    /// Does what markers ask for.
    pub(super) fn look(&mut self, commands: &Commands, now: Instant) -> Vec<Ran> {
        if self.not_before.is_some_and(|time| now < time) || !self.is_roots() {
            return Vec::new();
        }
        self.not_before = None;
        let mut done = Vec::new();
        for recovery in ORDER {
            let marker = self.folder.join(recovery.word());
            if !fs::symlink_metadata(&marker).is_ok_and(|found| found.is_file()) {
                continue;
            }
            let ran = commands.run(&["recover", recovery.word(), "--yes", "--restart"], MOST);
            // Only now: a power cut before this repeats the recovery, which changes nothing more.
            let removed = if ran.code == 0 { fs::remove_file(&marker) } else { Ok(()) };
            if let Err(error) = &removed {
                tell(say::marker_stays(&marker, error));
            }
            if ran.code != 0 || removed.is_err() {
                self.not_before = Some(Instant::now() + PAUSE);
            }
            done.push(ran);
        }
        done
    }

    /// Whoever else could write there could reset the device.
    fn is_roots(&mut self) -> bool {
        let found = match fs::symlink_metadata(&self.folder) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return false,
            Err(error) => return self.distrust(&error.to_string()),
        };
        let is_roots = found.is_dir() && found.uid() == 0 && found.mode() & 0o022 == 0;
        if is_roots { true } else { self.distrust(say::NOT_ROOTS_ALONE) }
    }

    /// Says so once.
    fn distrust(&mut self, why: &str) -> bool {
        if !std::mem::replace(&mut self.distrusted, true) {
            tell(say::distrusted(&self.folder, why));
        }
        false
    }
}
