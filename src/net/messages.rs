//! The sentences of the network: what to do about a socket that cannot be bound, and the bodies of the responses that it makes
//! itself, one line each.

use crate::listen_error::ListenError;

pub(crate) const BUSY: &str = "The console is busy. Try again in a few seconds.\n";
pub(crate) const INTERNAL_ERROR: &str = "Internal error. The console's log has the details.\n";
pub(crate) const NO_HOST: &str = "The request has no Host header.\n";
/// For whoever is not a trusted proxy and connects where only those are heard.
pub(crate) const PROXIES_ONLY: &str = "This address takes requests of the device's own web server only. \
     An administrator can add yours to `trusted` in the [proxy] section of the console's configuration.\n";
pub(crate) const USE_HTTPS: &str = "The console speaks HTTPS.\n";

/// For plain HTTP at the console's own port; `url` is the same address with HTTPS, where it is known.
pub(crate) fn open_with_https(url: Option<&str>) -> String {
    let url = url.unwrap_or("the address with https:// in front");
    format!("This port speaks HTTPS, not plain HTTP. Open {url} instead.\n")
}

impl ListenError {
    /// What to do about it: one sentence with its full stop.
    pub fn fix(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "Stop the program that listens there (`ss -ltnp` names it), or choose another port.",
            Self::NotPermitted { .. } => {
                "Ports below 1024 need root, CAP_NET_BIND_SERVICE or the shipped signet.socket. Choose 1024 or above."
            }
            Self::NotOurs { .. } => "Choose an address that `ip address` shows, or [::] for all of them.",
            Self::Socket { .. } => "Check the address and the kernel's network settings.",
            Self::UnixSocket { .. } => {
                "Name a path in a folder that exists and that the console's user may write to, such as /run/signet."
            }
            Self::HandedOver { .. } => {
                "Give the systemd unit of the socket a ListenStream= with an address and a port, or with a path."
            }
            Self::Thread(_) => "Free memory, or raise the limits on threads and open files.",
            Self::Nothing => "Give --listen ADDRESS:PORT, or `listen` in the configuration.",
        }
    }
}
