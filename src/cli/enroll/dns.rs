//! The records of dns-01. Each is noted before it is set, so that it is removed after a crash, too.

use super::super::messages::enrollment as say;
use super::answers::whose;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use signet_app::enroll::programs_file;
use signet_app::enroll::read_order;
use signet_app::hooks::{Hook, Task};
use signet_client::ClientError;
use signet_client::Step;
use signet_client::dns::{DnsError, Place, Placed, Updater};
use signet_client::enrollment::Open;
use signet_domain::authority::{AuthorityName, DnsServer, DnsWay};
use signet_domain::enrollment::Failure;
use signet_domain::secret::Secret;
use signet_pki::digest::sha256;
use signet_store::{EnrollFolder, Room, StoreError};
use std::time::Duration;

/// What the files of notes begin with. No token has a dot.
const PREFIX: &str = "dns.";
/// How long all servers of a zone are waited for.
const PATIENCE: Duration = Duration::from_secs(120);
/// A record that could not be removed is tried again after so many seconds, and given up after so many.
const AGAIN: i64 = 15 * 60;
const GIVEN_UP: i64 = 7 * 24 * 3600;

/// A record that is set, or is about to be.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// Whose settings have the key.
    authority: String,
    /// The record's name.
    name: String,
    /// Its value.
    value: String,
    /// When it was noted.
    since: Timestamp,
    /// Where it could not be removed: when that is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    again: Option<Timestamp>,
    /// How it was set; with a server, the zone that the record is in.
    way: DnsWay,
}

/// How this authority's records are set, and the secret of its TSIG key.
#[derive(Default)]
pub(super) struct Records {
    pub(super) way: Option<DnsWay>,
    pub(super) secret: Option<Secret>,
    /// Those that were added, and have to be seen.
    pub(super) placed: Vec<Placed>,
}

impl Records {
    fn updater(&self, server: &DnsServer) -> Result<Updater, DnsError> {
        let secret = self.secret.as_ref().ok_or(DnsError::Settings)?;
        Updater::new(server, secret.expose_secret())
    }

    /// Sets the record for a challenge of the order `id`.
    pub(super) fn set(
        &mut self,
        folder: &EnrollFolder,
        (id, authority): (&str, &str),
        challenge: &Open,
        now: Timestamp,
    ) -> Result<(), ClientError> {
        let (host, value) = (&challenge.identifier.value, challenge.digest());
        let noted = |name: String, way: DnsWay| -> Result<Note, ClientError> {
            let note =
                Note { authority: authority.to_owned(), name, value: value.clone(), since: now, again: None, way };
            write(folder, id, &note).map_err(|error| ClientError::Keep(error.into()))?;
            Ok(note)
        };
        match &self.way {
            None => Err(DnsError::Settings.into()),
            Some(DnsWay::Hook(hook)) => {
                let name = format!("_acme-challenge.{}", host.trim_start_matches("*."));
                // What cannot be run now is not noted.
                let program = Hook::find(&programs_file(), hook).map_err(told)?;
                let note = noted(name, DnsWay::Hook(hook.clone()))?;
                program.run(Task::Present, &note.name, &note.value).map_err(told)
            }
            Some(DnsWay::Update(server)) => {
                let updater = self.updater(server)?;
                let place = updater.place(host)?;
                let there = DnsServer { zone: Some(place.zone.clone()), ..server.clone() };
                let is_known =
                    folder.names(Room::Challenges).is_ok_and(|names| names.contains(&file_of(&place.owner, &value)));
                noted(place.owner.clone(), DnsWay::Update(there))?;
                if let Err(error) = updater.add(&place, &value, now.as_second()) {
                    // What was refused is not there, unless an earlier try has set it.
                    if error.is_refusal() && !is_known {
                        let _ = folder.remove(Room::Challenges, &file_of(&place.owner, &value));
                    }
                    return Err(error.into());
                }
                self.placed.push((place, value));
                Ok(())
            }
        }
    }

    /// Waits until the records that were added are seen.
    pub(super) fn wait(&mut self, is_cancelled: &dyn Fn() -> bool) -> Result<(), ClientError> {
        let placed = std::mem::take(&mut self.placed);
        match &self.way {
            Some(DnsWay::Update(server)) if !placed.is_empty() => {
                self.updater(server)?.wait(&placed, PATIENCE, is_cancelled)
            }
            _ => Ok(()),
        }
    }
}

fn told(failure: Failure) -> ClientError {
    ClientError::Told(Box::new(failure))
}

/// The file of a record's note.
fn file_of(name: &str, value: &str) -> String {
    format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(sha256(format!("{name} {value}").as_bytes())))
}

fn write(folder: &EnrollFolder, id: &str, note: &Note) -> Result<(), StoreError> {
    let file = file_of(&note.name, &note.value);
    // A struct of strings and numbers: serialisation has nothing to fail at.
    let note = serde_json::to_string(note).unwrap_or_default();
    folder.write(Room::Challenges, &file, format!("{note}\n{id}\n").as_bytes())
}

/// Takes an answer away whose file has this text; the record of a note first. Where that cannot be removed, both stay.
pub(super) fn take_away(
    folder: &EnrollFolder,
    file: &str,
    (id, text): (&str, &[u8]),
    now: Timestamp,
) -> Result<(), StoreError> {
    let note =
        Some(text).filter(|_| file.starts_with(PREFIX)).and_then(|text| serde_json::from_slice::<Note>(text).ok());
    if let Some(mut note) = note
        && let Err(failure) = removed(folder, &note, now)
    {
        let record = signet_domain::visible::line(&note.name);
        // Its authority is deleted, and the key with it.
        let is_possible = failure.code != "no_authority" && now.as_second() - note.since.as_second() < GIVEN_UP;
        if is_possible {
            tracing::warn!(
                record,
                why = failure.what,
                "the DNS record of a CA's check could not be removed and is tried again"
            );
            note.again = now.checked_add(SignedDuration::from_secs(AGAIN)).ok();
            write(folder, id, &note)?;
            return Ok(());
        }
        tracing::warn!(
            record,
            why = failure.what,
            "the DNS record of a CA's check could not be removed: remove it by hand"
        );
    }
    folder.remove(Room::Challenges, file).map(drop)
}

fn removed(folder: &EnrollFolder, note: &Note, now: Timestamp) -> Result<(), Failure> {
    let noted = match &note.way {
        DnsWay::Hook(hook) => return Hook::find(&programs_file(), hook)?.run(Task::Cleanup, &note.name, &note.value),
        DnsWay::Update(server) => server,
    };
    let gone = || say::no_authority(&note.authority);
    let authority = AuthorityName::parse(&note.authority).ok().and_then(|name| folder.authority(&name).ok().flatten());
    let authority = authority.ok_or_else(gone)?;
    let Some(DnsWay::Update(settings)) = authority.settings.dns else { return Err(gone()) };
    let records = Records { way: None, secret: authority.tsig_secret, placed: Vec::new() };
    // Where it was added, whatever the settings say by now.
    let updater = records.updater(&DnsServer { address: noted.address, zone: None, ..settings });
    let place = Place { owner: note.name.clone(), zone: noted.zone.clone().unwrap_or_default() };
    updater.and_then(|updater| updater.remove(&place, &note.value, now.as_second())).map_err(|error| error.failure())
}

/// The files of answers that no order under way needs, and that are to be taken away now: a kill, a cancelled order or a server
/// that was down left them.
fn left_over(folder: &EnrollFolder, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let mut all = Vec::new();
    for file in folder.names(Room::Challenges)? {
        let Some((id, text)) = whose(folder, &file)? else { continue };
        let order = read_order(folder, Room::Orders, &id)?;
        let is_needed = order.is_some_and(|order| {
            matches!(order.progress.step, Step::Ordering | Step::ChallengeReady | Step::Validating)
        });
        let again = serde_json::from_slice::<Note>(&text).ok().and_then(|note| note.again);
        if !is_needed && again.is_none_or(|again| again <= now) {
            all.push(file);
        }
    }
    Ok(all)
}

/// True where a record is to be removed now.
pub(super) fn has_left_over(folder: &EnrollFolder, now: Timestamp) -> Result<bool, StoreError> {
    Ok(left_over(folder, now)?.iter().any(|file| file.starts_with(PREFIX)))
}

/// Takes them away.
pub(super) fn sweep(folder: &EnrollFolder, now: Timestamp) -> Result<(), StoreError> {
    for file in left_over(folder, now)? {
        if let Some((id, text)) = whose(folder, &file)? {
            take_away(folder, &file, (&id, &text), now)?;
        }
    }
    Ok(())
}
