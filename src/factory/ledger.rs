//! What is recorded, and how: one transaction a device, which is found again where its answer was lost.

use crate::enroll::Enrolling;
use crate::error::{Broken, trouble};
use crate::labels::{PublicKey, Sealed};
use crate::messages;
use crate::note::Note;
use crate::session::{Session, Sessions};
use postgres::error::SqlState;
use postgres::types::Type;
use signet_app::Failure;
use signet_app::provision::line::Line;
use signet_app::provision::register::{Recorded, Register, RegisterError, Trouble};
use signet_app::provision::{Outcome, ProvisionError};
use signet_domain::hex;
use signet_domain::unit::folded;
use signet_domain::visible;
use signet_store::{Store, WriteLock};

/// A device with its keys and its sealed code, all or nothing. Keys are an array of digests and one of what they belong to.
const INSERT: &str = "\
WITH new_unit AS (
    INSERT INTO signet.unit (id, serial, attempt, station, mac, line) VALUES ($1::text::uuid, $2, $3, $4, $5, $6)
), new_keys AS (
    INSERT INTO signet.public_key (sha256, unit, what)
    SELECT sha256, $1::text::uuid, what FROM unnest($7::bytea[], $8::text[]) AS given (sha256, what)
)
INSERT INTO signet.setup_code (unit, sealed_to, sealed)
SELECT $1::text::uuid, $9::bytea, $10::bytea WHERE $10::bytea IS NOT NULL";

/// As a time is printed.
pub const TIME: &str = r#"to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#;
/// The same for the newest of several.
pub const NEWEST_TIME: &str = r#"to_char(max(time) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#;

/// The ledger as one station uses it.
#[derive(Debug)]
pub struct Ledger {
    /// Connections.
    pub sessions: Sessions,
    /// The station's name.
    pub station: String,
    /// The key that setup codes are sealed to; none with `--no-codes`.
    pub labels: Option<PublicKey>,
    /// Where certificates for the devices' requests are ordered; none without `--enroll`.
    pub enrolling: Option<Enrolling>,
}

/// What recording found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It is recorded now.
    New,
    /// It was recorded before, under the same id.
    Known,
}

impl Ledger {
    /// Records a device under an id that nobody else has.
    pub fn enter(&self, id: &str, line: &Line) -> Result<Entry, ProvisionError> {
        let public = line.to_public_json();
        let keys: Vec<Vec<u8>> = line.keys().filter_map(|(_, key)| hex::decode(key)).collect();
        let whose: Vec<&str> = line.keys().map(|(whose, _)| whose).collect();
        let sealed = match self.labels.as_ref().filter(|_| !line.setup_code.is_empty()) {
            None => None,
            Some(key) => Some(key.seal(id, line).ok_or(Failure::Randomness)?),
        };
        let sealed = sealed.map_or((None, None), |Sealed { to, bytes }| (Some(to), Some(bytes)));
        let entered = self.sessions.run(|session| {
            let done = insert(session, id, &self.station, line, &public, &keys, &whose, (&sealed.0, &sealed.1));
            match done {
                Err(Broken::Postgres(error)) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                    self.collision(session, id, line)
                }
                Err(error) => Err(error),
                Ok(()) => Ok(Entry::New),
            }
        });
        Ok(entered?)
    }

    /// Something of the device is there already: our own row, whose answer was lost, or another one's.
    fn collision(&self, session: &mut Session, id: &str, line: &Line) -> Result<Entry, Broken> {
        if let Some(recorded) = mine(session, id)? {
            let same = folded(&recorded.0) == folded(&line.serial) && recorded.1 == line.to_public_json();
            return match same {
                true => Ok(Entry::Known),
                false => {
                    let what = messages::other_unit(&visible::line(&line.serial));
                    Err(trouble(Trouble::Damaged, what, messages::SEE_PENDING).into())
                }
            };
        }
        for (whose, key) in line.keys() {
            let key = hex::decode(key).unwrap_or_default();
            let sql = format!("SELECT what, serial, station, {TIME} FROM signet.known_key WHERE sha256 = $1");
            if let Some(row) = session.client.query_opt(&sql, &[&key])? {
                let [what, serial, station, time] = [0, 1, 2, 3].map(|at| visible::line(row.get(at)));
                let what = messages::key_taken(&visible::line(whose), &what, &serial, &station, &time);
                return Err(trouble(Trouble::KeyTaken, what, messages::NEVER_COPY).into());
            }
        }
        match newest(session, &line.serial)? {
            Some(newest) => Err(self.taken(&line.serial, &newest).into()),
            // It went between the refusal and the question, which the next try finds out.
            None => Err(trouble(
                Trouble::Failed,
                messages::failed(self.sessions.target(), "a row came and went"),
                messages::SEE_LOG,
            )
            .into()),
        }
    }

    fn taken(&self, serial: &str, newest: &Newest) -> Box<RegisterError> {
        let kind = if newest.station == self.station { Trouble::Taken } else { Trouble::Elsewhere };
        let (station, time) = (visible::line(&newest.station), visible::line(&newest.time));
        let what = messages::serial_taken(&visible::line(serial), &station, &time, newest.attempt);
        trouble(kind, what, messages::CHECK_SERIAL)
    }
}

/// The newest attempt of a serial.
#[derive(Debug)]
struct Newest {
    attempt: i32,
    station: String,
    time: String,
    key: String,
}

fn newest(session: &mut Session, serial: &str) -> Result<Option<Newest>, Broken> {
    let sql = format!(
        "SELECT attempt, station, {TIME}, coalesce(key, '') FROM signet.made WHERE serial_folded = $1 \
         ORDER BY attempt DESC LIMIT 1"
    );
    let row = session.client.query_typed_opt(&sql, &[(&folded(serial), Type::TEXT)])?;
    Ok(row.map(|row| Newest { attempt: row.get(0), station: row.get(1), time: row.get(2), key: row.get(3) }))
}

/// Serial and line of the row with this id.
fn mine(session: &mut Session, id: &str) -> Result<Option<(String, String)>, Broken> {
    let sql = "SELECT serial, line FROM signet.mine($1::text::uuid)";
    let row = session.client.query_typed_opt(sql, &[(&id, Type::TEXT)])?;
    Ok(row.map(|row| (row.get(0), row.get(1))))
}

#[expect(clippy::too_many_arguments, reason = "the columns of a statement")]
fn insert(
    session: &mut Session,
    id: &str,
    station: &str,
    line: &Line,
    public: &str,
    keys: &[Vec<u8>],
    whose: &[&str],
    sealed: (&Option<Vec<u8>>, &Option<Vec<u8>>),
) -> Result<(), Broken> {
    let attempt = match line.again {
        true => newest(session, &line.serial)?.map_or(1, |newest| newest.attempt.saturating_add(1)),
        false => 1,
    };
    let statement = match session.insert.clone() {
        Some(statement) => statement,
        None => session.insert.insert(session.client.prepare(INSERT)?).clone(),
    };
    let mut work = session.client.transaction()?;
    work.execute(
        &statement,
        &[&id, &line.serial, &attempt, &station, &line.mac, &public, &keys, &whose, sealed.0, sealed.1],
    )?;
    Ok(work.commit()?)
}

impl Register for Ledger {
    fn find(&self, serial: &str) -> Result<Option<Recorded>, ProvisionError> {
        let Some(newest) = self.sessions.run(|session| newest(session, serial))? else { return Ok(None) };
        let taken = self.taken(serial, &newest).into();
        Ok(Some(Recorded { key: newest.key, line: None, taken }))
    }

    fn note(&self, pending: &WriteLock<'_>, line: &Line) -> Result<(), ProvisionError> {
        Note::new(&line.setup_code)?.write(pending)
    }

    fn noted(&self, pending: &Store, _: Option<&Recorded>) -> Result<Option<Line>, ProvisionError> {
        let Some(note) = Note::read(pending)? else { return Ok(None) };
        let Some((_, public)) = self.sessions.run(|session| mine(session, &note.id))? else { return Ok(None) };
        Ok(whole(&public, &note.setup_code))
    }

    fn record(&self, pending: &Store, line: &Line, outcome: Outcome) -> Result<(), ProvisionError> {
        if outcome == Outcome::Resumed {
            return Ok(());
        }
        let note = Note::read(pending)?.ok_or(Failure::NotFound("pending/ledger.json".to_owned()))?;
        self.enter(&note.id, line).map(drop)
    }

    fn complete(&self, pending: &Store) -> Result<(), ProvisionError> {
        self.enrolling.as_ref().map_or(Ok(()), |enrolling| enrolling.enroll(pending))
    }
}

/// A line of the ledger with its code.
pub fn whole(public: &str, setup_code: &str) -> Option<Line> {
    let mut value: serde_json::Value = serde_json::from_str(public).ok()?;
    value.as_object_mut()?.insert("setup_code".to_owned(), setup_code.into());
    serde_json::from_value(value).ok()
}
