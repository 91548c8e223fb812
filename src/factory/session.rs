//! Connections to the ledger: as many as threads ask at once, made again where one was lost, and waited for where the server is
//! away.
//!
//! A statement that is given to [`Sessions::run`] may run twice: whoever gives it sees to it that the second time finds what the
//! first one did.

use crate::error::{Broken, is_passing, of_postgres, trouble};
use crate::messages;
use crate::schema;
use crate::target::{Host, Target, Tls as Protection};
use crate::tls::Tls;
use postgres::{Client, Config, NoTls, Statement};
use signet::cli::output::tell;
use signet_app::provision::register::{RegisterError, Trouble};
use signet_domain::secret::Secret;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one connection may take to be made, and how long a lost one is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first pause between two tries; it doubles up to [`LONGEST`].
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// What a command does in the ledger, which decides how a connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Makes devices: with the rights of a station and no others.
    Station,
    /// Reads or imports, with the rights of the login.
    Reader,
    /// Needs no ledger of a known version yet, or may not ask for it.
    Bare,
}

/// One connection with its statement that is used again and again.
pub struct Session {
    /// The connection.
    pub client: Client,
    /// The insertion of a device, once it was prepared.
    pub insert: Option<Statement>,
}

/// All connections of a command. Threads share it.
pub struct Sessions {
    target: Target,
    config: Config,
    tls: Option<Tls>,
    purpose: Use,
    wait: Duration,
    idle: Mutex<Vec<Session>>,
    is_away: AtomicBool,
    has_warned: AtomicBool,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sessions({})", self.target.shown())
    }
}

impl Sessions {
    /// Connects to nothing yet. `wait` is how long a server that is away is waited for.
    pub fn new(
        target: Target,
        password: Option<&Secret>,
        purpose: Use,
        wait: Duration,
    ) -> Result<Self, Box<RegisterError>> {
        let mut config = Config::new();
        match &target.host {
            Host::Tcp(host) => config.host(host),
            Host::Socket(folder) => config.host_path(folder),
        };
        config.port(target.port).dbname(&target.database).user(&target.user).application_name("signet-factory");
        config.connect_timeout(PATIENCE).tcp_user_timeout(PATIENCE).keepalives_idle(PATIENCE);
        if let Some(password) = target.password.as_ref().or(password) {
            config.password(password.expose_secret());
        }
        let tls = match &target.tls {
            Protection::Off => {
                config.ssl_mode(postgres::config::SslMode::Disable);
                None
            }
            Protection::Full { roots, own } => {
                config.ssl_mode(postgres::config::SslMode::Require);
                Some(Tls::new(&target, roots, own.as_ref())?)
            }
        };
        if target.is_readable() {
            tell(messages::not_encrypted(&target));
        }
        let (idle, is_away, has_warned) = (Mutex::new(Vec::new()), AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { target, config, tls, purpose, wait, idle, is_away, has_warned })
    }

    /// Where the ledger is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Does something over a connection, again over a new one where the server is away, until it was waited for long enough.
    pub fn run<T>(&self, mut work: impl FnMut(&mut Session) -> Result<T, Broken>) -> Result<T, Box<RegisterError>> {
        let mut since: Option<Instant> = None;
        let mut pause = PAUSE;
        loop {
            let done = self.session().and_then(|mut session| {
                let done = work(&mut session);
                if !session.client.is_closed() {
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
                }
                done
            });
            let error = match done {
                Ok(value) => {
                    if self.is_away.swap(false, Ordering::Relaxed) {
                        tell(messages::BACK);
                    }
                    return Ok(value);
                }
                Err(Broken::Register(error)) => return Err(error),
                Err(Broken::Postgres(error)) => error,
            };
            let told = of_postgres(&error, &self.target);
            if !is_passing(&error) || self.wait.is_zero() {
                return Err(told);
            }
            let since = *since.get_or_insert_with(Instant::now);
            let left = self.wait.saturating_sub(since.elapsed());
            if left.is_zero() {
                let what = messages::in_vain(&told.what, self.wait.as_secs());
                return Err(trouble(Trouble::InVain, what, told.fix));
            }
            if !self.is_away.swap(true, Ordering::Relaxed) {
                tell(messages::waiting(&told.what, self.wait.as_secs()));
            }
            std::thread::sleep(pause.min(left));
            pause = (pause * 2).min(LONGEST);
        }
    }

    fn session(&self) -> Result<Session, Broken> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(session) = idle.pop() {
            if !session.client.is_closed() {
                return Ok(session);
            }
        }
        drop(idle);
        let client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone())?,
            None => self.config.connect(NoTls)?,
        };
        let mut session = Session { client, insert: None };
        self.begin(&mut session.client)?;
        Ok(session)
    }

    /// What holds for every statement of a connection: names are found in the system's schema alone, a commit is durable, and a
    /// station that is cut off holds no lock for long.
    fn begin(&self, client: &mut Client) -> Result<(), Broken> {
        client.batch_execute(
            "SET search_path = pg_catalog; SET client_min_messages = error; SET standard_conforming_strings = on; \
             SET idle_in_transaction_session_timeout = '60s'; \
             SELECT set_config('synchronous_commit', 'on', false) \
             WHERE current_setting('synchronous_commit') IN ('off', 'local')",
        )?;
        if self.purpose == Use::Bare {
            return Ok(());
        }
        schema::check(client, &self.target)?;
        if self.purpose == Use::Station {
            self.take_the_stations_rights(client)?;
        }
        Ok(())
    }

    /// A login that may do more than a station must is told, and puts the rest aside.
    fn take_the_stations_rights(&self, client: &mut Client) -> Result<(), Broken> {
        let row = client.query_one(
            "SELECT has_table_privilege('signet.unit', 'UPDATE, DELETE, TRUNCATE') \
                 OR has_any_column_privilege('signet.setup_code', 'SELECT') \
                 OR has_column_privilege('signet.unit', 'line', 'SELECT') \
                 OR has_table_privilege('signet.setup_code', 'UPDATE, DELETE, TRUNCATE'), \
             EXISTS (SELECT FROM pg_roles WHERE rolname = 'signet_station' AND pg_has_role(current_user, oid, 'MEMBER')), \
             current_setting('transaction_read_only') = 'on'",
            &[],
        )?;
        if row.get(2) {
            return Err(trouble(Trouble::Full, messages::read_only(&self.target), messages::NAME_PRIMARY).into());
        }
        if !row.get::<_, bool>(0) {
            return Ok(());
        }
        if !row.get::<_, bool>(1) {
            let what = messages::no_station_role(&self.target.user);
            return Err(trouble(Trouble::Rights, what, messages::RUN_INIT_ROLES).into());
        }
        client.batch_execute("SET ROLE signet_station")?;
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            tell(messages::too_many_rights(&self.target.user));
        }
        Ok(())
    }
}
