//! How a message writes a command of this program, so that the command finds this data directory when somebody copies it:
//! with `--data`, where commands do not find the directory by themselves.
//!
//! Knows how a shell reads a word. Does not know how a command decides on its directory: the command line tells.

use crate::config::SYSTEM_DATA;
use signet_domain::visible::is_hidden;
use std::path::Path;

/// What comes behind `signet` in a command: nothing, or `--data DIR`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataFlag(Option<String>);

impl DataFlag {
    /// For a command that names `data`.
    pub fn naming(data: &Path) -> Self {
        // A path that a terminal would obey, or that is not text, is in no command: the reader must put it in.
        let path = data.to_str().filter(|path| !path.chars().any(is_hidden));
        Self(Some(format!("--data {}", path.map_or_else(|| "DIR".to_owned(), shell_word))))
    }

    /// For readers who are not where the console was started, such as those of a page.
    pub fn elsewhere(data: &Path) -> Self {
        let data = std::path::absolute(data).unwrap_or_else(|_| data.to_path_buf());
        if data == Path::new(SYSTEM_DATA) { Self::default() } else { Self::naming(&data) }
    }

    /// `signet csr list` with the flag in it.
    pub fn in_command(&self, command: &str) -> String {
        match (&self.0, command.strip_prefix("signet ")) {
            (Some(flag), Some(rest)) => format!("signet {flag} {rest}"),
            _ => command.to_owned(),
        }
    }

    /// A sentence with the flag in each command between backticks.
    pub fn in_text(&self, text: &str) -> String {
        match &self.0 {
            Some(flag) => text.replace("`signet ", &format!("`signet {flag} ")),
            None => text.to_owned(),
        }
    }
}

/// A word as a POSIX shell takes it literally.
pub(crate) fn shell_word(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=".contains(&byte);
    if value.bytes().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_command_as_they_are() {
        for word in ["nas.local", "a b", "it's $HOME `x` \"y\" \\ #", "-----BEGIN\nMII", "ü"] {
            let script = format!("printf %s {}", shell_word(word));
            let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
            assert_eq!(output.stdout, word.as_bytes());
        }
    }

    #[test]
    fn each_command_of_a_sentence_names_the_directory() {
        let flag = DataFlag::naming(Path::new("/srv/a b"));
        assert_eq!(flag.in_command("signet csr list"), "signet --data '/srv/a b' csr list");
        assert_eq!(
            flag.in_text("Run `signet check`, or `systemctl reload signet.service`; then `signet csr list`."),
            "Run `signet --data '/srv/a b' check`, or `systemctl reload signet.service`; then `signet --data '/srv/a b' csr list`."
        );
        assert_eq!(DataFlag::default().in_text("Run `signet check`."), "Run `signet check`.");
    }

    #[test]
    fn the_systems_directory_needs_no_flag_and_every_other_one_is_named_whole() {
        assert_eq!(DataFlag::elsewhere(Path::new(SYSTEM_DATA)), DataFlag::default());
        let here = std::env::current_dir().unwrap().join("data");
        assert_eq!(DataFlag::elsewhere(Path::new("data")), DataFlag::naming(&here));
    }

    #[test]
    fn a_path_that_a_terminal_would_obey_is_in_no_command() {
        for path in ["/x\u{1b}[2J", "/x\u{202e}", "/x\ny"] {
            assert_eq!(DataFlag::naming(Path::new(path)).in_command("signet check"), "signet --data DIR check");
        }
    }
}
