//! Who runs a command, where that is more than the user whose rights it has: root that acts for a directory's owner, or
//! somebody who became another user.

use serde::{Deserialize, Serialize};
use signet_domain::visible::bounded;
use std::sync::OnceLock;

/// Characters of a name that the environment tells.
const NAME: usize = 64;

/// Who called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The user id before the command became the owner of the data directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The user id that logged in, by the kernel (proc_pid_loginuid(5)): it stays through sudo and su.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loginuid: Option<u32>,
    /// `SUDO_USER`, as the environment tells: nobody has checked it.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "sudo_user_as_told")]
    pub sudo_user: Option<String>,
}

static CALLER: OnceLock<Caller> = OnceLock::new();

/// Says who runs this process, for all that it records. Only the first word counts.
pub fn set_caller(caller: Caller) {
    let sudo_user = caller.sudo_user.map(|name| bounded(&name, NAME));
    let _ = CALLER.set(Caller { sudo_user, ..caller });
}

impl Caller {
    /// The one of this process, as far as it is more than the user `uid`.
    pub(super) fn beside(uid: u32) -> Option<Self> {
        let Caller { uid: called_by, loginuid, sudo_user } = CALLER.get()?.clone();
        let other = |id: &u32| *id != uid;
        let caller = Self { uid: called_by.filter(other), loginuid: loginuid.filter(other), sudo_user };
        (caller != Self::default()).then_some(caller)
    }

    /// The end of a sentence that begins with the user.
    pub(super) fn told(&self) -> String {
        crate::messages::audit::caller(self.uid, self.loginuid, self.sudo_user.as_deref())
    }
}
