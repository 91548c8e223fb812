//! A memory cgroup of the test's own, for root where the system has the controller.

use std::path::{Path, PathBuf};

/// A cgroup that kills what takes more memory than allowed; removed when dropped.
pub struct Cgroup {
    folder: PathBuf,
    v2: bool,
}

impl Cgroup {
    /// None where this machine or user cannot have one.
    pub fn with_memory(bytes: u64) -> Option<Self> {
        let name = format!("signet-proof-{}", std::process::id());
        let (v1, v2) = (Path::new("/sys/fs/cgroup/memory"), Path::new("/sys/fs/cgroup"));
        let cgroup = if v2.join("cgroup.controllers").exists() {
            // Delegated already, or refused below.
            let _ = std::fs::write(v2.join("cgroup.subtree_control"), "+memory");
            Self { folder: v2.join(name), v2: true }
        } else {
            Self { folder: v1.join(name), v2: false }
        };
        std::fs::create_dir(&cgroup.folder).ok()?;
        let limit = if cgroup.v2 { "memory.max" } else { "memory.limit_in_bytes" };
        std::fs::write(cgroup.folder.join(limit), bytes.to_string()).ok()?;
        if cgroup.v2 {
            // Absent where there is no swap.
            let _ = std::fs::write(cgroup.folder.join("memory.swap.max"), "0");
        }
        Some(cgroup)
    }

    /// Where a process writes its id to get in.
    pub fn entrance(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }

    /// The most that it held at any time, KiB, where it tells.
    pub fn peak(&self) -> Option<u64> {
        let file = if self.v2 { "memory.peak" } else { "memory.max_usage_in_bytes" };
        let text = std::fs::read_to_string(self.folder.join(file)).ok()?;
        text.trim().parse::<u64>().ok().map(|bytes| bytes / 1024)
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // A killed process leaves a moment later.
        for _ in 0..100 {
            if std::fs::remove_dir(&self.folder).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}
