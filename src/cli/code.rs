//! Where a setup code is shown: to eyes, not to a log.

use signet_domain::secret::Secret;
use std::io::Write;
use std::os::unix::fs::MetadataExt;

/// What stands before a code.
const LABEL: &[u8] = b"Setup code:   ";

/// Writes the code to `out`, which is standard output; where that is the journal, to the system's console instead.
pub fn say(out: &mut impl Write, code: &Secret) -> std::io::Result<()> {
    let text = [LABEL, code.expose_secret(), b"\n"].concat();
    if !output_is_journal() {
        return out.write_all(&text);
    }
    match std::fs::OpenOptions::new().write(true).open("/dev/console").and_then(|mut console| console.write_all(&text))
    {
        Ok(()) => writeln!(out, "Setup code:   shown on the system's console"),
        Err(_) => {
            writeln!(out, "Setup code:   could not be shown; `signet recover password --new-code` gives a new one")
        }
    }
}

/// True when standard output goes to the journal. systemd says of which file that holds (`JOURNAL_STREAM`, as
/// `DEVICE:INODE`), since the variable is set, too, where standard error alone goes there.
pub fn output_is_journal() -> bool {
    let Some(stream) = std::env::var("JOURNAL_STREAM").ok() else { return false };
    match std::fs::metadata("/proc/self/fd/1") {
        Ok(output) => stream == format!("{}:{}", output.dev(), output.ino()),
        // Not known: a log is worse than a missing line.
        Err(_) => true,
    }
}
