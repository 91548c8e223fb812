//! All lines in memory, in every order that the list has, and the state of the directory that they were read in.

use super::summary::Summary;
use crate::Failure;
use crate::requests::content::row;
use crate::requests::lineage::{Successor, Successors};
use jiff::Timestamp;
use signet_domain::answer::DUE_DAYS;
use signet_domain::name::CsrName;
use signet_store::{FileState, Store};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How a list is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the values are docs/reference.md's")]
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

#[derive(Debug)]
pub(super) struct Entries {
    pub(super) generation: u64,
    pub(super) folder: Option<FileState>,
    /// By folded name.
    pub(super) by_name: Vec<Arc<Summary>>,
    /// Positions in `by_name`, in the other orders; made when they are first asked for.
    pub(super) by_created: Option<Vec<u32>>,
    pub(super) by_key: Option<Vec<u32>>,
    pub(super) by_expiry: Option<Vec<u32>>,
    /// How many are due, and the order that has them first; anew when their number moves.
    pub(super) by_due: Option<(usize, Vec<u32>)>,
    /// Made when it is first asked for, as they are.
    successors: Option<Successors>,
}

impl Entries {
    /// True while nothing has changed since it was read, by whichever process: the store's generation shows changes by
    /// this program, the folder's stamp of files that came or went otherwise.
    pub(super) fn is_current(&self, generation: u64, folder: Option<FileState>) -> bool {
        self.generation == generation && self.folder == folder
    }

    pub(super) fn read(store: &Store, generation: u64) -> Result<Self, Failure> {
        // Stamps first: a change in between is then seen as one.
        let folder = store.folder_state()?;
        let names = store.names()?;
        let stamps = names.iter().cloned().zip(store.file_states(&names)?).collect::<HashMap<_, _>>();
        let mut by_name = Vec::with_capacity(names.len());
        store.each_csr(|entry| {
            let stamp = stamps.get(&entry.name).copied().flatten();
            by_name.push(Arc::new(Summary::of(&row(entry), stamp)));
        })?;
        by_name.sort_by_cached_key(|summary| summary.name.folded());
        let (by_created, by_key, by_expiry, by_due, successors) = (None, None, None, None, None);
        Ok(Self { generation, folder, by_name, by_created, by_key, by_expiry, by_due, successors })
    }

    pub(super) fn put(&mut self, store: &Store, name: &CsrName) -> Result<(), Failure> {
        let at = self.place(name);
        let alike = self.by_name.iter().skip(at).take_while(|summary| summary.name.folded() == name.folded());
        if let Some(of_it) = alike.map(|summary| summary.name == *name).position(|is_it| is_it) {
            self.by_name.remove(at + of_it);
        }
        let stamp = store.file_states([name])?.into_iter().next().flatten();
        if let Some(entry) = store.csr(name)? {
            self.by_name.insert(at, Arc::new(Summary::of(&row(entry), stamp)));
        }
        (self.by_created, self.by_key, self.by_expiry, self.by_due) = (None, None, None, None);
        self.successors = None;
        self.folder = store.folder_state()?;
        Ok(())
    }

    pub(super) fn successors(&mut self) -> &Successors {
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
    pub(super) fn part(&mut self, lines: Vec<Arc<Summary>>, total: usize, due: usize) -> Part {
        let all = self.successors();
        let of = |summary: &Arc<Summary>| Some((summary.name.clone(), all.of(&summary.id)?.clone()));
        let successors = lines.iter().filter_map(of).collect();
        Part { lines, total, due, successors }
    }

    /// Those whose certificate is valid at `now` and was not replaced, by name.
    pub(super) fn in_force(&mut self, now: Timestamp) -> Vec<Arc<Summary>> {
        self.successors();
        let replaced = |summary: &Summary| {
            let successor = self.successors.as_ref().and_then(|all| all.of(&summary.id));
            successor.is_some_and(|successor| successor.answered)
        };
        let valid = |summary: &Summary| summary.validity().is_some_and(|validity| validity.ends >= now);
        self.by_name.iter().filter(|summary| valid(summary) && !replaced(summary)).cloned().collect()
    }

    /// How many have a certificate that is due or has ended at `now`, which only grows while nothing changes.
    pub(super) fn due(&mut self, now: Timestamp) -> usize {
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
        let validity = move |at: u32| summary(at).and_then(|summary| summary.validity());
        let last = now.as_second().saturating_add(DUE_DAYS * 86_400);
        let near = self.by_expiry.iter().flatten().copied();
        let near =
            near.map_while(move |at| Some((at, validity(at).filter(|validity| validity.ends.as_second() <= last)?)));
        near.filter(move |(at, validity)| validity.is_due(now) && !replaced(*at)).map(|(at, _)| at)
    }

    /// Makes the order that has those that are due before the others, which stay by name.
    pub(super) fn put_first(&mut self, due: usize, now: Timestamp) {
        if self.by_due.as_ref().is_some_and(|(count, _)| *count == due) {
            return;
        }
        let mut order: Vec<u32> = self.due_ones(now).collect();
        let first: HashSet<u32> = order.iter().copied().collect();
        order.extend((0..u32::try_from(self.by_name.len()).unwrap_or(u32::MAX)).filter(|at| !first.contains(at)));
        self.by_due = Some((due, order));
    }

    /// The place of a name, or where it would be: before all that are alike but for their case.
    pub(super) fn place(&self, name: &CsrName) -> usize {
        let folded = name.folded();
        self.by_name.partition_point(|summary| summary.name.folded() < folded)
    }

    /// The lines in order; `None` positions are those by name.
    pub(super) fn ordered(&mut self, sort: Sort) -> Option<&[u32]> {
        let positions = || (0..u32::try_from(self.by_name.len()).unwrap_or(u32::MAX)).collect::<Vec<u32>>();
        let line = |at: u32| self.by_name.get(at as usize).and_then(|summary| summary.line.as_ref().ok());
        match sort {
            Sort::Due | Sort::Name => None,
            Sort::Expiry => Some(self.by_expiry.get_or_insert_with(|| {
                let ends = |at: u32| self.by_name.get(at as usize).and_then(|summary| Some(summary.validity()?.ends));
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
