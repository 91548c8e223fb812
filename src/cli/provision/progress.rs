//! How far a batch is, while it runs.

use crate::cli::error::of_provision;
use crate::cli::how::How;
use crate::cli::json as print;
use crate::cli::messages::provision as say;
use crate::cli::output::{over, tell};
use serde_json::json;
use signet_app::provision::Outcome;
use signet_app::provision::batch::Fate;
use std::io::IsTerminal;
use std::path::Path;

/// A bar on a terminal, a line now and then elsewhere, a JSON line each with `--json`.
pub(super) struct Progress {
    all: usize,
    at: usize,
    failed: usize,
    look: Look,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Bar,
    Lines,
    Json,
    Nothing,
}

/// Characters of the bar.
const WIDTH: usize = 30;

impl Progress {
    pub(super) fn new(all: usize, how: &How) -> Self {
        let look = match (how.json, how.quiet, std::io::stderr().is_terminal()) {
            (true, ..) => Look::Json,
            (false, true, _) => Look::Nothing,
            (false, false, true) => Look::Bar,
            (false, false, false) => Look::Lines,
        };
        Self { all, at: 0, failed: 0, look }
    }

    pub(super) fn step(&mut self, serial: &str, fate: &Fate, out: &Path) {
        self.at += 1;
        self.failed += usize::from(matches!(fate, Fate::Failed(_)));
        match self.look {
            Look::Json => {
                // A reader that has gone away ends no batch.
                let _ = print::print(&told(serial, fate, out));
            }
            Look::Nothing => {}
            Look::Bar => {
                let full = WIDTH * self.at / self.all.max(1);
                let bar = format!("{}{}", "#".repeat(full), "-".repeat(WIDTH - full));
                over(format_args!("[{bar}] {}", say::progress(self.at, self.all, self.failed)));
            }
            Look::Lines => {
                let part = |at: usize| at * 10 / self.all.max(1);
                if part(self.at) > part(self.at - 1) {
                    tell(say::progress(self.at, self.all, 0));
                }
            }
        }
    }

    pub(super) fn end(&self) {
        if self.look == Look::Bar {
            tell("");
        }
    }
}

fn told(serial: &str, fate: &Fate, out: &Path) -> serde_json::Value {
    let path = out.join(serial);
    match fate {
        Fate::Made(Outcome::Made) => json!({"serial": serial, "outcome": "made", "path": path}),
        Fate::Made(Outcome::Resumed) => json!({"serial": serial, "outcome": "resumed", "path": path}),
        Fate::Done => json!({"serial": serial, "outcome": "done", "path": path}),
        Fate::NotBegun => json!({"serial": serial, "outcome": "not_begun"}),
        Fate::Elsewhere(error) => json!({"serial": serial, "outcome": "elsewhere", "error": error.to_string()}),
        Fate::Failed(error) => json!({
            "serial": serial, "outcome": "failed", "code": of_provision(error).word(), "error": error.to_string(),
            "fix": error.fix(),
        }),
    }
}
