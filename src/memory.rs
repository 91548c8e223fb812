//! Keeps the memory of this process, where keys and passwords are, from other processes and from disk.

use crate::cli::output::tell;
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// Makes the process non-dumpable: no other process of the same user can trace it or read its memory, and a crash writes no
/// core. To be called first of all, since it does not hold before.
pub fn keep_private() {
    // Only a foreign seccomp filter refuses this. A device is better served by a console that says so than by none.
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tell(format_args!(
            "warning: the kernel does not keep this process's memory from others of the same user: {error}"
        ));
    }
    // The core limit says the same to kernels and handlers that look only there. Programs that this one starts may raise it.
    let maximum = getrlimit(Resource::Core).maximum;
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
}
