//! What the doctor asks of the data directory: its file system, its space, what lies in it, and what does not belong there.
//!
//! Changes nothing but in [`WriteLock::give_to`] (a file that is tried out is gone again), and judges little: which mode or owner is wrong is for `check` to say.

use super::aside;
use super::atomic;
use super::csr_folder::name_of;
use super::data_dir::{AUTHORITIES, CSRS, ENROLL, FACTORY, Store};
use super::dir::Dir;
use super::error::StoreError;
use super::lock::WriteLock;
use super::messages::stray;
use rustix::fs::{AtFlags, FileType, Gid, Uid};
use rustix::io::Errno;
use std::path::PathBuf;

/// What the directory lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSystem {
    /// statfs's magic number.
    pub magic: u64,
    /// Its usual name, or `unknown`.
    pub name: &'static str,
    /// Keeps modes and owners, so that a key is its owner's alone. FAT and its kin do not.
    pub keeps_modes: bool,
    /// Mounted read-only, or turned so.
    pub read_only: bool,
}

/// Room on the file system, as an unprivileged user sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Free bytes.
    pub free: u64,
    /// All bytes.
    pub total: u64,
    /// Free inodes; none where the file system does not count them.
    pub free_inodes: Option<u64>,
}

/// Something among the CSRs that is none, and is left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is, such as `a symbolic link`.
    pub what: &'static str,
}

/// One path of the data directory as it lies on disk, links not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDisk {
    /// The path.
    pub path: PathBuf,
    /// A directory, and not a file.
    pub directory: bool,
    /// Permission bits, such as 0o600.
    pub mode: u32,
    /// Its owner's user id.
    pub uid: u32,
    /// Its group id.
    pub gid: u32,
    /// Its inode number: two paths with one number are one file.
    pub inode: u64,
    /// How many names it has; a file of ours has one.
    pub names: u64,
}

/// The files in the data directory itself.
const ROOT_FILES: [&str; 19] = [
    "lock",
    "serve.lock",
    "identity.pem",
    "former.pem",
    "owner.json",
    "seal.key",
    "device.json",
    "machine.json",
    "setup.json",
    "login.json",
    "recover.json",
    "provision.json",
    "restore.json",
    "signet.toml",
    "audit.head",
    "audit.log",
    "audit.log.1",
    "refused.log",
    "refused.log.1",
];
/// The folders in it; `pending` is the factory's while it works, `restoring` that of a restore, `lost+found` the file system's.
const ROOT_FOLDERS: [&str; 7] = [CSRS, FACTORY, AUTHORITIES, ENROLL, "pending", "restoring", "lost+found"];
/// The files in `factory/`.
const FACTORY_FILES: [&str; 2] = ["setup.json", "identity.pem"];

/// `linux/magic.h` and the file systems' own headers.
const KNOWN: [(u64, &str); 12] = [
    (0xef53, "ext4"),
    (0x9123_683e, "btrfs"),
    (0x5846_5342, "xfs"),
    (0xf2f5_2010, "f2fs"),
    (0x2405_1905, "ubifs"),
    (0x72b6, "jffs2"),
    (0x2fc1_2fc1, "zfs"),
    (0x0102_1994, "tmpfs"),
    (0x794c_7630, "overlayfs"),
    (0x7371_7368, "squashfs"),
    (0x6969, "nfs"),
    (0x858_458f6, "ramfs"),
];

/// Of these, those that a reboot empties.
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// Without owners and modes of their own.
const WITHOUT_MODES: [(u64, &str); 3] = [(0x4d44, "FAT"), (0x2011_bab0, "exFAT"), (0x5346_544e, "NTFS")];

impl Store {
    /// The file system that the directory lies on.
    pub fn file_system(&self) -> Result<FileSystem, StoreError> {
        let failed = |errno| StoreError::at(self.path(), errno);
        let statfs = rustix::fs::fstatfs(self.root().fd()).map_err(failed)?;
        let flags = rustix::fs::fstatvfs(self.root().fd()).map_err(failed)?.f_flag;
        // Magic numbers are 32 bits wide; the field's width and sign are the architecture's.
        #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast, reason = "the type differs by architecture")]
        let magic = u64::from(statfs.f_type as u32);
        let read_only = flags.contains(rustix::fs::StatVfsMountFlags::RDONLY);
        Ok(FileSystem { magic, name: name_of_magic(magic), keeps_modes: keeps_modes(magic), read_only })
    }

    /// The name of the file system where it keeps everything in memory only, so that a reboot loses it; none for a disk.
    /// An overlay is judged by where it writes to, as far as that path can be seen from here.
    pub fn in_memory(&self) -> Result<Option<&'static str>, StoreError> {
        let name = self.file_system()?.name;
        if IN_MEMORY.contains(&name) {
            return Ok(Some(name));
        }
        if name != "overlayfs" {
            return Ok(None);
        }
        let stat = rustix::fs::fstat(self.root().fd()).map_err(|errno| StoreError::at(self.path(), errno))?;
        let device = format!("{}:{}", rustix::fs::major(stat.st_dev), rustix::fs::minor(stat.st_dev));
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let upper = upper_of(&mounts, &device).and_then(|upper| rustix::fs::statfs(upper).ok());
        #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast, reason = "the type differs by architecture")]
        let name = upper.map(|upper| name_of_magic(u64::from(upper.f_type as u32)));
        Ok(name.filter(|name| IN_MEMORY.contains(name)).map(|_| "an overlay on tmpfs"))
    }

    /// The user id that the directory belongs to.
    pub fn owner_id(&self) -> Result<u32, StoreError> {
        let stat = rustix::fs::fstat(self.root().fd()).map_err(|errno| StoreError::at(self.path(), errno))?;
        Ok(stat.st_uid)
    }

    /// How much room is left.
    pub fn space(&self) -> Result<Space, StoreError> {
        let stat = rustix::fs::fstatvfs(self.root().fd()).map_err(|errno| StoreError::at(self.path(), errno))?;
        Ok(Space {
            free: stat.f_bavail.saturating_mul(stat.f_frsize),
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
            free_inodes: (stat.f_files > 0).then_some(stat.f_favail),
        })
    }

    /// What is in the directory and in its folders and is not the console's: links, folders, other names. Sorted by path.
    pub fn strays(&self) -> Result<Vec<Stray>, StoreError> {
        let mut strays = strays_in(self.root(), |name| is_ours(name, &ROOT_FILES), &ROOT_FOLDERS)?;
        if let Some(dir) = self.root().child(CSRS)? {
            strays.extend(strays_in(&dir, |name| name_of(name).is_some(), &[])?);
        }
        if let Some(dir) = self.root().child(FACTORY)? {
            strays.extend(strays_in(&dir, |name| is_ours(name, &FACTORY_FILES), &[])?);
        }
        strays.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        Ok(strays)
    }

    /// Every path of the directory that is not a link, itself first, with mode and owner.
    pub fn on_disk(&self) -> Result<Vec<OnDisk>, StoreError> {
        let mut found = Vec::new();
        self.each_path(|dir, name| {
            let stat = match rustix::fs::statat(dir.fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(Errno::NOENT) => return Ok(()),
                Err(errno) => return Err(StoreError::at(dir.at(name), errno)),
            };
            let kind = FileType::from_raw_mode(stat.st_mode);
            if kind != FileType::Symlink {
                found.push(OnDisk {
                    path: if name == "." { dir.path().to_path_buf() } else { dir.at(name) },
                    directory: kind == FileType::Directory,
                    mode: stat.st_mode & 0o7777,
                    uid: stat.st_uid,
                    gid: stat.st_gid,
                    inode: stat.st_ino,
                    #[allow(clippy::unnecessary_cast, reason = "the type differs by architecture")]
                    names: stat.st_nlink as u64,
                });
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Itself, and what lies in it and in its own folders.
    fn each_path(&self, mut visit: impl FnMut(&Dir, &str) -> Result<(), StoreError>) -> Result<(), StoreError> {
        visit(self.root(), ".")?;
        let mut all = |dir: &Dir| -> Result<(), StoreError> {
            for listed in dir.list()? {
                if let Some(name) = listed.name.to_str() {
                    visit(dir, name)?;
                }
            }
            Ok(())
        };
        all(self.root())?;
        for name in [CSRS, FACTORY, AUTHORITIES, ENROLL] {
            if let Some(dir) = self.root().child(name)? {
                all(&dir)?;
                // Those of enrollment have folders of their own.
                for listed in dir.list()?.iter().filter(|listed| listed.kind == FileType::Directory) {
                    if let Some(inner) =
                        listed.name.to_str().and_then(|name| dir.child(name).transpose()).transpose()?
                    {
                        all(&inner)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl WriteLock<'_> {
    /// Finds out by trying whether a file of `bytes` bytes can be made.
    pub fn try_room(&self, bytes: usize) -> Result<(), StoreError> {
        atomic::try_room(self.store.root(), bytes)
    }

    /// Gives everything to another user (`provision --owner`): for root, as the last step. Links are given as links, and
    /// the directory itself comes last: until then it is root's, who can do it again.
    pub fn give_to(&self, uid: u32, gid: u32) -> Result<(), StoreError> {
        let give = |dir: &Dir, name: &str| {
            let (owner, group) = (Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
            rustix::fs::chownat(dir.fd(), name, owner, group, AtFlags::SYMLINK_NOFOLLOW)
                .map_err(|errno| StoreError::at(dir.at(name), errno))
        };
        self.store.each_path(|dir, name| if name == "." { Ok(()) } else { give(dir, name) })?;
        give(self.store.root(), ".")?;
        self.store.root().sync()
    }
}

/// A file of ours, or one of a newer version that a recovery moved aside.
fn is_ours(name: &str, files: &[&str]) -> bool {
    files.contains(&name) || aside::is_kept_newer(name, |own| own.ends_with(".json") && files.contains(&own))
}

fn strays_in(dir: &Dir, ours: impl Fn(&str) -> bool, folders: &[&str]) -> Result<Vec<Stray>, StoreError> {
    let judged = dir.list()?.into_iter().filter_map(|listed| {
        let name = listed.name.to_str();
        let what = match listed.kind {
            // Temporaries are reported as what a killed process left.
            FileType::RegularFile if name.is_some_and(|name| ours(name) || atomic::is_temporary(name)) => return None,
            FileType::Directory if name.is_some_and(|name| folders.contains(&name)) => return None,
            FileType::RegularFile => stray::FILE,
            FileType::Symlink => stray::LINK,
            FileType::Directory => stray::FOLDER,
            _ => stray::OTHER,
        };
        Some(Stray { path: dir.at(&listed.name), what })
    });
    Ok(judged.collect())
}

/// The folder that an overlay writes to (proc(5), `mountinfo`), by its device as `MAJOR:MINOR`.
pub(super) fn upper_of<'a>(mounts: &'a str, device: &str) -> Option<&'a str> {
    let of_device = |line: &&str| line.split(' ').nth(2) == Some(device);
    let options = mounts.lines().find(of_device)?.rsplit(' ').next()?;
    options.split(',').find_map(|option| option.strip_prefix("upperdir="))
}

fn name_of_magic(magic: u64) -> &'static str {
    KNOWN.iter().chain(&WITHOUT_MODES).find(|known| known.0 == magic).map_or("unknown", |known| known.1)
}

pub(super) fn keeps_modes(magic: u64) -> bool {
    WITHOUT_MODES.iter().all(|without| without.0 != magic)
}
