//! When CAs suggest to renew (ARI, RFC 9773): which certificates they are asked about, what they said, and which certificate an
//! order replaces.

use super::{Enrollments, file_of, json_of, read_ended};
use crate::Failure;
use crate::requests::content::Content;
use signet_domain::authority::AuthorityName;
use signet_domain::enrollment::Order;
use signet_domain::renewal_window::{Suggested, Watched, Window};
use signet_domain::visible;
use signet_store::{EnrollFolder, Left, Room, StoreError};

impl Enrollments {
    /// When the CA suggests to renew the request's certificate; none where it has not said so of this one, or it is not renewed
    /// automatically.
    pub fn suggested(&self, content: &Content) -> Option<Suggested> {
        content.record.auto_renew.as_ref()?;
        let certificate = content.certificate()?.ok()?;
        let folder = self.store.enrollment().ok().flatten()?;
        let window = read_window(&folder, &content.record.id).ok().flatten()?;
        if Some(&window.certificate) != certificate.ari_name().as_ref() {
            return None;
        }
        let found = window.suggested(&certificate.sha256, certificate.not_before, certificate.not_after)?;
        Some(Suggested { explanation: found.explanation.as_deref().map(visible::line), ..found })
    }

    /// Leaves it to the enrolling process to ask about these, and no other ones.
    pub(super) fn watch(&self, watched: &[Watched]) -> Result<(), Failure> {
        let is_new =
            || Ok::<_, StoreError>(self.store.enrollment()?.is_some_and(|folder| watched_in(&folder).is_empty()));
        if watched.is_empty() && is_new()? {
            return Ok(());
        }
        self.store.leave(Left::Certificates, &json_of(&watched))?;
        Ok(())
    }

    /// What the enrolling process is to ask about the request's certificate.
    pub(super) fn watched(&self, content: &Content, authority: &str) -> Option<Watched> {
        let certificate = content.certificate()?.ok()?.ari_name()?;
        let (id, authority) = (content.record.id.clone(), authority.to_owned());
        Some(Watched { id, authority, certificate, proxy: self.config.outgoing_proxy.clone() })
    }

    /// The certificate that an order of this request replaces, by its ARI name: its own, or that of the request that it renews,
    /// where that came from the same account.
    pub(super) fn replaced(&self, folder: &EnrollFolder, content: &Content, at: &AuthorityName) -> Option<String> {
        let account = account(folder, at)?;
        let issued = |content: &Content| {
            let order = source(folder, content)?;
            let is_its = order.authority == at.as_str() && order.account.as_ref() == Some(&account);
            order.issued.filter(|_| is_its)
        };
        issued(content).or_else(|| {
            let name = self.catalog.named(content.record.supersedes.as_ref()?).ok().flatten()?;
            issued(&self.catalog.readable(&name).ok()?)
        })
    }
}

/// The order that the request's certificate came from; none for one that was added by hand.
pub(super) fn source(folder: &EnrollFolder, content: &Content) -> Option<Order> {
    let order = read_ended(folder, Room::Taken, &content.record.id).ok().flatten()?.order;
    let now = content.certificate()?.ok()?.ari_name()?;
    (order.failure.is_none() && order.issued.as_ref() == Some(&now)).then_some(order)
}

/// What the enrolling process asks about; nothing where that cannot be read.
pub fn watched_in(folder: &EnrollFolder) -> Vec<Watched> {
    let json = folder.left(Left::Certificates).ok().flatten();
    json.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
}

/// What a CA said of the certificate of the request with this id; none where it was not asked.
pub fn read_window(folder: &EnrollFolder, id: &str) -> Result<Option<Window>, StoreError> {
    let json = folder.read(Room::Windows, &file_of(id))?;
    Ok(json.and_then(|json| serde_json::from_slice(&json).ok()))
}

/// The URL of the account at this authority, as the enrolling process keeps it.
fn account(folder: &EnrollFolder, at: &AuthorityName) -> Option<String> {
    let directory = folder.authority(at).ok().flatten()?.settings.url;
    let json = folder.read(Room::Accounts, &file_of(at.as_str())).ok().flatten()?;
    let file: serde_json::Value = serde_json::from_slice(&json).ok()?;
    let is_its = file.get("directory").and_then(serde_json::Value::as_str) == Some(&directory);
    file.pointer("/account/url").filter(|_| is_its)?.as_str().map(str::to_owned)
}
