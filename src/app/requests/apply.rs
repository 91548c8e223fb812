//! A file that says which requests there must be, held against those that there are: what is missing is made, what differs
//! gets a new request that replaces it, and nothing is ever deleted.
//!
//! An entry is compared with the newest request of its line, so that a renewal of what the file says does not count as a difference. The
//! file's own form is the command line's to know.

use super::catalog::Catalog;
use super::content::Content;
use super::lineage::Lineage;
use super::renewal::Renewals;
use super::{Requests, name_taken};
use crate::audit::Actor;
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::messages::requests as say;
use crate::{AppError, Failure};
use jiff::tz::TimeZone;
use signet_domain::draft::FinishedDraft;
use signet_domain::invalid::Mistakes;
use signet_domain::name::CsrName;
use signet_domain::name_and_type::NameAndTypeAnswers;
use signet_domain::note::Note;
use signet_domain::policy::Policy;
use signet_domain::record::Asked;
use signet_domain::request::NewRequest;
use signet_pki::ca::CaReader;
use signet_store::Store;
use std::collections::HashSet;
use std::sync::Arc;

/// How often an entry is looked at again where somebody else makes the same request meanwhile.
const TRIES: usize = 5;

/// One entry of a file.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The request as the entry asks for it; its name is the entry's.
    pub finished: FinishedDraft,
    /// Whether the entry says how long a certificate should live: else the default of the day makes no difference.
    pub has_lifetime: bool,
    /// The note that it must have; none leaves it as it is.
    pub note: Option<Note>,
}

/// What is to be done for an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Todo {
    /// There is no such request.
    Make,
    /// The newest request of the entry's line is as the entry says; this is its name.
    Keep(CsrName),
    /// It is, but for its note.
    Note(CsrName),
    /// It differs: a request of another name replaces it.
    Replace {
        /// The newest request of the line.
        old: CsrName,
        /// The name of the new one.
        new: CsrName,
    },
}

impl Todo {
    /// The request that there is afterwards for the entry named `name`.
    pub fn request<'a>(&'a self, name: &'a CsrName) -> &'a CsrName {
        match self {
            Self::Make => name,
            Self::Keep(current) | Self::Note(current) => current,
            Self::Replace { new, .. } => new,
        }
    }

    /// False where all is as it should be.
    pub fn changes(&self) -> bool {
        !matches!(self, Self::Keep(_))
    }

    /// Whether a request is made for it.
    pub fn makes(&self) -> bool {
        matches!(self, Self::Make | Self::Replace { .. })
    }
}

/// Applies such files.
#[derive(Debug)]
pub struct Applications {
    store: Store,
    clock: Clock,
    catalog: Arc<Catalog>,
    requests: Arc<Requests>,
    renewals: Arc<Renewals>,
    config: Arc<Config>,
}

/// What there is at one moment.
struct Present {
    lineage: Lineage,
    /// Names that are taken, folded; those of the file among them.
    taken: HashSet<String>,
}

impl Applications {
    /// Files for the requests of this data directory.
    pub fn new(
        store: Store,
        clock: Clock,
        catalog: Arc<Catalog>,
        requests: Arc<Requests>,
        renewals: Arc<Renewals>,
        config: Arc<Config>,
    ) -> Self {
        Self { store, clock, catalog, requests, renewals, config }
    }

    /// What is to be done for each entry; nothing is changed.
    ///
    /// # Errors
    /// Two entries of the same name, a request that cannot be read, and more requests than the directory takes.
    pub fn plan(&self, wanted: &[Wanted]) -> Result<Vec<Todo>, AppError> {
        refuse_doubles(wanted)?;
        let mut present = self.present(wanted)?;
        let mut plan = Vec::with_capacity(wanted.len());
        for entry in wanted {
            plan.push(self.todo(entry, &mut present)?);
        }
        let made = plan.iter().filter(|todo| todo.makes()).count();
        if made > 0 {
            self.store.may_create(made).map_err(Failure::from)?;
        }
        Ok(plan)
    }

    /// Does what an entry needs, and says what that was. Where somebody else makes the same request at the same moment, there
    /// is one afterwards.
    pub fn carry_out(&self, entry: &Wanted, todo: Todo, by: Actor) -> Result<Todo, AppError> {
        let mut todo = todo;
        for _ in 0..TRIES {
            match self.do_once(entry, &todo, by) {
                Err(AppError::Rejected(mistakes)) if is_taken(&mistakes) => {}
                done => return done.map(|()| todo),
            }
            let mut present = self.present(std::slice::from_ref(entry))?;
            todo = self.todo(entry, &mut present)?;
        }
        Err(AppError::Rejected(name_taken(&entry.finished.request.name).into()))
    }

    fn do_once(&self, entry: &Wanted, todo: &Todo, by: Actor) -> Result<(), AppError> {
        let finished = match todo {
            Todo::Keep(_) => return Ok(()),
            Todo::Note(name) => {
                let Some(note) = &entry.note else { return Ok(()) };
                return Ok(self.requests.set_note(name, note, by)?);
            }
            Todo::Make => entry.finished.clone(),
            Todo::Replace { .. } => self.replacement(entry, todo)?,
        };
        let made = self.requests.create(&finished, None, by)?;
        if let Some(note) = entry.note.as_ref().filter(|note| !note.as_str().is_empty()) {
            self.requests.set_note(&made, note, by)?;
        }
        Ok(())
    }

    /// The draft of the request that is made for an entry.
    pub fn replacement(&self, entry: &Wanted, todo: &Todo) -> Result<FinishedDraft, AppError> {
        let Todo::Replace { old, new } = todo else { return Ok(entry.finished.clone()) };
        let supersedes = Some(self.renewals.supersedes(old)?);
        let request = NewRequest { name: new.clone(), ..entry.finished.request.clone() };
        Ok(FinishedDraft { request, supersedes, ..entry.finished.clone() })
    }

    fn present(&self, wanted: &[Wanted]) -> Result<Present, Failure> {
        let there = self.store.names()?;
        let file = wanted.iter().map(|entry| entry.finished.request.name.folded());
        Ok(Present { lineage: self.catalog.lineage()?, taken: there.iter().map(CsrName::folded).chain(file).collect() })
    }

    fn todo(&self, entry: &Wanted, present: &mut Present) -> Result<Todo, Failure> {
        let name = self.catalog.as_stored(&entry.finished.request.name)?;
        if !self.store.csr_exists(&name)? {
            return Ok(Todo::Make);
        }
        // A damaged one is reported before anything is made.
        self.catalog.readable(&name)?;
        let newest = present.lineage.newest(&name);
        let content = self.catalog.readable(&newest)?;
        if !self.is_as_wanted(&newest, &content, entry) {
            let year = TimeZone::UTC.to_datetime(clock::trusted(self.clock.now())).year();
            let new = newest.successor(year, |other| present.taken.contains(&other.folded()));
            present.taken.insert(new.folded());
            return Ok(Todo::Replace { old: newest, new });
        }
        let note_differs = entry.note.as_ref().is_some_and(|note| note.as_str() != content.record.note);
        Ok(if note_differs { Todo::Note(newest) } else { Todo::Keep(newest) })
    }

    /// Compares what both amount to, not how it was written: order and letters of names make no difference.
    fn is_as_wanted(&self, name: &CsrName, content: &Content, entry: &Wanted) -> bool {
        // An import that the wizard could not ask for is not what any file says.
        let Ok(asked) = self.renewals.answers(name, content) else { return false };
        let Some(is) = self.request_of(name, &asked) else { return false };
        let wanted = &entry.finished.request;
        let names = |request: &NewRequest| request.names.iter().map(ToString::to_string).collect::<HashSet<_>>();
        is.key == wanted.key
            && is.subject == wanted.subject
            && is.extensions == wanted.extensions
            && names(&is) == names(wanted)
            && (!entry.has_lifetime || content.record.lifetime == Some(wanted.lifetime.days()))
    }

    /// What was required or allowed when it was made may have changed since.
    fn request_of(&self, name: &CsrName, asked: &Asked) -> Option<NewRequest> {
        let name_and_type = NameAndTypeAnswers {
            name: name.to_string(),
            r#type: NameAndTypeAnswers::NEW.to_owned(),
            profile: String::new(),
        };
        let policy = Policy { required: Vec::new(), allow_weak: true, ..self.config.policy.clone() };
        let Asked { options, subject, constraints, .. } = asked;
        NewRequest::parse(&name_and_type, options, subject, constraints, &policy, &CaReader).ok()
    }
}

fn is_taken(mistakes: &Mistakes) -> bool {
    mistakes.iter().any(|one| one.kind == signet_domain::invalid::Kind::Taken)
}

fn refuse_doubles(wanted: &[Wanted]) -> Result<(), AppError> {
    let mut seen = HashSet::new();
    let mut mistakes = Mistakes::none();
    for (number, entry) in (1..).zip(wanted) {
        let name = &entry.finished.request.name;
        if !seen.insert(name.folded()) {
            mistakes.add(say::two_entries_named(number, name));
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(AppError::Rejected(mistakes)) }
}
