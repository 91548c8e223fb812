//! Labels and values of what differs between two requests, beside those that requests have themselves.

/// The names, as the request's page calls them.
pub(crate) const NAMES: &str = "Subject Alternate Names";
/// Whether their extension is critical.
pub(crate) const NAMES_ARE_CRITICAL: &str = "Subject Alternate Names: critical";

/// Whether an extension is critical.
pub(crate) fn critical(critical: bool) -> &'static str {
    if critical { "critical" } else { "not critical" }
}

/// A lifetime.
pub(crate) fn days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
