//! The CSRs: one regular file `NAME.pem` each. What pages and downloads get from here has no key in it.
//!
//! Everything is read from the disk, under the lock where something is to change: another process may have been here.
//! Knows the file's blocks ([`super::csr_file`]) and nothing of what a request says.

use super::atomic::{self, Place};
use super::csr_file::{self, MAX_FILE, StoredCsr};
use super::csr_folder::{file_name, is_csr, names_in};
use super::data_dir::{CSRS, Store};
use super::dir::{Content, Dir};
use super::error::{Damage, StoreError};
use super::file_state::FileState;
use super::lock::WriteLock;
use rustix::fs::AtFlags;
use signet_domain::name::CsrName;
use signet_domain::record::Record;
use signet_domain::secret::Secret;
use zeroize::Zeroizing;

/// One CSR, whole or damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, from the file's.
    pub name: CsrName,
    /// What is in it, without the key; or what is wrong with the file. [`Damage::Newer`] means: show it, do not change it.
    pub content: Result<StoredCsr, Damage>,
}

/// A CSR's file before and after its certificate, keys included.
pub struct PreparedAnswer {
    name: CsrName,
    before: Zeroizing<Vec<u8>>,
    after: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for PreparedAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PreparedAnswer({}, ..)", self.name)
    }
}

impl Store {
    /// The names of all CSRs, sorted; no file is opened for it.
    pub fn names(&self) -> Result<Vec<CsrName>, StoreError> {
        match self.root().child(CSRS)? {
            Some(dir) => names_in(&dir),
            None => Ok(Vec::new()),
        }
    }

    /// All CSRs, sorted by name. Damaged ones are among them and hide none of the others.
    pub fn csrs(&self) -> Result<Vec<Entry>, StoreError> {
        let mut entries = Vec::new();
        self.each_csr(|entry| entries.push(entry))?;
        Ok(entries)
    }

    /// As [`Store::csrs`], one at a time, for those who keep less than all of it in memory.
    pub fn each_csr(&self, mut visit: impl FnMut(Entry)) -> Result<(), StoreError> {
        let Some(dir) = self.root().child(CSRS)? else { return Ok(()) };
        for name in names_in(&dir)? {
            // Gone since it was listed: another process deleted or renamed it.
            if let Some(entry) = entry(&dir, name) {
                visit(entry);
            }
        }
        Ok(())
    }

    /// One CSR; none when there is no regular file of that name. The name is compared with its case.
    pub fn csr(&self, name: &CsrName) -> Result<Option<Entry>, StoreError> {
        Ok(self.root().child(CSRS)?.and_then(|dir| entry(&dir, name.clone())))
    }

    /// True when there is a file for a CSR of this name, compared with its case; it is not opened.
    pub fn csr_exists(&self, name: &CsrName) -> Result<bool, StoreError> {
        Ok(self.root().child(CSRS)?.is_some_and(|dir| is_csr(&dir, name)))
    }

    /// Refuses `count` more CSRs where the limits do not allow them: to be asked before they are made.
    pub fn may_create(&self, count: usize) -> Result<(), StoreError> {
        self.may_write()?;
        let limit = self.limits().csrs;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        if self.names()?.len().saturating_add(count) > most { Err(StoreError::TooMany { limit }) } else { Ok(()) }
    }

    /// The CSR that keeps others from being called `name`: of the same name, ignoring case.
    pub fn taken(&self, name: &CsrName) -> Result<Option<CsrName>, StoreError> {
        Ok(self.names()?.into_iter().find(|other| other.folded() == name.folded()))
    }

    /// The private key of a CSR, PKCS#8 DER: the only way to it. None when there is no such CSR;
    /// [`StoreError::Damaged`] where its block or the record is damaged, or newer.
    pub fn private_key(&self, name: &CsrName) -> Result<Option<Secret>, StoreError> {
        let Some(dir) = self.root().child(CSRS)? else { return Ok(None) };
        let Some(file) = read(&dir, name)? else { return Ok(None) };
        csr_file::decode_key(&file).map(Some).map_err(|damage| damaged(&dir, name, damage))
    }

    /// A CSR and its private key (PKCS#8 DER) from one reading of its file, so that they cannot be of two states. None and
    /// errors as with [`Store::private_key`].
    pub fn csr_with_key(&self, name: &CsrName) -> Result<Option<(StoredCsr, Secret)>, StoreError> {
        let Some(dir) = self.root().child(CSRS)? else { return Ok(None) };
        let Some(file) = read(&dir, name)? else { return Ok(None) };
        let both = || Ok((csr_file::decode(&file)?, csr_file::decode_key(&file)?));
        both().map(Some).map_err(|damage| damaged(&dir, name, damage))
    }

    /// The state of each CSR's file, as far as it is there.
    pub fn file_states<'a>(
        &self,
        names: impl IntoIterator<Item = &'a CsrName>,
    ) -> Result<Vec<Option<FileState>>, StoreError> {
        let dir = self.root().child(CSRS)?;
        let state = |name: &CsrName| {
            let stat = rustix::fs::statat(dir.as_ref()?.fd(), file_name(name), AtFlags::SYMLINK_NOFOLLOW);
            stat.ok().map(|stat| FileState::of(&stat))
        };
        Ok(names.into_iter().map(state).collect())
    }

    /// The state of the CSRs' folder: moves when a file comes or goes.
    pub fn folder_state(&self) -> Result<Option<FileState>, StoreError> {
        let dir = self.root().child(CSRS)?;
        Ok(dir.and_then(|dir| rustix::fs::fstat(dir.fd()).ok()).map(|stat| FileState::of(&stat)))
    }
}

impl WriteLock<'_> {
    /// Keeps a new CSR: afterwards it is whole and durable, or nothing has changed.
    ///
    /// Refused: a name that exists ignoring case, the limits, a file that would be larger than [`MAX_FILE`].
    pub fn create(&self, name: &CsrName, record: &Record, request_der: &[u8], key: &Secret) -> Result<(), StoreError> {
        self.create_with(name, record, (request_der, key), &[])
    }

    /// As [`WriteLock::create`], of a request and its key, together with the certificates that they came with.
    pub fn create_with(
        &self,
        name: &CsrName,
        record: &Record,
        (request_der, key): (&[u8], &Secret),
        certificates: &[Vec<u8>],
    ) -> Result<(), StoreError> {
        let dir = self.store.root().child_or_new(CSRS)?;
        let usage = self.store.usage().current(&dir, self.generation())?;
        if usage.may_hold(name) {
            refuse_taken(&names_in(&dir)?, name, None)?;
        }
        let file = csr_file::encode(record, request_der, key, certificates).ok_or_else(|| too_large(&dir, name))?;
        self.store.within_limits(usage.csrs + 1, usage.bytes + file.len() as u64, file.len() as u64)?;
        self.changing()?;
        atomic::write(&dir, &file_name(name), &file, Place::Free)?;
        self.store.usage().one_more(usage, &dir, self.generation(), name, file.len() as u64);
        Ok(())
    }

    /// Replaces the record of a CSR; everything else in its file stays as it is. Damaged and newer files are refused.
    pub fn set_record(&self, name: &CsrName, record: &Record) -> Result<(), StoreError> {
        let dir = self.csrs_dir(name)?;
        let file = read(&dir, name)?.ok_or_else(|| not_found(name))?;
        let changed = csr_file::with_record(&file, record)
            .map_err(|damage| damaged(&dir, name, damage))?
            .ok_or_else(|| too_large(&dir, name))?;
        self.store.usage().forget();
        self.changing()?;
        atomic::write(&dir, &file_name(name), &changed, Place::Over)
    }

    /// Keeps the CA's certificates in a CSR's file, over earlier ones, together with the record: one step. Everything else in
    /// the file stays. Damaged and newer files are refused, and certificates that make the file larger than [`MAX_FILE`].
    pub fn set_answer(&self, name: &CsrName, record: &Record, certificates: &[Vec<u8>]) -> Result<(), StoreError> {
        self.set_answers(&[self.prepare_answer(name, record, certificates)?])
    }

    /// What [`WriteLock::set_answer`] would write, with the same refusals; for [`WriteLock::set_answers`].
    pub fn prepare_answer(
        &self,
        name: &CsrName,
        record: &Record,
        certificates: &[Vec<u8>],
    ) -> Result<PreparedAnswer, StoreError> {
        let dir = self.csrs_dir(name)?;
        let before = read(&dir, name)?.ok_or_else(|| not_found(name))?;
        let after = csr_file::with_answer(&before, record, certificates)
            .map_err(|damage| damaged(&dir, name, damage))?
            .ok_or_else(|| too_large(&dir, name))?;
        Ok(PreparedAnswer { name: name.clone(), before, after })
    }

    /// Writes the certificates of several CSRs, each in one step. Where one cannot be written, those before it are undone. A power cut in
    /// between leaves some of them written, and each file whole.
    pub fn set_answers(&self, answers: &[PreparedAnswer]) -> Result<(), StoreError> {
        let Some(first) = answers.first() else { return Ok(()) };
        let dir = self.csrs_dir(&first.name)?;
        self.store.usage().forget();
        self.changing()?;
        for (place, PreparedAnswer { name, after, .. }) in answers.iter().enumerate() {
            if let Err(error) = atomic::write(&dir, &file_name(name), after, Place::Over) {
                for PreparedAnswer { name, before, .. } in answers.iter().take(place) {
                    // The error that is returned says what is wrong with the place.
                    let _ = atomic::write(&dir, &file_name(name), before, Place::Over);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Renames a CSR, also a damaged one, also to another case of its own name. Refused: a name that exists, and a file of a newer
    /// version or without the right to read it.
    pub fn rename(&self, old: &CsrName, new: &CsrName) -> Result<(), StoreError> {
        let dir = self.csrs_dir(old)?;
        let names = names_in(&dir)?;
        if !names.contains(old) {
            return Err(not_found(old));
        }
        if old == new {
            return Ok(());
        }
        refuse_taken(&names, new, Some(old))?;
        refuse_left_alone(&dir, old)?;
        self.store.usage().forget();
        self.changing()?;
        if old.folded() == new.folded() {
            atomic::rename_case(&dir, &file_name(old), &file_name(new))
        } else {
            atomic::rename(&dir, &file_name(old), &file_name(new))
        }
    }

    /// Deletes a CSR with its only private key, also a damaged one. Refused: a file of a newer version or without the right
    /// to read it.
    pub fn delete(&self, name: &CsrName) -> Result<(), StoreError> {
        let dir = self.csrs_dir(name)?;
        if !is_csr(&dir, name) {
            return Err(not_found(name));
        }
        refuse_left_alone(&dir, name)?;
        self.store.usage().forget();
        self.changing()?;
        if dir.remove(&file_name(name))? { Ok(()) } else { Err(not_found(name)) }
    }

    fn csrs_dir(&self, name: &CsrName) -> Result<Dir, StoreError> {
        self.store.root().child(CSRS)?.ok_or_else(|| not_found(name))
    }
}

fn refuse_taken(names: &[CsrName], new: &CsrName, but: Option<&CsrName>) -> Result<(), StoreError> {
    let folded = new.folded();
    match names.iter().find(|name| Some(*name) != but && name.folded() == folded) {
        Some(name) => Err(StoreError::AlreadyExists { name: name.clone() }),
        None => Ok(()),
    }
}

fn entry(dir: &Dir, name: CsrName) -> Option<Entry> {
    let content = match dir.read(&file_name(&name), MAX_FILE) {
        Ok(Content::Missing | Content::NotAFile) => return None,
        Ok(Content::TooLarge) => Err(Damage::TooLarge(MAX_FILE)),
        Ok(Content::Bytes(file)) => csr_file::decode(&file),
        Err(errno) => Err(Damage::Unreadable(errno)),
    };
    Some(Entry { name, content })
}

fn read(dir: &Dir, name: &CsrName) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
    match dir.read(&file_name(name), MAX_FILE) {
        Ok(Content::Missing | Content::NotAFile) => Ok(None),
        Ok(Content::TooLarge) => Err(damaged(dir, name, Damage::TooLarge(MAX_FILE))),
        Ok(Content::Bytes(file)) => Ok(Some(file)),
        Err(errno) => Err(damaged(dir, name, Damage::Unreadable(errno))),
    }
}

/// Refuses a file that cannot be read here and may be whole: see [`Damage::is_left_alone`].
fn refuse_left_alone(dir: &Dir, name: &CsrName) -> Result<(), StoreError> {
    match entry(dir, name.clone()) {
        Some(Entry { content: Err(damage), .. }) if damage.is_left_alone() => Err(damaged(dir, name, damage)),
        _ => Ok(()),
    }
}

fn not_found(name: &CsrName) -> StoreError {
    StoreError::NotFound { name: name.clone() }
}

fn damaged(dir: &Dir, name: &CsrName, damage: Damage) -> StoreError {
    StoreError::Damaged { path: dir.at(file_name(name)), damage }
}

fn too_large(dir: &Dir, name: &CsrName) -> StoreError {
    StoreError::TooLarge { path: dir.at(file_name(name)), bound: MAX_FILE }
}
