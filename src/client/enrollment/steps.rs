//! The steps themselves.

use super::{Account, ChallengeKind, Enrollment, Keeper, Open, Outcome, Progress, Step};
use crate::acme::problem::Problem;
use crate::acme::wire::{Authorization, Challenge, Identifier, Order, Status};
use crate::acme::{Acme, Looked};
use crate::error::{ClientError, Kind};
use crate::https::answer::RetryAfter;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The first wait for a CA that does not say how long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest one.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// A CA that asks for more than this is asked again by a later run.
const PATIENCE: u64 = 60;
/// So long the CA is waited for in one run, seconds.
const RUN: i64 = 600;
/// Steps of one run: an order has five; more is a CA that goes in circles.
const MOST_STEPS: usize = 20;

/// Takes an order as far as it goes now. Its challenges are closed when this returns, unless the CA still checks them.
pub async fn enroll(acme: &mut Acme, wanted: &Enrollment<'_>, progress: Progress, keeper: &mut dyn Keeper) -> Outcome {
    let mut run = Run { acme, wanted, progress, keeper };
    let ended = run.go().await;
    // While the CA checks the names, their answers stay in place.
    let still_checked = matches!(ended, Ok(Outcome::Waiting(_))) && run.progress.step == Step::Validating;
    let closed = if still_checked { Ok(()) } else { run.keeper.close().map_err(ClientError::Keep) };
    let now = run.keeper.now();
    match (ended, closed) {
        (Ok(Outcome::Done(chain)), _) => Outcome::Done(chain),
        (Ok(other), Ok(())) => other,
        (Ok(_), Err(error)) => Outcome::Failed(error.failure()),
        (Err(error), _) => {
            let mut failure = error.failure();
            if let ClientError::Problem(problem) = &error {
                failure.wait = problem.retry_after.map(|after| after.seconds(now));
            }
            Outcome::Failed(failure)
        }
    }
}

struct Run<'a, 'b> {
    acme: &'a mut Acme,
    wanted: &'a Enrollment<'b>,
    progress: Progress,
    keeper: &'a mut dyn Keeper,
}

impl Run<'_, '_> {
    async fn go(&mut self) -> Result<Outcome, ClientError> {
        self.account().await?;
        let mut lost = false;
        for _ in 0..MOST_STEPS {
            if self.keeper.is_cancelled() {
                return Err(ClientError::Cancelled);
            }
            let Some(url) = self.progress.order.clone() else {
                self.order().await?;
                continue;
            };
            let order = match self.acme.order(&url).await {
                Ok(order) => order,
                // The CA has forgotten it, or it was another account's: another one, once.
                Err(ClientError::Problem(problem)) if !lost && forgotten(&problem) => {
                    lost = true;
                    self.progress.order = None;
                    continue;
                }
                Err(error) => return Err(error),
            };
            match order.value.status {
                Status::Pending => {
                    if let Some(until) = self.validate(&order.value).await? {
                        return Ok(Outcome::Waiting(until));
                    }
                }
                Status::Ready => {
                    if let Some(outcome) = self.finalize(&order.value, &url).await? {
                        return Ok(outcome);
                    }
                }
                Status::Processing | Status::Valid => {
                    if let Some(outcome) = self.fetch(order, &url).await? {
                        return Ok(outcome);
                    }
                }
                Status::Invalid => {
                    let error = self.why_invalid(&order.value).await?;
                    self.forget()?;
                    return Err(error);
                }
                other => {
                    self.forget()?;
                    if lost {
                        return Err(ClientError::Order(format!("{other:?}").to_lowercase()));
                    }
                    lost = true;
                }
            }
        }
        Err(ClientError::Order("not finished after many steps".to_owned()))
    }

    /// One account: the one that is known; else the one that the CA has for this key; else a new one.
    async fn account(&mut self) -> Result<(), ClientError> {
        let known = self.keeper.account();
        if known.url.is_some() {
            self.acme.use_account(&known);
            return Ok(());
        }
        // An order is its account's: the authority's address was changed meanwhile.
        self.progress.order = None;
        self.make_account(known.asked).await
    }

    async fn make_account(&mut self, asked: bool) -> Result<(), ClientError> {
        let found = if asked { self.acme.find_account().await? } else { None };
        let url = match found {
            Some(url) => url,
            None => {
                self.keeper.keep_account(&Account { url: None, asked: true }).map_err(ClientError::Keep)?;
                self.acme.create_account(&self.wanted.account).await?
            }
        };
        self.keeper.keep_account(&Account { url: Some(url), asked: true }).map_err(ClientError::Keep)
    }

    fn keep(&mut self, step: Step) -> Result<(), ClientError> {
        if self.progress.step != step {
            self.progress.step = step;
            self.note()?;
        }
        Ok(())
    }

    fn note(&mut self) -> Result<(), ClientError> {
        self.keeper.keep(&self.progress).map_err(ClientError::Keep)
    }

    /// The next try places another order.
    fn forget(&mut self) -> Result<(), ClientError> {
        self.progress.order = None;
        self.note()
    }

    /// Places an order. A CA that has lost the account is given it again, with the same key; a certificate that it does not
    /// want to be named is left out. Each once.
    async fn order(&mut self) -> Result<(), ClientError> {
        self.keep(Step::Ordering)?;
        let mut again = false;
        let (url, _) = loop {
            let replaces = self.wanted.replaces.filter(|_| !self.progress.without_replaces);
            match self.acme.new_order(self.wanted.identifiers, self.wanted.profile, replaces).await {
                Ok(order) => break order,
                Err(error) if error.is_problem("accountDoesNotExist") && !again => {
                    again = true;
                    self.make_account(true).await?;
                }
                // Whatever it has against it (RFC 9773, section 5): without it the order may be good.
                Err(ClientError::Problem(problem)) if replaces.is_some() && about_replaces(&problem) => {
                    self.progress.without_replaces = true;
                    self.note()?;
                }
                Err(error) => return Err(error),
            }
        };
        self.progress.order = Some(url);
        self.note()
    }

    /// Puts the answers in place, tells the CA, and waits until it has looked. Gives a time where the CA needs longer.
    async fn validate(&mut self, order: &Order) -> Result<Option<Timestamp>, ClientError> {
        let mut asked = Vec::new();
        let mut open = Vec::new();
        for url in &order.authorizations {
            let authorization = self.acme.authorization(url).await?.value;
            match authorization.status {
                Status::Valid => continue,
                Status::Pending => {}
                _ => return Err(refusal(authorization)),
            }
            let (challenge, kind) = self.choose(&authorization)?;
            open.push(url.clone());
            let answer = self.acme.key().authorization(&challenge.token);
            let token = challenge.token.clone();
            self.keeper.open(&Open { kind, identifier: authorization.identifier, token, authorization: answer })?;
            // One that the CA looks at already is not asked for again.
            if challenge.status == Status::Pending {
                asked.push(challenge);
            }
        }
        self.keeper.wait_until_seen()?;
        self.keep(Step::ChallengeReady)?;
        for challenge in &asked {
            self.acme.ready(challenge).await?;
        }
        self.keep(Step::Validating)?;
        let mut wait = Wait::new(self.keeper.now());
        while let Some(url) = open.last() {
            let looked = self.acme.authorization(url).await?;
            match looked.value.status {
                Status::Valid => {
                    open.pop();
                }
                Status::Pending | Status::Processing => {
                    if let Some(until) = wait.next(looked.retry_after, self.keeper).await? {
                        return Ok(Some(until));
                    }
                }
                _ => {
                    self.forget()?;
                    return Err(refusal(looked.value));
                }
            }
        }
        self.keeper.close().map_err(ClientError::Keep)?;
        Ok(None)
    }

    fn choose(&self, authorization: &Authorization) -> Result<(Challenge, ChallengeKind), ClientError> {
        let able = self.wanted.challenges.iter().filter(|kind| kind.can_prove(&authorization.identifier));
        let mut found = able.filter_map(|kind| {
            let offered = authorization.challenges.iter();
            let mut usable = offered.filter(|one| one.r#type == kind.word() && is_token(&one.token));
            usable.next().map(|challenge| (challenge.clone(), *kind))
        });
        found.next().ok_or_else(|| ClientError::NoChallenge {
            name: signet_domain::visible::line(&authorization.identifier.value),
            offered: signet_domain::visible::line(
                &authorization.challenges.iter().map(|one| one.r#type.as_str()).collect::<Vec<_>>().join(", "),
            ),
        })
    }

    async fn finalize(&mut self, order: &Order, url: &str) -> Result<Option<Outcome>, ClientError> {
        self.keep(Step::Finalizing)?;
        match self.acme.finalize(order, self.wanted.csr).await {
            Ok(order) => self.fetch(order, url).await,
            // The CA has gone on meanwhile: its order says where it is.
            Err(error) if error.is_problem("orderNotReady") => Ok(None),
            Err(error) => {
                if error.failure().kind == Kind::Refused {
                    self.forget()?;
                }
                Err(error)
            }
        }
    }

    /// Waits for the certificate and fetches it. None where the order is in another state again.
    async fn fetch(&mut self, mut order: Looked<Order>, url: &str) -> Result<Option<Outcome>, ClientError> {
        let mut wait = Wait::new(self.keeper.now());
        loop {
            match (order.value.status, &order.value.certificate) {
                (Status::Valid, Some(certificate)) => {
                    let certificate = certificate.clone();
                    let chain = self.acme.certificate(&certificate, self.wanted.fits).await?;
                    return Ok(Some(Outcome::Done(chain)));
                }
                (Status::Processing | Status::Ready | Status::Valid, _) => {
                    if let Some(until) = wait.next(order.retry_after, self.keeper).await? {
                        self.keep(Step::Waiting)?;
                        return Ok(Some(Outcome::Waiting(until)));
                    }
                }
                _ => return Ok(None),
            }
            order = self.acme.order(url).await?;
        }
    }

    /// Why an order is invalid: it says so itself, or one of its authorizations does.
    async fn why_invalid(&mut self, order: &Order) -> Result<ClientError, ClientError> {
        for url in &order.authorizations {
            if let Ok(Looked { value, .. }) = self.acme.authorization(url).await
                && value.status == Status::Invalid
            {
                return Ok(refusal(value));
            }
        }
        let why = order.error.clone().map(|problem| ClientError::Problem(Box::new(problem)));
        Ok(why.unwrap_or_else(|| ClientError::Order("invalid".to_owned())))
    }
}

/// Why a name was not proved: the challenge that failed says it.
fn refusal(authorization: Authorization) -> ClientError {
    let identifier: Identifier = authorization.identifier;
    let mut errors =
        authorization.challenges.into_iter().filter_map(|challenge| Some((challenge.error?, challenge.r#type)));
    match errors.next() {
        Some((problem, kind)) => ClientError::Problem(Box::new(problem.of(&identifier, &kind))),
        None => ClientError::Order(
            format!("{:?} for {}", authorization.status, signet_domain::visible::line(&identifier.value))
                .to_lowercase(),
        ),
    }
}

fn forgotten(problem: &Problem) -> bool {
    matches!(problem.status, 404 | 410)
        || matches!(problem.kind(), "malformed" | "unauthorized" | "accountDoesNotExist")
}

/// Not what has nothing to do with it.
fn about_replaces(problem: &Problem) -> bool {
    problem.kind() == "alreadyReplaced" || matches!(problem.status, 404 | 409) || problem.kind() == "malformed"
}

/// A token becomes a file's name and a part of a URL (RFC 8555, section 8.1: base64url, at least 128 bits).
fn is_token(token: &str) -> bool {
    (20..=128).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Waits between two looks: as long as the CA says, else a little longer each time.
struct Wait {
    next: Duration,
    until: Timestamp,
}

impl Wait {
    fn new(now: Timestamp) -> Self {
        Self { next: FIRST_WAIT, until: now.saturating_add(SignedDuration::from_secs(RUN)).unwrap_or(now) }
    }

    /// Gives a time instead of waiting where it is far.
    async fn next(&mut self, after: Option<RetryAfter>, keeper: &dyn Keeper) -> Result<Option<Timestamp>, ClientError> {
        let now = keeper.now();
        if keeper.is_cancelled() {
            return Err(ClientError::Cancelled);
        }
        let later = |seconds: u64| {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
            Ok(Some(now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)))
        };
        let asked = after.map(|after| after.seconds(now));
        match asked {
            Some(seconds) if seconds > PATIENCE => return later(seconds),
            _ if now >= self.until => return later(PATIENCE),
            Some(seconds) if seconds > 0 => tokio::time::sleep(Duration::from_secs(seconds)).await,
            _ => {
                tokio::time::sleep(self.next).await;
                self.next = (self.next * 2).min(LONGEST_WAIT);
            }
        }
        Ok(None)
    }
}
