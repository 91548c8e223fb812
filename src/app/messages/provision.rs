//! Notes of the factory's command.

/// The manifest was readable by others.
pub(crate) fn manifest_was_open(path: &str, mode: u32) -> String {
    format!(
        "other users could read the manifest {path} (mode {mode:04o}), which contains setup codes. Its mode is 0600 now."
    )
}

/// Its last line has no end.
pub(crate) fn manifest_was_cut(line: usize, bytes: usize, aside: &str) -> String {
    format!(
        "the last line of the manifest ({line}) was cut off: its {bytes} bytes are now in {aside}. A power cut leaves such a \
         piece of a device that was not finished, and this run makes that device again. If the file was copied, compare it \
         with the original."
    )
}
