//! `signet serve`: makes what is missing, prints where the console is, and serves until it is stopped.

mod enrollment;
mod listen;
mod user;

use super::as_owner::Files;
use super::code::Outlet;
use super::error::CliError;
use super::output::{self, Text};
use super::place::{Directory, Place, SERVE};
use super::{code, journal, reload};
use crate::cli::messages::user as say;
use crate::web::health::Health;
use crate::web::in_use::{InUse, Listener};
use crate::web::look::Look;
use crate::web::ordered::Ordered;
use crate::web::service::Console;
use crate::web::session::Sessions;
use crate::web::site::Sites;
use crate::web::turns::Turns;
use crate::web::{Web, headers};
use listen::{Addresses, are_trusted, trusted};
use signet_app::brand::Brand;
use signet_app::check::risks;
use signet_app::clock::Clock;
use signet_app::config::ListenAddress;
use signet_app::console::Fingerprints;
use signet_app::console::served::{Myself, Served};
use signet_app::requests::derivations::APART;
use signet_app::seal::{Seal, ensure_key};
use signet_app::{Failure, Services, machine};
use signet_domain::visible;
use signet_net::{IdentityHandle, Listeners, Memory, Settings, serve};
use signet_store::{ServeLock, StoreError, StoredIdentity};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use user::User;

/// Options of `serve`.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Address to listen on: ADDR:PORT for HTTPS, unix:PATH or http://127.0.0.1:PORT for a trusted proxy. Repeatable. Port 0 takes
    /// a free one [default: the configuration's, else 127.0.0.1:8443].
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Vec<ListenAddress>,
    /// Address where plain HTTP is redirected to HTTPS. Repeatable [default: the configuration's, else none].
    #[arg(long, value_name = "ADDR:PORT")]
    redirect: Vec<SocketAddr>,
    /// Write the setup code of a first start to this new file (mode 0600) or device, such as /dev/ttyS0. - is standard output,
    /// whatever it is [default: the terminal, else /dev/console].
    #[arg(long, value_name = "FILE")]
    setup_code_file: Option<PathBuf>,
    /// As root: go on as this user once the sockets are open, without any of root's rights. The data directory must belong to
    /// that user.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Begin each line on standard error with its priority, <3> to <7>, for loggers that read it as sd-daemon(3) has it [default:
    /// only where standard error is systemd's journal].
    #[arg(long)]
    log_priority: bool,
}

const EXAMPLES: &str = "\
Example:
  signet serve --listen 0.0.0.0:8443 --listen '[::]:8443'
  signet serve --listen unix:/run/signet/signet.sock
  signet serve --user signet --listen '[::]:443'";

impl Args {
    /// True where it changes its user itself.
    pub fn becomes_user(&self) -> bool {
        self.user.is_some()
    }

    /// The files that it names, and does not open as root itself.
    pub fn files(&self) -> Files {
        match self.becomes_user() {
            true => Files::default(),
            false => Files::default().output(&self.setup_code_file),
        }
    }
}

/// How many tasks a worker goes on with before it looks at the sockets, and for connections that were just accepted. A crowd always
/// has tasks that are ready, and a newcomer waits that long several times in a handshake; tokio's own are 61.
const TASKS_BETWEEN_EVENTS: u32 = 7;
const TASKS_BETWEEN_NEWCOMERS: u32 = 2;

/// After a start the first visitors, who waited for it, go first.
const SETTLED: Duration = Duration::from_secs(1);
/// How often what waits in memory is looked at.
const KEEP_UP: Duration = Duration::from_secs(15);

/// Serves.
pub fn run(place: &Place, args: Args) -> Result<ExitCode, CliError> {
    // First of all, while the process has one thread: it takes variables out of the environment.
    let handed_over = Listeners::handed_over()?;
    if args.log_priority {
        journal::always();
    }
    log_to_stderr();
    let user = args.user.as_deref().map(User::named).transpose()?;
    let early = match &user {
        Some(_) => Some(place.config_for_root()?),
        None => place.load_config().ok(),
    };
    let early = early.map(|config| Addresses::of(&args.listen, &args.redirect, &config));
    // Bound before anything is made: a start that fails because the port is taken leaves nothing behind.
    let bound = match (handed_over, early) {
        (Some(listeners), _) => Some((listeners, None)),
        (None, Some(addresses)) => Some((addresses.bind()?, Some(addresses))),
        // A config that is wrong ends the start below, unless a reset that was begun takes it away.
        (None, None) => None,
    };
    let mut code_outlet = None;
    if let Some(user) = &user {
        code_outlet = code::opened_early(place.data(), args.setup_code_file.as_deref())?;
        user.become_it()?;
    }
    let services = place.services(SERVE, Directory::New)?;
    let wanted = Addresses::of(&args.listen, &args.redirect, &services.config);
    let listeners = match bound {
        Some((listeners, Some(addresses))) if user.is_some() => {
            if let Some(source) = services.config.source.as_ref().filter(|_| addresses != wanted) {
                output::tell(say::listens_as_root_says(source));
            }
            Some(listeners)
        }
        // A reset that was finished just now took a config away that named others.
        Some((listeners, Some(addresses))) if addresses != wanted => {
            drop(listeners);
            None
        }
        bound => bound.map(|(listeners, _)| listeners),
    };
    let listeners = listeners.map_or_else(|| wanted.bind(), Ok)?;
    let proxy = services.config.proxy.clone();
    are_trusted(&listeners, proxy.as_ref())?;
    Look::new(Brand::load(&services.config)?).choose();
    let lock = Arc::new(services.store.serve_lock()?);
    for risk in risks::of(&services.store) {
        output::tell(format_args!("warning: {} {}", risk.what, output::hint(risk.fix)));
    }
    // One that cannot be noted now is noted at a later start.
    if let Err(error) = machine::note(&services.store) {
        tracing::debug!(%error, "the machine is not noted");
    }
    // An owner's file of a newer version ends the start before anything is made or printed.
    services.store.owner()?;
    let seal = Seal::new(&ensure_key(&services.store)?)?;
    let (handle, certificate) = identity(&services)?;
    let in_use = InUse::new(handle.clone(), certificate, Duration::from_secs(services.config.trial_seconds.into()))?;
    let myself = Myself { instance: services.tickets.instance()?.to_owned(), listen: listeners.addresses() };
    in_use.heard_by(tells(Arc::clone(&lock), services.clock, myself));
    announce(&services, &listeners, &in_use.fingerprints(), code_outlet, args.setup_code_file.as_deref())?;
    let idle = Duration::from_secs(u64::from(services.config.idle_minutes) * 60);
    let total = Duration::from_secs(u64::from(services.config.total_hours) * 3600);
    let sessions = Sessions::new(idle, total);
    services.attempts.restore(Instant::now());
    let memory = Memory::new(services.config.memory_mib as usize * 1024 * 1024, APART);
    let aside = memory.clone();
    services.derivations.make_room_by(Arc::new(move |bytes| Box::new(aside.set_aside(bytes))));
    let listening = enrollment::listening(&listeners);
    let services = Arc::new(services);
    let sites = Sites::new(&seal, proxy.as_ref());
    let web = Arc::new(Web {
        services: Arc::clone(&services),
        seal,
        sessions,
        in_use,
        sites,
        health: Health::default(),
        ordered: Ordered::default(),
        turns: Turns::default(),
    });
    // Two cores, or the one that there is; pages that wait for the disk or for a key have threads of their own, as many as
    // may wait at once.
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(2))
        .event_interval(TASKS_BETWEEN_EVENTS)
        .global_queue_interval(TASKS_BETWEEN_NEWCOMERS)
        .max_blocking_threads(16)
        .enable_io()
        .enable_time()
        .build()
        .map_err(CliError::Os)?;
    let console = Arc::new(Console(Arc::clone(&web)));
    let proxies = proxy.map(trusted);
    let challenges = Some(enrollment::challenges(&services.store));
    let settings = Settings { headers: headers::common().clone(), memory, proxies, challenges, ..Settings::default() };
    runtime.block_on(async {
        let (mut term, mut int) = (
            signal(SignalKind::terminate()).map_err(CliError::Os)?,
            signal(SignalKind::interrupt()).map_err(CliError::Os)?,
        );
        let told_to_stop = async move {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        };
        tokio::spawn(keep_up(Arc::clone(&services)));
        tokio::spawn(enrollment::keep_what_comes(Arc::clone(&web), listening));
        tokio::spawn(enrollment::renew_what_is_due(Arc::clone(&services)));
        tokio::spawn(enrollment::start_enrolling(Arc::clone(&web), place.data().to_path_buf()));
        tokio::spawn(reload::keep_identity(Arc::clone(&web))?);
        tokio::spawn(InUse::keep_time(Arc::clone(&web)));
        serve(listeners, handle, console, settings, told_to_stop).await.map_err(CliError::from)
    })?;
    services.flush.all();
    drop(lock);
    Ok(ExitCode::SUCCESS)
}

/// Keeps beside the lock what is shown, for `signet console show` and its like.
fn tells(lock: Arc<ServeLock>, clock: Clock, myself: Myself) -> Listener {
    Box::new(move |certificate, trial| match Served::by_this_process(certificate, trial, clock.now(), &myself) {
        Ok(served) => served.tell(&lock),
        Err(error) => tracing::debug!(%error, "what the console shows is not written down"),
    })
}

/// What handshakes show, and its certificate. An identity on disk that cannot be used keeps no console from answering: the
/// best of the others is shown until it is corrected.
fn identity(services: &Services) -> Result<(IdentityHandle, Vec<u8>), CliError> {
    let usable = |identity: &StoredIdentity| {
        let certificate = identity.chain.first().cloned().unwrap_or_default();
        // It must also read as a certificate: pages and renewals look into it.
        Fingerprints::of(&certificate)?;
        Ok::<_, CliError>((IdentityHandle::new(identity.chain.clone(), identity.key.expose_secret())?, certificate))
    };
    let error = match services.identity.ensure().map_err(CliError::from).and_then(|identity| usable(&identity)) {
        Ok(usable) => return Ok(usable),
        Err(
            error @ (CliError::Identity(_)
            | CliError::Failed(Failure::Certificate(_) | Failure::Store(StoreError::Damaged { .. }))),
        ) => error,
        Err(other) => return Err(other),
    };
    tracing::error!(%error, "the console's certificate cannot be used and another one is shown instead; see `signet check`");
    let stand_in = services.identity.stand_ins().iter().find_map(|identity| usable(identity).ok()).ok_or(error)?;
    services.identity.log_shut_out(&stand_in.1);
    Ok(stand_in)
}

/// Sweeps once; then writes what waits for the audit log, such as failures that are written once a minute, and drops what
/// waited for Save for too long or was an earlier owner's.
async fn keep_up(services: Arc<Services>) {
    tokio::time::sleep(SETTLED).await;
    let swept = Arc::clone(&services);
    let sweep = move || {
        if let Err(error) = swept.store.sweep_csrs() {
            tracing::debug!(%error, "what a power cut may have left is removed at the next start");
        }
    };
    drop(tokio::task::spawn_blocking(sweep));
    let mut every = tokio::time::interval(KEEP_UP);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let services = Arc::clone(&services);
        let due = move || {
            let now = Instant::now();
            services.flush.due(now);
            services.waiting_imports.expire(now);
            if let Ok(owner) = services.access.owner_generation() {
                services.waiting_imports.owner_is(owner);
            }
        };
        if let Err(error) = tokio::task::spawn_blocking(due).await {
            tracing::error!(%error, "what is done every few seconds failed");
        }
    }
}

/// Standard error is for what an operator can act on; `SIGNET_LOG=debug` shows what visitors bring about.
fn log_to_stderr() {
    let asked = std::env::var("SIGNET_LOG").ok().and_then(|text| text.parse::<Targets>().ok());
    let filter = asked.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer().with_writer(output::Logs).with_ansi(false).with_filter(filter);
    // Fails only where a test has set another one.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

fn announce(
    services: &Services,
    listeners: &Listeners,
    fingerprints: &Fingerprints,
    code_outlet: Option<Outlet>,
    code_file: Option<&Path>,
) -> Result<(), CliError> {
    let mut text = Text::new();
    text.line(concat!("Signet ", env!("CARGO_PKG_VERSION")));
    for address in listeners.addresses() {
        text.line(format_args!("URL:          https://{}/", visitors_address(address)));
    }
    let proxy = services.config.proxy.as_ref();
    if let Some(public) = proxy.and_then(|proxy| Some(format!("{}{}/", proxy.public.as_ref()?.origin, proxy.base_path)))
    {
        text.line(format_args!("Public URL:   {public}"));
    }
    for endpoint in listeners.for_proxies() {
        text.line(format_args!("For proxies:  {}", visible::line(&endpoint.to_string())));
    }
    for address in listeners.redirect_addresses() {
        text.line(format_args!("Redirect:     http://{}/", visitors_address(address)));
    }
    text.line(format_args!("Fingerprint:  {} (certificate, SHA-256)", fingerprints.certificate));
    text.line(format_args!("Key:          {} (public key, SHA-256)", fingerprints.key));
    text.print()?;
    let mut end = Text::new();
    if let Some(code) = code::at_start(services, code_outlet, code_file)? {
        end.line(format_args!("Setup code:   {}", output::hint(code)));
    }
    // The last line, which says that all of them have been printed.
    end.line(format_args!("Data:         {}", visible::path(services.store.path())));
    end.print()
}

/// An address that can be typed into a browser: the unspecified one is the device itself.
fn visitors_address(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
