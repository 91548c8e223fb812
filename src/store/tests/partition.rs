//! A full and a read-only partition, where this machine lets us mount one; and what the doctor is told.

use super::{REQUEST, Scratch, create, key, name, names, record, temporaries};
use crate::{Opening, Store, StoreError, probe};
use std::path::Path;
use std::process::{Command, Stdio};

/// A small tmpfs at `data`, unmounted when dropped.
struct Partition<'a>(&'a Path);

impl<'a> Partition<'a> {
    /// None, with a printed reason, where mounting is not possible.
    fn mount(data: &'a Path, options: &str) -> Option<Self> {
        std::fs::create_dir(data).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "none"])
            .arg(data)
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !mounted {
            signet_testing::skip("cannot mount a tmpfs here");
        }
        mounted.then_some(Self(data))
    }

    fn turn(&self, how: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(self.0).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Partition<'_> {
    fn drop(&mut self) {
        // Lazily: a failed test may still have the directory open.
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_partition_is_told_and_loses_nothing() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let Some(_partition) = Partition::mount(&data, "size=256k") else { return };
    let store = scratch.store();
    create(&store, "one");
    let before = store.csrs().unwrap();
    let filler = data.join("csrs/filler");
    let _ = std::fs::write(&filler, vec![0; 512 * 1024]);
    let lock = store.lock().unwrap();
    let no_space = |result| matches!(result, Err(StoreError::NoSpace { .. }));
    assert!(no_space(lock.create(&name("two"), &record(""), &[1; 20_000], &key())));
    assert!(no_space(lock.set_record(&name("one"), &record(&"x".repeat(20_000)))));
    drop(lock);
    assert_eq!(temporaries(&data).len(), 0);
    assert_eq!(store.csrs().unwrap(), before);
    assert!(store.space().unwrap().free < 20_000);
    // It opens, lists, and makes room.
    let again = scratch.store();
    assert_eq!(again.csrs().unwrap(), before);
    again.lock().unwrap().delete(&name("one")).unwrap();
}

#[test]
fn a_partition_that_turned_read_only_is_read_and_served() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let Some(partition) = Partition::mount(&data, "size=1m") else { return };
    create(&scratch.store(), "one");
    partition.turn("ro");
    let store = scratch.store();
    assert_eq!(names(&store), ["one"]);
    assert!(store.private_key(&name("one")).unwrap().is_some());
    assert!(store.file_system().unwrap().read_only);
    store.generation().unwrap();
    assert!(matches!(store.lock(), Err(StoreError::ReadOnly { .. })));
    let serving = store.serve_lock().unwrap();
    assert!(matches!(store.serve_lock(), Err(StoreError::Serving { .. })));
    drop(serving);
    partition.turn("rw");
    create(&store, "two");
}

#[test]
fn a_read_only_partition_that_was_never_used_is_told() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let Some(partition) = Partition::mount(&data, "size=1m") else { return };
    partition.turn("ro");
    assert!(matches!(Store::open(&data, Opening::default()), Err(StoreError::ReadOnly { .. })));
}

#[test]
fn a_partition_without_inodes_is_full_too() {
    let scratch = Scratch::new();
    let data = scratch.data();
    let Some(_partition) = Partition::mount(&data, "size=1m,nr_inodes=5") else { return };
    let store = scratch.store();
    // The mount point, two locks and the folder leave one.
    create(&store, "one");
    let second = store.lock().unwrap().create(&name("two"), &record(""), &REQUEST, &key());
    assert!(matches!(second, Err(StoreError::NoSpace { .. })));
    assert_eq!(store.space().unwrap().free_inodes, Some(0));
    assert_eq!(names(&store), ["one"]);
}

#[test]
fn the_file_system_is_named_and_fat_is_known_for_what_it_is() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let stat = Command::new("stat").args(["-f", "-c", "%t"]).arg(scratch.data()).output().unwrap();
    let magic = u64::from_str_radix(String::from_utf8(stat.stdout).unwrap().trim(), 16).unwrap();
    assert_eq!(store.file_system().unwrap().magic, magic);
    assert!(store.file_system().unwrap().keeps_modes);
    assert!(!probe::keeps_modes(0x4d44));
    let space = store.space().unwrap();
    assert!(space.free <= space.total);
}
