//! Who runs the command: beside the user whose rights it has, who that was before it became the owner of the data directory.

use signet_app::audit::Caller;

/// Set for the process that goes on as the owner: the user id of the one that became it.
pub(super) const CALLED_BY: &str = "SIGNET_CALLED_BY";
/// What the kernel has where nobody has logged in.
const NO_LOGIN: u32 = u32::MAX;

/// Who called, as far as it is more than the user of this process.
pub fn caller() -> Caller {
    let login = std::fs::read_to_string("/proc/self/loginuid").ok();
    Caller {
        uid: called_by(),
        loginuid: login.and_then(|text| text.trim().parse().ok()).filter(|uid| *uid != NO_LOGIN),
        sudo_user: std::env::var("SUDO_USER").ok().filter(|name| !name.is_empty()),
    }
}

/// True where this process has root's rights.
pub fn is_process_of_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// True where root runs the command, be it as the owner of the data directory.
pub fn is_root() -> bool {
    is_process_of_root() || called_by() == Some(0)
}

/// The owner can say here what they like: they could write the same into their log by hand.
fn called_by() -> Option<u32> {
    std::env::var(CALLED_BY).ok()?.parse().ok()
}
