//! What the doctor says: of clock, configuration and audit log here, of the rest in files of its own.

pub(crate) mod certificates;
pub(crate) mod contents;
pub(crate) mod enrollment;
pub(crate) mod identity;
pub(crate) mod place;
pub(crate) mod support;

use super::{Said, counted};

/// A clock that can be right.
pub(crate) fn clock(now: &str) -> String {
    format!("The clock says {now}.")
}

/// One that cannot.
pub(crate) fn clock_before_build(now: &str, built: &str) -> Said {
    Said::new(
        format!("The clock says {now}, before this program was built ({built})."),
        "Set the clock. Until then the time counts as unknown, and certificates are dated from the build.",
    )
}

/// No file.
pub(crate) const NO_CONFIG: &str = "There is no configuration file. The defaults apply.";

/// `unknown` names the line and the key.
pub(crate) fn unknown_key(path: &str, unknown: &str) -> Said {
    Said::new(format!("{path}, {unknown}."), "Correct or remove the key. The console starts without it.")
}

/// Nothing has the name that pages give the program.
pub(crate) fn command_missing(path: &str, program: &str) -> Said {
    Said::new(
        format!("Pages show commands by the name in brand.command, and there is no {path}."),
        format!("Run `ln -s {program} {path}`."),
    )
}

/// A file that is right.
pub(crate) fn config(path: &str) -> String {
    format!("{path} contains only known keys with valid values.")
}

/// What to do about a log that was touched.
pub(crate) const LOG_CHANGED: &str =
    "Find out who can write to the data directory. A copy of the log from elsewhere shows what was there.";

/// A log that nobody touched.
pub(crate) fn log(lines: usize, torn: usize) -> String {
    let torn = if torn > 0 { format!(", and {torn} more cut off by a power failure") } else { String::new() };
    format!("The audit log passes its integrity check: {}{torn}.", counted(lines, "line"))
}

/// Copies that are all current.
pub(crate) const SERVICES: &str = "Every other service has its current certificate.";

const DEPLOY: &str = "Run `systemctl start signet-deploy.service`, or `signet deploy` as root. Either says what keeps it from \
                      working.";

/// A copy that is missing or old.
pub(crate) fn service_behind(service: &str, csr: &str) -> Said {
    Said::new(format!("The service {service} does not have the certificate of {csr} yet."), DEPLOY)
}

/// A copy that nobody wants.
pub(crate) fn service_copy_left(service: &str) -> Said {
    Said::new(format!("The service {service} still has a copy that must be removed."), DEPLOY)
}
