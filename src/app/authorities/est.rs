//! Authorities that are reached by EST: their passwords, and the copies of keys with which this device authenticates itself.

use super::Authorities;
use crate::AppError;
use crate::messages::authorities as say;
use signet_domain::authority::{Authority, EstAnswers};
use signet_domain::name::CsrName;
use signet_domain::secret::Secret;
use signet_store::StoredAuthority;

/// The longest password, in bytes.
const MAX_PASSWORD: usize = 1024;

/// What is given for an authority that is reached by EST.
#[derive(Debug, Default)]
pub struct EstGiven {
    /// The settings; its `client` is that of [`EstGiven::client`].
    pub answers: EstAnswers,
    /// The user's password.
    pub password: Option<Secret>,
    /// The request with whose certificate this device authenticates itself.
    pub client: Option<CsrName>,
}

impl Authorities {
    /// The settings over the previous ones, with the password, or with a copy of the client's key and certificate.
    pub(super) fn est(&self, given: &EstGiven, before: Option<&StoredAuthority>) -> Result<StoredAuthority, AppError> {
        let client = given.client.as_ref().map(|name| self.enrollments.client(name)).transpose()?;
        let (id, client) = client.unzip();
        let answers = EstAnswers { client: id, ..given.answers.clone() };
        let settings = answers.parse(before.map(|before| &before.settings))?;
        let is_user = settings.est.as_ref().is_some_and(|est| est.user.is_some());
        let is_same = before.is_some_and(|before| is_same_login(&before.settings, &settings));
        let kept = before.filter(|_| is_same);
        let password = match &given.password {
            Some(password) if !is_user => return Err(say::password_without_user().into()),
            Some(password) if password.is_empty() || password.len() > MAX_PASSWORD => {
                return Err(say::est_password(MAX_PASSWORD).into());
            }
            Some(password) => Some(password.clone()),
            None => kept.and_then(|kept| kept.password.clone()),
        };
        if is_user && password.is_none() {
            return Err(say::password_missing(before.is_some()).into());
        }
        let client = client.or_else(|| before.and_then(|before| before.client.clone())).filter(|_| !is_user);
        Ok(StoredAuthority {
            settings,
            account_key: Secret::new(Vec::new()),
            eab_key: None,
            tsig_secret: None,
            password,
            client,
            roots: before.and_then(|before| before.roots.clone()),
        })
    }
}

/// A password is for this user at this server, and goes nowhere else.
fn is_same_login(before: &Authority, after: &Authority) -> bool {
    let user = |settings: &Authority| settings.est.as_ref().and_then(|est| est.user.clone());
    before.url == after.url && user(before) == user(after)
}
