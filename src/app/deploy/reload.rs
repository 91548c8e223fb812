//! Makes a service load its new certificate: the configured program with its arguments, no shell, and not for ever.

use crate::messages::services as say;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long the command may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// Runs it; an error is how it ended, as the end of a sentence. What it prints goes where ours goes.
pub(crate) fn run(argv: &[String], patience: Duration) -> Result<(), String> {
    let Some((program, arguments)) = argv.split_first() else { return Ok(()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).current_dir("/");
    // Nothing of our surroundings: what the console's user might have said in it is not for root's programs.
    command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let mut child = command.spawn().map_err(|error| say::reload_not_run(&error))?;
    let until = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(say::reload_failed(status)),
            Ok(None) if Instant::now() < until => std::thread::sleep(PAUSE),
            outcome => {
                // It is not to go on behind our back; whether it is gone already is the same to us.
                let _ = child.kill();
                let _ = child.wait();
                return Err(match outcome {
                    Err(error) => say::reload_lost(&error),
                    Ok(_) => say::reload_too_long(patience.as_secs()),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn arguments_are_no_shells_and_the_environment_is_bare() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let script = format!("printf '%s' \"$1\" > {0}; env >> {0}", out.display());
        run(&words(&["/bin/sh", "-c", &script, "sh", "$(id); `id`"]), PATIENCE).unwrap();
        let said = std::fs::read_to_string(out).unwrap();
        assert!(said.starts_with("$(id); `id`") && !said.contains("CARGO") && !said.contains("HOME="), "{said}");
    }

    #[test]
    fn how_it_ended_is_told() {
        assert_eq!(run(&words(&["/bin/sh", "-c", "exit 3"]), PATIENCE), Err("ended with exit status: 3".into()));
        assert!(run(&words(&["/nowhere/program"]), PATIENCE).unwrap_err().starts_with("could not be run"));
        let long = run(&words(&["/bin/sleep", "1000"]), Duration::from_millis(1)).unwrap_err();
        assert_eq!(long, "took longer than 0 seconds");
        assert_eq!(run(&[], PATIENCE), Ok(()));
    }
}
