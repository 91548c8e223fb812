//! What counts as one visitor, and a queue in which each of them is as near to the front as any other.
//!
//! It knows addresses, and nothing of what waits.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IPv4 address, or an IPv6 /64: a LAN, or as many addresses as one device likes. One with a session outlasts strangers
/// of its own network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Source(IpAddr);

impl Source {
    /// The Unix socket: a proxy's connections, until one of their requests says whom it is for.
    pub(super) const UNIX: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));

    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                Self(IpAddr::V6(Ipv6Addr::from(network)))
            }
            v4 => Self(v4),
        }
    }
}

/// Sources take turns; what comes from one of them keeps its order. Whoever queues a thousand times makes others wait for one.
#[derive(Debug)]
pub(super) struct FairQueue<T> {
    /// The sources that something waits of, the next one first.
    order: VecDeque<Source>,
    waiting: HashMap<Source, VecDeque<T>>,
    count: usize,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), waiting: HashMap::new(), count: 0 }
    }
}

impl<T> FairQueue<T> {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whose turn it is.
    pub(super) fn next(&self) -> Option<Source> {
        self.order.front().copied()
    }

    pub(super) fn push(&mut self, source: Source, item: T) {
        let of_source = self.waiting.entry(source).or_default();
        if of_source.is_empty() {
            self.order.push_back(source);
        }
        of_source.push_back(item);
        self.count += 1;
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let source = self.order.pop_front()?;
        let of_source = self.waiting.get_mut(&source)?;
        let item = of_source.pop_front();
        if of_source.is_empty() {
            self.waiting.remove(&source);
        } else {
            self.order.push_back(source);
        }
        self.count -= usize::from(item.is_some());
        item
    }

    /// Takes out what came last of the source that has most here; of equal ones, of the one whose turn is farthest.
    pub(super) fn pop_of_most(&mut self) -> Option<T> {
        let lengths = self.order.iter().enumerate();
        let lengths = lengths.map(|(at, source)| (self.waiting.get(source).map_or(0, VecDeque::len), at, *source));
        let (_, at, source) = lengths.max_by_key(|(length, at, _)| (*length, *at))?;
        let of_source = self.waiting.get_mut(&source)?;
        let item = of_source.pop_back();
        if of_source.is_empty() {
            self.waiting.remove(&source);
            self.order.remove(at);
        }
        self.count -= usize::from(item.is_some());
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::of(text.parse().expect("an address"))
    }

    #[test]
    fn an_ipv6_network_and_a_mapped_address_are_one_source() {
        assert_eq!(source("2001:db8:0:1::1"), source("2001:db8:0:1:ffff::2"));
        assert_ne!(source("2001:db8:0:1::1"), source("2001:db8:0:2::1"));
        assert_eq!(source("192.0.2.1"), source("::ffff:192.0.2.1"));
        assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
    }

    #[test]
    fn a_newcomer_waits_for_one_of_each_other_source() {
        let mut queue = FairQueue::default();
        for number in 0..100 {
            queue.push(source("192.0.2.1"), ("first", number));
            queue.push(source("192.0.2.2"), ("second", number));
        }
        queue.push(source("192.0.2.3"), ("newcomer", 0));
        let begins: Vec<_> = std::iter::from_fn(|| queue.pop()).take(5).collect();
        assert_eq!(begins, [("first", 0), ("second", 0), ("newcomer", 0), ("first", 1), ("second", 1)]);
        assert_eq!(queue.len(), 196);
    }

    #[test]
    fn the_last_one_of_the_source_with_most_is_taken_out() {
        let mut queue = FairQueue::default();
        for number in 0..3 {
            queue.push(source("192.0.2.1"), number);
        }
        queue.push(source("192.0.2.2"), 10);
        assert_eq!([queue.pop_of_most(), queue.pop_of_most()], [Some(2), Some(1)]);
        assert_eq!(queue.pop_of_most(), Some(10), "of equal ones the one that has longest to wait");
        assert_eq!((queue.pop_of_most(), queue.pop_of_most()), (Some(0), None));
        assert!(queue.is_empty() && queue.pop().is_none());
    }
}
