//! Root over the data directory of another user: what root's command line names is root's, what is kept is the owner's, and the
//! log knows both.

use crate::harness::console::{Ran, run};
use crate::harness::made::{ec_key, request as made_elsewhere};
use crate::harness::unprivileged::{Unprivileged, is_root};
use serde_json::Value;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

const WHO: &str =
    "--profile https-ecc --country DE --state BY --city M --organization E --email a@b.de --san nas.local";
/// Whose directory it is.
const OWNER: u32 = 65534;

/// A data directory of nobody's, and a folder that is root's alone.
struct Scene {
    user: Unprivileged,
    roots: tempfile::TempDir,
}

impl Scene {
    /// None where the tests are not root's.
    fn new() -> Option<Self> {
        if !is_root() {
            signet_testing::skip("only root acts for another owner");
            return None;
        }
        let scene = Self { user: Unprivileged::new(), roots: tempfile::tempdir().unwrap() };
        let made = run(scene.user.signet(&scene.data()).args(format!("csr create --name one {WHO}").split(' ')), b"");
        assert_eq!(made.code, 0, "{}", made.err);
        std::fs::set_permissions(scene.roots.path(), PermissionsExt::from_mode(0o700)).unwrap();
        Some(scene)
    }

    fn data(&self) -> PathBuf {
        self.user.at("data")
    }

    fn at(&self, name: &str) -> String {
        self.roots.path().join(name).to_str().unwrap().to_owned()
    }

    /// A file that root alone can read.
    fn file(&self, name: &str, content: &[u8]) -> String {
        std::fs::write(self.at(name), content).unwrap();
        std::fs::set_permissions(self.at(name), PermissionsExt::from_mode(0o600)).unwrap();
        self.at(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.user.at("signet"));
        command.env_remove("SUDO_USER").arg("--data").arg(self.data());
        command
    }

    fn root(&self, line: &str) -> Ran {
        run(self.command().args(line.split_whitespace()), b"")
    }

    /// The last line of the log.
    fn logged(&self) -> Value {
        let text = std::fs::read_to_string(self.data().join("audit.log")).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    }

    fn log_lines(&self) -> usize {
        std::fs::read_to_string(self.data().join("audit.log")).unwrap().lines().count()
    }
}

fn owner_and_mode(path: impl AsRef<Path>) -> (u32, u32) {
    let metadata = std::fs::metadata(path).unwrap();
    (metadata.uid(), metadata.mode() & 0o7777)
}

#[test]
fn files_that_root_alone_can_read_are_read_and_what_is_kept_is_the_owners() {
    let Some(scene) = Scene::new() else { return };
    let key = ec_key("P-256");
    let (request, key) = (scene.file("csr", &made_elsewhere(&key, "")), scene.file("key", &key));
    scene.root(&format!("csr import --name two --request {request} --key {key}")).worked();
    assert_eq!(owner_and_mode(scene.data().join("csrs/two.pem")), (OWNER, 0o600));
    let entry = "name = \"three\"\nprofile = \"https-ecc\"\ncountry = \"DE\"\nstate = \"BY\"\ncity = \"M\"\norganization = \"E\"\n\
                 email = \"a@b.de\"\nsan = [\"nas.local\"]\n";
    let file = scene.file("three.toml", entry.as_bytes());
    scene.root(&format!("csr apply -f {file}")).worked();
    scene.root(&format!("csr create --name four --from {file}")).worked();
    let config = scene.file("signet.toml", b"[limits]\ncsrs = 4\n");
    scene.root(&format!("--config {config} csr create --name five --from {file}")).refused(83);
    let caller = scene.logged();
    assert_eq!(
        (&caller["csr"], &caller["who"], &caller["caller"]["uid"]),
        (&"four".into(), &format!("command line (uid {OWNER})").into(), &0.into())
    );
    // What nobody has is told as root's: it is root who looks.
    let (what, _) = scene.root(&format!("csr answer --certificate {}", scene.at("none"))).refused(66);
    assert!(what.contains("No such file"), "{what}");
    // A file that is not named is the owner's to read.
    let secret = scene.file("ca.pem", b"-----BEGIN CERTIFICATE-----\n");
    let file =
        scene.file("five.toml", (entry.replace("three", "five") + &format!("aki_issuer = {secret:?}\n")).as_bytes());
    let (what, _) = scene.root(&format!("csr apply -f {file}")).refused(77);
    assert!(what.contains(&format!("user {OWNER} has no permission")), "{what}");
    // Standard input is root's, too.
    let input = std::fs::File::open(scene.file("six.toml", entry.replace("three", "six").as_bytes())).unwrap();
    let made = scene.command().args(["csr", "apply", "-f", "-"]).stdin(input).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn outputs_are_roots_and_what_was_not_written_is_not_recorded() {
    let Some(scene) = Scene::new() else { return };
    let (csr, key) = (scene.at("one.csr"), scene.at("one.key"));
    let said = scene.root(&format!("csr export one --out {csr}")).worked();
    assert!(said.starts_with("Wrote "), "{said}");
    assert_eq!(owner_and_mode(&csr).0, 0);
    let before = scene.log_lines();
    let missing = scene.at("none/one.key");
    scene.root(&format!("csr key one --unencrypted --out {missing}")).refused(73);
    let taken = scene.file("taken", b"mine");
    scene.root(&format!("csr key one --unencrypted --out {taken}")).refused(79);
    assert_eq!((scene.log_lines(), std::fs::read(&taken).unwrap()), (before, b"mine".to_vec()));
    scene.root(&format!("csr key one --unencrypted --out {key}")).worked();
    assert_eq!(owner_and_mode(&key), (0, 0o600));
    let line = scene.logged();
    assert_eq!((&line["what"], &line["caller"]["uid"], scene.log_lines()), (&"key".into(), &0.into(), before + 1));
    // The same once more is there already.
    assert!(
        scene
            .root(&format!("csr key one --unencrypted --out {key}"))
            .worked()
            .starts_with("Nothing changed, already there")
    );
    assert_eq!(scene.log_lines(), before + 1);
    let passphrase = scene.file("passphrase", b"open sesame\n");
    scene.root(&format!("csr key one --passphrase-file {passphrase} --out {}", scene.at("two.key"))).worked();
    let fresh = scene.at("code");
    scene.root(&format!("recover password --yes --new-code --setup-code-file {fresh}")).worked();
    assert_eq!(owner_and_mode(&fresh), (0, 0o600));
    for entry in std::fs::read_dir(scene.data()).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().uid(), OWNER, "{:?}", entry.path());
    }
}

#[test]
fn the_log_has_who_became_root_as_told() {
    let Some(scene) = Scene::new() else { return };
    let ran = run(scene.command().env("SUDO_USER", "ada\n\u{1b}[2J").args(["csr", "note", "one", "seen"]), b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let line = scene.logged();
    let told = line["caller"]["sudo_user_as_told"].as_str().unwrap();
    assert!(told.starts_with("ada") && !told.contains(['\n', '\u{1b}']), "{told}");
    let listed = scene.root("audit --last 1").worked();
    assert!(
        listed.contains("called by uid 0") && listed.contains("(not verified)") && listed.lines().count() == 1,
        "{listed}"
    );
    // The first password needs no setup code from root.
    let password = scene.file("password", b"a few unrelated words\n");
    scene.root(&format!("setup --password-file {password}")).worked();
    assert_eq!(owner_and_mode(scene.data().join("owner.json")), (OWNER, 0o600));
    scene.root(&format!("setup --password-file {password}")).refused(79);
    let user =
        run(scene.user.signet(&scene.data()).args(["setup", "--password-file", "-"]), b"a few unrelated words\n");
    assert!(user.refused(64).0.contains("needs the setup code"));
}
