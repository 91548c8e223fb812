//! Authorities: adding, changing and deleting them. Their secrets go in once and are never shown again.

mod est;
mod tests_of;

pub use est::EstGiven;
pub use tests_of::{Test, test_done, tests_asked};

use crate::audit::{Actor, AuditLog, Event};
use crate::enroll::{Enrollments, Known, requests_at};
use crate::messages::authorities as say;
use crate::{AppError, Failure};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use signet_domain::authority::{Authority, AuthorityAnswers, AuthorityName, DnsWay, MAX_AUTHORITIES};
use signet_domain::invalid::Mistakes;
use signet_domain::key_spec::{Curve, Digest, KeySpec};
use signet_domain::secret::Secret;
use signet_pki::certificate::Certificate;
use signet_pki::generate::generate;
use signet_pki::pem;
use signet_store::{Store, StoredAuthority, WriteLock};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Bytes of a file with roots.
pub const MAX_ROOTS: usize = 48 * 1024;
/// Certificates in it.
const MAX_CERTIFICATES: usize = 32;

/// An authority as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub name: AuthorityName,
    /// What is set.
    pub settings: Authority,
    /// True where an external account's key is kept.
    pub has_eab_key: bool,
    /// The common names of its own roots; empty for the public ones.
    pub roots: Vec<String>,
    /// Requests with an order under way there.
    pub requests: Vec<String>,
    /// The request whose certificate this device authenticates itself with; its id where it is deleted.
    pub client: Option<String>,
}

/// What is given beside the settings.
#[derive(Debug, Default)]
pub struct Given {
    /// The settings.
    pub answers: AuthorityAnswers,
    /// The external account's key, base64url as CAs hand it out.
    pub eab_key: Option<Secret>,
    /// The TSIG key's secret, base64 as DNS servers keep it.
    pub tsig_secret: Option<Secret>,
    /// A PEM file with roots; an empty one stands for the public roots.
    pub roots: Option<Vec<u8>>,
    /// For an authority that is reached by EST; `answers` and `eab_key` are empty then.
    pub est: Option<EstGiven>,
}

/// The authorities of one data directory.
#[derive(Debug)]
pub struct Authorities {
    store: Store,
    audit: Arc<AuditLog>,
    enrollments: Arc<Enrollments>,
}

impl Authorities {
    /// The authorities of this data directory.
    pub fn new(store: Store, audit: Arc<AuditLog>, enrollments: Arc<Enrollments>) -> Self {
        Self { store, audit, enrollments }
    }

    /// All that can be read, by name.
    pub fn list(&self) -> Result<Vec<Shown>, Failure> {
        let mut all = Vec::new();
        for (name, authority) in self.store.authorities()? {
            all.push(self.shown(name, &authority?)?);
        }
        Ok(all)
    }

    /// What matters of them for a request that is not at one of them.
    pub fn known(&self) -> Known {
        Known::of(&self.store)
    }

    /// One of them.
    pub fn show(&self, name: &AuthorityName) -> Result<Shown, Failure> {
        self.shown(name.clone(), &self.stored(name)?)
    }

    /// One of them with its secrets.
    pub fn stored(&self, name: &AuthorityName) -> Result<StoredAuthority, Failure> {
        self.store.authority(name)?.ok_or_else(|| Failure::NoAuthority(name.to_string()))
    }

    /// Requests that are renewed there automatically.
    pub fn renewed_at(&self, name: &AuthorityName) -> Result<Vec<String>, Failure> {
        self.enrollments.renewed_at(name)
    }

    /// All that use it, each once: those with an order under way there, and those that are renewed there.
    pub fn users(&self, name: &AuthorityName) -> Result<Vec<String>, Failure> {
        let mut users = requests_at(&self.store, name)?;
        users.extend(self.renewed_at(name)?);
        users.sort_unstable();
        users.dedup();
        Ok(users)
    }

    fn shown(&self, name: AuthorityName, authority: &StoredAuthority) -> Result<Shown, Failure> {
        let roots = authority.roots.as_deref().map(|roots| read_roots(roots.as_bytes())).transpose();
        Ok(Shown {
            settings: authority.settings.clone(),
            has_eab_key: authority.eab_key.is_some(),
            // Checked when they were given.
            roots: roots.ok().flatten().unwrap_or_default(),
            requests: requests_at(&self.store, &name)?,
            client: self.enrollments.client_name(&authority.settings)?,
            name,
        })
    }

    /// All that is wrong with a new authority of this name.
    pub fn mistakes(&self, name: &str, given: &Given) -> Result<Mistakes, Failure> {
        let mut mistakes = AuthorityName::parse(name).err().map(Mistakes::from).unwrap_or_else(Mistakes::none);
        match self.with_settings(given, None).and_then(|authority| complete(authority, given)) {
            Err(AppError::Rejected(more)) => more.into_iter().for_each(|one| mistakes.add(one)),
            Err(AppError::Failed(failure)) => return Err(failure),
            Ok(_) => {}
        }
        Ok(mistakes)
    }

    /// Adds an authority, with a new key for its account. All that is wrong with it, its name included, is told at once.
    pub fn add(&self, name: &str, given: &Given, by: Actor) -> Result<Shown, AppError> {
        let mistakes = self.mistakes(name, given)?;
        if !mistakes.is_empty() {
            return Err(AppError::Rejected(mistakes));
        }
        let name = &AuthorityName::parse(name)?;
        let authority = complete(self.with_settings(given, None)?, given)?;
        let lock = self.store.lock()?;
        let all = self.store.authorities()?;
        if all.iter().any(|(other, _)| other == name) {
            return Err(say::name_taken(name).into());
        }
        if all.len() >= MAX_AUTHORITIES {
            return Err(say::too_many(MAX_AUTHORITIES).into());
        }
        self.audit.room_to_record_several(&lock, 2)?;
        // With it everything that the enrolling process's unit binds.
        lock.enrollment()?;
        lock.put_authority(name, &authority)?;
        self.audit.record_under(&lock, by, Event::Authority { what: "ca-add", name: name.as_str() });
        self.record_client(&lock, name, given, by);
        drop(lock);
        Ok(self.shown(name.clone(), &authority)?)
    }

    /// Changes what is given; the account's key stays. False where it was so before.
    pub fn change(&self, name: &AuthorityName, given: &Given, by: Actor) -> Result<(Shown, bool), AppError> {
        let lock = self.store.lock()?;
        let before = self.stored(name)?;
        let after = complete(self.with_settings(given, Some(&before))?, given)?;
        let same_key = |one: &Option<Secret>, other: &Option<Secret>| {
            one.as_ref().map(Secret::expose_secret) == other.as_ref().map(Secret::expose_secret)
        };
        let same = before.settings == after.settings
            && before.roots == after.roots
            && same_key(&before.eab_key, &after.eab_key)
            && same_key(&before.password, &after.password)
            && before.client.as_ref().map(|one| &one.chain) == after.client.as_ref().map(|one| &one.chain)
            && same_key(&before.tsig_secret, &after.tsig_secret);
        // A password is not sent to whoever has a certificate of another root.
        let is_new = given.est.as_ref().is_some_and(|est| est.password.is_some());
        if after.password.is_some() && !is_new && before.roots != after.roots {
            return Err(say::password_missing(true).into());
        }
        if !same {
            self.audit.room_to_record_several(&lock, 2)?;
            lock.put_authority(name, &after)?;
            self.forget_test(name)?;
            self.audit.record_under(&lock, by, Event::Authority { what: "ca-change", name: name.as_str() });
            self.record_client(&lock, name, given, by);
        }
        drop(lock);
        Ok((self.shown(name.clone(), &after)?, !same))
    }

    /// A key was copied.
    fn record_client(&self, lock: &WriteLock<'_>, name: &AuthorityName, given: &Given, by: Actor) {
        if let Some(client) = given.est.as_ref().and_then(|est| est.client.as_ref()) {
            let event = Event::AtAuthority { what: "ca-client", csr: client, detail: name.as_str() };
            self.audit.record_under(lock, by, event);
        }
    }

    /// What is given, over what was before. The protocol stays.
    fn with_settings(&self, given: &Given, before: Option<&StoredAuthority>) -> Result<StoredAuthority, AppError> {
        let was_est = before.map(|before| before.settings.est.is_some());
        match (&given.est, before) {
            (Some(_), _) if was_est == Some(false) => Err(say::other_protocol("EST").into()),
            (Some(est), _) => self.est(est, before),
            (None, Some(before)) if was_est == Some(true) => {
                let is_acme = given.answers != AuthorityAnswers::default() || given.eab_key.is_some();
                if is_acme { Err(say::other_protocol("ACME").into()) } else { Ok(before.clone()) }
            }
            (None, Some(before)) => {
                let settings = given.answers.parse(Some(&before.settings))?;
                Ok(StoredAuthority { settings, ..before.clone() })
            }
            (None, None) => {
                let settings = given.answers.parse(None)?;
                let key = generate(KeySpec::Ec(Curve::Secp256r1, Digest::Sha256)).map_err(Failure::from)?;
                let account_key = key.pkcs8().clone();
                Ok(StoredAuthority {
                    settings,
                    account_key,
                    eab_key: None,
                    tsig_secret: None,
                    password: None,
                    client: None,
                    roots: None,
                })
            }
        }
    }

    /// Deletes an authority with its account's key. Where requests use it, that is refused; with `force` their orders there are
    /// cancelled.
    pub fn delete(&self, name: &AuthorityName, force: bool, by: Actor) -> Result<(), AppError> {
        self.stored(name)?;
        let requests = self.users(name)?;
        if !requests.is_empty() && !force {
            return Err(Failure::AuthorityInUse { name: name.to_string(), requests: requests.join(", ") }.into());
        }
        self.enrollments.cancel_at(name, by)?;
        let lock = self.store.lock()?;
        self.audit.room_to_record_several(&lock, 1)?;
        lock.remove_authority(name)?;
        self.forget_test(name)?;
        self.audit.record_under(&lock, by, Event::Authority { what: "ca-delete", name: name.as_str() });
        Ok(())
    }
}

/// The authority with the secrets and roots that are given.
fn complete(mut authority: StoredAuthority, given: &Given) -> Result<StoredAuthority, AppError> {
    if let Some(text) = &given.eab_key {
        authority.eab_key = Some(base64_key(text).ok_or_else(say::eab_key)?);
    }
    if authority.settings.eab_kid.is_none() {
        authority.eab_key = None;
    } else if authority.eab_key.is_none() {
        return Err(say::eab_key_missing().into());
    }
    if let Some(text) = &given.tsig_secret {
        authority.tsig_secret = Some(base64_key(text).ok_or_else(say::tsig_secret)?);
    }
    match authority.settings.dns {
        Some(DnsWay::Update(_)) if authority.tsig_secret.is_none() => return Err(say::tsig_secret_missing().into()),
        Some(DnsWay::Update(_)) => {}
        _ if given.tsig_secret.is_some() => return Err(say::tsig_secret_not_used().into()),
        _ => authority.tsig_secret = None,
    }
    match given.roots.as_deref() {
        None => {}
        Some([]) => authority.roots = None,
        Some(bytes) => {
            read_roots(bytes)?;
            authority.roots = Some(String::from_utf8(bytes.to_vec()).map_err(|_| say::roots_not_pem())?);
        }
    }
    Ok(authority)
}

/// A key in base64url or base64, padded or not.
fn base64_key(text: &Secret) -> Option<Secret> {
    let text = text.expose_secret().trim_ascii();
    let end = text.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let plain = text.get(..end)?.iter().map(|byte| match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => *other,
    });
    let plain: Zeroizing<Vec<u8>> = Zeroizing::new(plain.collect());
    let key = BASE64_URL_SAFE_NO_PAD.decode(&*plain).ok()?;
    (!key.is_empty()).then(|| Secret::new(key))
}

/// The common names of the certificates in a PEM file. Refused at `root`.
fn read_roots(bytes: &[u8]) -> Result<Vec<String>, AppError> {
    if bytes.len() > MAX_ROOTS {
        return Err(say::roots_too_large(MAX_ROOTS).into());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| say::roots_not_pem())?;
    let blocks = pem::scan(text).map_err(|_| say::roots_not_pem())?;
    let is_certificate = |block: &pem::Block| block.label == "CERTIFICATE";
    if blocks.is_empty() || blocks.len() > MAX_CERTIFICATES || !blocks.iter().all(is_certificate) {
        return Err(say::roots_not_pem().into());
    }
    let name = |block: &pem::Block| Some(Certificate::read(&block.der().ok()?).ok()?.subject_short());
    blocks.iter().map(name).collect::<Option<_>>().ok_or_else(|| say::roots_not_pem().into())
}
