//! Strangers who want the console's memory: each way alone, then all at once, against a console that may use 64 MiB. It lives,
//! others get the login page meanwhile, the owner makes a request from the first step to Save, and the memory comes back.
//!
//! As root in a memory cgroup, where more kills; else the resident memory is looked at. `SIGNET_BIN` names another program,
//! such as one that ships.

use crate::cgroup::Cgroup;
use crate::client::{Client, Tls, connect, field, tcp_from};
use crate::unit::{Console, Unit, full, plain, program};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What the console may use, KiB.
const MEMORY: u64 = 64 * 1024;
/// What it holds soon after an attack, KiB.
const AFTERWARDS: u64 = 40 * 1024;
/// A program that is built without optimisation is itself so much larger in memory, KiB.
const UNOPTIMISED: u64 = 6 * 1024;
/// How soon.
const SOON: Duration = Duration::from_secs(10);
/// How long an attack lasts.
const ALONE: Duration = Duration::from_secs(5);
const TOGETHER: Duration = Duration::from_secs(30);
/// For a page from another address, retries included. On a machine that nobody shares it is a tenth of a second.
const PAGE: Duration = Duration::from_secs(5);
/// A receive buffer of those who do not read.
const NARROW: usize = 2048;

/// One way to make the console hold memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attack {
    /// A form to a page behind the login, which the login would carry along.
    Reply { bytes: usize },
    /// A login that carries a form of quotes along, which are escaped.
    Carried { bytes: usize },
    /// A path to go on to, of quotes.
    Next { bytes: usize },
    /// A ClientHello that never ends.
    Hello { bytes: usize },
    /// A head that never ends.
    Head { bytes: usize },
    /// A form that never ends.
    Body { bytes: usize },
}

impl Attack {
    /// How many connections do it at the same time.
    fn crowd(self) -> usize {
        match self {
            Self::Hello { .. } => 2_500,
            Self::Head { .. } | Self::Body { .. } => 400,
            _ => 128,
        }
    }

    /// One connection's part. It is not read from, and ends when it is dropped.
    fn begin(self, source: IpAddr, console: SocketAddr, token: &Token) -> std::io::Result<Stuck> {
        let tcp = tcp_from(source, console, Some(NARROW))?;
        tcp.set_write_timeout(Some(Duration::from_secs(2)))?;
        if let Self::Hello { bytes } = self {
            return hello(tcp, bytes);
        }
        let mut tls = connect(tcp)?;
        let head = |method: &str, target: &str, rest: &str| {
            format!("{method} {target} HTTP/1.1\r\nHost: {console}\r\n{rest}\r\n")
        };
        let form = |length: usize, cookie: &str| {
            format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n{cookie}")
        };
        let request = match self {
            Self::Reply { bytes } => {
                let body = format!("certificate={}", "\"".repeat(bytes));
                head("POST", "/reply", &form(body.len(), "")) + &body
            }
            Self::Carried { bytes } => {
                let body = format!(
                    "csrf_token={}&next=&carried_path=/reply&carried_form={}&password=",
                    token.token,
                    "\"".repeat(bytes)
                );
                head("POST", "/login", &form(body.len(), &format!("Cookie: {}\r\n", token.cookie))) + &body
            }
            Self::Next { bytes } => head("GET", &format!("/login?next=/csrs?q={}", "\"".repeat(bytes)), ""),
            Self::Head { bytes } => {
                let whole = head("GET", "/login", &format!("Cookie: a={}\r\n", "a".repeat(bytes)));
                whole.trim_end().to_owned()
            }
            Self::Body { bytes } => {
                head("POST", "/login", &form(bytes + 1000, "")) + "carried_form=" + &"\"".repeat(bytes)
            }
            Self::Hello { .. } => unreachable!("above"),
        };
        // Whoever is cut in between has lost.
        tls.write_all(request.as_bytes())?;
        tls.flush()?;
        Ok(Stuck::new(Line::Tls(Box::new(tls))))
    }
}

/// The first records of a ClientHello that says it has 65,000 bytes.
fn hello(mut tcp: TcpStream, bytes: usize) -> std::io::Result<Stuck> {
    let mut handshake = vec![1, 0, 0xfd, 0xe8, 3, 3];
    handshake.resize(bytes, 0);
    for part in handshake.chunks(16 * 1024) {
        let length = u16::try_from(part.len()).unwrap().to_be_bytes();
        tcp.write_all(&[&[22, 3, 1], &length[..], part].concat())?;
    }
    Ok(Stuck::new(Line::Tcp(tcp)))
}

/// A connection that the attacker holds.
struct Stuck {
    line: Line,
    touched: Instant,
}

enum Line {
    Tls(Box<Tls>),
    Tcp(TcpStream),
}

impl Stuck {
    fn new(line: Line) -> Self {
        Self { line, touched: Instant::now() }
    }

    /// True when the console has closed it. Nothing is read, so that the window stays shut; an end behind an unread answer is
    /// seen by the error of a second write.
    fn is_over(&mut self) -> bool {
        let tcp = match &mut self.line {
            Line::Tls(tls) => &mut tls.sock,
            Line::Tcp(tcp) => tcp,
        };
        if tcp.take_error().ok().flatten().is_some() {
            return true;
        }
        tcp.set_nonblocking(true).unwrap();
        let mut over = match tcp.peek(&mut [0]) {
            Ok(0) => true,
            Ok(_) => false,
            Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
        };
        if self.touched.elapsed() > Duration::from_secs(1) {
            self.touched = Instant::now();
            // The first byte of a record.
            over |= tcp.write(&[23]).is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock);
        }
        tcp.set_nonblocking(false).unwrap();
        over
    }
}

/// What a login page gave a stranger.
struct Token {
    token: String,
    cookie: String,
}

impl Token {
    fn of(console: SocketAddr) -> Self {
        let mut client = Client::new(console);
        let page = client.get("/login");
        let set = page.head.lines().find_map(|line| line.split_once("__Host-session=")).unwrap().1;
        let value = set.split(';').next().unwrap();
        Self { token: field(&page, "/login", "csrf_token"), cookie: format!("__Host-session={value}") }
    }
}

/// Where attackers come from.
#[derive(Debug, Clone, Copy)]
enum From {
    One,
    Twenty,
    Network6,
}

impl From {
    fn source(self, number: usize) -> IpAddr {
        match self {
            Self::One => Ipv4Addr::new(127, 0, 0, 2).into(),
            Self::Twenty => Ipv4Addr::new(127, 0, 1, u8::try_from(number % 20).unwrap() + 1).into(),
            Self::Network6 => Ipv6Addr::LOCALHOST.into(),
        }
    }

    fn console(self, console: SocketAddr) -> SocketAddr {
        match self {
            Self::Network6 => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), console.port()),
            _ => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), console.port()),
        }
    }
}

/// Keeps the crowd of an attack up until told to stop; counts what was begun.
fn keep_up(attack: Attack, from: From, console: SocketAddr, token: &Token, stop: &AtomicBool, begun: &AtomicUsize) {
    const HANDS: usize = 4;
    let console = from.console(console);
    std::thread::scope(|scope| {
        for hand in 0..HANDS {
            scope.spawn(move || {
                let mut crowd: Vec<Option<Stuck>> = Vec::new();
                crowd.resize_with(attack.crowd() / HANDS, || None);
                while !stop.load(Ordering::Acquire) {
                    let mut rested = true;
                    for (number, place) in crowd.iter_mut().enumerate() {
                        if stop.load(Ordering::Acquire) {
                            return;
                        }
                        if place.as_mut().is_some_and(|stuck| !stuck.is_over()) {
                            continue;
                        }
                        rested = false;
                        *place = attack.begin(from.source(number * HANDS + hand), console, token).ok();
                        begun.fetch_add(1, Ordering::Relaxed);
                    }
                    if rested {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                }
            });
        }
    });
}

/// A console with an owner, in a cgroup where there can be one.
fn besieged() -> (Option<Cgroup>, Console) {
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = 8_192;
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        setrlimit(Resource::Nofile, Rlimit { ..limit }).unwrap();
    }
    let unit = Unit::new();
    let cgroup = Cgroup::with_memory(MEMORY * 1024);
    let mut command = match &cgroup {
        None => {
            println!("no memory cgroup here: the resident memory is looked at instead");
            Command::new(program())
        }
        Some(cgroup) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", "echo $$ >\"$0\" && exec \"$@\""]).arg(cgroup.entrance()).arg(program());
            shell
        }
    };
    command = plain(command, unit.data());
    // As the shipped unit sets them.
    let service = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/signet.service")).unwrap();
    let settings = service.lines().filter_map(|line| line.strip_prefix("Environment="));
    command.envs(settings.flat_map(str::split_whitespace).filter_map(|setting| setting.split_once('=')));
    let console = Console::start_at(unit, &mut command, "[::]:0");
    (cgroup, console)
}

/// A login page from an address that no attacker has; how long it took.
fn login_page(console: SocketAddr) -> Duration {
    let began = Instant::now();
    let visitor = Client::new(console).from(Ipv4Addr::new(127, 9, 9, 9).into());
    loop {
        let outcome = visitor.clone().try_exchange("GET", "/login", "");
        let took = began.elapsed();
        match outcome {
            Ok(page) if page.status == 200 => return took,
            outcome => {
                let outcome = outcome.map(|page| page.status);
                assert!(took < PAGE, "no login page in {took:?}: {outcome:?}");
            }
        }
    }
}

/// Attacks for a while, with the owner at work and others who want the login page.
fn attack(attacks: &[Attack], from: &[From], lasts: Duration) {
    // The console goes first.
    let (cgroup, mut console) = besieged();
    let address = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), console.address.port());
    let mut owner = console.owner_at(address);
    let token = Token::of(address);
    let (stop, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut pages, mut saved, mut slowest, mut most) = (0, 0, Duration::ZERO, 0);
    std::thread::scope(|scope| {
        let stops = StopOnDrop(&stop);
        for (number, attack) in attacks.iter().enumerate() {
            let (token, stop, begun, from) = (&token, &stop, &begun, from[number % from.len()]);
            scope.spawn(move || keep_up(*attack, from, address, token, stop, begun));
        }
        let until = Instant::now() + lasts;
        while Instant::now() < until || saved == 0 {
            slowest = slowest.max(login_page(address));
            pages += 1;
            let name = format!("made-{saved}");
            let saves = owner.up_to_save(&name).and_then(|page| owner.save(&page));
            let answer = saves.unwrap_or_else(|error| {
                panic!("the owner's wizard: {error}; the console lives: {}", console.is_alive());
            });
            assert_eq!(answer.status, 303, "{}", answer.text());
            saved += 1;
            assert!(console.is_alive(), "killed: {}", console.log());
            most = most.max(console.resident());
        }
        drop(stops);
    });
    assert!(begun.load(Ordering::Relaxed) > 0, "nobody attacked");
    assert!(console.is_alive(), "killed: {}", console.log());
    let peak = cgroup.as_ref().and_then(Cgroup::peak);
    let shipped = std::env::var_os("SIGNET_BIN").is_some() || !cfg!(debug_assertions);
    let afterwards = if shipped { AFTERWARDS } else { AFTERWARDS + UNOPTIMISED };
    let after = Instant::now();
    while console.resident() > afterwards {
        assert!(after.elapsed() < SOON, "{} KiB resident {SOON:?} after the attack", console.resident());
        std::thread::sleep(Duration::from_millis(100));
    }
    let listed = console.unit.states().len();
    println!(
        "{attacks:?} from {from:?}: {} connections begun, {pages} login pages, the slowest in {slowest:?}, {saved} saved; \
         {most} KiB resident at most, {} KiB in the cgroup, {} KiB {:?} after",
        begun.load(Ordering::Relaxed),
        peak.map_or_else(|| "not measured,".to_owned(), |peak| peak.to_string()),
        console.resident(),
        after.elapsed()
    );
    assert_eq!(listed, saved, "what the owner saved is there");
    assert!(most < MEMORY, "{most} KiB resident");
}

/// Ends the attackers also where the test fails.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

const KIB: usize = 1024;
/// What once killed a console.
const REPLY: Attack = Attack::Reply { bytes: 319 * KIB };
const CARRIED: Attack = Attack::Carried { bytes: 319 * KIB };
const NEXT: Attack = Attack::Next { bytes: 60_000 };
const HELLO: Attack = Attack::Hello { bytes: 65_000 };
/// As much as is let in.
const SMALLER_REPLY: Attack = Attack::Reply { bytes: 10 * KIB };
const SMALLER_CARRIED: Attack = Attack::Carried { bytes: 32 * KIB };
const SMALLER_NEXT: Attack = Attack::Next { bytes: 500 };
const SMALLER_HELLO: Attack = Attack::Hello { bytes: 16 * KIB - 16 };
const HEAD: Attack = Attack::Head { bytes: 23 * KIB };
const BODY: Attack = Attack::Body { bytes: 120 * KIB };

#[test]
fn forms_that_the_login_carries_along() {
    attack(&[REPLY], &[From::One], ALONE);
    attack(&[SMALLER_REPLY], &[From::Twenty], ALONE);
}

#[test]
fn logins_that_carry_quotes() {
    attack(&[CARRIED], &[From::Network6], ALONE);
    attack(&[SMALLER_CARRIED], &[From::One], ALONE);
}

#[test]
fn long_ways_back() {
    attack(&[NEXT], &[From::Twenty], ALONE);
    attack(&[SMALLER_NEXT], &[From::One], ALONE);
}

#[test]
fn client_hellos_that_never_end() {
    attack(&[HELLO], &[From::Twenty], ALONE);
    attack(&[SMALLER_HELLO], &[From::Network6], ALONE);
}

#[test]
fn heads_and_forms_that_never_end() {
    attack(&[HEAD], &[From::One], ALONE);
    attack(&[BODY], &[From::Twenty], ALONE);
}

#[test]
fn all_of_them_at_once() {
    let lasts = if full() { 4 * TOGETHER } else { TOGETHER };
    let all = [REPLY, CARRIED, NEXT, HELLO, SMALLER_REPLY, SMALLER_CARRIED, SMALLER_HELLO, HEAD, BODY];
    attack(&all, &[From::One, From::Twenty, From::Network6], lasts);
}
