//! One order at an EST server: sent once a try, and again when the CA has asked to wait.

use super::keeper::OrderKeeper;
use super::way::https;
use crate::cli::messages::enrollment as say;
use jiff::{SignedDuration, Timestamp};
use signet_client::est::{Cause, Est, Sent};
use signet_client::{ClientError, Keeper, Outcome, Step};
use signet_domain::enrollment::Failure;
use signet_domain::time;
use signet_pki::answer::read_usable;
use signet_pki::certificate::Certificate;
use signet_pki::csr_attributes::lacking;
use signet_pki::inspect::inspect;
use signet_pki::pem;
use signet_store::StoredAuthority;

/// So long a CA is waited for that does not say how long, seconds.
const WAIT: u64 = 60;

/// The server, with what this device authenticates itself by.
pub(in crate::cli) fn connect(authority: &StoredAuthority, proxy: Option<&str>) -> Result<Est, ClientError> {
    let https = https(authority, proxy)?;
    let est = authority.settings.est.as_ref();
    let user = est.and_then(|est| est.user.as_deref());
    let login = user.zip(authority.password.as_ref().map(|password| password.expose_secret()));
    Ok(Est::new(https, &authority.settings.url, est.and_then(|est| est.label.as_deref()), login))
}

/// Takes the order as far as it goes now.
pub(super) async fn outcome(authority: &StoredAuthority, csr: &[u8], keeper: &mut OrderKeeper<'_>) -> Outcome {
    match tried(authority, csr, keeper).await {
        Ok(outcome) => outcome,
        Err(error) => {
            let mut failure = error.failure();
            if let ClientError::Problem(problem) = &error {
                failure.wait = problem.retry_after.map(|after| after.seconds(keeper.now()));
            }
            Outcome::Failed(failure)
        }
    }
}

async fn tried(authority: &StoredAuthority, csr: &[u8], keeper: &mut OrderKeeper<'_>) -> Result<Outcome, ClientError> {
    if let Some(why) = expired(authority, keeper.now()) {
        return Ok(Outcome::Failed(why));
    }
    let mut est = connect(authority, keeper.order.proxy.as_deref())?;
    let mut progress = keeper.order.progress.clone();
    progress.step = Step::Finalizing;
    keeper.keep(&progress).map_err(ClientError::Keep)?;
    let again = keeper.order.reenrolls && !progress.without_replaces;
    let sent = match est.enroll(csr, again).await {
        // Some servers re-enroll only who shows the certificate itself.
        Err(ClientError::Est(refused)) if again && !matches!(refused.cause, Cause::Login | Cause::Client) => {
            progress.without_replaces = true;
            keeper.keep(&progress).map_err(ClientError::Keep)?;
            est.enroll(csr, false).await
        }
        sent => sent,
    };
    match sent {
        Ok(Sent::Certificates(answer)) => Ok(chain(&mut est, csr, &answer).await),
        Ok(Sent::Later(after)) => {
            progress.step = Step::Waiting;
            keeper.keep(&progress).map_err(ClientError::Keep)?;
            let now = keeper.now();
            let wait = after.map_or(WAIT, |after| after.seconds(now)).max(1);
            let wait = SignedDuration::from_secs(i64::try_from(wait).unwrap_or(i64::MAX));
            Ok(Outcome::Waiting(now.saturating_add(wait).unwrap_or(now)))
        }
        Err(ClientError::Est(refused)) if matches!(refused.cause, Cause::Request | Cause::NotAllowed) => {
            let wanted = est.csr_attributes().await.map(|wanted| lacking(&wanted, csr)).unwrap_or_default();
            let mut failure = ClientError::Est(refused).failure();
            if !wanted.is_empty() {
                failure.remedy = say::wanted(&wanted.join(", "));
            }
            Ok(Outcome::Failed(failure))
        }
        Err(error) => Err(error),
    }
}

/// Nobody is asked with a certificate that has expired.
fn expired(authority: &StoredAuthority, now: Timestamp) -> Option<Failure> {
    let blocks = pem::scan(&authority.client.as_ref()?.chain).ok()?;
    let leaf = Certificate::read(&blocks.first()?.der().ok()?).ok()?;
    (leaf.not_after < now).then(|| say::client_expired(&time::shown(leaf.not_after)))
}

/// What came, with the CA's certificates, as PEM. Their order is whoever's who keeps them.
async fn chain(est: &mut Est, csr: &[u8], answer: &[u8]) -> Outcome {
    let mut certificates = match read_usable(answer) {
        Ok(read) => read.certificates,
        Err(error) => return Outcome::Failed(say::not_certificates(&error.invalid("").what)),
    };
    let is_its = |one: &Certificate| inspect(csr).is_ok_and(|request| one.has_key(&request.spki_der));
    if !certificates.iter().any(is_its) {
        return Outcome::Failed(say::without_leaf());
    }
    // It is here: what completes its chain is not worth a failure.
    if let Ok(above) = est.ca_certificates().await {
        certificates.extend(read_usable(&above).map(|read| read.certificates).unwrap_or_default());
    }
    let pem: Vec<_> = certificates.iter().map(|one| pem::encode("CERTIFICATE", &one.der)).collect();
    Outcome::Done(pem.iter().map(|one| one.as_str()).collect::<String>().into_bytes())
}
