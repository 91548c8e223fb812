//! The request with whose certificate this device authenticates itself at an EST server.
//!
//! The enrolling process cannot read requests, so key and certificate are copied into the authority: only after the owner's
//! password was given for it, which whoever calls this asks for. The copy then follows the renewals of its request at that CA.

use super::Enrollments;
use crate::audit::{Actor, Event};
use crate::certificates::stored::chain_pem;
use crate::messages::authorities as say;
use crate::validity::Validity;
use crate::{AppError, Failure};
use signet_domain::authority::{Authority, AuthorityName, Est};
use signet_domain::extensions::Usage;
use signet_domain::invalid::Invalid;
use signet_domain::key_spec::Curve;
use signet_domain::name::CsrName;
use signet_pki::certificate::Certificate;
use signet_pki::chain::chain;
use signet_pki::key_kind::KeyKind;
use signet_store::{ClientCertificate, StoredAuthority};

impl Enrollments {
    /// A copy of a request's key and certificate, with the request's id. Refused at `client`.
    pub(crate) fn client(&self, name: &CsrName) -> Result<(String, ClientCertificate), AppError> {
        let content = self.catalog.answered(name)?;
        let leaf = content.certificate().and_then(Result::ok).ok_or_else(|| Failure::Unanswered(name.to_string()))?;
        if let Some(why) = self.unfit(name, &leaf) {
            return Err(why.into());
        }
        let key = self.store.private_key(name).map_err(Failure::from)?;
        let key = key.ok_or_else(|| Failure::NotFound(name.to_string()))?;
        // Without the root, which the server has or does not believe.
        let others = content.certificates.iter().skip(1).filter_map(|der| Certificate::read(der).ok()).collect();
        let certificates = match chain(leaf, others) {
            Ok(chain) => chain.served().iter().map(|one| one.der.clone()).collect(),
            Err(_) => content.certificates,
        };
        Ok((content.record.id, ClientCertificate { key, chain: chain_pem(&certificates) }))
    }

    /// Why a certificate cannot authenticate a TLS client.
    fn unfit(&self, name: &CsrName, leaf: &Certificate) -> Option<Invalid> {
        let is_usable = matches!(
            leaf.key.kind,
            Some(
                KeyKind::Rsa { .. }
                    | KeyKind::Ed25519
                    | KeyKind::Ec(Curve::Secp256r1 | Curve::Secp384r1 | Curve::Secp521r1)
            )
        );
        if !is_usable {
            return Some(say::client_key(name, &leaf.key.label));
        }
        let usages = &leaf.extended_key_usage;
        let is_for_clients =
            |usage: &String| usage == Usage::ClientAuth.value() || usage == Usage::AnyExtendedKeyUsage.value();
        if !usages.is_empty() && !usages.iter().any(is_for_clients) {
            return Some(say::not_for_clients(name));
        }
        let validity = Validity::of(leaf);
        validity.standing(self.clock.now()).is_refused().then(|| say::client_expired(name, &validity.until()))
    }

    /// A request's certificate has come from this authority, which gets it where it knows this device by the one that it renews.
    /// From no other: a copy that another CA's certificate could replace would be of little use to its server. One that cannot
    /// authenticate a client leaves it as it is.
    pub(super) fn refresh_client(&self, name: &CsrName, authority: &str, by: Actor) -> Result<(), AppError> {
        let authority = AuthorityName::parse(authority)?;
        let lock = self.store.lock().map_err(Failure::from)?;
        let Some(mut stored) = self.store.authority(&authority).map_err(Failure::from)? else { return Ok(()) };
        let record = self.catalog.readable(name)?.record;
        let ids = [Some(record.id), record.supersedes];
        let is_its = |est: &&mut Est| est.client.is_some() && ids.contains(&est.client);
        let Some(est) = stored.settings.est.as_mut().filter(is_its) else { return Ok(()) };
        let (id, client) = self.client(name)?;
        est.client = Some(id);
        self.audit.room_to_record_several(&lock, 1)?;
        let stored = StoredAuthority { client: Some(client), ..stored };
        lock.put_authority(&authority, &stored).map_err(Failure::from)?;
        let event = Event::AtAuthority { what: "ca-client", csr: name, detail: authority.as_str() };
        self.audit.record_under(&lock, by, event);
        Ok(())
    }

    /// The name of the request that an authority knows this device by; its id where the request is gone.
    pub(crate) fn client_name(&self, settings: &Authority) -> Result<Option<String>, Failure> {
        let Some(id) = settings.est.as_ref().and_then(|est| est.client.as_ref()) else { return Ok(None) };
        Ok(Some(self.catalog.named(id)?.map_or_else(|| id.clone(), |name| name.to_string())))
    }
}
