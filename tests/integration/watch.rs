//! `signet watch`: what path units and timers do under systemd, on a device without it.

use crate::harness::console::{Ran, run};
use crate::harness::deployed::Device;
use crate::harness::openssl::openssl;
use crate::harness::unprivileged::{Unprivileged, is_root};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const WHO: &str =
    "--profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";

/// A data directory of nobody's with one request, and root's folder of markers and lists.
struct Scene {
    user: Unprivileged,
    roots: PathBuf,
    _roots: tempfile::TempDir,
}

impl Scene {
    /// None where the tests are not root's.
    fn new() -> Option<Self> {
        if !is_root() {
            signet_testing::skip("only root watches");
            return None;
        }
        // Every folder on the way is root's alone, so not below /tmp.
        let folder = tempfile::tempdir_in("/var/lib").unwrap();
        let scene = Self { user: Unprivileged::new(), roots: folder.path().to_owned(), _roots: folder };
        let made = run(scene.user.signet(&scene.data()).args(format!("csr create --name one {WHO}").split(' ')), b"");
        assert_eq!(made.code, 0, "{}", made.err);
        std::fs::create_dir(scene.markers()).unwrap();
        Some(scene)
    }

    fn data(&self) -> PathBuf {
        self.user.at("data")
    }

    fn markers(&self) -> PathBuf {
        self.roots.join("recovery")
    }

    fn mark(&self, name: &str) -> PathBuf {
        std::fs::write(self.markers().join(name), "").unwrap();
        self.markers().join(name)
    }

    fn watch(&self) -> Command {
        let mut command = Command::new(self.user.at("signet"));
        for variable in ["SUDO_USER", "SIGNET_DATA", "STATE_DIRECTORY", "JOURNAL_STREAM"] {
            command.env_remove(variable);
        }
        command.arg("--data").arg(self.data()).args(["watch", "--interval", "1", "--recovery"]).arg(self.markers());
        command.arg("--services").arg(self.roots.join("deploy.toml"));
        command.arg("--renewals").arg(self.roots.join("renewals"));
        command
    }

    fn once(&self) -> Ran {
        run(self.watch().arg("--once"), b"")
    }

    fn names(&self) -> Vec<String> {
        let mut names = crate::harness::deployed::names(&self.data().join("csrs"));
        names.retain(|name| name.ends_with(".pem"));
        names
    }
}

/// A process that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it never came: {what}");
}

#[test]
fn a_marker_is_done_once_and_removed_and_what_is_no_marker_stays() {
    let Some(scene) = Scene::new() else { return };
    let (marker, other) = (scene.mark("factory-reset"), scene.mark("format-disks"));
    std::fs::create_dir(scene.markers().join("password")).unwrap();
    std::os::unix::fs::symlink(&other, scene.markers().join("identity")).unwrap();
    let ran = scene.once();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!marker.exists() && other.exists() && scene.names().is_empty());
    let log = std::fs::read_to_string(scene.data().join("audit.log")).unwrap();
    assert_eq!(log.matches("factory-reset").count(), 1, "{log}");
    assert!(
        !log.contains("\"recover\":\"identity\"")
            && std::fs::symlink_metadata(scene.markers().join("identity")).is_ok()
    );
    for entry in std::fs::read_dir(scene.data()).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().uid(), 65534, "{:?}", entry.path());
    }
    let ran = scene.once();
    assert_eq!((ran.code, ran.out.len(), ran.err.as_str()), (0, 0, ""), "there is nothing to do");
}

#[test]
fn a_recovery_that_fails_keeps_its_marker() {
    let Some(scene) = Scene::new() else { return };
    let marker = scene.mark("lockout");
    std::fs::rename(scene.data(), scene.user.at("elsewhere")).unwrap();
    let ran = scene.once();
    assert_eq!(ran.code, 66, "{}", ran.err);
    assert!(marker.exists());
    std::fs::rename(scene.user.at("elsewhere"), scene.data()).unwrap();
    assert_eq!(scene.once().code, 0);
    assert!(!marker.exists());
}

#[test]
fn a_folder_that_others_can_write_to_resets_nothing() {
    let Some(scene) = Scene::new() else { return };
    let marker = scene.mark("factory-reset");
    std::fs::set_permissions(scene.markers(), PermissionsExt::from_mode(0o777)).unwrap();
    let ran = scene.once();
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("is not used for recoveries") && marker.exists(), "{}", ran.err);
    assert_eq!(scene.names(), ["one.pem"]);
}

#[test]
fn only_root_watches() {
    let user = Unprivileged::new();
    let ran = run(user.signet(&user.at("data")).arg("watch"), b"");
    if is_root() {
        assert!(ran.refused(77).0.contains("only root can"));
    }
}

#[test]
fn a_running_console_ends_after_a_recovery_so_that_it_is_started_again() {
    let Some(scene) = Scene::new() else { return };
    let mut serve = scene.user.signet(&scene.data());
    serve.args(["serve", "--listen", "127.0.0.1:0"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut console = Ends(serve.spawn().unwrap());
    let running = || {
        let ran = run(scene.user.signet(&scene.data()).args(["--json", "console", "show"]), b"");
        String::from_utf8(ran.out).unwrap().contains("\"running\":true")
    };
    until("the console serves", running);
    let mut watch = scene.watch();
    let _watch = Ends(watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let marker = scene.mark("identity");
    until("the marker goes", || !marker.exists());
    assert!(console.0.wait().unwrap().success(), "it was asked to end, and was not killed");
}

#[test]
fn a_change_of_a_request_and_of_the_list_hands_certificates_over_and_takes_them_back() {
    if !is_root() {
        return signet_testing::skip("only root watches");
    }
    let device = Device::new();
    device.ready("nas");
    let watch = |once: bool| {
        let mut command = crate::harness::console::signet(&device.data());
        command.args(["watch", "--interval", "1", "--recovery"]).arg(device.at("none"));
        command.arg("--services").arg(device.list()).arg("--renewals").arg(device.at("none"));
        command.args(once.then_some("--once")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    // Without a list nothing is done.
    assert!(watch(true).status().unwrap().success());
    let _watch = Ends(watch(false).spawn().unwrap());
    device.set_up_web("nas");
    until("the service has its certificate", || device.found("web").is_some() && device.told() == 1);
    device.record("nas", |record| record["deploy"] = false.into());
    until("the service has none", || device.found("web").is_none());
    device.set_up("directory = 3\n");
    let broken = watch(true).status().unwrap();
    assert_eq!(broken.code(), Some(78), "the code of the command that failed");
}

/// A certificate that is valid for so many days from now on, behind the request in its file.
fn answer(scene: &Scene, name: &str, days: u32) {
    let file = scene.data().join(format!("csrs/{name}.pem"));
    let (key, ca) = (scene.roots.join("ca.key"), scene.roots.join("ca.pem"));
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=CA -days 900";
    openssl(&format!("{new} -keyout {} -out {}", key.display(), ca.display()), b"");
    let sign = format!("x509 -req -CA {} -CAkey {} -days {days} -in {}", ca.display(), key.display(), file.display());
    let mut text = std::fs::read(&file).unwrap();
    text.extend(openssl(&sign, b""));
    std::fs::write(&file, text).unwrap();
}

#[test]
fn listed_requests_are_renewed_when_they_are_due_and_once() {
    let Some(scene) = Scene::new() else { return };
    let later = run(scene.user.signet(&scene.data()).args(format!("csr create --name two {WHO}").split(' ')), b"");
    later.worked();
    answer(&scene, "one", 0);
    answer(&scene, "two", 300);
    let list = scene.roots.join("renewals");
    assert_eq!(scene.once().code, 0);
    assert_eq!(scene.names().len(), 2, "nothing is renewed that is not listed");
    std::fs::write(&list, "# by its owner\n\n  one\ntwo\nnot a name\n").unwrap();
    let ran = scene.once();
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("renewals, line 5: "), "{}", ran.err);
    let names = scene.names();
    assert!(names.len() == 3 && names.iter().any(|name| name.starts_with("one-")), "{names:?}");
    assert_eq!(std::fs::metadata(scene.data().join("csrs").join(&names[0])).unwrap().uid(), 65534);
    scene.once();
    assert_eq!(scene.names(), names);
    // A name that is not there is a failure, which the command tells.
    std::fs::write(&list, "gone\n").unwrap();
    let ran = scene.once();
    assert!(ran.code == 255 && ran.err.contains("gone"), "{}", ran.err);
    // What others could have written is not read.
    std::fs::write(&list, "two\n").unwrap();
    std::fs::set_permissions(&list, PermissionsExt::from_mode(0o666)).unwrap();
    let ran = scene.once();
    assert!(ran.err.contains("cannot be trusted"), "{}", ran.err);
    assert!(Path::new(&list).exists());
}
