//! Tests whether a CA can be reached: the console asks the enrolling process for one, which leaves what it found.

use super::Authorities;
use crate::Failure;
use crate::enroll::json_of;
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::Tested;
use signet_store::{EnrollFolder, Room, StoreError};

/// Where the last test of an authority is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// None was asked for.
    None,
    /// It waits for the enrolling process, or is under way.
    Waiting,
    /// What it found.
    Done(Box<Tested>),
}

/// The file that asks for a test, and the one that has what it found.
fn test_file(name: &AuthorityName) -> String {
    format!("{name}.test")
}

/// Tests that were asked for, each with the proxy on the way; for the enrolling process.
pub fn tests_asked(folder: &EnrollFolder) -> Result<Vec<(AuthorityName, Option<String>)>, StoreError> {
    let mut asked = Vec::new();
    for file in folder.names(Room::Queue)? {
        let Some(name) = file.strip_suffix(".test").and_then(|name| AuthorityName::parse(name).ok()) else { continue };
        let proxy = folder.read(Room::Queue, &file)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        asked.push((name, proxy.filter(|proxy| !proxy.is_empty())));
    }
    Ok(asked)
}

/// Keeps what a test found; none where its authority is gone.
pub fn test_done(folder: &EnrollFolder, name: &AuthorityName, found: Option<&Tested>) -> Result<(), StoreError> {
    if let Some(found) = found {
        folder.write(Room::Accounts, &test_file(name), &json_of(found))?;
    }
    folder.remove(Room::Queue, &test_file(name)).map(|_| ())
}

impl Authorities {
    /// Asks the enrolling process to test it. The console itself calls nobody.
    pub fn ask_for_test(&self, name: &AuthorityName, proxy: Option<&str>) -> Result<(), Failure> {
        self.stored(name)?;
        let lock = self.store.lock()?;
        let folder = lock.enrollment()?;
        folder.write(Room::Queue, &test_file(name), proxy.unwrap_or_default().as_bytes())?;
        Ok(())
    }

    /// Where its last test is.
    pub fn test(&self, name: &AuthorityName) -> Result<Test, Failure> {
        let Some(folder) = self.store.enrollment()? else { return Ok(Test::None) };
        if folder.read(Room::Queue, &test_file(name))?.is_some() {
            return Ok(Test::Waiting);
        }
        let json = folder.read(Room::Accounts, &test_file(name))?;
        let found = json.and_then(|json| serde_json::from_slice(&json).ok());
        Ok(found.map_or(Test::None, |found| Test::Done(Box::new(found))))
    }

    /// What was found holds no more.
    pub(super) fn forget_test(&self, name: &AuthorityName) -> Result<(), StoreError> {
        let Some(folder) = self.store.enrollment()? else { return Ok(()) };
        folder.remove(Room::Queue, &test_file(name))?;
        folder.remove(Room::Accounts, &test_file(name))?;
        Ok(())
    }
}
