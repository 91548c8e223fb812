//! What uses a request's certificate: this console, and other services of the device.

use super::error::WebError;
use super::names;
use super::request_context::RequestContext;
use signet_app::requests::content::Content;
use signet_domain::name::CsrName;

/// Names of services in a sentence.
const SERVICES: usize = 5;

/// Who uses a certificate.
#[derive(Debug, Clone, Default)]
pub struct Uses {
    /// This console shows it to its visitors, for good.
    pub console: bool,
    /// This console shows it on trial.
    pub trial: bool,
    /// The services that have it.
    pub services: Vec<String>,
    /// Services are set up for it.
    pub is_offered: bool,
    /// Its owner has allowed that they get it.
    pub is_allowed: bool,
}

impl Uses {
    /// Of the certificate of a request.
    pub fn of(context: &RequestContext<'_>, name: &CsrName, content: &Content) -> Result<Self, WebError> {
        let web = context.web;
        let offer = web.services.deploy.offer(name, &content.record)?;
        let services = offer.iter().flat_map(|offer| &offer.services).filter(|service| service.has_it);
        let trial = context.trial();
        let leaf = content.certificates.first();
        let is_shown = leaf.is_some_and(|leaf| match &trial {
            None => web.in_use.certificate() == *leaf,
            Some(_) => web.services.console.is_in_use(leaf),
        });
        Ok(Self {
            console: is_shown,
            trial: trial.is_some_and(|trial| trial.csr == *name),
            services: services.map(|service| service.name.clone()).collect(),
            is_offered: offer.is_some(),
            is_allowed: content.record.deploy,
        })
    }

    /// `this console, web and ftp`; empty where nothing uses it.
    pub fn sentence(&self) -> String {
        let console = self.console.then(|| "this console".to_owned());
        let all: Vec<String> = console.into_iter().chain(self.services.iter().cloned()).collect();
        names::sentence(&all, SERVICES)
    }
}
