//! Keeps the steps of one order in `DATA/enroll`.

use super::answers::whose;
use super::dns::{self, Records};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use signet_app::clock::Clock;
use signet_app::enroll::{cancel_mark, file_of, json_of};
use signet_client::enrollment::{KeepError, Open};
use signet_client::{ClientError, Keeper, Step};
use signet_domain::enrollment::{Account, ChallengeKind, Identifier, Order, Progress};
use signet_pki::digest::sha256;
use signet_store::{EnrollFolder, Room, StoreError};

/// One order under way.
pub(super) struct OrderKeeper<'a> {
    pub(super) folder: &'a EnrollFolder,
    pub(super) clock: Clock,
    pub(super) id: &'a str,
    pub(super) order: Order,
    /// Which CA and which key the account is of.
    pub(super) account_of: (String, String),
    /// Hears of each step.
    pub(super) heard: &'a dyn Fn(Step),
    /// How the records of dns-01 are set.
    pub(super) records: Records,
}

/// An account's file. That of another CA or another key is none.
#[derive(Serialize, Deserialize)]
struct AccountFile {
    directory: String,
    key: String,
    account: Account,
}

impl OrderKeeper<'_> {
    fn account_file(&self) -> String {
        file_of(&self.order.authority)
    }
}

impl Keeper for OrderKeeper<'_> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn keep(&mut self, progress: &Progress) -> Result<(), KeepError> {
        (self.heard)(progress.step);
        self.order.progress = progress.clone();
        Ok(self.folder.write(Room::Orders, &file_of(self.id), &json_of(&self.order))?)
    }

    fn account(&self) -> Account {
        let json = self.folder.read(Room::Accounts, &self.account_file()).ok().flatten();
        let file = json.and_then(|json| serde_json::from_slice::<AccountFile>(&json).ok());
        let (directory, key) = &self.account_of;
        file.filter(|file| file.directory == *directory && file.key == *key)
            .map(|file| file.account)
            .unwrap_or_default()
    }

    fn keep_account(&mut self, account: &Account) -> Result<(), KeepError> {
        let (directory, key) = self.account_of.clone();
        let file = AccountFile { directory, key, account: account.clone() };
        Ok(self.folder.write(Room::Accounts, &self.account_file(), &json_of(&file))?)
    }

    fn open(&mut self, challenge: &Open) -> Result<(), ClientError> {
        let (file, answer) = match challenge.kind {
            ChallengeKind::TlsAlpn01 => {
                let Identifier { value, .. } = &challenge.identifier;
                (tls_file(&challenge.identifier.server_name()), format!("{value} {}", challenge.digest()))
            }
            ChallengeKind::Http01 => (challenge.token.clone(), challenge.authorization.clone()),
            ChallengeKind::Dns01 => {
                let whose = (self.id, self.order.authority.as_str());
                return self.records.set(self.folder, whose, challenge, self.clock.now());
            }
        };
        // The answer first, then whose it is: the console sends the first line.
        let text = format!("{answer}\n{}\n", self.id);
        self.folder.write(Room::Challenges, &file, text.as_bytes()).map_err(|error| ClientError::Keep(error.into()))
    }

    fn close(&mut self) -> Result<(), KeepError> {
        Ok(close(self.folder, self.id, self.clock.now())?)
    }

    fn wait_until_seen(&mut self) -> Result<(), ClientError> {
        let (folder, id) = (self.folder, self.id);
        self.records.wait(&|| is_cancelled(folder, id))
    }

    fn is_cancelled(&self) -> bool {
        is_cancelled(self.folder, self.id)
    }
}

/// The file of the answer to a check by TLS of this name, which may be longer than a file's. No token has a dot.
pub(in crate::cli) fn tls_file(server_name: &str) -> String {
    let digest = sha256(server_name.as_bytes());
    format!("tls.{}", BASE64_URL_SAFE_NO_PAD.encode(digest))
}

fn is_cancelled(folder: &EnrollFolder, id: &str) -> bool {
    folder.read(Room::Queue, &cancel_mark(id)).is_ok_and(|mark| mark.is_some())
}

/// Takes the answers of an order away.
pub(super) fn close(folder: &EnrollFolder, id: &str, now: Timestamp) -> Result<(), StoreError> {
    for file in folder.names(Room::Challenges)? {
        if let Some((of, answer)) = whose(folder, &file)?
            && of == id
        {
            dns::take_away(folder, &file, (id, &answer), now)?;
        }
    }
    Ok(())
}
