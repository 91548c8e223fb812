//! The client beside real peers: pebble, and servers that behave badly.

mod answers;
mod certificates;
mod connections;
mod dns;
mod est;
mod pebble;
mod problems;
mod server;

use crate::acme::account::Account;
use crate::enrollment::{ChallengeKind, Enrollment, KeepError, Keeper, Open, Outcome, Progress, Step, enroll};
use crate::{AccountKey, Acme, ClientError, ExternalAccount, Https, Identifier, Roots, acme::NewAccount};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Runs one future on one thread, as the enrolling process does.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// What outlives a kill, in memory; and a kill before any of its writes.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) progress: Progress,
    pub(crate) account: Account,
    pub(crate) open: Arc<Mutex<HashMap<String, String>>>,
    pub(crate) steps: Vec<Step>,
    /// So many writes from now on work.
    pub(crate) writes: Option<usize>,
}

impl Memory {
    fn write(&mut self) -> Result<(), KeepError> {
        match &mut self.writes {
            Some(0) => return Err("killed here".into()),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(())
    }
}

impl Keeper for Memory {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "a test against a real server")]
        Timestamp::now()
    }
    fn keep(&mut self, progress: &Progress) -> Result<(), KeepError> {
        self.write()?;
        self.steps.push(progress.step);
        self.progress = progress.clone();
        Ok(())
    }
    fn account(&self) -> Account {
        self.account.clone()
    }
    fn keep_account(&mut self, account: &Account) -> Result<(), KeepError> {
        self.write()?;
        self.account = account.clone();
        Ok(())
    }
    fn open(&mut self, challenge: &Open) -> Result<(), ClientError> {
        self.write().map_err(ClientError::Keep)?;
        self.open.lock().unwrap().insert(challenge.token.clone(), challenge.authorization.clone());
        Ok(())
    }
    fn close(&mut self) -> Result<(), KeepError> {
        self.write()?;
        self.open.lock().unwrap().clear();
        Ok(())
    }
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// One try at a CA.
pub(crate) async fn enrolled(url: &str, roots: &[u8], key: &[u8], order: &Order<'_>, memory: &mut Memory) -> Outcome {
    let https = Https::new(Roots::Pem(roots), None).unwrap();
    let mut acme = match Acme::open(https, url, AccountKey::read(key).unwrap()).await {
        Ok(acme) => acme,
        Err(error) => return Outcome::Failed(error.failure()),
    };
    let wanted = Enrollment {
        csr: &order.csr,
        identifiers: &order.identifiers,
        profile: None,
        replaces: order.replaces,
        challenges: &[ChallengeKind::Http01],
        fits: &|_| true,
        account: NewAccount { contact: Some("owner@example.com"), agreed: true, external: order.external },
    };
    let progress = memory.progress.clone();
    enroll(&mut acme, &wanted, progress, memory).await
}

/// What is ordered.
pub(crate) struct Order<'a> {
    pub(crate) csr: Vec<u8>,
    pub(crate) identifiers: Vec<Identifier>,
    pub(crate) external: Option<&'a ExternalAccount>,
    pub(crate) replaces: Option<&'a str>,
}

impl Order<'_> {
    pub(crate) fn of(names: &[&str]) -> Self {
        let key = rcgen::KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = rcgen::CertificateParams::new(names.clone()).unwrap();
        let csr = params.serialize_request(&key).unwrap().der().to_vec();
        let identifiers = names.iter().map(|name| name.parse().map_or_else(|_| Identifier::dns(name), Identifier::ip));
        Self { csr, identifiers: identifiers.collect(), external: None, replaces: None }
    }
}
