//! What the CA that is likely to sign makes of a request, by the table of `domain/preflight`.

use crate::advice::Advice;
use crate::authorities::Authorities;
use crate::enroll::{Known, findings, found};
use crate::requests::cli_equivalent::asked_request;
use crate::requests::content::Content;
use crate::requests::import;
use jiff::civil::Date;
use signet_domain::name::CsrName;
use signet_domain::policy::Policy;
use signet_domain::preflight::{CaKind, Effect, Facts, Finding, preflight};
use signet_domain::request::NewRequest;
use signet_pki::inspect::Inspected;

/// Advises on the requests of one device.
#[derive(Debug, Clone)]
pub struct Adviser<'a> {
    policy: &'a Policy,
    known: Known,
    today: Date,
}

impl<'a> Adviser<'a> {
    /// By the device's rules, its CAs and the date.
    pub fn new(policy: &'a Policy, authorities: &Authorities, today: Date) -> Self {
        Self { policy, known: authorities.known(), today }
    }

    /// What the CA that is likely to sign does with a request that is to be made.
    pub fn of_new(&self, request: &NewRequest) -> Vec<Advice> {
        self.findings(request, self.kind_of_new(request)).into_iter().map(Advice::from).collect()
    }

    /// Who is likely to sign a request that is to be made.
    pub fn kind_of_new(&self, request: &NewRequest) -> CaKind {
        CaKind::likely(self.known.first, request.names.as_slice())
    }

    /// What a CA of this kind does with a request that is to be made.
    pub fn findings(&self, request: &NewRequest, kind: CaKind) -> Vec<Finding> {
        let ways = self.known.ways(kind);
        preflight(&Facts::of(request, self.policy, &ways), kind, self.today)
    }

    /// What a CA of this kind does with an import that is not kept yet.
    pub fn of_import(&self, request: &Inspected, kind: CaKind) -> Vec<Finding> {
        found(request, None, None, kind, &self.known.ways(kind), self.today)
    }

    /// Who is likely to sign one that is there.
    pub fn kind(&self, request: &Inspected) -> CaKind {
        CaKind::likely(self.known.first, &request.names())
    }

    /// Of a request that is here. Once its certificate is here, too, what remains is what others make of that.
    pub fn of_stored(&self, name: &CsrName, content: &Content) -> Vec<Advice> {
        let is_answered = !content.certificates.is_empty();
        let kind = if is_answered { CaKind::Private } else { self.kind(&content.request) };
        let asked = asked_request(name, content, self.policy);
        let mut found = match &asked {
            Some(request) => self.findings(request, kind),
            None => findings(content, kind, &self.known.ways(kind), self.today),
        };
        found.retain(|one| !is_answered || one.effect == Effect::Accepts);
        let imported = if asked.is_none() { import::advice(&content.request) } else { Vec::new() };
        let found = found.into_iter().map(|one| match asked {
            Some(_) => one.into(),
            None => Advice { field: import::field(one.field), ..one.into() },
        });
        found.chain(imported).collect()
    }
}
