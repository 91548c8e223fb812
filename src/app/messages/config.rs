//! What is wrong in the configuration. Each follows the line's number and has no full stop.

/// A key that does not exist; `name` and `nearest` are keys.
pub(crate) fn unknown_key(line: usize, name: &str, nearest: &str) -> String {
    format!("line {line}: `{name}` is not a key; the nearest is `{nearest}`")
}

/// A field of the subject that does not exist.
pub(crate) fn unknown_subject_field(name: &str) -> String {
    format!("`{name}` is not a field of the subject")
}

/// A default of the subject that no request could have; `what` is a sentence.
pub(crate) fn subject_default(field: &str, what: &str) -> String {
    format!("`subject.defaults.{field}`: {}", what.trim_end_matches('.'))
}

/// A name of the device that cannot be one.
pub(crate) fn not_a_host_name(name: &str) -> String {
    format!("`{name}` is not a host name")
}

/// A number out of its bounds.
pub(crate) fn out_of_bounds(key: &str, low: u64, high: u64) -> String {
    format!("`{key}` must be from {low} to {high}")
}

/// A folder, pipe or device.
pub(crate) const NOT_A_FILE: &str = "it is not a regular file";

/// More than a configuration has.
pub(crate) fn too_large(bytes: u64) -> String {
    format!("it is larger than {bytes} bytes")
}

/// `[network] proxy`.
pub(crate) const NOT_A_PROXY: &str = "`proxy` must be http://HOST:PORT, without a user or a path";
