//! What a server answers: what it holds, or what its refusal says; and requests that nobody signs.

use super::patience::Patience;
use super::problem::Problem;
use crate::error::ClientError;
use crate::https::Https;
use crate::https::answer::Answer;
use hyper::Method;
use serde::de::DeserializeOwned;
use signet_domain::visible;

/// A request that nobody signs.
pub(super) async fn asked(https: &mut Https, method: Method, url: &str) -> Result<Answer, ClientError> {
    let mut patience = Patience::default();
    loop {
        let answer = https.send(method.clone(), url, &[], Vec::new()).await?;
        if answer.status < 400 {
            return Ok(answer);
        }
        if !patience.waits(&answer).await {
            return Err(refusal(url, &answer));
        }
    }
}

/// What an answer of 400 or more says.
pub(crate) fn refusal(url: &str, answer: &Answer) -> ClientError {
    Problem::read(answer).map_or_else(|| not_acme(url, answer), |problem| ClientError::Problem(Box::new(problem)))
}

/// What an answer holds.
pub(super) fn read<T: DeserializeOwned>(url: &str, answer: &Answer) -> Result<T, ClientError> {
    serde_json::from_slice(&answer.body).map_err(|_| not_acme(url, answer))
}

pub(super) fn location(url: &str, answer: &Answer) -> Result<String, ClientError> {
    answer.header("location").map(str::to_owned).ok_or_else(|| missing(url, "a Location field"))
}

pub(super) fn missing(url: &str, what: &str) -> ClientError {
    ClientError::NotAcme { url: visible::line(url), what: format!("its response lacks {what}") }
}

/// An answer that is not the protocol's: its status and kind say what it is instead.
pub(super) fn not_acme(url: &str, answer: &Answer) -> ClientError {
    let kind = answer.header("content-type").unwrap_or("no content type");
    ClientError::NotAcme {
        url: visible::line(url),
        what: format!("status {}, {}", answer.status, visible::bounded(kind, 60)),
    }
}
