//! The ledger's tables: numbered migrations, each in a file, and which of them a database has.

use crate::error::{Broken, trouble};
use crate::messages;
use crate::target::Target;
use postgres::Client;
use signet_app::provision::register::Trouble;

/// The migrations; their numbers are their places, from 1. One that was released is never changed.
const MIGRATIONS: [(&str, &str); 3] = [
    ("tables", include_str!("migrations/0001_tables.sql")),
    ("guards", include_str!("migrations/0002_guards.sql")),
    ("views", include_str!("migrations/0003_views.sql")),
];
const ROLES: &str = include_str!("migrations/roles.sql");
const GRANTS: &str = include_str!("migrations/grants.sql");

/// Held while a ledger is set up: two at once would make the same tables.
const SETTING_UP: i64 = 0x7369_676e_6574;

/// The version that this program writes and reads.
pub const VERSION: i32 = MIGRATIONS.len() as i32;

/// What setting up did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUp {
    /// The version before; 0 where there was none.
    pub before: i32,
    /// Whether the roles are there now.
    pub roles: bool,
}

/// Refuses a database whose ledger is not of this program's version.
pub fn check(client: &mut Client, target: &Target) -> Result<(), Broken> {
    let version = version(client, target)?;
    match version {
        None => Err(trouble(Trouble::NotSetUp, messages::no_ledger(target), messages::RUN_INIT).into()),
        Some(found) if found > VERSION => {
            Err(trouble(Trouble::Newer, messages::newer(target, found, VERSION), messages::UPDATE).into())
        }
        Some(found) if found < VERSION => {
            Err(trouble(Trouble::NotSetUp, messages::older(target, found, VERSION), messages::RUN_INIT).into())
        }
        Some(_) => Ok(()),
    }
}

/// The version of the ledger; none where the schema `signet` is missing.
fn version(client: &mut Client, target: &Target) -> Result<Option<i32>, Broken> {
    let row = client.query_one(
        "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'signet'), \
         EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
                 WHERE nspname = 'signet' AND relname = 'migration')",
        &[],
    )?;
    match (row.get(0), row.get(1)) {
        (false, _) => return Ok(None),
        (true, false) => {
            return Err(trouble(Trouble::NotSetUp, messages::not_ours(target), messages::OTHER_DATABASE).into());
        }
        (true, true) => {}
    }
    let found = client.query_one("SELECT coalesce(max(number), 0) FROM signet.migration", &[])?;
    Ok(Some(found.get(0)))
}

/// Makes what is missing, in one transaction. With `roles` it also makes the roles of stations and label printers.
pub fn set_up(client: &mut Client, target: &Target, roles: bool) -> Result<SetUp, Broken> {
    let before = version(client, target)?;
    if let Some(found) = before.filter(|found| *found > VERSION) {
        return Err(trouble(Trouble::Newer, messages::newer(target, found, VERSION), messages::UPDATE).into());
    }
    let mut work = client.transaction()?;
    work.execute("SELECT pg_advisory_xact_lock($1)", &[&SETTING_UP])?;
    work.batch_execute(
        "CREATE SCHEMA IF NOT EXISTS signet; \
         CREATE TABLE IF NOT EXISTS signet.migration \
         (number integer PRIMARY KEY, name text NOT NULL, time timestamptz NOT NULL DEFAULT clock_timestamp())",
    )?;
    let done: i32 = work.query_one("SELECT coalesce(max(number), 0) FROM signet.migration", &[])?.get(0);
    for (number, (name, sql)) in (1i32..).zip(MIGRATIONS) {
        if number > done {
            work.batch_execute(sql)?;
            work.execute("INSERT INTO signet.migration (number, name) VALUES ($1, $2)", &[&number, &name])?;
        }
    }
    if roles {
        work.batch_execute(ROLES)?;
    }
    let count = "SELECT count(*) = 2 FROM pg_roles WHERE rolname IN ('signet_station', 'signet_labels')";
    let has_roles: bool = work.query_one(count, &[])?.get(0);
    if has_roles {
        work.batch_execute(GRANTS)?;
    }
    work.commit()?;
    Ok(SetUp { before: done, roles: has_roles })
}
