//! One look at all orders: what is cancelled ends, what waits is taken up, what is due is tried, one after the other.

use super::dns::Records;
use super::keeper::{OrderKeeper, close};
use super::way::connect;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use signet_app::clock::{self, Clock};
use signet_app::enroll::{Programs, end_cancelled, file_of, ids, json_of, read_ended, read_order};
use signet_app::random;
use signet_client::acme::NewAccount;
use signet_client::{Account, Acme, ClientError, Enrollment, ExternalAccount, Keeper, Outcome, Step};
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::{Ended, Failure, Kind, Order};
use signet_pki::certificate::Certificate;
use signet_pki::pem;
use signet_store::{EnrollFolder, Room, StoreError, StoredAuthority};
use std::collections::HashMap;
use zeroize::Zeroizing;

use super::super::messages::enrollment as say;

/// What one look did.
#[derive(Debug, Clone, Default)]
pub struct Pass {
    /// Certificates that came.
    pub issued: u32,
    /// Tries that failed.
    pub failed: u32,
    /// Orders that are left.
    pub open: u32,
    /// When the next of them is due.
    pub next: Option<Timestamp>,
    /// Requests whose tries failed for another reason than before, or for good, each with that reason.
    pub news: Vec<(String, Failure)>,
}

/// Works on the orders of one folder; whoever has one holds the folder's lock.
pub struct Worker<'a> {
    pub(super) folder: &'a EnrollFolder,
    pub(super) clock: Clock,
    heard: &'a dyn Fn(Step),
}

impl<'a> Worker<'a> {
    /// A worker that tells nobody of its steps.
    pub fn new(folder: &'a EnrollFolder, clock: Clock) -> Self {
        Self { folder, clock, heard: &|_| {} }
    }

    /// The same, which tells of each step.
    pub fn heard_by(self, heard: &'a dyn Fn(Step)) -> Self {
        Self { heard, ..self }
    }

    /// Looks once; with `only`, at the order of this id alone.
    pub async fn pass(&self, only: Option<&str>) -> Result<Pass, StoreError> {
        let mut pass = Pass::default();
        self.end_cancelled()?;
        self.sweep()?;
        self.take_up()?;
        if only.is_none() {
            super::ca_tests::answer(self.folder, self.clock).await?;
        }
        let mut orders = Vec::new();
        for id in ids(self.folder, Room::Orders)? {
            // Killed between the two: it has ended.
            if read_ended(self.folder, Room::Done, &id)?.is_some() {
                self.folder.remove(Room::Orders, &file_of(&id))?;
                continue;
            }
            match read_order(self.folder, Room::Orders, &id)? {
                Some(order) => orders.push((id, order)),
                None => {
                    tracing::warn!(id, "an order cannot be read and is removed");
                    self.folder.remove(Room::Orders, &file_of(&id))?;
                }
            }
        }
        orders.sort_by_key(|(_, order)| order.since);
        // What a CA asked for holds for its other orders, too.
        let mut told_to_wait: HashMap<String, Timestamp> = HashMap::new();
        for (id, mut order) in orders {
            let now = self.clock.now();
            let is_meant = only.is_none_or(|only| only == id);
            if now >= clock::build_date() && is_meant && order.is_due(now) {
                match told_to_wait.get(&order.authority) {
                    Some(until) => {
                        order.next_try = Some(*until);
                        self.write(&id, &order)?;
                    }
                    None => match self.tried(&id, order, &mut pass, &mut told_to_wait).await? {
                        Some(left) => order = left,
                        None => continue,
                    },
                }
            }
            pass.open += 1;
            let next = order.next_try.unwrap_or(now);
            pass.next = Some(pass.next.map_or(next, |other| other.min(next)));
        }
        Ok(pass)
    }

    fn end_cancelled(&self) -> Result<(), StoreError> {
        let marks = self.folder.names(Room::Queue)?;
        for id in marks.iter().filter_map(|name| name.strip_suffix(".cancel")) {
            close(self.folder, id, self.clock.now())?;
            end_cancelled(self.folder, id)?;
        }
        Ok(())
    }

    /// Moves what waits to what is under way.
    fn take_up(&self) -> Result<(), StoreError> {
        for id in ids(self.folder, Room::Queue)? {
            let file = file_of(&id);
            match read_order(self.folder, Room::Queue, &id)? {
                // Taken up before, and killed before it was removed here.
                Some(_) if self.folder.read(Room::Orders, &file)?.is_some() => {}
                Some(order) => self.write(&id, &order)?,
                None => tracing::warn!(id, "an order in the queue cannot be read and is removed"),
            }
            self.folder.remove(Room::Queue, &file)?;
        }
        Ok(())
    }

    fn write(&self, id: &str, order: &Order) -> Result<(), StoreError> {
        self.folder.write(Room::Orders, &file_of(id), &json_of(order))
    }

    /// One try; gives the order where it is not over.
    async fn tried(
        &self,
        id: &str,
        order: Order,
        pass: &mut Pass,
        told_to_wait: &mut HashMap<String, Timestamp>,
    ) -> Result<Option<Order>, StoreError> {
        let (mut order, outcome) = self.outcome(id, order).await?;
        let now = self.clock.now();
        let after = |seconds: u64| {
            let seconds = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
            now.saturating_add(seconds).unwrap_or(Timestamp::MAX)
        };
        match outcome {
            Outcome::Done(chain) => {
                pass.issued += u32::from(order.revokes.is_none());
                order.progress.step = Step::Done;
                (order.failure, order.next_try) = (None, None);
                let chain = String::from_utf8_lossy(&chain).into_owned();
                self.end(id, Ended { order, chain: Some(chain) })?;
                Ok(None)
            }
            Outcome::Waiting(until) => {
                (order.failure, order.next_try, order.failures) = (None, Some(until), 0);
                self.write(id, &order)?;
                Ok(Some(order))
            }
            Outcome::Failed(failure) if failure.kind == Kind::Cancelled => {
                close(self.folder, id, now)?;
                end_cancelled(self.folder, id)?;
                Ok(None)
            }
            Outcome::Failed(failure) => {
                pass.failed += 1;
                order.progress.step = Step::Failed;
                if is_news(&order, &failure) {
                    tell(&order, &failure);
                    pass.news.push((order.request.clone(), failure.clone()));
                }
                if !failure.kind.is_tried_again() {
                    order.failure = Some(failure);
                    order.next_try = None;
                    self.end(id, Ended { order, chain: None })?;
                    return Ok(None);
                }
                order.failures = order.failures.saturating_add(1);
                // Devices that failed together do not come back together.
                let [chance] = random::bytes::<1>().unwrap_or_default();
                let next = after(Order::backoff(order.failures, failure.wait, chance));
                if failure.kind == Kind::Later {
                    told_to_wait.insert(order.authority.clone(), next);
                }
                (order.failure, order.next_try) = (Some(failure), Some(next));
                self.write(id, &order)?;
                Ok(Some(order))
            }
        }
    }

    /// The result first: where the next line is not reached, the order is found to have ended.
    fn end(&self, id: &str, ended: Ended) -> Result<(), StoreError> {
        self.folder.write(Room::Done, &file_of(id), &json_of(&ended))?;
        self.folder.remove(Room::Orders, &file_of(id))?;
        Ok(())
    }

    /// Removes what ended orders have left with servers that were away then.
    pub fn sweep(&self) -> Result<(), StoreError> {
        super::dns::sweep(self.folder, self.clock.now())
    }

    /// Takes an order as far as it goes now. Its progress is kept under `id`; what becomes of it is the caller's.
    pub async fn outcome(&self, id: &str, order: Order) -> Result<(Order, Outcome), StoreError> {
        let name = AuthorityName::parse(&order.authority).ok();
        let authority = match &name {
            Some(name) => self.folder.authority(name)?,
            None => None,
        };
        let Some(authority) = authority else {
            let failure = say::no_authority(&order.authority);
            return Ok((order, Outcome::Failed(failure)));
        };
        let Ok(csr) = BASE64_STANDARD.decode(&order.csr) else {
            let failure = say::damaged_order();
            return Ok((order, Outcome::Failed(failure)));
        };
        if authority.settings.est.is_some() {
            let mut keeper = self.keeper(id, order, Default::default(), Records::default());
            let outcome = super::est::outcome(&authority, &csr, &mut keeper).await;
            return Ok((keeper.order, outcome));
        }
        let mut acme = match connect(&authority, order.proxy.as_deref()).await {
            Ok(acme) => acme,
            Err(failure) => return Ok((order, Outcome::Failed(failure))),
        };
        if let Some(reason) = order.revokes {
            let account_of = (authority.settings.url.clone(), acme.key().thumbprint());
            let keeper = self.keeper(id, order, account_of, Records::default());
            let outcome = revoked(&mut acme, &keeper.account(), &csr, reason).await;
            return Ok((keeper.order, outcome));
        }
        let settings = &authority.settings;
        let external = external(&authority);
        let fits = |chain: &[u8]| fits(chain, settings.preferred_chain.as_deref());
        let (identifiers, progress) = (order.identifiers.clone(), order.progress.clone());
        // A CA without ARI need not know the word.
        let replaces = order.replaces.clone().filter(|_| acme.directory().renewal_info.is_some());
        let wanted = Enrollment {
            csr: &csr,
            identifiers: &identifiers,
            profile: settings.profile.as_deref(),
            replaces: replaces.as_deref(),
            challenges: &settings.challenges,
            fits: &fits,
            account: NewAccount {
                contact: settings.contact.as_deref(),
                agreed: settings.agreed,
                external: external.as_ref(),
            },
        };
        let records = Records { way: settings.dns.clone(), secret: authority.tsig_secret.clone(), placed: Vec::new() };
        let account_of = (settings.url.clone(), acme.key().thumbprint());
        let mut keeper = self.keeper(id, order, account_of, records);
        let outcome = signet_client::enrollment::enroll(&mut acme, &wanted, progress, &mut keeper).await;
        let account = keeper.account().url;
        Ok((Order { account, ..keeper.order }, outcome))
    }

    fn keeper<'b>(
        &'b self,
        id: &'b str,
        order: Order,
        account_of: (String, String),
        records: Records,
    ) -> OrderKeeper<'b> {
        OrderKeeper { folder: self.folder, clock: self.clock, id, order, account_of, heard: self.heard, records }
    }
}

/// The first failure, another one, and the last one: an order is tried many times.
fn is_news(order: &Order, failure: &Failure) -> bool {
    let is_known = order.failure.as_ref().is_some_and(|before| before.code == failure.code);
    !is_known || !failure.kind.is_tried_again()
}

/// Tells the program that root has named.
fn tell(order: &Order, failure: &Failure) {
    let told = Programs::read().map_err(|error| error.to_string()).and_then(|programs| programs.notify(order, failure));
    if let Err(error) = told {
        crate::cli::output::tell(say::not_told(&order.request, &error));
    }
}

/// Revokes a certificate that this account has ordered. One that is revoked already is as good.
async fn revoked(acme: &mut Acme, account: &Account, certificate: &[u8], reason: u8) -> Outcome {
    let work = async {
        match account.url {
            Some(_) => acme.use_account(account),
            None => drop(acme.find_account().await?),
        }
        acme.revoke(certificate, Some(reason).filter(|reason| *reason > 0)).await
    };
    match work.await {
        Ok(()) => Outcome::Done(Vec::new()),
        Err(ClientError::Problem(problem)) if problem.kind() == "alreadyRevoked" => Outcome::Done(Vec::new()),
        Err(error) => Outcome::Failed(error.failure()),
    }
}

fn external(authority: &StoredAuthority) -> Option<ExternalAccount> {
    let key = authority.eab_key.as_ref()?;
    let kid = authority.settings.eab_kid.clone()?;
    Some(ExternalAccount { kid, key: Zeroizing::new(key.expose_secret().to_vec()) })
}

/// True for a chain that a root of this name has issued, and for any where none is preferred.
fn fits(chain: &[u8], preferred: Option<&str>) -> bool {
    let Some(preferred) = preferred else { return true };
    let blocks = pem::scan(&pem::text_of(chain)).unwrap_or_default();
    let issuer = |block: &pem::Block| Some(Certificate::read(&block.der().ok()?).ok()?.issuer_short);
    blocks.iter().filter_map(issuer).any(|issuer| issuer == preferred)
}
