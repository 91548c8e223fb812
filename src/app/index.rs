//! The list in memory: a short line a CSR, so that ten thousand cost a page no more than ten.
//!
//! Built when it is first asked for, and again when the store's generation has moved by another hand (the command line);
//! our own changes are put in one by one. A file that was touched from outside is seen by its stamp when it is shown. It holds no key, and of each request only what the list shows and search
//! looks at: some 350 bytes a CSR.

use super::AppError;
use super::answer::term::Term;
use super::catalog::{Row, row};
use super::renewal::family::{Successor, Successors};
use crate::domain::answer::DUE_DAYS;
use crate::domain::draft::DraftId;
use crate::domain::name::CsrName;
use crate::domain::record::Origin;
use crate::store::{Moved, Stamp, Store, TRUST, is_settled};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Names of one CSR that the list shows.
const NAMES: usize = 3;

/// How a list is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the values are SPEC 2's")]
pub enum Sort {
    /// By name, but for those whose certificate is due or has ended: they stand first, the next to end before the others.
    #[default]
    Due,
    Name,
    Created,
    Key,
    /// By the certificate's end; those without one come last.
    Expiry,
}

/// One CSR of the list.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Its name.
    pub name: CsrName,
    /// What the list shows of it, or why it cannot be read.
    pub line: Result<Line, String>,
    draft: Option<DraftId>,
    /// The record's id, and that of the one that it supersedes; empty where the record cannot be read.
    id: Box<str>,
    supersedes: Option<Box<str>>,
    /// SHA-256 of the request's public key; zeros where it cannot be read.
    key: [u8; 32],
    stamp: Option<Stamp>,
    /// Name, subject, names and note in lower case, for search.
    haystack: String,
}

/// A readable CSR's line.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it comes from.
    pub origin: Origin,
    /// When it was saved.
    pub created: Timestamp,
    /// The common name; empty for none.
    pub common: String,
    /// The first names.
    pub names: Vec<String>,
    /// How many more there are.
    pub more: usize,
    /// Such as `RSA 2048`.
    pub key: String,
    /// Such as `SHA256`; none for a signature that has its own digest.
    pub digest: Option<&'static str>,
    /// The certificate that answers it, once there is one.
    pub answer: Option<Answered>,
}

impl Line {
    /// As [`super::catalog::Content::state`].
    pub fn state(&self, now: Timestamp) -> &'static str {
        match &self.answer {
            None => "ready",
            Some(Answered { term: Some(term) }) => term.state(now),
            Some(Answered { term: None }) => "answered",
        }
    }
}

/// What the list shows of a certificate.
#[derive(Debug, Clone)]
pub struct Answered {
    /// When it holds; none for one that cannot be read.
    pub term: Option<Term>,
}

/// A part of the list.
#[derive(Debug)]
pub struct Part {
    /// The lines, in order.
    pub lines: Vec<Arc<Summary>>,
    /// How many match in all.
    pub total: usize,
    /// How many of all CSRs have a certificate that is due or has ended, and was not replaced.
    pub due: usize,
    /// The successors of those lines that have one, by the line's name.
    pub successors: HashMap<CsrName, Successor>,
}

/// The index of one data directory.
#[derive(Debug, Default)]
pub struct Index(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    generation: u64,
    folder: Option<Stamp>,
    /// By folded name.
    by_name: Vec<Arc<Summary>>,
    /// When it was last compared with the disk, and the kernel's count of moves just before.
    looked: Option<(u64, Instant)>,
    /// The parts whose files were compared since then, too: a few of them.
    seen: Vec<Selection>,
    /// Positions in `by_name`, in the other orders; made when they are first asked for.
    by_created: Option<Vec<u32>>,
    by_key: Option<Vec<u32>>,
    by_expiry: Option<Vec<u32>>,
    /// How many are due, and the order that has them first; anew when their number moves.
    by_due: Option<(usize, Vec<u32>)>,
    /// Made when it is first asked for, as they are.
    successors: Option<Successors>,
}

/// Which part of the list was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selection {
    query: String,
    order: (Sort, bool),
    part: (usize, usize),
}

/// Parts that are remembered as compared with the disk.
const SEEN: usize = 8;

impl Kept {
    /// True while nothing has moved since it was compared with the disk, as far as the kernel tells.
    fn is_trusted(&self, moves: Option<u64>, now: Instant) -> bool {
        self.looked.is_some_and(|(since, at)| moves == Some(since) && now.saturating_duration_since(at) < TRUST)
    }

    fn read(store: &Store, generation: u64) -> Result<Self, AppError> {
        // Stamps first: a change in between is then seen as one.
        let folder = store.folder_stamp()?;
        let names = store.names()?;
        let stamps = names.iter().cloned().zip(store.stamps(&names)?).collect::<HashMap<_, _>>();
        let mut by_name = Vec::with_capacity(names.len());
        store.each_csr(|entry| {
            let stamp = stamps.get(&entry.name).copied().flatten();
            by_name.push(Arc::new(Summary::of(&row(entry), stamp)));
        })?;
        by_name.sort_by_cached_key(|summary| summary.name.folded());
        let (by_created, by_key, by_expiry, by_due, successors) = (None, None, None, None, None);
        let (looked, seen) = (None, Vec::new());
        Ok(Self { generation, folder, by_name, looked, seen, by_created, by_key, by_expiry, by_due, successors })
    }

    fn put(&mut self, store: &Store, name: &CsrName) -> Result<(), AppError> {
        let at = self.place(name);
        let alike = self.by_name.iter().skip(at).take_while(|summary| summary.name.folded() == name.folded());
        if let Some(of_it) = alike.map(|summary| summary.name == *name).position(|is_it| is_it) {
            self.by_name.remove(at + of_it);
        }
        let stamp = store.stamps([name])?.into_iter().next().flatten();
        if let Some(entry) = store.csr(name)? {
            self.by_name.insert(at, Arc::new(Summary::of(&row(entry), stamp)));
        }
        (self.looked, self.seen) = (None, Vec::new());
        (self.by_created, self.by_key, self.by_expiry, self.by_due) = (None, None, None, None);
        self.successors = None;
        self.folder = store.folder_stamp()?;
        Ok(())
    }

    fn successors(&mut self) -> &Successors {
        let by_name = &self.by_name;
        self.successors.get_or_insert_with(|| {
            let mut successors = Successors::default();
            for summary in by_name {
                if let (Some(id), Ok(line)) = (&summary.supersedes, &summary.line) {
                    successors.add(id, &summary.name, line.answer.is_some(), line.created);
                }
            }
            successors
        })
    }

    /// A part of the list with what follows its lines.
    fn part(&mut self, lines: Vec<Arc<Summary>>, total: usize, due: usize) -> Part {
        let all = self.successors();
        let of = |summary: &Arc<Summary>| Some((summary.name.clone(), all.of(&summary.id)?.clone()));
        let successors = lines.iter().filter_map(of).collect();
        Part { lines, total, due, successors }
    }

    /// How many have a certificate that is due or has ended at `now`, which only grows while nothing changes.
    fn due(&mut self, now: Timestamp) -> usize {
        self.ordered(Sort::Expiry);
        self.successors();
        self.due_ones(now).count()
    }

    /// Their places, the next to end first: nothing that ends later than [`DUE_DAYS`] from now is among them, and nothing
    /// that another one has replaced.
    fn due_ones(&self, now: Timestamp) -> impl Iterator<Item = u32> {
        let summary = |at: u32| self.by_name.get(at as usize);
        let replaced = move |at: u32| {
            let successor = self.successors.as_ref().and_then(|all| all.of(&summary(at)?.id));
            successor.is_some_and(|successor| successor.answered)
        };
        let term = move |at: u32| summary(at).and_then(|summary| summary.term());
        let last = now.as_second().saturating_add(DUE_DAYS * 86_400);
        let near = self.by_expiry.iter().flatten().copied();
        let near = near.map_while(move |at| Some((at, term(at).filter(|term| term.ends.as_second() <= last)?)));
        near.filter(move |(at, term)| term.is_due(now) && !replaced(*at)).map(|(at, _)| at)
    }

    /// Makes the order that has those that are due before the others, which stay by name.
    fn put_first(&mut self, due: usize, now: Timestamp) {
        if self.by_due.as_ref().is_some_and(|(count, _)| *count == due) {
            return;
        }
        let mut order: Vec<u32> = self.due_ones(now).collect();
        let first: HashSet<u32> = order.iter().copied().collect();
        order.extend((0..u32::try_from(self.by_name.len()).unwrap_or(u32::MAX)).filter(|at| !first.contains(at)));
        self.by_due = Some((due, order));
    }

    /// Where a name stands, or would stand: before all that are alike but for their case.
    fn place(&self, name: &CsrName) -> usize {
        let folded = name.folded();
        self.by_name.partition_point(|summary| summary.name.folded() < folded)
    }

    /// The lines in order; `None` positions are those by name.
    fn ordered(&mut self, sort: Sort) -> Option<&[u32]> {
        let positions = || (0..u32::try_from(self.by_name.len()).unwrap_or(u32::MAX)).collect::<Vec<u32>>();
        let line = |at: u32| self.by_name.get(at as usize).and_then(|summary| summary.line.as_ref().ok());
        match sort {
            Sort::Due | Sort::Name => None,
            Sort::Expiry => Some(self.by_expiry.get_or_insert_with(|| {
                let ends = |at: u32| self.by_name.get(at as usize).and_then(|summary| Some(summary.term()?.ends));
                let mut order = positions();
                order.sort_by_key(|at| (ends(*at).is_none(), ends(*at)));
                order
            })),
            Sort::Created => Some(self.by_created.get_or_insert_with(|| {
                let mut order = positions();
                order.sort_by_key(|at| line(*at).map(|line| line.created));
                order
            })),
            Sort::Key => Some(self.by_key.get_or_insert_with(|| {
                let mut order = positions();
                order.sort_by_key(|at| line(*at).map(|line| line.key.as_str()));
                order
            })),
        }
    }
}

impl Index {
    /// Lines `skip` to `skip + count` of those that match `query` (ignoring case, empty for all), in order; what is due is
    /// so at `now`, a trusted time.
    pub fn part(
        &self,
        store: &Store,
        query: &str,
        (sort, descending): (Sort, bool),
        (skip, count): (usize, usize),
        now: Timestamp,
    ) -> Result<Part, AppError> {
        let query = query.trim().to_lowercase();
        let select = |kept: &mut Kept| {
            let due = kept.due(now);
            kept.ordered(sort);
            if due > 0 && sort == Sort::Due {
                kept.put_first(due, now);
            }
            let order = match sort {
                Sort::Due => kept.by_due.as_ref().filter(|_| due > 0).map(|(_, order)| order.as_slice()),
                Sort::Name => None,
                Sort::Created => kept.by_created.as_deref(),
                Sort::Key => kept.by_key.as_deref(),
                Sort::Expiry => kept.by_expiry.as_deref(),
            };
            let all = kept.by_name.len();
            let at = |place: usize| {
                let place = if descending { all - 1 - place } else { place };
                let place = order.map_or(Some(place), |order| order.get(place).map(|at| *at as usize))?;
                kept.by_name.get(place)
            };
            if query.is_empty() {
                let lines = (skip.min(all)..(skip + count).min(all)).filter_map(at).cloned().collect();
                return kept.part(lines, all, due);
            }
            let matching: Vec<&Arc<Summary>> =
                (0..all).filter_map(at).filter(|summary| summary.haystack.contains(&query)).collect();
            let lines = matching.iter().skip(skip).take(count).map(|summary| Arc::clone(summary)).collect();
            let total = matching.len();
            kept.part(lines, total, due)
        };
        let selection = Selection { query: query.clone(), order: (sort, descending), part: (skip, count) };
        self.look(store, |kept| {
            let part = select(kept);
            if kept.seen.contains(&selection) {
                return Ok(part);
            }
            // What is shown is what lies there: a file that another hand has touched since is read again.
            let stamps = store.stamps(part.lines.iter().map(|summary| &summary.name))?;
            let touched = part.lines.iter().zip(&stamps).filter(|(summary, stamp)| summary.stamp != **stamp);
            let touched: Vec<CsrName> = touched.map(|(summary, _)| summary.name.clone()).collect();
            if touched.is_empty() {
                kept.seen.truncate(SEEN - 1);
                kept.seen.insert(0, selection);
                return Ok(part);
            }
            touched.iter().try_for_each(|name| kept.put(store, name))?;
            Ok(select(kept))
        })
    }

    /// The present name of the CSR that a draft was saved as.
    pub fn saved_from(&self, store: &Store, draft: &DraftId) -> Result<Option<CsrName>, AppError> {
        self.look(store, |kept| {
            let of_draft = |summary: &&Arc<Summary>| summary.draft.as_ref() == Some(draft);
            Ok(kept.by_name.iter().find(of_draft).map(|summary| summary.name.clone()))
        })
    }

    /// The present name of the CSR with this record's id.
    pub fn named(&self, store: &Store, id: &str) -> Result<Option<CsrName>, AppError> {
        self.look(store, |kept| {
            Ok(kept.by_name.iter().find(|summary| &*summary.id == id).map(|summary| summary.name.clone()))
        })
    }

    /// The CSR that renews or changes the one with this record's id.
    pub fn successor(&self, store: &Store, id: &str) -> Result<Option<Successor>, AppError> {
        self.look(store, |kept| Ok(kept.successors().of(id).cloned()))
    }

    /// The present names of all CSRs whose public key has this SHA-256, by name.
    pub fn of_key(&self, store: &Store, spki_sha256: &[u8; 32]) -> Result<Vec<CsrName>, AppError> {
        self.look(store, |kept| {
            let of_key = kept.by_name.iter().filter(|summary| summary.line.is_ok() && summary.key == *spki_sha256);
            Ok(of_key.map(|summary| summary.name.clone()).collect())
        })
    }

    /// The CSR that keeps others from being called `name`: of the same name, ignoring case.
    pub fn taken(&self, store: &Store, name: &CsrName) -> Result<Option<CsrName>, AppError> {
        let moves = store.moves();
        let guard = self.locked();
        // Reading all CSRs only for that would be the long way: a listing tells it, too.
        let Some(kept) = guard.as_ref().filter(|kept| kept.is_trusted(moves, Instant::now())) else {
            return Ok(store.taken(name)?);
        };
        let first = kept.by_name.get(kept.place(name)).map(|summary| &summary.name);
        Ok(first.filter(|other| other.folded() == name.folded()).cloned())
    }

    /// True when the list can be told from memory, without waiting for the disk or for anybody.
    pub fn is_at_hand(&self, moves: Option<u64>, now: Instant) -> bool {
        self.0.try_lock().is_ok_and(|kept| kept.as_ref().is_some_and(|kept| kept.is_trusted(moves, now)))
    }

    /// After a change of our own to `names`: puts it in, where nobody else changed anything meanwhile.
    pub fn put(&self, store: &Store, moved: Moved, names: &[&CsrName]) {
        let mut guard = self.locked();
        let Some(kept) = guard.as_mut().filter(|kept| kept.generation == moved.before) else { return };
        let done = names.iter().try_for_each(|name| kept.put(store, name));
        kept.generation = moved.after;
        if done.is_err() || !is_settled(moved.after) {
            *guard = None;
        }
    }

    fn look<T>(&self, store: &Store, see: impl FnOnce(&mut Kept) -> Result<T, AppError>) -> Result<T, AppError> {
        let moves = store.moves();
        let mut guard = self.locked();
        if let Some(kept) = guard.as_mut().filter(|kept| kept.is_trusted(moves, Instant::now())) {
            return see(kept);
        }
        let looked = moves.map(|moves| (moves, Instant::now()));
        let generation = store.generation()?;
        let folder = store.folder_stamp()?;
        if let Some(kept) = guard.as_mut().filter(|kept| kept.generation == generation && kept.folder == folder) {
            (kept.looked, kept.seen) = (looked, Vec::new());
            return see(kept);
        }
        let mut kept = Kept::read(store, generation)?;
        kept.looked = looked;
        let seen = see(&mut kept)?;
        // A change that is under way may show half of what it does.
        *guard = is_settled(generation).then_some(kept);
        Ok(seen)
    }

    fn locked(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Summary {
    fn of(row: &Row, stamp: Option<Stamp>) -> Self {
        let name = row.name.clone();
        let mut haystack = name.folded();
        let content = match &row.content {
            Ok(content) => content,
            Err(reason) => {
                let line = Err(reason.clone());
                let (id, supersedes, key) = (Box::default(), None, [0; 32]);
                return Self { name, line, draft: None, id, supersedes, key, stamp, haystack };
            }
        };
        let record = &content.record;
        let request = &content.request;
        let common = request.common_name.clone().unwrap_or_default();
        for text in [common.as_str(), &content.record.note].into_iter().chain(request.san.iter().map(String::as_str)) {
            haystack.push('\n');
            haystack.push_str(&text.to_lowercase());
        }
        haystack.shrink_to_fit();
        let line = Line {
            origin: content.record.origin,
            created: content.record.created,
            common,
            names: request.san.iter().take(NAMES).cloned().collect(),
            more: request.san.len().saturating_sub(NAMES),
            key: request.key.label.clone(),
            digest: request.signature.digest.map(|digest| digest.value()),
            answer: content.is_answered().then(|| Answered { term: content.term() }),
        };
        Self {
            name,
            line: Ok(line),
            draft: record.draft.clone(),
            id: record.id.as_str().into(),
            supersedes: record.supersedes.as_deref().map(Into::into),
            key: request.spki_sha256,
            stamp,
            haystack,
        }
    }

    fn term(&self) -> Option<Term> {
        self.line.as_ref().ok()?.answer.as_ref()?.term
    }
}
