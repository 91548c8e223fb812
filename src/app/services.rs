//! All services over one data directory, put together.

use crate::access::Access;
use crate::attempts::Attempts;
use crate::audit::AuditLog;
use crate::authorities::Authorities;
use crate::backup::Backups;
use crate::certificates::Certificates;
use crate::certificates::certified::CertifiedImports;
use crate::certificates::pkcs12::Pkcs12;
use crate::clock::Clock;
use crate::config::Config;
use crate::console::{Console, Identity};
use crate::deploy::Deploy;
use crate::enroll::{AutoRenewals, Enrollments};
use crate::flush::Flush;
use crate::recover::Recoveries;
use crate::requests::Requests;
use crate::requests::apply::Applications;
use crate::requests::catalog::Catalog;
use crate::requests::derivations::Derivations;
use crate::requests::export::PrivateKeys;
use crate::requests::import::Imports;
use crate::requests::key_queue::KeyQueue;
use crate::requests::renewal::Renewals;
use crate::requests::suggest::Suggestions;
use crate::tickets::Tickets;
use crate::waiting_imports::WaitingImports;
use signet_store::Store;
use std::sync::Arc;

/// The services, each with what it needs of the others. Whoever serves a request or runs a command uses those that it needs.
#[derive(Debug)]
pub struct Services {
    /// The data directory.
    pub store: Store,
    /// The integrator's choices.
    pub config: Arc<Config>,
    /// Where the time comes from.
    pub clock: Clock,
    /// Who did what.
    pub audit: Arc<AuditLog>,
    /// Who guessed wrong.
    pub attempts: Arc<Attempts>,
    /// Writes what waits in memory of these two.
    pub flush: Arc<Flush>,
    /// Setup, login and the owner's password.
    pub access: Access,
    /// All CSRs, for reading.
    pub catalog: Arc<Catalog>,
    /// RSA keys that are made ahead of Save.
    pub key_queue: KeyQueue,
    /// Changes to CSRs.
    pub requests: Arc<Requests>,
    /// Turns at deriving keys from the passphrases of key files.
    pub derivations: Arc<Derivations>,
    /// Requests that were made elsewhere.
    pub imports: Arc<Imports>,
    /// Drafts that renew or change a CSR.
    pub renewals: Arc<Renewals>,
    /// Files that say which requests there must be.
    pub applications: Applications,
    /// Private keys on their way out.
    pub private_keys: Arc<PrivateKeys>,
    /// What the wizard offers.
    pub suggestions: Suggestions,
    /// Certificates that CAs issued for the CSRs.
    pub certificates: Arc<Certificates>,
    /// Certificates that come with their keys.
    pub certified: Arc<CertifiedImports>,
    /// When what waits in these two ends without being saved.
    pub waiting_imports: WaitingImports,
    /// PKCS#12 files.
    pub pkcs12: Pkcs12,
    /// The console's own key and certificate.
    pub identity: Arc<Identity>,
    /// Another certificate for the console, and the way back.
    pub console: Console,
    /// Which CSRs other services of the device get.
    pub deploy: Deploy,
    /// Recoveries of owner, identity and device.
    pub recoveries: Recoveries,
    /// CAs that certificates are ordered from.
    pub authorities: Authorities,
    /// Certificates that are ordered.
    pub enrollments: Arc<Enrollments>,
    /// Certificates that are renewed without a person.
    pub auto_renewals: AutoRenewals,
    /// Backups of what is the owner's.
    pub backups: Backups,
    /// Login links that root makes.
    pub tickets: Tickets,
}

impl Services {
    /// The services over an opened data directory.
    pub fn open(store: Store, config: Config, clock: Clock) -> Self {
        let audit = Arc::new(AuditLog::new(store.clone(), clock));
        Self::compose(store, config, clock, audit)
    }

    /// The same with another config. What waits for the audit log is not lost.
    pub fn with_config(self, config: Config) -> Self {
        Self::compose(self.store, config, self.clock, self.audit)
    }

    fn compose(store: Store, config: Config, clock: Clock, audit: Arc<AuditLog>) -> Self {
        let config = Arc::new(config);
        let attempts = Arc::new(Attempts::new(store.clone()));
        let flush = Arc::new(Flush::new(store.clone(), audit.clone(), attempts.clone()));
        let access = Access::new(store.clone(), clock, audit.clone(), attempts.clone(), flush.clone());
        let catalog = Arc::new(Catalog::new(store.clone(), clock));
        let key_queue = KeyQueue::default();
        let requests = Requests::new(store.clone(), clock, catalog.clone(), audit.clone(), key_queue.clone());
        let requests = Arc::new(requests);
        let derivations = Arc::new(Derivations::default());
        let allow_weak = config.policy.allow_weak;
        let imports = Imports::new(clock, catalog.clone(), requests.clone(), derivations.clone(), allow_weak);
        let imports = Arc::new(imports);
        let renewals = Arc::new(Renewals::new(store.clone(), clock, catalog.clone(), config.clone()));
        let applications = Applications::new(
            store.clone(),
            clock,
            catalog.clone(),
            requests.clone(),
            renewals.clone(),
            config.clone(),
        );
        let private_keys = Arc::new(PrivateKeys::new(
            store.clone(),
            catalog.clone(),
            audit.clone(),
            derivations.clone(),
            config.clone(),
        ));
        let suggestions = Suggestions::new(catalog.clone(), config.clone());
        let certificates = Arc::new(Certificates::new(store.clone(), clock, catalog.clone(), audit.clone()));
        let certified = Arc::new(CertifiedImports::new(
            clock,
            catalog.clone(),
            requests.clone(),
            certificates.clone(),
            derivations.clone(),
            allow_weak,
        ));
        let waiting_imports = WaitingImports::new(imports.clone(), certified.clone());
        let pkcs12 = Pkcs12::new(catalog.clone(), audit.clone(), private_keys.clone(), derivations.clone());
        let enrollments = Arc::new(Enrollments::new(
            store.clone(),
            clock,
            catalog.clone(),
            certificates.clone(),
            audit.clone(),
            config.clone(),
        ));
        let auto_renewals = AutoRenewals::new(
            store.clone(),
            clock,
            catalog.clone(),
            requests.clone(),
            renewals.clone(),
            enrollments.clone(),
            audit.clone(),
            config.clone(),
        );
        let authorities = Authorities::new(store.clone(), audit.clone(), enrollments.clone());
        let identity = Arc::new(Identity::new(store.clone(), clock, catalog.clone(), config.clone()));
        let console = Console::new(store.clone(), clock, catalog.clone(), audit.clone(), identity.clone());
        let deploy = Deploy::new(store.clone(), catalog.clone(), audit.clone(), config.clone());
        let recoveries = Recoveries::new(store.clone(), clock, audit.clone(), identity.clone());
        let backups = Backups::new(store.clone(), clock, audit.clone(), config.clone());
        let tickets = Tickets::new(store.clone(), audit.clone(), flush.clone());
        Self {
            store,
            config,
            clock,
            audit,
            attempts,
            flush,
            access,
            catalog,
            key_queue,
            requests,
            derivations,
            imports,
            renewals,
            applications,
            private_keys,
            suggestions,
            certificates,
            certified,
            waiting_imports,
            pkcs12,
            identity,
            console,
            deploy,
            recoveries,
            authorities,
            enrollments,
            auto_renewals,
            backups,
            tickets,
        }
    }
}
