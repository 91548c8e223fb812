//! Another process: the test binary run again in a role.

use super::{KEY, REQUEST, create, key, name, record};
use crate::{Opening, Owner, Setup, Store, StoredIdentity};
use jiff::Timestamp;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

const ROLE: &str = "STORE_TEST_ROLE";
const DIR: &str = "STORE_TEST_DIR";

/// A process in a role. Killed when dropped.
pub(super) struct Other {
    pub(super) process: Child,
    pub(super) says: BufReader<ChildStdout>,
}

impl Other {
    /// Starts one.
    pub(super) fn start(role: &str, dir: &Path) -> Self {
        Self::start_by(Command::new(std::env::current_exe().unwrap()), role, dir)
    }

    /// Starts one by another command, which is given the test binary's arguments.
    pub(super) fn start_by(mut command: Command, role: &str, dir: &Path) -> Self {
        let mut process = command
            .args(["tests::child::plays_its_role", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .env(DIR, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let says = BufReader::new(process.stdout.take().unwrap());
        Self { process, says }
    }

    /// The next thing it says; none at its end. What the test runner prints is passed over.
    pub(super) fn next(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.says.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // A line that was cut by a kill does not count.
            if let Some((_, said)) = line.split_once("says: ").filter(|_| line.ends_with('\n')) {
                return Some(said.trim().to_owned());
            }
        }
    }

    /// SIGKILL, and all that it had said.
    pub(super) fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        std::iter::from_fn(|| self.next()).collect()
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "the child of another test"]
fn plays_its_role() {
    let role = std::env::var(ROLE).unwrap();
    let dir = std::env::var(DIR).unwrap();
    let opened = Store::open(Path::new(&dir), Opening { command: format!("signet {role}"), ..Opening::default() });
    if role == "open" {
        return match opened {
            Ok(_) => say("opened"),
            Err(error) => say(&format!("{error:?}")),
        };
    }
    let store = opened.unwrap();
    match role.as_str() {
        "hold" => {
            let _lock = store.lock().unwrap();
            say("locked");
            wait_for_the_end();
        }
        "change" => {
            let lock = store.lock().unwrap();
            lock.create(&name("changed"), &record(""), &REQUEST, &key()).unwrap();
            std::fs::write(Path::new(&dir).join("csrs/.tmp-1-1"), b"left behind").unwrap();
            say("changed");
            wait_for_the_end();
        }
        "serve" => {
            let _lock = store.serve_lock().unwrap();
            say("serving");
            wait_for_the_end();
        }
        "count" => {
            for number in 0..25 {
                create(&store, &format!("{}-{number}", std::process::id()));
            }
            say("counted");
        }
        "populate" => {
            populate(&store);
            say("populated");
        }
        "write" => write_for_ever(&store),
        other => panic!("no such role: {other}"),
    }
}

/// Creates, notes, renames and deletes until it is killed; says what is done once it is done.
fn write_for_ever(store: &Store) {
    let process = std::process::id();
    for number in 0.. {
        let (first, second) = (format!("a-{process}-{number}"), format!("b-{process}-{number}"));
        create(store, &first);
        say(&format!("there {first}"));
        let lock = store.lock().unwrap();
        lock.set_record(&name(&first), &record("noted")).unwrap();
        lock.rename(&name(&first), &name(&second)).unwrap();
        say(&format!("there {second}"));
        if number % 2 == 0 {
            lock.delete(&name(&second)).unwrap();
            say(&format!("gone {second}"));
        }
    }
}

/// Every kind of file.
pub(super) fn populate(store: &Store) {
    create(store, "one");
    let lock = store.lock().unwrap();
    lock.put_seal_key(&signet_domain::secret::Secret::new(vec![7; 32])).unwrap();
    let hash = || crate::Hashed::new("$argon2id$...".into());
    let since = Timestamp::UNIX_EPOCH;
    lock.put_owner(&Owner { generation: 9, password_hash: hash(), since }).unwrap();
    lock.put_setup(&Setup { code_hash: hash(), made: since }).unwrap();
    lock.put_device(&crate::DeviceRecord { serial: Some("A1".into()), ..Default::default() }).unwrap();
    let identity =
        StoredIdentity { chain: vec![REQUEST.to_vec()], key: signet_domain::secret::Secret::new(KEY.to_vec()) };
    lock.put_identity(&identity).unwrap();
    lock.put_factory_identity(&identity).unwrap();
    lock.put_document(crate::Document::LoginDelays, b"{}").unwrap();
    let _ = store.serve_lock().unwrap();
}

fn say(what: &str) {
    // One write a line: a kill cuts between lines.
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\nsays: {what}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

fn wait_for_the_end() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
