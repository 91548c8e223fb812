//! How long a guesser waits: growing delays for each source and a shared one for all, never a permanent lock.
//!
//! Two wrong guesses are free; then a source waits 1, 2, 4 … up to 300 seconds. The delay that all sources share grows
//! with the failures of all together, is capped at [`SHARED_MAX`] and goes in turns by source: each waits after its own
//! guess, and none for another's, so that a stranger's guesses never keep the owner out.
//!
//! A source is one address. An IPv6 /64 is a whole LAN, where the owner is beside a guesser, and as many addresses as one
//! guesser likes. So it has a wait of its own only once more than [`SHARED_FREE`] of its addresses have guessed wrong, and
//! only the short one. Who has logged in from an address is not part of such a crowd there.
//!
//! Time is a parameter and monotonic: a set-back clock neither frees nor locks anybody. What is kept over restarts are counts,
//! not times: after a start every wait begins again.

use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Wrong guesses of one source that cost nothing.
const FREE: u32 = 2;
/// The longest wait of one source.
const SOURCE_MAX: Duration = Duration::from_secs(300);
/// Wrong guesses of all sources together, and addresses of one /64 that guessed wrong, before the shared wait begins.
const SHARED_FREE: u32 = 20;
/// The longest wait that sources share.
const SHARED_MAX: Duration = Duration::from_secs(4);
/// Sources remembered; over it, the one that failed longest ago is forgotten.
const SOURCES: usize = 512;
/// Addresses remembered that somebody logged in from; over it, the first one is forgotten.
const KNOWN: usize = 16;

/// The address that a guess comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }
}

impl Source {
    /// True for an address of the same IPv6 /64 (RFC 6177: a site has at least that). IPv4 addresses have no neighbours: nobody
    /// has as many of them as they like.
    pub(super) fn is_neighbour(self, other: Self) -> bool {
        match (self.0, other.0) {
            (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() >> 64 == other.to_bits() >> 64,
            _ => self == other,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

/// The counts that survive a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Wrong guesses of all sources together since the last right one.
    pub(super) shared: u32,
    /// Wrong guesses by source.
    pub(super) sources: Vec<(Source, u32)>,
}

/// Who must wait, and until when.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    sources: HashMap<Source, Failures>,
    shared: u32,
    /// Who logged in, the latest last. Only in memory: no file needs to say where the owner was.
    known: VecDeque<Source>,
}

impl Throttle {
    /// The state after a start: each source with failures waits from `now` on.
    pub(super) fn from_counts(counts: &Counts, now: Instant) -> Self {
        let sources = counts.sources.iter().take(SOURCES);
        Self {
            sources: sources.map(|(source, count)| (*source, Failures { count: *count, last: now })).collect(),
            shared: counts.shared,
            known: VecDeque::new(),
        }
    }

    /// What to keep over a restart.
    pub(super) fn counts(&self) -> Counts {
        let mut sources: Vec<_> = self.sources.iter().map(|(source, failures)| (*source, failures.count)).collect();
        sources.sort_by_key(|(source, _)| source.0);
        Counts { shared: self.shared, sources }
    }

    /// How long `source` must still wait before its next guess is looked at; zero when it may guess.
    pub(super) fn wait(&self, source: Source, now: Instant) -> Duration {
        let of_crowd = if self.known.contains(&source) { Duration::ZERO } else { self.wait_of_crowd(source, now) };
        let Some(failures) = self.sources.get(&source) else { return of_crowd };
        let own = grown(failures.count, FREE, SOURCE_MAX);
        let shared = grown(self.shared, SHARED_FREE, SHARED_MAX);
        remaining(own.max(shared), failures.last, now).max(of_crowd)
    }

    /// How long all addresses of the /64 wait together, once many of them have failed.
    fn wait_of_crowd(&self, source: Source, now: Instant) -> Duration {
        let neighbours = self.sources.iter().filter(|(other, _)| other.is_neighbour(source));
        let (count, last) = neighbours.fold((0_u32, None), |(count, last), (_, failures)| {
            (count.saturating_add(1), last.max(Some(failures.last)))
        });
        last.map_or(Duration::ZERO, |last| remaining(grown(count, SHARED_FREE, SHARED_MAX), last, now))
    }

    /// True when there is nothing to keep.
    pub(super) fn is_empty(&self) -> bool {
        self.shared == 0 && self.sources.is_empty()
    }

    /// A wrong guess.
    pub(super) fn failed(&mut self, source: Source, now: Instant) {
        if !self.sources.contains_key(&source) && self.sources.len() >= SOURCES {
            let oldest = self.sources.iter().min_by_key(|(_, failures)| failures.last).map(|(source, _)| *source);
            oldest.map(|oldest| self.sources.remove(&oldest));
        }
        let failures = self.sources.entry(source).or_insert(Failures { count: 0, last: now });
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        self.shared = self.shared.saturating_add(1);
    }

    /// A right one: its source is forgiven, and so is what all shared.
    pub(super) fn succeeded(&mut self, source: Source) {
        self.sources.remove(&source);
        self.shared = 0;
        self.known.retain(|other| *other != source);
        if self.known.len() >= KNOWN {
            self.known.pop_front();
        }
        self.known.push_back(source);
    }
}

fn grown(count: u32, free: u32, most: Duration) -> Duration {
    match count.checked_sub(free) {
        None | Some(0) => Duration::ZERO,
        Some(over) => Duration::from_secs(1u64.checked_shl(over - 1).unwrap_or(u64::MAX)).min(most),
    }
}

fn remaining(delay: Duration, since: Instant, now: Instant) -> Duration {
    delay.saturating_sub(now.saturating_duration_since(since))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    fn source(text: &str) -> Source {
        Source::from(text.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn waits_grow_from_the_third_failure_and_are_bounded() {
        let (mut throttle, now, guesser) = (Throttle::default(), Instant::now(), source("192.0.2.1"));
        let waits: Vec<u64> = (0..14)
            .map(|_| {
                throttle.failed(guesser, now);
                throttle.wait(guesser, now).as_secs()
            })
            .collect();
        assert_eq!(waits, [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(throttle.wait(guesser, now + SOURCE_MAX), Duration::ZERO, "never a permanent lock");
    }

    #[test]
    fn another_source_does_not_wait_for_a_guesser() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..1000 {
            throttle.failed(source("192.0.2.1"), now);
        }
        assert_eq!(throttle.wait(source("192.0.2.2"), now), Duration::ZERO);
    }

    #[test]
    fn a_guesser_of_the_same_lan_makes_nobody_wait_over_ipv6() {
        for (guesser, owner) in [("2001:db8::66", "2001:db8::7"), ("fe80::66", "fe80::7")] {
            let (mut throttle, now) = (Throttle::default(), Instant::now());
            for _ in 0..1000 {
                throttle.failed(source(guesser), now);
            }
            assert_eq!(throttle.wait(source(guesser), now), SOURCE_MAX);
            assert_eq!(throttle.wait(source(owner), now), Duration::ZERO, "{owner}");
        }
    }

    /// Guesses of an hour that are looked at, when each second some come from addresses that none came from before.
    fn guesses_of_an_hour(address: impl Fn(u32) -> IpAddr) -> usize {
        let (mut throttle, start, mut fresh) = (Throttle::default(), Instant::now(), 0);
        let guesses = (0..3600).flat_map(|second| (0..10).map(move |_| start + Duration::from_secs(second)));
        guesses
            .filter(|now| {
                fresh += 1;
                let source = Source::from(address(fresh));
                let is_looked_at = throttle.wait(source, *now).is_zero();
                if is_looked_at {
                    throttle.failed(source, *now);
                }
                is_looked_at
            })
            .count()
    }

    #[test]
    fn a_guesser_with_all_addresses_of_an_ipv6_network_has_one_guess_in_four_seconds() {
        let network = u128::from(0x2001_0db8_u32) << 96;
        let looked_at = guesses_of_an_hour(|host| IpAddr::from(Ipv6Addr::from_bits(network | u128::from(host))));
        assert!((900..930).contains(&looked_at), "{looked_at}");
    }

    #[test]
    fn a_crowd_in_one_ipv6_network_makes_its_other_addresses_wait_shortly_and_nobody_who_logged_in_there() {
        let (mut throttle, now, known) = (Throttle::default(), Instant::now(), source("2001:db8::7"));
        throttle.succeeded(known);
        let waits: Vec<u64> = (1..=30)
            .map(|host| {
                throttle.failed(source(&format!("2001:db8::1:{host:x}")), now);
                throttle.wait(source("2001:db8::8"), now).as_secs()
            })
            .collect();
        assert_eq!((waits[19], waits[20], waits[21], waits[22], waits[29]), (0, 1, 2, 4, 4));
        assert_eq!(throttle.wait(source("2001:db8::8"), now + SHARED_MAX), Duration::ZERO);
        assert_eq!(throttle.wait(source("2001:db8:0:1::8"), now), Duration::ZERO, "another network");
        assert_eq!(throttle.wait(source("192.0.2.7"), now), Duration::ZERO);
        assert_eq!(throttle.wait(known, now), Duration::ZERO);
        (0..3).for_each(|_| throttle.failed(known, now));
        assert_eq!(throttle.wait(known, now), SHARED_MAX, "for guesses of its own");
        (0..100).for_each(|host| throttle.succeeded(source(&format!("192.0.2.{host}"))));
        assert_eq!(throttle.known.len(), KNOWN);
    }

    #[test]
    fn when_many_sources_fail_each_waits_a_few_seconds_from_its_first_failure_on() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for host in 0..100 {
            throttle.failed(source(&format!("192.0.2.{host}")), now);
        }
        for host in 0..100 {
            assert_eq!(throttle.wait(source(&format!("192.0.2.{host}")), now), SHARED_MAX);
        }
        assert_eq!(throttle.wait(source("192.0.2.1"), now + SHARED_MAX), Duration::ZERO);
        assert_eq!(throttle.wait(source("192.0.2.200"), now), Duration::ZERO, "the owner, who did not guess");
        throttle.failed(source("192.0.2.200"), now);
        assert_eq!(throttle.wait(source("192.0.2.200"), now), SHARED_MAX, "the owner, who mistyped");
    }

    #[test]
    fn a_right_guess_forgives_its_source() {
        let (mut throttle, now, owner) = (Throttle::default(), Instant::now(), source("192.0.2.1"));
        (0..5).for_each(|_| throttle.failed(owner, now));
        throttle.succeeded(owner);
        assert_eq!(throttle.wait(owner, now), Duration::ZERO);
    }

    #[test]
    fn counts_survive_a_restart_and_waits_begin_anew() {
        let (mut throttle, now, guesser) = (Throttle::default(), Instant::now(), source("192.0.2.1"));
        (0..6).for_each(|_| throttle.failed(guesser, now));
        let later = now + Duration::from_secs(3600);
        let again = Throttle::from_counts(&throttle.counts(), later);
        assert_eq!(again.counts(), throttle.counts());
        assert_eq!(again.wait(guesser, later).as_secs(), 8);
    }

    #[test]
    fn remembered_sources_are_bounded() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        for host in 0..2000_u32 {
            throttle.failed(Source::from(IpAddr::from(host.to_be_bytes())), now + Duration::from_millis(host.into()));
        }
        assert_eq!(throttle.counts().sources.len(), SOURCES);
    }
}
