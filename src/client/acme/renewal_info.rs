//! When a CA suggests to renew a certificate (ARI, RFC 9773): asked for without an account.

use super::answer::{read, refusal};
use super::wire::RenewalInfo;
use super::{Acme, Looked};
use crate::error::ClientError;
use crate::https::answer::RetryAfter;
use hyper::Method;

impl Acme {
    /// The window that the CA suggests for this certificate; none where the CA does not say.
    pub async fn renewal_info(&mut self, certificate_id: &str) -> Result<Option<Looked<RenewalInfo>>, ClientError> {
        let Some(base) = &self.directory.renewal_info else { return Ok(None) };
        let url = format!("{}/{certificate_id}", base.trim_end_matches('/'));
        let answer = self.https.send(Method::GET, &url, &[], Vec::new()).await?;
        match answer.status {
            404 => Ok(None),
            400.. => Err(refusal(&url, &answer)),
            _ => Ok(Some(Looked { value: read(&url, &answer)?, retry_after: RetryAfter::of(&answer) })),
        }
    }
}
