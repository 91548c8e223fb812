//! Which directories are taken, and with which modes.

use super::child::Other;
use super::{Scratch, create, name, names, open};
use crate::{Opening, Store, StoreError, Why};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

fn refusal(path: &Path) -> StoreError {
    Store::open(path, Opening::default()).unwrap_err()
}

fn why(path: &Path) -> Why {
    match refusal(path) {
        StoreError::NotOurs { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn a_missing_directory_is_made_for_its_owner_alone() {
    let scratch = Scratch::new();
    assert_eq!(scratch.store().path(), scratch.data());
    assert_eq!(mode(&scratch.data()), 0o700);
    assert_eq!(mode(&scratch.data().join("lock")), 0o600);
}

#[test]
fn an_empty_directory_is_taken_and_closed_to_others() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.data()).unwrap();
    fs::set_permissions(scratch.data(), Permissions::from_mode(0o775)).unwrap();
    scratch.store();
    assert_eq!(mode(&scratch.data()), 0o700);
}

#[test]
fn a_mount_point_and_an_integrators_configuration_are_no_strangers() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.data().join("lost+found")).unwrap();
    fs::write(scratch.data().join("signet.toml"), "").unwrap();
    scratch.store();
}

#[test]
fn what_is_not_ours_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.data()).unwrap();
    fs::write(scratch.data().join("holiday.jpg"), "").unwrap();
    assert_eq!(why(&scratch.data()), Why::Foreign { found: "holiday.jpg".into() });
    assert_eq!(fs::read_dir(scratch.data()).unwrap().count(), 1);

    let file = scratch.0.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(why(&file), Why::NotADirectory);

    assert!(matches!(refusal(&scratch.0.path().join("a/b")), StoreError::NoParent { .. }));
}

#[test]
fn a_link_is_refused_even_with_a_slash_behind_it() {
    let scratch = Scratch::new();
    let target = scratch.0.path().join("target");
    open(&target);
    symlink(&target, scratch.data()).unwrap();
    assert_eq!(why(&scratch.data()), Why::Link);
    assert_eq!(why(&scratch.data().join("")), Why::Link);
}

#[test]
fn a_lock_that_is_a_link_or_a_folder_is_refused() {
    let scratch = Scratch::new();
    scratch.store();
    fs::remove_file(scratch.data().join("lock")).unwrap();
    symlink("/dev/null", scratch.data().join("lock")).unwrap();
    assert_eq!(why(&scratch.data()), Why::NotAFile);
    fs::remove_file(scratch.data().join("lock")).unwrap();
    fs::create_dir(scratch.data().join("lock")).unwrap();
    assert_eq!(why(&scratch.data()), Why::NotAFile);
}

#[test]
fn a_directory_of_another_user_is_refused() {
    let scratch = Scratch::new();
    scratch.store();
    if !rustix::process::geteuid().is_root() {
        return signet_testing::skip("only root can give a directory away");
    }
    std::os::unix::fs::chown(scratch.data(), Some(65_534), None).unwrap();
    let us = rustix::process::geteuid().as_raw();
    assert_eq!(why(&scratch.data()), Why::AnotherOwner { owner: 65_534, us });
    assert_eq!(crate::owner_of(&scratch.data()).unwrap().unwrap().0, 65_534);
}

#[test]
fn a_directory_that_its_owner_may_not_write_to_is_refused() {
    let scratch = Scratch::new();
    scratch.store();
    let opened_by_nobody = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--clear-groups", "--"]).arg(std::env::current_exe().unwrap());
        Other::start_by(command, "open", &scratch.data()).next()
    };
    let everybody = |mode| Permissions::from_mode(mode);
    let given = std::os::unix::fs::chown(scratch.data(), Some(65_534), None)
        .and_then(|()| std::os::unix::fs::chown(scratch.data().join("lock"), Some(65_534), None))
        .and_then(|()| fs::set_permissions(scratch.0.path(), everybody(0o755)));
    let mut runs = Command::new("setpriv");
    runs.args(["--reuid=65534", "--clear-groups", "--", "test", "-x"]).arg(std::env::current_exe().unwrap());
    if given.is_err() || !runs.status().is_ok_and(|status| status.success()) {
        signet_testing::skip("cannot become another user who can run this program");
        return;
    }
    assert_eq!(opened_by_nobody().as_deref(), Some("opened"));
    fs::set_permissions(scratch.data(), everybody(0o500)).unwrap();
    let said = opened_by_nobody().unwrap();
    assert!(said.starts_with("NotPermitted"), "{said}");
}

#[test]
fn every_file_is_its_owners_alone_under_any_umask() {
    for umask in ["000", "022", "077"] {
        let scratch = Scratch::new();
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("umask {umask}; exec \"$0\" \"$@\"")).arg(std::env::current_exe().unwrap());
        let mut other = Other::start_by(command, "populate", &scratch.data());
        assert_eq!(other.next().as_deref(), Some("populated"));
        let on_disk = open(&scratch.data()).on_disk().unwrap();
        assert!(on_disk.len() >= 11, "{on_disk:#?}");
        assert_eq!(on_disk[0].path, scratch.data());
        for found in on_disk {
            assert_eq!(found.mode, if found.directory { 0o700 } else { 0o600 }, "umask {umask}: {found:?}");
            assert_eq!(found.uid, rustix::process::geteuid().as_raw());
        }
    }
}

#[test]
fn a_linked_folder_of_csrs_is_refused() {
    let scratch = Scratch::new();
    let store = scratch.store();
    create(&store, "one");
    let elsewhere = scratch.0.path().join("elsewhere");
    fs::rename(scratch.data().join("csrs"), &elsewhere).unwrap();
    symlink(&elsewhere, scratch.data().join("csrs")).unwrap();
    let is_link = |error: StoreError| matches!(&error, StoreError::NotOurs { why: Why::Link, path } if *path == scratch.data().join("csrs"));
    assert!(is_link(store.csrs().unwrap_err()));
    assert!(is_link(store.private_key(&name("one")).unwrap_err()));
    let lock = store.lock().unwrap();
    assert!(is_link(lock.create(&name("two"), &super::record(""), &super::REQUEST, &super::key()).unwrap_err()));
    assert!(is_link(lock.delete(&name("one")).unwrap_err()));
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
}

#[test]
fn a_store_follows_its_directory_and_not_its_path() {
    let scratch = Scratch::new();
    let store = scratch.store();
    fs::rename(scratch.data(), scratch.0.path().join("moved")).unwrap();
    fs::create_dir(scratch.data()).unwrap();
    create(&store, "one");
    assert_eq!(fs::read_dir(scratch.data()).unwrap().count(), 0);
    assert_eq!(names(&open(&scratch.0.path().join("moved"))), ["one"]);
}

#[test]
fn root_gives_everything_to_the_consoles_user_and_follows_no_link() {
    let scratch = Scratch::new();
    let store = scratch.store();
    super::child::populate(&store);
    if !rustix::process::geteuid().is_root() {
        return signet_testing::skip("only root can give files away");
    }
    let outside = scratch.0.path().join("outside");
    fs::write(&outside, "").unwrap();
    symlink(&outside, scratch.data().join("csrs/link")).unwrap();
    store.lock().unwrap().give_to(65_534, 65_534).unwrap();
    let found = store.on_disk().unwrap();
    assert!(found.len() >= 11, "{found:#?}");
    assert!(found.iter().all(|found| (found.uid, found.gid) == (65_534, 65_534)), "{found:#?}");
    assert_eq!(fs::metadata(&outside).unwrap().uid(), rustix::process::geteuid().as_raw());
}

#[test]
fn every_refusal_says_what_failed_and_what_to_do() {
    let path = || Path::new("/data").to_path_buf();
    let all = [
        StoreError::NotOurs { path: path(), why: Why::Link },
        StoreError::NotOurs { path: path(), why: Why::AnotherOwner { owner: 1, us: 2 } },
        StoreError::NotOurs { path: path(), why: Why::Foreign { found: "x".into() } },
        StoreError::NoParent { path: path() },
        StoreError::at(path(), rustix::io::Errno::ACCESS),
        StoreError::at(path(), rustix::io::Errno::ROFS),
        StoreError::at(path(), rustix::io::Errno::DQUOT),
        StoreError::at(path(), rustix::io::Errno::IO),
        StoreError::Busy { path: path(), who: "process 1".into() },
        StoreError::Serving { path: path(), pid: Some(1) },
        StoreError::Occupied { path: path() },
        StoreError::TooLarge { path: path(), bound: 1 },
        StoreError::Damaged { path: path(), damage: crate::Damage::NotText },
    ];
    for error in all {
        assert!(error.to_string().contains("/data"), "{error}");
        assert!(error.fix().ends_with('.'), "{error}");
    }
}

#[test]
fn what_a_power_cut_left_among_the_csrs_can_wait_for_its_sweep() {
    let scratch = Scratch::new();
    create(&scratch.store(), "nas");
    let csrs = scratch.data().join("csrs");
    fs::write(csrs.join(".tmp-1-1"), "half").unwrap();
    fs::write(scratch.data().join(".tmp-1-2"), "half").unwrap();
    let store = Store::open(&scratch.data(), Opening { serves: true, ..Opening::default() }).unwrap();
    assert!(!scratch.data().join(".tmp-1-2").exists() && csrs.join(".tmp-1-1").exists());
    assert_eq!(store.names().unwrap().len(), 1);
    store.sweep_csrs().unwrap();
    assert!(!csrs.join(".tmp-1-1").exists());
}

#[test]
fn an_overlay_is_judged_by_the_folder_that_it_writes_to() {
    use crate::probe::upper_of;
    let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
                  36 22 0:31 / /data rw,relatime shared:7 - overlay overlay rw,lowerdir=/lower,upperdir=/run/upper,workdir=/run/work\n";
    assert_eq!(upper_of(mounts, "0:31"), Some("/run/upper"));
    assert_eq!(upper_of(mounts, "8:1"), None);
    assert_eq!(upper_of(mounts, "0:3"), None);
    assert_eq!(upper_of("", "0:31"), None);
}
