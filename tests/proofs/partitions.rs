//! A partition of 256 KiB that is full, and one that turned read-only, where this machine lets us mount one: the console
//! comes up and stays up; login, list and downloads work; changes and key export are refused with the reason.

use crate::client::{Answer, Client};
use crate::unit::{ASKED, Console, PASSWORD, Unit};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A small tmpfs as the data directory; unmounted when dropped.
struct Partition(PathBuf);

impl Partition {
    fn mount(unit: &Unit) -> Option<Self> {
        Self::of(unit, "256k")
    }

    fn of(unit: &Unit, size: &str) -> Option<Self> {
        std::fs::create_dir(unit.data()).unwrap();
        let options = format!("size={size},mode=0700");
        let mount = ["-t", "tmpfs", "-o", &options, "none"];
        let status = Command::new("mount").args(mount).arg(unit.data()).stderr(Stdio::null()).status();
        if !status.is_ok_and(|status| status.success()) {
            signet_testing::skip("cannot mount a tmpfs here");
            return None;
        }
        Some(Self(unit.data().to_path_buf()))
    }

    fn remount(&self, how: &str) {
        let status = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status().unwrap();
        assert!(status.success());
    }

    fn filler(&self) -> PathBuf {
        self.0.join("lost+found")
    }

    fn fill(&self) {
        std::fs::create_dir(self.filler()).unwrap();
        let written = std::fs::write(self.filler().join("filler"), vec![0; 512 * 1024]);
        written.expect_err("the partition is smaller");
    }

    fn make_room(&self) {
        std::fs::remove_dir_all(self.filler()).unwrap();
    }
}

impl Drop for Partition {
    fn drop(&mut self) {
        // Lazily: a failed test may still have the directory open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn export(owner: &mut Client) -> Answer {
    let page = owner.get("/csrs/one/key");
    let typed =
        [("password", PASSWORD), ("passphrase", "a long passphrase"), ("passphrase_confirm", "a long passphrase")];
    owner.send(&page, "/csrs/one/key", &typed, None)
}

/// What works and what does not on a partition that cannot be written to.
fn stays_up(console: &mut Console, before: &Answered, reason: &str) -> (Client, Answer) {
    // Login, list, download.
    let mut owner = console.owner();
    assert!(owner.get("/csrs").text().contains("one"));
    assert_eq!(owner.get("/csrs/one/download").body, before.download);
    assert_eq!(owner.get("/healthz").status, 200);
    // A wrong password is refused as ever, whether or not it can be written down.
    let mut stranger = Client::new(console.address);
    let page = stranger.get("/login");
    assert_eq!(stranger.send(&page, "/login", &[("password", "not the password")], None).status, 422);
    // A change.
    let confirm = owner.up_to_save("two").unwrap();
    let refused = owner.save(&confirm).unwrap();
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(refused.text().contains(reason), "{}", refused.text());
    // A key leaves only where that is written down.
    let refused = export(&mut owner);
    assert_eq!(refused.status, 507, "{}", refused.text());
    assert!(refused.text().contains(reason) && !refused.text().contains("PRIVATE KEY"), "{}", refused.text());
    // The command line.
    let unit = &console.unit;
    let create = unit.run(&[&["csr", "create", "--name", "two"], ASKED.as_slice()].concat());
    assert_eq!(create.status.code(), Some(83), "{}", String::from_utf8_lossy(&create.stderr));
    assert!(String::from_utf8_lossy(&create.stderr).contains(reason));
    let key = unit.run(&["csr", "key", "one", "--unencrypted"]);
    assert_eq!(key.status.code(), Some(83), "{}", String::from_utf8_lossy(&key.stderr));
    assert!(key.stdout.is_empty());
    assert!(unit.works(&["csr", "export", "one"]).as_bytes() == before.download);
    let check = unit.run(&["check"]);
    assert_eq!(check.status.code(), Some(2), "{}", String::from_utf8_lossy(&check.stdout));
    // Nothing is lost, and it serves on.
    assert_eq!(unit.files(), before.files);
    assert_eq!(console.child.try_wait().unwrap(), None);
    // What was typed waits for the same button, when the disk works.
    (owner, confirm)
}

struct Answered {
    files: std::collections::BTreeMap<String, Vec<u8>>,
    download: Vec<u8>,
}

fn answered(owner: &mut Client, unit: &Unit) -> Answered {
    Answered { files: unit.files(), download: owner.get("/csrs/one/download").body }
}

#[test]
fn a_full_partition() {
    let unit = Unit::new();
    let Some(partition) = Partition::mount(&unit) else { return };
    let mut console = unit.serve();
    let mut owner = console.owner();
    unit.create("one");
    let before = answered(&mut owner, &unit);
    partition.fill();
    stays_up(&mut console, &before, "no space is left");
    // It starts on a full partition, too.
    console.kill();
    let mut console = unit.serve();
    let (mut owner, confirm) = stays_up(&mut console, &before, "no space is left");
    partition.make_room();
    assert_eq!(owner.save(&confirm).unwrap().status, 303);
    assert_eq!(export(&mut owner).status, 200);
    unit.is_whole("after there was room again");
}

#[test]
fn a_partition_that_turned_read_only() {
    let unit = Unit::new();
    let Some(partition) = Partition::mount(&unit) else { return };
    let mut console = unit.serve();
    let mut owner = console.owner();
    unit.create("one");
    let before = answered(&mut owner, &unit);
    partition.remount("ro");
    stays_up(&mut console, &before, "read-only");
    console.kill();
    let mut console = unit.serve();
    let (mut owner, confirm) = stays_up(&mut console, &before, "read-only");
    partition.remount("rw");
    assert_eq!(owner.save(&confirm).unwrap().status, 303);
    assert_eq!(export(&mut owner).status, 200);
    unit.is_whole("after it was writable again");
}

/// The finding of this code.
fn finding(unit: &Unit, about: &str) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_slice(&unit.run(&["check", "--json"]).stdout).unwrap();
    let mut all = report["findings"].as_array().unwrap().iter();
    all.find(|finding| finding["about"] == about).unwrap_or_else(|| panic!("{about}: {report}")).clone()
}

#[test]
fn a_partition_of_4_mib_stays_half_free() {
    let unit = Unit::new();
    let Some(_partition) = Partition::of(&unit, "4m") else { return };
    let mut console = unit.serve();
    let mut owner = console.owner();
    unit.create("one");
    let found = finding(&unit, "limits");
    assert_eq!((&found["state"], &found["numbers"]["limit_bytes"]), (&"fine".into(), &(2 << 20).into()), "{found}");
    assert_eq!(finding(&unit, "filesystem")["code"], "fine");
    let told = unit.run(&["check"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("in memory (tmpfs)"), "data on tmpfs is told");
    // Half of it, as large requests would take it.
    for name in ["a", "b", "c", "d"] {
        std::fs::write(unit.data().join(format!("csrs/{name}.pem")), vec![b' '; 511 * 1024]).unwrap();
    }
    let create = |name: &str| {
        let ran = unit.run(&[&["csr", "create", "--name", name], ASKED.as_slice()].concat());
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    };
    let mut made = 0;
    let refused = loop {
        match create(&format!("n{made}")) {
            (Some(0), _) if made < 10 => made += 1,
            refused => break refused,
        }
    };
    assert!(refused.0 == Some(83) && refused.1.contains("2048 KiB, half of the partition"), "{refused:?}");
    assert_eq!(finding(&unit, "limits")["code"], "near_size_limit");
    let confirm = owner.up_to_save("two").unwrap();
    let answer = owner.save(&confirm).unwrap();
    assert_eq!(answer.status, 507, "{}", answer.text());
    assert!(answer.text().contains("half of the partition"), "{}", answer.text());
    // What is there works on; a note can be written.
    unit.works(&["csr", "note", "one", "in the rack"]);
    // Others have filled the rest: the last of it stays theirs.
    for name in ["a", "b", "c", "d"] {
        std::fs::remove_file(unit.data().join(format!("csrs/{name}.pem"))).unwrap();
    }
    std::fs::create_dir(unit.data().join("lost+found")).unwrap();
    let free = rustix::fs::statvfs(unit.data()).unwrap();
    let filler = usize::try_from((free.f_bavail * free.f_frsize).saturating_sub(250 * 1024)).unwrap();
    std::fs::write(unit.data().join("lost+found/filler"), vec![0; filler]).unwrap();
    let refused = create("last");
    assert!(refused.0 == Some(83) && refused.1.contains("256 KiB of the partition are kept free"), "{refused:?}");
    unit.works(&["csr", "note", "one", "still in the rack"]);
    assert_eq!(console.child.try_wait().unwrap(), None);
}

#[test]
fn a_backup_that_does_not_fit_is_told_and_nothing_is_left_of_it() {
    let device = Unit::with(&["one", "two", "three"]);
    let (file, passphrase) = (device.beside("b.age"), device.beside("passphrase"));
    let (file, passphrase) = (file.to_str().unwrap(), passphrase.to_str().unwrap());
    std::fs::write(passphrase, "a few unrelated words\n").unwrap();
    device.works(&["backup", file, "--passphrase-file", passphrase]);
    let unit = Unit::new();
    let Some(partition) = Partition::mount(&unit) else { return };
    unit.create("own");
    let before = unit.files();
    partition.fill();
    let restore = ["restore", file, "--passphrase-file", passphrase];
    let refused = unit.run(&restore);
    assert_eq!(refused.status.code(), Some(83), "{}", String::from_utf8_lossy(&refused.stderr));
    partition.make_room();
    assert_eq!(unit.files(), before);
    assert!(!unit.data().join("restoring").exists());
    // A backup of a full partition goes elsewhere; onto it, it does not.
    partition.fill();
    let onto = unit.data().join("lost+found/b.age");
    let refused = unit.run(&["backup", onto.to_str().unwrap(), "--passphrase-file", passphrase]);
    assert_eq!(refused.status.code(), Some(83), "{}", String::from_utf8_lossy(&refused.stderr));
    assert!(!onto.exists());
    partition.make_room();
    unit.works(&restore);
    assert_eq!(unit.files().len(), 4);
    unit.is_whole("after it fitted");
}
