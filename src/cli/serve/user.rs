//! The user that the console becomes once its sockets are open (`serve --user`): for devices without a service manager that
//! hands sockets over.
//!
//! Root opens the sockets and, where a setup code is needed, the place that shows it. Everything else is done as the user,
//! without any right of root's and without a way back. Where the console listens is therefore never read from the data
//! directory, which belongs to that user.

use super::super::as_owner;
use super::super::error::CliError;
use crate::cli::messages::user as say;
use crate::memory;
use nix::unistd::{Gid, Uid, getgroups, getresgid, getresuid, setgid, setgroups, setuid};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};
use signet_domain::invalid::Invalid;
use std::io;

/// Where users are: a device's own are in this file, and a static program knows no other way.
const USERS: &str = "/etc/passwd";

/// A user other than root, with a group of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    name: String,
    uid: u32,
    gid: u32,
}

impl User {
    /// The user of this name; refused where this process is not root's.
    pub(super) fn named(name: &str) -> Result<Self, CliError> {
        if !rustix::process::geteuid().is_root() {
            return Err(CliError::NotRoot { what: say::ONLY_ROOT });
        }
        let users = std::fs::read_to_string(USERS).map_err(|source| CliError::Unreadable {
            field: "user",
            path: USERS.into(),
            source,
        })?;
        Ok(Self::of(name, &users)?)
    }

    fn of(name: &str, users: &str) -> Result<Self, Invalid> {
        let found = users.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(name)).then(|| {
                let numbers = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
                Some(numbers)
            })
        });
        match found.flatten() {
            // -1 means "no change" to the kernel.
            Some((u32::MAX, _) | (_, u32::MAX)) | None => Err(say::unknown(name, USERS)),
            Some((0, _)) => Err(say::root(name)),
            Some((_, 0)) => Err(say::roots_group(name)),
            Some((uid, gid)) => Ok(Self { name: name.to_owned(), uid, gid }),
        }
    }

    /// Makes this process the user's, for good. It must have one thread.
    pub(super) fn become_it(&self) -> Result<(), CliError> {
        self.switch().map_err(|source| CliError::User { name: self.name.clone(), source })?;
        // The kernel forgets both when a process changes its user.
        memory::keep_private();
        as_owner::end_with_starter()
    }

    fn switch(&self) -> io::Result<()> {
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        // Groups first, since only root may change them. None of the others that the user is in: the console needs none.
        setgroups(&[])?;
        setgid(gid)?;
        setuid(uid)?;
        let none = CapabilitySet::empty();
        set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
        // No set-id program gives rights back.
        set_no_new_privs(true)?;
        let (users, groups) = (getresuid()?, getresgid()?);
        let is_user = [users.real, users.effective, users.saved].iter().all(|id| *id == uid);
        let is_group = [groups.real, groups.effective, groups.saved].iter().all(|id| *id == gid);
        // Success is not believed: a security module may have refused a part of it in silence.
        if !is_user || !is_group || !getgroups()?.is_empty() || setuid(Uid::from_raw(0)).is_ok() {
            return Err(io::Error::other(say::STILL_ROOT));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "root:x:0:0:root:/root:/bin/sh\nsignet:x:990:991::/var/lib/signet:/bin/false\nsignet2:x:5:5\n\
                        toor:x:0:100::/:/bin/sh\nwheel:x:7:0::/:/bin/sh\nodd:x:4294967295:1::/:\nshort:x\n";

    #[test]
    fn a_user_is_found_by_the_whole_name_with_both_numbers() {
        let found = User::of("signet", FILE).unwrap();
        assert_eq!((found.uid, found.gid), (990, 991));
    }

    #[test]
    fn root_under_any_name_roots_group_and_unknown_names_are_refused() {
        for (name, what) in [
            ("root", "is root"),
            ("toor", "is root"),
            ("wheel", "group root"),
            ("sign", "/etc/passwd"),
            ("", "/etc/passwd"),
            ("odd", "/etc/passwd"),
            ("short", "/etc/passwd"),
        ] {
            let refused = User::of(name, FILE).unwrap_err();
            assert!(refused.field == "user" && refused.what.contains(what), "{name}: {refused:?}");
        }
    }
}
