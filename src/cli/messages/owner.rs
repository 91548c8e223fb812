//! The owner by command: what a login link means.

/// With --allow-key-export, for a link with a path: the console shares its origin with the other pages of the host name.
pub(in crate::cli) const KEYS_BESIDE_OTHER_PAGES: &str = "warning: In this session, whatever else the same host name serves can take the private keys out. \
     Leave out --allow-key-export, or give the console a host name of its own.";
