//! An ACME client (RFC 8555): signed requests with fresh nonces, an account, orders, and their certificates.
//!
//! It decides nothing: [`crate::enrollment`] knows which step follows which. Nonces that the server rejects are replaced as
//! often as [`NONCES`] says.

pub mod account;
pub(crate) mod answer;
pub mod directory;
mod patience;
pub mod problem;
mod renewal_info;
pub mod wire;

use crate::error::ClientError;
use crate::https::Https;
use crate::https::answer::{Answer, RetryAfter};
use account::{Account, AccountKey, ExternalAccount};
use answer::{asked, location, missing, not_acme, read, refusal};
use directory::Directory;
use hyper::Method;
use patience::Patience;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wire::{Authorization, Challenge, Identifier, Order};

/// So many nonces are tried for one request. A server that rejects 30 % of them rejects all of these once in two million.
const NONCES: usize = 12;
/// Alternate chains that are looked at.
const ALTERNATES: usize = 8;

/// An ACME server, and an account at it.
#[derive(Debug)]
pub struct Acme {
    https: Https,
    directory: Directory,
    key: AccountKey,
    account: Option<String>,
    nonce: Option<String>,
}

/// What an account is asked for with.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// A mail address, without `mailto:`.
    pub contact: Option<&'a str>,
    /// True where the owner has agreed to the CA's terms.
    pub agreed: bool,
    /// The CA's own account.
    pub external: Option<&'a ExternalAccount>,
}

/// A resource, and how long the server asks to wait before it is asked for again.
#[derive(Debug)]
pub struct Looked<T> {
    /// What is there.
    pub value: T,
    /// `Retry-After`.
    pub retry_after: Option<RetryAfter>,
}

impl Acme {
    /// The server at `url`, and the account's key.
    pub async fn open(mut https: Https, url: &str, key: AccountKey) -> Result<Self, ClientError> {
        let directory = Directory::fetch(&mut https, url).await?;
        Ok(Self { https, directory, key, account: None, nonce: None })
    }

    /// What the server says of itself.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The account's key.
    pub fn key(&self) -> &AccountKey {
        &self.key
    }

    /// Uses an account whose URL is known.
    pub fn use_account(&mut self, account: &Account) {
        self.account.clone_from(&account.url);
    }

    /// The URL of the account that the CA has for this key, without making one; none where it has none.
    pub async fn find_account(&mut self) -> Result<Option<String>, ClientError> {
        match self.new_account(&json!({ "onlyReturnExisting": true })).await {
            Ok(url) => Ok(Some(url)),
            Err(error) if error.is_problem("accountDoesNotExist") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes an account. The server gives the one that it has where the key is known to it (RFC 8555, section 7.3.1).
    pub async fn create_account(&mut self, new: &NewAccount<'_>) -> Result<String, ClientError> {
        let meta = &self.directory.meta;
        if meta.external_account_required && new.external.is_none() {
            return Err(ClientError::ExternalAccount);
        }
        if meta.terms_of_service.is_some() && !new.agreed {
            return Err(ClientError::Terms(meta.terms_of_service.clone()));
        }
        let mut payload = json!({});
        let url = self.directory.new_account.clone();
        if let Some(payload) = payload.as_object_mut() {
            if new.agreed {
                payload.insert("termsOfServiceAgreed".to_owned(), Value::Bool(true));
            }
            if let Some(contact) = new.contact {
                payload.insert("contact".to_owned(), json!([format!("mailto:{contact}")]));
            }
            if let Some(external) = new.external {
                payload.insert("externalAccountBinding".to_owned(), self.key.bound_to(external, &url)?);
            }
        }
        self.new_account(&payload).await
    }

    async fn new_account(&mut self, payload: &Value) -> Result<String, ClientError> {
        let url = self.directory.new_account.clone();
        // A new account is asked for by the key itself.
        self.account = None;
        let answer = self.post(&url, Some(payload)).await?;
        let account = location(&url, &answer)?;
        self.account = Some(account.clone());
        Ok(account)
    }

    /// Orders a certificate: its URL, and what it is.
    pub async fn new_order(
        &mut self,
        identifiers: &[Identifier],
        profile: Option<&str>,
        replaces: Option<&str>,
    ) -> Result<(String, Order), ClientError> {
        let mut payload = json!({ "identifiers": identifiers });
        if let Some(payload) = payload.as_object_mut() {
            if let Some(profile) = profile {
                payload.insert("profile".to_owned(), Value::from(profile));
            }
            if let Some(replaces) = replaces {
                payload.insert("replaces".to_owned(), Value::from(replaces));
            }
        }
        let url = self.directory.new_order.clone();
        let answer = self.post(&url, Some(&payload)).await?;
        let order = read(&url, &answer)?;
        Ok((location(&url, &answer)?, order))
    }

    /// An order as it is now.
    pub async fn order(&mut self, url: &str) -> Result<Looked<Order>, ClientError> {
        self.get(url).await
    }

    /// An authorization as it is now.
    pub async fn authorization(&mut self, url: &str) -> Result<Looked<Authorization>, ClientError> {
        self.get(url).await
    }

    /// Tells the server that it can look.
    pub async fn ready(&mut self, challenge: &Challenge) -> Result<(), ClientError> {
        self.post(&challenge.url, Some(&json!({}))).await.map(|_| ())
    }

    /// Sends the CSR.
    pub async fn finalize(&mut self, order: &Order, csr: &[u8]) -> Result<Looked<Order>, ClientError> {
        let answer = self.post(&order.finalize, Some(&json!({ "csr": account::encoded(csr) }))).await?;
        Ok(Looked { value: read(&order.finalize, &answer)?, retry_after: RetryAfter::of(&answer) })
    }

    /// The certificate with its chain, PEM. Where `fits` refuses the CA's own choice, the first of its alternates that fits
    /// (RFC 8555, section 7.4.2); its own choice where none does.
    pub async fn certificate(
        &mut self,
        url: &str,
        fits: &(dyn Fn(&[u8]) -> bool + Sync),
    ) -> Result<Vec<u8>, ClientError> {
        let first = self.post(url, None).await?;
        if !first.body.starts_with(b"-----BEGIN") {
            return Err(not_acme(url, &first));
        }
        if fits(&first.body) {
            return Ok(first.body.to_vec());
        }
        for alternate in alternates(&first).into_iter().take(ALTERNATES) {
            let answer = self.post(&alternate, None).await?;
            if fits(&answer.body) {
                return Ok(answer.body.to_vec());
            }
        }
        Ok(first.body.to_vec())
    }

    /// Revokes a certificate (RFC 8555, section 7.6) that this account ordered.
    pub async fn revoke(&mut self, certificate: &[u8], reason: Option<u8>) -> Result<(), ClientError> {
        let url = self.directory.revoke_cert.clone();
        let url = url.ok_or_else(|| ClientError::NotAcme {
            url: "revokeCert".to_owned(),
            what: "the CA does not offer it".to_owned(),
        })?;
        let mut payload = json!({ "certificate": account::encoded(certificate) });
        if let (Some(payload), Some(reason)) = (payload.as_object_mut(), reason) {
            payload.insert("reason".to_owned(), Value::from(reason));
        }
        self.post(&url, Some(&payload)).await.map(|_| ())
    }

    async fn get<T: DeserializeOwned>(&mut self, url: &str) -> Result<Looked<T>, ClientError> {
        let answer = self.post(url, None).await?;
        Ok(Looked { value: read(url, &answer)?, retry_after: RetryAfter::of(&answer) })
    }

    /// A signed request, with another nonce as long as the server rejects them (RFC 8555, section 6.5).
    async fn post(&mut self, url: &str, payload: Option<&Value>) -> Result<Answer, ClientError> {
        let (mut rejected, mut patience) = (0, Patience::default());
        while rejected < NONCES {
            let nonce = match self.nonce.take() {
                Some(nonce) => nonce,
                None => self.new_nonce().await?,
            };
            let body = self.key.message(url, &nonce, self.account.as_deref(), payload)?;
            let answer = self.https.send(Method::POST, url, &[("content-type", "application/jose+json")], body).await?;
            self.nonce = answer.header("replay-nonce").map(str::to_owned);
            if answer.status < 400 {
                return Ok(answer);
            }
            let error = refusal(url, &answer);
            if error.is_problem("badNonce") {
                rejected += 1;
            } else if !patience.waits(&answer).await {
                return Err(error);
            }
        }
        Err(ClientError::Nonces(NONCES))
    }

    async fn new_nonce(&mut self) -> Result<String, ClientError> {
        let url = &self.directory.new_nonce;
        let answer = asked(&mut self.https, Method::HEAD, url).await?;
        answer.header("replay-nonce").map(str::to_owned).ok_or_else(|| missing(url, "a Replay-Nonce field"))
    }
}

/// `Link: <URL>;rel="alternate"` (RFC 8288).
fn alternates(answer: &Answer) -> Vec<String> {
    let fields = answer.headers.get_all("link").iter().filter_map(|field| field.to_str().ok());
    let links = fields.flat_map(|field| field.split(','));
    let alternate = links.filter(|link| link.contains("rel=\"alternate\"") || link.contains("rel=alternate"));
    alternate.filter_map(|link| Some(link.split_once('<')?.1.split_once('>')?.0.to_owned())).collect()
}
