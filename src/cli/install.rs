//! `signet install`: the program, its units, its config and its folders, put into the root of a firmware image.
//!
//! The units are compiled in, so that a binary and its units are of one version. Every path is resolved inside the image:
//! an absolute link in it leads to the image's own file, never to the build machine's.

use super::csr::print;
use super::error::CliError;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use serde::Serialize;
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Options of `install`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The root of the image, such as the folder that becomes its file system.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Print what was made as JSON.
    #[arg(long)]
    json: bool,
}

/// A file of the image.
struct Shipped {
    path: &'static str,
    text: &'static str,
    /// What the integrator changed is left alone.
    keep: bool,
}

macro_rules! shipped {
    ($file:literal, $path:literal) => {
        Shipped { path: $path, text: include_str!(concat!("../../systemd/", $file)), keep: false }
    };
}

const BINARY: &str = "usr/bin/signet";

const FILES: [Shipped; 10] = [
    shipped!("signet.socket", "usr/lib/systemd/system/signet.socket"),
    shipped!("signet-redirect.socket", "usr/lib/systemd/system/signet-redirect.socket"),
    shipped!("signet.service", "usr/lib/systemd/system/signet.service"),
    shipped!("signet-provision.service", "usr/lib/systemd/system/signet-provision.service"),
    shipped!("signet-recover@.path", "usr/lib/systemd/system/signet-recover@.path"),
    shipped!("signet-recover@.service", "usr/lib/systemd/system/signet-recover@.service"),
    shipped!("signet.target", "usr/lib/systemd/system/signet.target"),
    shipped!("signet.sysusers", "usr/lib/sysusers.d/signet.conf"),
    shipped!("signet.tmpfiles", "usr/lib/tmpfiles.d/signet.conf"),
    Shipped { path: "etc/signet/signet.toml", text: include_str!("../../systemd/signet.toml"), keep: true },
];

/// The link that starts everything at boot.
const ENABLED: (&str, &str) = ("usr/lib/systemd/system/multi-user.target.wants/signet.target", "../signet.target");

/// What became of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Became {
    Made,
    Replaced,
    Same,
    Kept,
}

#[derive(Debug, Serialize)]
struct Report {
    path: String,
    mode: String,
    became: Became,
}

/// Installs.
pub fn run(args: &Args) -> Result<ExitCode, CliError> {
    let image = Image::open(&args.root)?;
    let mut reports = Vec::new();
    let program = std::env::current_exe().and_then(std::fs::read);
    let program = program.map_err(|source| CliError::Unreadable { path: "/proc/self/exe".into(), source })?;
    image.file(BINARY, &program, 0o755, false, &mut reports)?;
    for Shipped { path, text, keep } in &FILES {
        image.file(path, text.as_bytes(), 0o644, *keep, &mut reports)?;
    }
    image.link(ENABLED.0, ENABLED.1, &mut reports)?;
    if args.json {
        // Strings alone: serialisation has nothing to fail at.
        print((serde_json::to_string(&reports).unwrap_or_default() + "\n").as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    for Report { path, mode, became } in &reports {
        let word = match became {
            Became::Made => "made",
            Became::Replaced => "replaced",
            Became::Same => "as it was",
            Became::Kept => "kept",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{word:<9}  {mode}  {path}");
    }
    text.push_str(
        "Next: the user `signet` is made by systemd-sysusers in the image or at its first boot; the data directory is\n\
         /var/lib/signet (mode 0700, made by the service), which must lie on a partition that updates keep.\n",
    );
    print(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The image's root.
struct Image {
    root: OwnedFd,
    path: PathBuf,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Image {
    fn open(path: &Path) -> Result<Self, CliError> {
        let root = rustix::fs::openat(CWD, path, FOLDER, Mode::empty())
            .map_err(|errno| CliError::Unreadable { path: path.to_owned(), source: errno.into() })?;
        Ok(Self { root, path: path.to_owned() })
    }

    /// A file of `mode`, whole or as it was.
    fn file(&self, path: &str, bytes: &[u8], mode: u32, keep: bool, reports: &mut Vec<Report>) -> Result<(), CliError> {
        let (folder, name) = self.folder_of(path, reports)?;
        let failed = |source: io::Error| CliError::Unwritable { path: self.path.join(path), source };
        let old = self.read(&folder, name).map_err(failed)?;
        let became = match &old {
            Some(_) if keep => Became::Kept,
            Some((old, old_mode)) if old == bytes && *old_mode == mode => Became::Same,
            Some(_) => Became::Replaced,
            None => Became::Made,
        };
        if matches!(became, Became::Made | Became::Replaced) {
            replace(&folder, name, bytes, mode).map_err(|errno| failed(errno.into()))?;
        }
        reports.push(Report { path: self.path.join(path).display().to_string(), mode: format!("{mode:04o}"), became });
        Ok(())
    }

    /// A link in the image.
    fn link(&self, path: &str, target: &str, reports: &mut Vec<Report>) -> Result<(), CliError> {
        let (folder, name) = self.folder_of(path, reports)?;
        let became = match rustix::fs::symlinkat(target, &folder, name) {
            Ok(()) => Became::Made,
            // Whatever stands there is the integrator's: a link elsewhere, or to /dev/null to switch it off.
            Err(Errno::EXIST) => Became::Kept,
            Err(errno) => return Err(CliError::Unwritable { path: self.path.join(path), source: errno.into() }),
        };
        reports.push(Report { path: self.path.join(path).display().to_string(), mode: "link".to_owned(), became });
        Ok(())
    }

    /// The folder that a path lies in, made with mode 0755 where it is missing, and the last part.
    fn folder_of<'a>(&self, path: &'a str, reports: &mut Vec<Report>) -> Result<(OwnedFd, &'a str), CliError> {
        let (folders, name) = path.rsplit_once('/').unwrap_or((".", path));
        let mut so_far = String::new();
        let mut folder = self.resolve(".").map_err(|errno| self.unwritable(".", errno))?;
        for part in folders.split('/') {
            so_far.push_str(part);
            folder = match self.resolve(&so_far) {
                Ok(folder) => folder,
                Err(Errno::NOENT) => {
                    let mode = Mode::from_raw_mode(0o755);
                    rustix::fs::mkdirat(&folder, part, mode)
                        .and_then(|()| rustix::fs::chmodat(&folder, part, mode, AtFlags::empty()))
                        .map_err(|errno| self.unwritable(&so_far, errno))?;
                    reports.push(Report {
                        path: self.path.join(&so_far).display().to_string(),
                        mode: "0755".to_owned(),
                        became: Became::Made,
                    });
                    self.resolve(&so_far).map_err(|errno| self.unwritable(&so_far, errno))?
                }
                Err(errno) => return Err(self.unwritable(&so_far, errno)),
            };
            so_far.push('/');
        }
        Ok((folder, name))
    }

    fn resolve(&self, folder: &str) -> Result<OwnedFd, Errno> {
        rustix::fs::openat2(&self.root, folder, FOLDER, Mode::empty(), ResolveFlags::IN_ROOT)
    }

    fn unwritable(&self, path: &str, errno: Errno) -> CliError {
        CliError::Unwritable { path: self.path.join(path), source: errno.into() }
    }

    /// A regular file's bytes and permission bits; none where there is none.
    fn read(&self, folder: &OwnedFd, name: &str) -> io::Result<Option<(Vec<u8>, u32)>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = match rustix::fs::openat(folder, name, flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(errno.into()),
        };
        let mode = rustix::fs::fstat(&file)?.st_mode & 0o7777;
        let mut bytes = Vec::new();
        File::from(file).read_to_end(&mut bytes)?;
        Ok(Some((bytes, mode)))
    }
}

/// A temporary sibling, fsync, rename, fsync of the folder.
fn replace(folder: &OwnedFd, name: &str, bytes: &[u8], mode: u32) -> Result<(), Errno> {
    let part = format!(".{name}.part");
    match rustix::fs::unlinkat(folder, &part, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(errno) => return Err(errno),
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, &part, flags, Mode::from_raw_mode(mode))?;
    let mut rest = bytes;
    while !rest.is_empty() {
        let count = rustix::io::write(&file, rest)?;
        rest = rest.get(count..).unwrap_or_default();
    }
    // The umask of whoever builds the image is not the image's.
    rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?;
    rustix::fs::fsync(&file)?;
    rustix::fs::renameat(folder, &part, folder, name)?;
    rustix::fs::fsync(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn install(root: &Path) -> Vec<Report> {
        let image = Image::open(root).unwrap();
        let mut reports = Vec::new();
        image.file(BINARY, b"program", 0o755, false, &mut reports).unwrap();
        for Shipped { path, text, keep } in &FILES {
            image.file(path, text.as_bytes(), 0o644, *keep, &mut reports).unwrap();
        }
        image.link(ENABLED.0, ENABLED.1, &mut reports).unwrap();
        reports
    }

    #[test]
    fn a_second_run_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        assert!(install(root.path()).iter().all(|report| report.became == Became::Made));
        let again = install(root.path());
        assert_eq!(again.len(), FILES.len() + 2);
        assert!(again.iter().all(|report| matches!(report.became, Became::Same | Became::Kept)), "{again:?}");
        let mode = |path: &str| std::fs::metadata(root.path().join(path)).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode(BINARY), mode("etc/signet/signet.toml"), mode("etc/signet")), (0o755, 0o644, 0o755));
    }

    #[test]
    fn the_integrators_config_is_kept_and_an_old_unit_replaced() {
        let root = tempfile::tempdir().unwrap();
        install(root.path());
        let [config, unit] =
            ["etc/signet/signet.toml", "usr/lib/systemd/system/signet.service"].map(|at| root.path().join(at));
        std::fs::write(&config, "[limits]\ncsrs = 5\n").unwrap();
        std::fs::write(&unit, "[Unit]\n").unwrap();
        install(root.path());
        assert_eq!(std::fs::read_to_string(config).unwrap(), "[limits]\ncsrs = 5\n");
        assert!(std::fs::read_to_string(unit).unwrap().contains("Type=notify"));
    }

    #[test]
    fn links_of_the_image_lead_nowhere_outside_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("image"), folder.path().join("outside"));
        std::fs::create_dir_all(root.join("system/etc")).unwrap();
        std::fs::create_dir(&outside).unwrap();
        symlink("/system/etc", root.join("etc")).unwrap();
        symlink("../../outside", root.join("usr")).unwrap();
        let image = Image::open(&root).unwrap();
        image.file("etc/signet/signet.toml", b"", 0o644, true, &mut Vec::new()).unwrap();
        assert!(root.join("system/etc/signet/signet.toml").exists());
        // `..` stops at the image's root, where there is no such folder.
        assert!(image.file(BINARY, b"program", 0o755, false, &mut Vec::new()).is_err());
        assert_eq!(std::fs::read_dir(outside).unwrap().count(), 0);
    }

    #[test]
    fn the_default_config_is_right_and_says_every_default() {
        use crate::app::config::Config;
        let text = include_str!("../../systemd/signet.toml");
        let spoken: String = text
            .lines()
            .map(|line| {
                line.strip_prefix('#')
                    .filter(|rest| rest.contains(" = ") && !rest.starts_with(' '))
                    .unwrap_or(line)
                    .to_owned()
                    + "\n"
            })
            .collect();
        for text in [text, &spoken] {
            let config = Config::parse(text).unwrap();
            assert!(config.unknown.is_empty(), "{:?}", config.unknown);
            let defaults = Config::default();
            assert_eq!((config.idle_minutes, config.total_hours), (defaults.idle_minutes, defaults.total_hours));
            assert_eq!((config.max_csrs, config.max_disk_mib), (defaults.max_csrs, defaults.max_disk_mib));
            assert_eq!(config.policy.required, defaults.policy.required);
            assert_eq!((config.policy.exportable, config.policy.allow_weak), (true, true));
        }
        assert!(spoken.contains("\nlisten = ") && spoken.contains("\ncsrs = "), "{spoken}");
    }
}
