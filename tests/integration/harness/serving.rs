//! A console that listens where a test says, and nowhere else: one without an HTTPS port of its own has no browser of ours.

use super::console::signet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

/// A process that serves. It ends when it is dropped.
pub struct Serving(Child);

impl Serving {
    /// Returns once it listens.
    pub fn at(data: &Path, place: &str) -> Self {
        let mut command = signet(data);
        command.args(["serve", "--setup-code-file", "-", "--listen", place]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.starts_with("Data:")).collect();
        let serving = Self(child);
        assert!(said.iter().any(|line| line.starts_with("Setup code:")), "it does not serve: {said:?}");
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
