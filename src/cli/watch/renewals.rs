//! Requests that the device's owner wants renewed: once a day each of them is checked, and renewed when its certificate is due.

use super::child::{self, Commands, Ran};
use crate::cli::messages::watch as say;
use crate::cli::output::tell;
use signet_app::deploy::trusted_text;
use signet_domain::name::CsrName;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Root's list of them: a name a line, as `systemctl enable` is under systemd.
pub(super) const FILE: &str = "/etc/signet/renewals";

/// How often they are checked.
const EVERY: Duration = Duration::from_secs(24 * 3600);
/// The first time, and again where the clock is not known yet: the network may set it.
const SOON: Duration = Duration::from_secs(10 * 60);
/// How long a check may take.
const CHECK: Duration = Duration::from_secs(60);
/// How long a renewal may take: a long RSA key takes minutes on a slow processor.
const MOST: Duration = Duration::from_secs(600);

/// What `csr needs-renewal` says with its exit code.
const DUE: u8 = 0;
const CLOCK_UNKNOWN: u8 = 4;
/// Anything above is a failure, which the command has told.
const CANNOT_TELL: u8 = child::FAILED;

/// The list, and when it is looked at next.
pub(super) struct Renewals {
    list: PathBuf,
    next: Instant,
}

impl Renewals {
    pub(super) fn new(list: PathBuf) -> Self {
        Self { list, next: Instant::now() + SOON }
    }

    /// Checks and renews where it is time, or `at_once`; gives the renewals, and checks that failed.
    pub(super) fn look(&mut self, commands: &Commands, now: Instant, at_once: bool) -> Vec<Ran> {
        if now < self.next && !at_once {
            return Vec::new();
        }
        let (mut done, mut is_clock_known) = (Vec::new(), true);
        for name in self.names() {
            let name = name.as_str();
            let check = commands.run(&["csr", "needs-renewal", "--quiet", "--follow", name], CHECK);
            match check.code {
                DUE => done.push(commands.run(&["csr", "renew", "--quiet", "--follow", name], MOST)),
                CLOCK_UNKNOWN => is_clock_known = false,
                CANNOT_TELL => done.push(check),
                _ => {}
            }
        }
        self.next = Instant::now() + if is_clock_known { EVERY } else { SOON };
        done
    }

    fn names(&self) -> Vec<CsrName> {
        let text = match trusted_text(&self.list) {
            Ok(text) => text.unwrap_or_default(),
            Err(error) => {
                tell(say::renewals_unusable(&error, &error.fix()));
                return Vec::new();
            }
        };
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let parsed = lines.filter_map(|(at, line)| match CsrName::parse(line) {
            Ok(name) => Some(name),
            Err(invalid) => {
                tell(say::no_name(&self.list, at, &invalid.what));
                None
            }
        });
        parsed.collect()
    }
}
