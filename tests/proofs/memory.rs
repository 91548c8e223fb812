//! Strangers who want the console's memory: each way alone, then all at once, against a console that may use 64 MiB. It lives,
//! others get the login page meanwhile, the owner makes requests from the first step to Save, and the memory comes back.
//!
//! As root in a memory cgroup, where more kills; else the resident memory is looked at. `SIGNET_BIN` names another program,
//! such as one that ships.

mod attack;
mod network;

use crate::cgroup::Cgroup;
use crate::client::Client;
use crate::unit::{Console, Unit, full, plain, program};
use attack::{Attack, Stuck, Token};
use network::{From, Network, within};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const KIB: usize = 1024;
/// What the console may use, KiB.
const MEMORY: u64 = 64 * 1024;
/// What it holds soon after an attack, KiB.
const AFTERWARDS: u64 = 40 * 1024;
/// How soon.
const SOON: Duration = Duration::from_secs(10);
/// How long an attack lasts.
const ALONE: Duration = Duration::from_secs(5);
const TOGETHER: Duration = Duration::from_secs(30);
/// For 99 of 100 pages from an address that no attacker has, retries included.
const PAGE: Duration = Duration::from_secs(1);
/// For each of them: a machine that does much else beside holds one up now and then.
const LATEST: Duration = Duration::from_secs(3);
/// Between two pages.
const REST: Duration = Duration::from_millis(20);

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
const REQUESTS: Attack = Attack::Requests { count: 100 };

#[test]
fn forms_that_the_login_carries_along() {
    within(|network| {
        attack(&[REPLY], &[From::One], network, ALONE);
        attack(&[SMALLER_REPLY], &[From::Twenty], network, ALONE);
    });
}

#[test]
fn logins_that_carry_quotes() {
    within(|network| {
        attack(&[CARRIED], &[From::Network6], network, ALONE);
        attack(&[SMALLER_CARRIED], &[From::One], network, ALONE);
    });
}

#[test]
fn long_ways_back() {
    within(|network| {
        attack(&[NEXT], &[From::Twenty], network, ALONE);
        attack(&[SMALLER_NEXT], &[From::One], network, ALONE);
    });
}

#[test]
fn client_hellos_that_never_end() {
    within(|network| {
        attack(&[HELLO], &[From::Twenty], network, ALONE);
        attack(&[SMALLER_HELLO], &[From::Network6], network, ALONE);
        attack(&[SMALLER_HELLO], &[From::Loopback], network, ALONE);
    });
}

#[test]
fn heads_and_forms_that_never_end() {
    within(|network| {
        attack(&[HEAD], &[From::One], network, ALONE);
        attack(&[BODY], &[From::Twenty], network, ALONE);
    });
}

#[test]
fn answers_that_nobody_reads() {
    within(|network| {
        attack(&[REQUESTS], &[From::One], network, ALONE);
        attack(&[REQUESTS], &[From::Network6], network, ALONE);
        attack(&[REQUESTS], &[From::Loopback], network, ALONE);
    });
}

#[test]
fn handshakes_that_nobody_wants() {
    within(|network| {
        attack(&[Attack::Handshake], &[From::Twenty], network, ALONE);
        attack(&[Attack::Handshake], &[From::Loopback], network, ALONE);
    });
}

#[test]
fn all_of_them_at_once() {
    let lasts = if full() { 4 * TOGETHER } else { TOGETHER };
    let all = [
        REPLY,
        CARRIED,
        NEXT,
        HELLO,
        SMALLER_REPLY,
        SMALLER_CARRIED,
        SMALLER_NEXT,
        SMALLER_HELLO,
        HEAD,
        BODY,
        REQUESTS,
        Attack::Handshake,
    ];
    let from = [From::One, From::Twenty, From::Network6, From::Loopback];
    within(|network| attack(&all, &from, network, lasts));
}

/// Attacks for a while, each from the next of those places that there are, with the owner at work and others who want the login
/// page.
fn attack(attacks: &[Attack], from: &[From], network: Network, lasts: Duration) {
    let from: Vec<From> = from.iter().copied().filter(|from| network.has(*from)).collect();
    if from.is_empty() {
        return;
    }
    // The console goes first.
    let (cgroup, mut console) = besieged();
    let port = console.address.port();
    let address = SocketAddr::new(network.everybody(), port);
    let mut owner = console.owner_at(address).from(network.owner());
    let token = Token::of(address);
    let (stop, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut saved, mut wizards, mut most) = (0, Vec::new(), 0);
    let pages = std::thread::scope(|scope| {
        let stops = StopOnDrop(&stop);
        for (attack, from) in attacks.iter().zip(from.iter().cycle()) {
            let (token, stop, begun) = (&token, &stop, &begun);
            scope.spawn(move || keep_up(*attack, *from, network, port, token, stop, begun));
        }
        let visitor = scope.spawn(|| login_pages(address, network, &stop));
        let until = Instant::now() + lasts;
        while Instant::now() < until || saved == 0 {
            let began = Instant::now();
            let saves = owner.up_to_save(&format!("made-{saved}")).and_then(|page| owner.save(&page));
            let answer = saves.unwrap_or_else(|error| {
                panic!("the owner's wizard: {error}; the console lives: {}", console.is_alive());
            });
            assert_eq!(answer.status, 303, "{}", answer.text());
            saved += 1;
            wizards.push(began.elapsed());
            assert!(console.is_alive(), "killed: {}", console.log());
            most = most.max(console.resident());
        }
        drop(stops);
        visitor.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    let late = pages.iter().filter(|page| **page >= PAGE).count();
    assert!(late * 100 <= pages.len(), "{late} of {} login pages took {PAGE:?} or longer", pages.len());
    assert!(begun.load(Ordering::Relaxed) > 0, "nobody attacked");
    assert!(console.is_alive(), "killed: {}", console.log());
    let after = Instant::now();
    while console.resident() > AFTERWARDS {
        assert!(after.elapsed() < SOON, "{} KiB resident {SOON:?} after the attack", console.resident());
        std::thread::sleep(Duration::from_millis(100));
    }
    let peak = cgroup.as_ref().and_then(Cgroup::peak);
    println!(
        "{attacks:?} from {from:?}: {} connections begun; login pages: {}; wizards: {}; {most} KiB resident at most, {} KiB in \
         the cgroup, {} KiB {:?} after",
        begun.load(Ordering::Relaxed),
        spread(pages),
        spread(wizards),
        peak.map_or_else(|| "not measured,".to_owned(), |peak| peak.to_string()),
        console.resident(),
        after.elapsed()
    );
    assert_eq!(console.unit.states().len(), saved, "what the owner saved is there");
    assert!(most < MEMORY, "{most} KiB resident");
}

/// A console in a cgroup, where there can be one.
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

/// Keeps the crowd of an attack up until told to stop; counts what was begun.
fn keep_up(
    attack: Attack,
    from: From,
    network: Network,
    port: u16,
    token: &Token,
    stop: &AtomicBool,
    begun: &AtomicUsize,
) {
    const HANDS: usize = 4;
    let console = network.console(from, port);
    // Attackers have processors of their own: here they take what the console, its owner and its visitors leave. It is the
    // calling thread's priority, which those that it starts have, too.
    rustix::process::setpriority_process(None, 10).unwrap();
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
                        *place = attack.begin(network.source(from, number * HANDS + hand), console, token).ok();
                        begun.fetch_add(1, Ordering::Relaxed);
                    }
                    if rested {
                        std::thread::sleep(REST);
                    }
                }
            });
        }
    });
}

/// Login pages from an address that no attacker has, one after the other; how long each took.
fn login_pages(console: SocketAddr, network: Network, stop: &AtomicBool) -> Vec<Duration> {
    let visitor = Client::new(console).from(network.visitor());
    let mut pages = Vec::new();
    while !stop.load(Ordering::Acquire) {
        let began = Instant::now();
        let mut outcome = visitor.clone().try_exchange("GET", "/login", "");
        while !outcome.as_ref().is_ok_and(|page| page.status == 200) {
            let said = outcome.map(|page| page.status);
            assert!(began.elapsed() < LATEST, "no login page in {:?}: {said:?}", began.elapsed());
            outcome = visitor.clone().try_exchange("GET", "/login", "");
        }
        pages.push(began.elapsed());
        assert!(began.elapsed() < LATEST, "a login page took {:?}", began.elapsed());
        std::thread::sleep(REST);
    }
    pages
}

fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    format!("{} of {:.0} ms, 99 % within {:.0} ms, the slowest {:.0} ms", times.len(), at(50), at(99), at(100))
}

/// Ends the attackers also where the test fails.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
