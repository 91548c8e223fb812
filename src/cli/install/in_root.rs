//! A path in the root of another system: its links, absolute ones too, lead nowhere else.
//!
//! The kernel does it (`openat2`, Linux 5.6). Where it does not, as in emulators of another processor (qemu-user before 9), the
//! path is walked here, which is as good for a folder that nobody else changes meanwhile.

use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2, readlinkat};
use rustix::io::Errno;
use std::os::fd::{AsFd, OwnedFd};

/// Links on the way at most, as in the kernel (path_resolution(7)).
const LINKS: usize = 40;

/// Opens what `path` is for a process whose root is `root`.
pub(super) fn open(root: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    match openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT) {
        Err(Errno::NOSYS) => walked(root, path, flags),
        outcome => outcome,
    }
}

fn walked(root: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    // The next one last.
    let mut left = parts(path.as_bytes());
    // Those below the root that were gone through, so that `..` leads to the one before, and not out of it.
    let mut folders: Vec<OwnedFd> = Vec::new();
    let mut links = 0;
    while let Some(part) = left.pop() {
        if part == b".." {
            folders.pop();
            continue;
        }
        let above = folders.last().unwrap_or(root).as_fd();
        let next = openat(above, &part, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        if FileType::from_raw_mode(fstat(&next)?.st_mode) == FileType::Symlink {
            links += 1;
            if links > LINKS {
                return Err(Errno::LOOP);
            }
            let target = readlinkat(above, &part, Vec::new())?;
            if target.as_bytes().starts_with(b"/") {
                folders.clear();
            }
            left.extend(parts(target.as_bytes()));
        } else if left.is_empty() {
            return openat(above, &part, flags | OFlags::NOFOLLOW, Mode::empty());
        } else {
            folders.push(next);
        }
    }
    openat(folders.last().unwrap_or(root), c".", flags, Mode::empty())
}

/// The names of a path, the last one first.
fn parts(path: &[u8]) -> Vec<Vec<u8>> {
    let names = path.split(|byte| *byte == b'/').rev();
    names.filter(|name| !name.is_empty() && name != b".").map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::io::Read;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_path_that_is_walked_leads_where_the_kernel_leads_it() {
        let base = tempfile::tempdir().unwrap();
        let at = base.path().join("root");
        fs::create_dir_all(at.join("usr/lib/signet")).unwrap();
        fs::write(at.join("usr/lib/signet/text"), "inside").unwrap();
        fs::write(base.path().join("text"), "outside").unwrap();
        for (link, target) in [
            ("lib", "usr/lib"),
            ("absolute", "/usr/lib"),
            ("out", "../../../text"),
            ("outer", "/../text"),
            ("usr/up", "../usr/./lib//signet/text"),
            ("usr/lib/back", "/usr/lib/signet/"),
            ("here", "/"),
            ("loop", "loop"),
            ("dangling", "nowhere/text"),
            ("through", "usr/lib/signet/text/more"),
        ] {
            symlink(target, at.join(link)).unwrap();
        }
        let root = openat(rustix::fs::CWD, &at, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
        let read = |file: Result<OwnedFd, Errno>| {
            file.map(|file| {
                let folder = FileType::from_raw_mode(fstat(&file).unwrap().st_mode) == FileType::Directory;
                let mut text = String::new();
                let _ = File::from(file).read_to_string(&mut text);
                (folder, text)
            })
        };
        let paths = [
            ".",
            "..",
            "/",
            "usr/lib/signet/text",
            "lib/signet/text",
            "absolute/signet/text",
            "out",
            "outer",
            "text",
            "usr/up",
            "usr/lib/back/text",
            "here/usr/up",
            "loop",
            "dangling",
            "through",
            "usr/lib/signet/text/more",
            "lib",
            "lib/../lib/signet",
            "../../text",
            "usr/none",
            "here",
        ];
        let mut opened = 0;
        for path in paths {
            let by_kernel = openat2(&root, path, OFlags::RDONLY, Mode::empty(), ResolveFlags::IN_ROOT);
            let own = read(walked(&root, path, OFlags::RDONLY));
            opened += usize::from(own.is_ok());
            assert_eq!(own, read(by_kernel), "{path}");
        }
        assert_eq!(opened, 12);
    }
}
