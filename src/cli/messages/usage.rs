//! Command lines that ask for what cannot be done.

use crate::cli::error::CliError;

const fn usage(what: &'static str, fix: &'static str) -> CliError {
    CliError::Usage { what, fix }
}

/// A code would go into a pipe or a log.
pub(in crate::cli) const CODE_NOWHERE: CliError = usage(
    "a new setup code cannot be shown: this is not a terminal, and /dev/console cannot be used",
    "Run the command on a terminal, or add --setup-code-file FILE (- is standard output).",
);
/// A question that nobody can answer.
pub(in crate::cli) const CONFIRMATION: CliError = usage(
    "a recovery asks for confirmation, and this is not a terminal",
    "Add --yes to do it without a question, or --dry-run to see what it would do.",
);
/// Two outputs and one standard output.
pub(in crate::cli) const CODE_AND_JSON: CliError = usage(
    "with --json, the new setup code cannot go to standard output",
    "Name a new file with --setup-code-file FILE.",
);
/// Likewise for an export.
pub(in crate::cli) const FILE_AND_JSON: CliError =
    usage("with --json, the file cannot go to standard output", "Name it with --out FILE, or leave --json out.");
/// Nothing could be said about standard output.
pub(in crate::cli) const DRY_RUN_NEEDS_FILE: CliError =
    usage("--dry-run needs a file: it says whether that would be written", "Name a file with --out FILE.");
/// A damaged request.
pub(in crate::cli) const DELETE_DAMAGED: CliError = usage(
    "this deletes a damaged file, which may hold the only copy of the private key",
    "Copy it first (csrs/NAME.pem in the data directory), then add --yes.",
);
/// A request.
pub(in crate::cli) const DELETE: CliError =
    usage("this deletes the request and the only copy of its private key", "Add --yes to confirm.");
/// A key is exported encrypted, or not.
pub(in crate::cli) const PROTECTION: CliError =
    usage("say how the private key is to be protected", "Add --passphrase-file FILE to encrypt it, or --unencrypted.");
/// Standard input can be read once.
pub(in crate::cli) const ONE_INPUT_OF_IMPORT: CliError = usage(
    "only one of --request, --certificate, --pkcs12, --key and --passphrase-file can be standard input",
    "Give the others as files. A file that contains request and key can be given for both.",
);
/// Likewise.
pub(in crate::cli) const ONE_INPUT_OF_SETUP: CliError =
    usage("only one of --password-file and --code-file can be standard input", "Give the other one as a file.");
/// Only root may set up without it.
pub(in crate::cli) const CODE_FILE: CliError = usage(
    "the owner's first password needs the setup code",
    "Name a file with the code (--code-file FILE), or run the command as root.",
);
/// A batch that is recorded nowhere.
pub(in crate::cli) const NO_REGISTER: CliError =
    usage("a batch records its devices, and no manifest is named", "Add --manifest FILE.");
/// Only root can give files away.
pub(in crate::cli) const OWNER: CliError = usage(
    "--owner gives a directory to another user, which only root can",
    "Run the command as root, or as that user without --owner.",
);
/// An authority.
pub(in crate::cli) const DELETE_CA: CliError =
    usage("this deletes the CA with its account's key", "Add --yes to confirm.");
