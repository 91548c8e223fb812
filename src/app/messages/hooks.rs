//! Programs that set DNS records.

use super::authorities::failure;
use crate::deploy::{DeployError, Distrust};
use signet_domain::enrollment::{Failure, Kind};
use signet_domain::visible;
use std::path::Path;
use std::process::ExitStatus;

pub(crate) fn unknown(name: &str, file: &Path) -> Failure {
    failure(
        "hook_unknown",
        Kind::Settings,
        &format!("The hook {} is not set up on this device.", visible::line(name)),
        &format!("Root adds it in {}: [hooks], {} = \"/path/of/the/program\".", file.display(), visible::line(name)),
    )
}

pub(crate) fn wrong(file: &Path, line: usize, what: &str) -> Failure {
    let what = format!("{} is wrong in line {line}: {what}.", file.display());
    failure("hook_settings", Kind::Settings, &what, "Correct that line. It has [hooks] with a path for each name.")
}

pub(crate) fn untrusted(path: &Path, why: &Distrust) -> Failure {
    let what = format!("{} cannot be trusted: {why}. The hook is not run.", path.display());
    let remedy = "Make root its owner, let nobody else write to it, and name it by a path without links.";
    failure("hook_untrusted", Kind::Settings, &what, remedy)
}

pub(crate) fn unreadable(error: &DeployError) -> Failure {
    let remedy = "Check that the file is there and that the enrolling process's user may read it.";
    failure("hook_settings", Kind::Settings, &format!("{error}. The hook is not run."), remedy)
}

pub(crate) fn not_run(program: &Path, error: &std::io::Error) -> Failure {
    let what = format!("The hook {} could not be run: {error}.", program.display());
    failure(
        "hook_failed",
        Kind::Validation,
        &what,
        "Check that it is executable, and that its interpreter is installed.",
    )
}

pub(crate) fn failed(program: &Path, word: &str, status: ExitStatus) -> Failure {
    let what = format!("The hook {} ended `{word}` with {status}.", program.display());
    failure("hook_failed", Kind::Validation, &what, BY_HAND)
}

pub(crate) fn too_long(program: &Path, word: &str, seconds: u64) -> Failure {
    let what = format!("The hook {} took longer than {seconds} seconds for `{word}` and was ended.", program.display());
    failure("hook_time", Kind::Validation, &what, BY_HAND)
}

const BY_HAND: &str = "Run it by hand to see why: what it prints is not shown here. It is tried again automatically.";
