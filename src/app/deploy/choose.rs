//! Which CSR a service gets: the one that its entry names, or the newest that has taken that one's place.
//!
//! A renewal names the CSR that it supersedes. It takes over once it is answered and may be handed over itself: being
//! further down the line counts, not the time of the answer, since a device's clock may be wrong.

use jiff::Timestamp;
use signet_domain::name::CsrName;
use signet_store::{Entry, Store, StoreError, is_settled};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// What is known of a CSR that reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) name: CsrName,
    pub(super) id: String,
    pub(super) supersedes: Option<String>,
    /// When it was answered, else made.
    pub(super) since: Timestamp,
    /// The owner's word.
    pub(super) wanted: bool,
    /// There are certificates.
    pub(super) answered: bool,
}

/// All CSRs at one moment.
#[derive(Debug, Default)]
pub(super) struct All {
    pub(super) known: Vec<Known>,
    /// Those that cannot be read, with the reason.
    pub(super) unreadable: Vec<(CsrName, String)>,
}

/// How often it is looked again for a moment at which nothing changes, and the pause between.
const LOOKS: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

impl All {
    /// Reads all CSRs, at a moment at which nobody changes them: in the middle of a renaming one would be missing, and be
    /// taken for deleted. A writer that was killed leaves a number that says "changing"; it does not keep us for ever.
    pub(super) fn read(store: &Store) -> Result<(Self, Option<u64>), StoreError> {
        let mut looks = 0;
        loop {
            let before = store.generation().ok();
            let mut all = Self::default();
            store.each_csr(|entry| all.take(entry))?;
            looks += 1;
            if looks >= LOOKS || (before.is_some_and(is_settled) && store.generation().ok() == before) {
                return Ok((all, before));
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn take(&mut self, entry: Entry) {
        match entry.content {
            Ok(csr) => self.known.push(Known {
                name: entry.name,
                since: csr.record.answered.unwrap_or(csr.record.created),
                id: csr.record.id,
                supersedes: csr.record.supersedes,
                wanted: csr.record.deploy,
                answered: !csr.certificates.is_empty(),
            }),
            Err(damage) => self.unreadable.push((entry.name, damage.to_string())),
        }
    }

    /// True when the CSR of this id is gone or its owner's word taken back. One that cannot be read may be any.
    pub(super) fn is_over(&self, id: &str) -> bool {
        match self.known.iter().find(|known| known.id == id) {
            Some(known) => !known.wanted,
            None => self.unreadable.is_empty(),
        }
    }

    /// The CSR for an entry that names `csr` and whose service has the CSR of the id `live`, if any.
    pub(super) fn chosen(&self, csr: &CsrName, live: Option<&str>) -> Option<&Known> {
        let fit = self.line(csr, live).into_iter().filter(|(_, known)| known.wanted && known.answered);
        fit.max_by(|(a, one), (b, other)| (a, one.since, &one.name).cmp(&(b, other.since, &other.name)))
            .map(|(_, known)| known)
    }

    /// The CSR that the entry names, and all that supersede it, each with its place in the line. When the name is gone the
    /// the live one counts: neither a new name nor the deletion of an old CSR takes a service's certificate away.
    pub(super) fn line(&self, csr: &CsrName, live: Option<&str>) -> Vec<(usize, &Known)> {
        let named = self.known.iter().find(|known| known.name == *csr);
        let Some(start) = named.or_else(|| self.known.iter().find(|known| Some(known.id.as_str()) == live)) else {
            return Vec::new();
        };
        let mut after: HashMap<&str, Vec<&Known>> = HashMap::new();
        for known in &self.known {
            if let Some(before) = &known.supersedes {
                after.entry(before).or_default().push(known);
            }
        }
        let mut seen = HashSet::from([start.id.as_str()]);
        let mut line = vec![(0, start)];
        let mut next = 0;
        while let Some(&(place, known)) = line.get(next) {
            next += 1;
            for later in after.get(known.id.as_str()).into_iter().flatten() {
                if seen.insert(&later.id) {
                    line.push((place + 1, later));
                }
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str, supersedes: Option<&str>, since: i64, wanted: bool, answered: bool) -> Known {
        Known {
            name: CsrName::parse(name).unwrap(),
            id: format!("id-{name}"),
            supersedes: supersedes.map(|name| format!("id-{name}")),
            since: Timestamp::from_second(since).unwrap(),
            wanted,
            answered,
        }
    }

    fn chosen(all: Vec<Known>, live: Option<&str>) -> Option<String> {
        let all = All { known: all, unreadable: Vec::new() };
        all.chosen(&CsrName::parse("a").unwrap(), live).map(|known| known.name.to_string())
    }

    #[test]
    fn the_named_one_until_a_later_one_is_answered_and_wanted() {
        let a = || known("a", None, 5, true, true);
        assert_eq!(chosen(vec![a()], None).as_deref(), Some("a"));
        assert_eq!(chosen(vec![a(), known("b", Some("a"), 9, true, false)], None).as_deref(), Some("a"));
        assert_eq!(chosen(vec![a(), known("b", Some("a"), 9, false, true)], None).as_deref(), Some("a"));
        // A clock that went back changes nothing: further down the line is newer.
        assert_eq!(chosen(vec![known("b", Some("a"), 1, true, true), a()], None).as_deref(), Some("b"));
        let beyond = vec![a(), known("b", Some("a"), 9, false, false), known("c", Some("b"), 7, true, true)];
        assert_eq!(chosen(beyond, None).as_deref(), Some("c"));
    }

    #[test]
    fn of_two_renewals_the_one_answered_last() {
        let both = vec![
            known("a", None, 1, true, true),
            known("b", Some("a"), 9, true, true),
            known("c", Some("a"), 3, true, true),
        ];
        assert_eq!(chosen(both, None).as_deref(), Some("b"));
    }

    #[test]
    fn nothing_unanswered_unwanted_or_of_another_line() {
        assert_eq!(chosen(vec![known("a", None, 1, true, false)], None), None);
        assert_eq!(chosen(vec![known("a", None, 1, false, true)], None), None);
        assert_eq!(chosen(vec![known("b", None, 1, true, true)], None), None);
    }

    #[test]
    fn what_is_live_stands_for_a_name_that_is_gone_and_for_no_other() {
        let renamed = || vec![known("b", None, 1, true, true), known("c", Some("b"), 2, true, true)];
        assert_eq!(chosen(renamed(), Some("id-b")).as_deref(), Some("c"));
        let mut with_name = renamed();
        with_name.push(known("a", None, 1, true, true));
        assert_eq!(chosen(with_name, Some("id-b")).as_deref(), Some("a"));
    }

    #[test]
    fn a_ring_ends() {
        let ring = vec![known("a", Some("b"), 1, true, true), known("b", Some("a"), 2, true, true)];
        assert_eq!(chosen(ring, None).as_deref(), Some("b"));
    }
}
