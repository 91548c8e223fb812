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
        std::fs::create_dir(unit.data()).unwrap();
        let mount = ["-t", "tmpfs", "-o", "size=256k,mode=0700", "none"];
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
