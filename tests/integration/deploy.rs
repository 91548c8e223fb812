//! Root's side of handing over: the right pair with the right rights, told once, taken away in time; and nothing that the
//! console's user plants makes root write or read elsewhere.

use crate::harness::deployed::{Device, is_root, names};
use crate::harness::folder::listing;
use crate::harness::openssl::public_of_key;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

fn chown(path: &Path, to: &str) {
    assert!(Command::new("chown").args(["-hR", to]).arg(path).status().unwrap().success());
}

#[test]
fn a_service_gets_chain_and_key_with_its_rights_and_is_told_once() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    let entry = std::fs::read_to_string(device.list()).unwrap() + "owner = \"daemon\"\ngroup = 4343\nmode = \"0440\"\n";
    std::fs::write(device.list(), entry).unwrap();
    device.ready("nas");
    assert_eq!(device.deploy().worked(), "web: copied nas\n");
    let found = device.found("web").unwrap();
    assert_eq!(found.full.matches("BEGIN CERTIFICATE").count(), 2);
    let own = device.signet("csr key nas --unencrypted").worked();
    assert_eq!(public_of_key(own.as_bytes(), None), public_of_key(found.key.as_bytes(), None));
    for file in ["fullchain.pem", "privkey.pem", "cert.pem", "chain.pem"] {
        let stat = std::fs::metadata(device.copies().join("web/live").join(file)).unwrap();
        assert_eq!((stat.uid(), stat.gid(), stat.mode() & 0o7777), (1, 4343, 0o440), "{file}");
    }
    // Nothing new: nothing is done, nobody is told.
    assert_eq!(device.deploy().worked(), "web: up to date with nas\n");
    assert_eq!((device.found("web").unwrap(), device.told()), (found.clone(), 1));
    // A new answer of the same key: another version, the old one is kept one back.
    device.answer("nas");
    assert_eq!(device.deploy().worked(), "web: copied nas\n");
    let next = device.found("web").unwrap();
    assert!(next.version != found.version && next.key == found.key && next.full != found.full);
    assert_eq!(device.told(), 2);
    device.answer("nas");
    device.deploy().worked();
    let last = device.found("web").unwrap();
    let mut left = vec!["live".to_owned(), "previous".into(), "reloaded".into(), next.version, last.version.clone()];
    left.sort();
    assert_eq!(device.listed("web"), left);
    // Other rights are another version, too: never changed under a reader's hands.
    let entry = std::fs::read_to_string(device.list()).unwrap().replace("0440", "0400");
    std::fs::write(device.list(), entry).unwrap();
    device.deploy().worked();
    let stat = std::fs::metadata(device.copies().join("web/live/privkey.pem")).unwrap();
    assert_eq!(stat.mode() & 0o7777, 0o400);
    assert!(device.found("web").unwrap().version != last.version);
}

#[test]
fn what_is_not_answered_or_not_wanted_is_not_handed_over() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.create("nas");
    device.record("nas", |record| record["deploy"] = true.into());
    assert_eq!(device.deploy().worked(), "web: nothing to do\n");
    device.answer("nas");
    device.record("nas", |record| record["deploy"] = false.into());
    assert_eq!(device.deploy().worked(), "web: nothing to do\n");
    assert_eq!((device.found("web"), device.told()), (None, 0));
}

#[test]
fn stopping_deleting_and_resetting_take_every_copy_away() {
    if !is_root() {
        return;
    }
    for stop in ["csr deploy nas --stop", "csr delete nas --yes --force", "recover factory-reset --yes"] {
        let device = Device::new();
        device.set_up_web("nas");
        device.ready("nas");
        device.deploy().worked();
        device.answer("nas");
        device.deploy().worked();
        assert_eq!(device.listed("web").len(), 5);
        device.signet(stop).worked();
        assert_eq!(device.deploy().worked(), "web: copies removed\n", "{stop}");
        assert_eq!(names(&device.copies()), [".lock"], "{stop}");
        assert_eq!(device.deploy().worked(), "web: nothing to do\n");
    }
}

#[test]
fn a_factory_request_that_a_reset_keeps_is_handed_over_no_more() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    device.record("nas", |record| record["origin"] = "factory".into());
    device.deploy().worked();
    device.signet("recover factory-reset --yes").worked();
    assert!(device.csr_file("nas").exists());
    device.deploy().worked();
    assert_eq!(names(&device.copies()), [".lock"]);
}

#[test]
fn a_service_that_the_list_names_no_more_loses_its_copies_and_other_things_stay() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    device.deploy().worked();
    std::fs::write(device.copies().join("notes"), "of the integrator").unwrap();
    device.set_up("[[deploy]]\ncsr = \"nas\"\nas = \"ftp\"\n");
    device.deploy().worked();
    assert_eq!(names(&device.copies()), [".lock", "ftp", "notes"]);
}

#[test]
fn a_renewal_takes_over_once_it_is_answered_and_lasts_when_the_older_one_goes() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    device.deploy().worked();
    let old = device.found("web").unwrap();
    device.create("nas-2");
    let id = device.id("nas");
    device.record("nas-2", |record| {
        record["supersedes"] = id.into();
        record["deploy"] = true.into();
    });
    assert_eq!(device.deploy().worked(), "web: up to date with nas\n");
    device.answer("nas-2");
    assert_eq!(device.deploy().worked(), "web: copied nas-2\n");
    let new = device.found("web").unwrap();
    assert!(new.key != old.key && new.certificate != old.certificate);
    assert!(device.listed("web").contains(&old.version), "one back");
    // The older one is deleted: its copy goes, the service keeps the renewal. So it does under a new name.
    device.signet("csr delete nas --yes").worked();
    assert_eq!(device.deploy().worked(), "web: up to date with nas-2\n");
    assert!(!device.listed("web").contains(&old.version));
    device.signet("csr rename nas-2 other").worked();
    assert_eq!(device.deploy().worked(), "web: up to date with other\n");
    device.renewed("other", "third");
    assert_eq!(device.deploy().worked(), "web: copied third\n");
    assert_eq!(device.told(), 3);
}

#[test]
fn a_renewal_inherits_the_owners_word_and_its_answer_is_all_that_it_takes() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.create("nas");
    let answer = |name: &str| {
        std::fs::write(device.at("answer.pem"), device.certificates(name)).unwrap();
        let file = device.at("answer.pem");
        device.signet(&format!("csr answer {name} --certificate {}", file.display())).worked();
    };
    answer("nas");
    device.signet("csr deploy nas").worked();
    device.deploy().worked();
    let old = device.found("web").unwrap();
    device.signet("csr renew nas --name nas-2").worked();
    assert_eq!(device.deploy().worked(), "web: up to date with nas\n");
    answer("nas-2");
    assert_eq!(device.deploy().worked(), "web: copied nas-2\n");
    assert!(device.found("web").unwrap().key != old.key);
    // Taken back, it is taken back from the older one, too: the service does not fall back to what is superseded.
    device.signet("csr deploy nas-2 --stop").worked();
    assert_eq!(device.deploy().worked(), "web: copies removed\n");
    // Where the owner has not said it, a renewal is as silent.
    device.signet("csr renew nas-2 --name nas-3").worked();
    answer("nas-3");
    assert_eq!(device.deploy().worked(), "web: nothing to do\n");
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused_and_the_old_pair_stays() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    device.deploy().worked();
    let before = device.found("web").unwrap();
    device.create("other");
    let foreign = device.certificates("other");
    device.answer_with("nas", &foreign);
    let ran = device.deploy();
    assert_eq!(ran.code, 81, "{}", ran.err);
    assert!(ran.err.contains("its private key does not belong to its certificate"), "{}", ran.err);
    device.answer_with("nas", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    let ran = device.deploy();
    assert!(ran.code == 81 && ran.err.contains("certificate 1 of its chain"), "{}", ran.err);
    assert_eq!((device.found("web").unwrap(), device.told()), (before, 1));
}

#[test]
fn nothing_is_taken_away_because_something_cannot_be_read() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    device.deploy().worked();
    let before = device.found("web");
    // A partition that is not mounted: an empty folder, or none.
    std::fs::rename(device.data(), device.at("elsewhere")).unwrap();
    assert_eq!(
        device.deploy().refused(66).0,
        format!("{} is not a data directory of the console", device.data().display())
    );
    std::fs::create_dir(device.data()).unwrap();
    device.deploy().refused(66);
    std::fs::remove_dir(device.data()).unwrap();
    std::fs::rename(device.at("elsewhere"), device.data()).unwrap();
    // A damaged file.
    let whole = std::fs::read(device.csr_file("nas")).unwrap();
    std::fs::write(device.csr_file("nas"), &whole[..whole.len() / 2]).unwrap();
    let ran = device.deploy();
    assert!(ran.code == 81 && ran.err.contains("service web keeps its files"), "{}", ran.err);
    assert_eq!(device.found("web"), before);
    std::fs::write(device.csr_file("nas"), whole).unwrap();
    assert_eq!(device.deploy().worked(), "web: up to date with nas\n");
}

#[test]
fn links_that_the_consoles_user_plants_lead_nowhere() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    // A CSR of root's elsewhere, whole and wanted, is what a link would make root hand over.
    let elsewhere = Device::new();
    elsewhere.ready("nas");
    std::fs::remove_file(device.csr_file("nas")).unwrap();
    symlink(elsewhere.csr_file("nas"), device.csr_file("nas")).unwrap();
    assert_eq!(device.deploy().worked(), "web: nothing to do\n");
    std::fs::remove_file(device.csr_file("nas")).unwrap();
    // A pipe holds nobody up.
    assert!(Command::new("mkfifo").arg(device.csr_file("nas")).status().unwrap().success());
    assert_eq!(device.deploy().worked(), "web: nothing to do\n");
    std::fs::remove_dir_all(device.data().join("csrs")).unwrap();
    symlink(elsewhere.data().join("csrs"), device.data().join("csrs")).unwrap();
    let ran = device.deploy();
    assert!(ran.code == 77 && ran.err.contains("it is a symbolic link"), "{}", ran.err);
    std::fs::remove_dir_all(device.data()).unwrap();
    symlink(elsewhere.data(), device.data()).unwrap();
    let ran = device.deploy();
    assert!(ran.code == 77 && ran.err.contains("it is a symbolic link"), "{}", ran.err);
    assert_eq!(names(&device.copies()), [".lock"]);
}

#[test]
fn nothing_is_made_and_nothing_changes_in_the_consoles_directory() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    chown(&device.data(), "4242:4242");
    let stats = |path: &Path| -> Vec<(String, u32, i64, i64)> {
        let of = |name: String| {
            let stat = std::fs::symlink_metadata(path.join(&name)).unwrap();
            (name, stat.uid(), stat.mtime(), stat.ctime_nsec())
        };
        names(path).into_iter().map(of).collect()
    };
    let before = (stats(&device.data()), stats(&device.data().join("csrs")), listing(&device.data()));
    device.deploy().worked();
    assert!(device.found("web").is_some());
    assert_eq!((stats(&device.data()), stats(&device.data().join("csrs")), listing(&device.data())), before);
}

#[test]
fn a_list_that_others_could_have_written_is_refused() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    let list = device.list();
    set_mode(&list, 0o664);
    assert!(device.deploy().refused(77).0.contains("other users than its owner can write to it"));
    set_mode(&list, 0o644);
    chown(&list, "4242");
    assert!(device.deploy().refused(77).0.contains("it belongs to user 4242"));
    let folder = device.at("");
    chown(&list, "0");
    set_mode(&folder, 0o777);
    assert!(device.deploy().refused(77).0.contains("other users than its owner"), "the folder that it lies in");
    set_mode(&folder, 0o755);
    std::fs::rename(&list, device.at("real")).unwrap();
    symlink(device.at("real"), &list).unwrap();
    assert!(device.deploy().refused(77).0.contains("it is a link"));
    std::fs::remove_file(&list).unwrap();
    assert!(device.deploy().refused(78).0.contains("is not set up to hand certificates"));
    std::fs::write(&list, "[[deploy]]\ncsr = \"nas\"\nmode = \"0666\"\n").unwrap();
    assert!(device.deploy().refused(78).0.contains("line 1"));
    assert!(!device.copies().exists() && device.told() == 0);
}

#[test]
fn copies_go_into_no_folder_that_others_could_turn_elsewhere() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    let (copies, elsewhere) = (device.copies(), device.at("elsewhere"));
    std::fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, &copies).unwrap();
    assert!(device.deploy().refused(77).0.contains("it is a link"));
    std::fs::remove_file(&copies).unwrap();
    std::fs::create_dir(&copies).unwrap();
    chown(&copies, "4242");
    assert!(device.deploy().refused(77).0.contains("it belongs to user 4242"));
    chown(&copies, "0");
    set_mode(&copies, 0o1777);
    assert!(device.deploy().refused(77).0.contains("other users than its owner"));
    set_mode(&copies, 0o755);
    // The service's own folder, too.
    symlink(&elsewhere, copies.join("web")).unwrap();
    let ran = device.deploy();
    assert!(ran.code == 77 && ran.err.contains("it is a link"), "{}", ran.err);
    assert_eq!(names(&elsewhere), Vec::<String>::new());
}

#[test]
fn a_service_that_could_not_be_told_is_told_by_the_next_run() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    let script = device.at("reload");
    std::fs::write(&script, "#!/bin/sh\nexit 7\n").unwrap();
    set_mode(&script, 0o755);
    let entry = |csr: &str| format!("[[deploy]]\ncsr = \"{csr}\"\nreload = [\"{}\"]\n", script.display());
    device.set_up(&(entry("nas") + &entry("ftp")));
    device.ready("nas");
    device.ready("ftp");
    let ran = device.deploy();
    assert_eq!(ran.code, 86, "{}", ran.err);
    assert!(ran.err.contains("service nas, ftp has a new certificate and may not have loaded it"), "{}", ran.err);
    assert!(ran.err.contains("exit status: 7"), "{}", ran.err);
    // Both are told by the one command, once.
    std::fs::write(&script, format!("#!/bin/sh\necho told >> {}\n", device.at("told").display())).unwrap();
    device.deploy().worked();
    device.deploy().worked();
    assert_eq!(device.told(), 1);
    assert!(device.found("nas").is_some() && device.found("ftp").is_some());
}

#[test]
fn the_doctor_tells_of_a_service_that_is_behind() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    let told = || {
        let report: serde_json::Value = serde_json::from_slice(&device.signet("check --json").out).unwrap();
        let findings = report["findings"].as_array().unwrap().clone();
        let of_services = findings.into_iter().filter(|finding| finding["about"] == "services");
        of_services.map(|finding| format!("{} {}", finding["state"], finding["what"])).collect::<Vec<_>>()
    };
    device.create("nas");
    assert_eq!(told(), Vec::<String>::new());
    device.set_up_web("nas");
    device.answer("nas");
    device.record("nas", |record| record["deploy"] = true.into());
    assert_eq!(told(), ["\"attention\" \"The service web does not have the certificate of nas yet.\""]);
    device.deploy().worked();
    assert_eq!(told(), ["\"fine\" \"Every other service has its current certificate.\""]);
    device.signet("csr delete nas --yes --force").worked();
    assert_eq!(told(), ["\"attention\" \"The service web still has a copy that must be removed.\""]);
    set_mode(&device.list(), 0o666);
    assert!(told()[0].contains("cannot be trusted"), "{:?}", told());
}

#[test]
fn a_spoilt_copy_is_made_anew_beside_it() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    device.deploy().worked();
    let before = device.found("web").unwrap();
    std::fs::remove_file(device.copies().join("web/live/chain.pem")).unwrap();
    device.deploy().worked();
    let after = device.found("web").unwrap();
    assert!(after.version != before.version && after.full == before.full);
    assert_eq!(device.told(), 2);
}

/// A small file system for the copies; unmounted when dropped.
struct Small(std::path::PathBuf);

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn where_there_is_no_room_the_old_pair_stays_whole() {
    if !is_root() {
        return;
    }
    let device = Device::new();
    device.set_up_web("nas");
    device.ready("nas");
    let copies = device.copies();
    std::fs::create_dir(&copies).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k,mode=0755", "none"]).arg(&copies).status();
    if !mount.is_ok_and(|status| status.success()) {
        signet_testing::skip("cannot mount a tmpfs here");
        return;
    }
    let _small = Small(copies.clone());
    device.deploy().worked();
    let before = device.found("web");
    std::fs::write(copies.join("filler"), vec![0; 128 * 1024]).unwrap_err();
    device.renewed("nas", "nas-2");
    let ran = device.deploy();
    assert!(ran.code == 83 && ran.err.contains("No space left"), "{}", ran.err);
    assert_eq!((device.found("web"), device.listed("web").len()), (before, 3));
    std::fs::remove_file(copies.join("filler")).unwrap();
    assert_eq!(device.deploy().worked(), "web: copied nas-2\n");
    assert!(device.found("web").is_some());
}
