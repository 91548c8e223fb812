//! What uses the certificates of this device: its console, and its other services.
//!
//! Looked at by the identity on disk and the services' links alone; nothing is judged here.

use crate::deploy::live_ids;
use crate::requests::content::Content;
use serde::Serialize;
use signet_store::Store;
use std::path::Path;

/// One that uses a request's certificate and key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum User {
    /// The console itself: its certificate has the request's key.
    Console,
    /// Another service of the device, which has its copy.
    Service {
        /// Its name in the list of services.
        name: String,
    },
}

impl User {
    /// For a sentence.
    pub fn told(&self) -> String {
        match self {
            Self::Console => "the console".to_owned(),
            Self::Service { name } => format!("the service {name}"),
        }
    }
}

/// Who uses what, at one moment.
#[derive(Debug, Default)]
pub struct Uses {
    /// SHA-256 of the public key of the console's certificate.
    console: Option<[u8; 32]>,
    /// Each service with the id of the request whose copy it has.
    services: Vec<(String, String)>,
}

impl Uses {
    /// Looks; `list` is the list of services. What cannot be read is used by nobody that is known.
    pub fn of(store: &Store, list: &Path) -> Self {
        let leaf = store.identity().ok().flatten().and_then(|identity| identity.chain.into_iter().next());
        Self {
            console: leaf.and_then(|leaf| signet_pki::identity::key_sha256(&leaf).ok()),
            services: live_ids(list).unwrap_or_default(),
        }
    }

    /// True for a request that is used, by the id of its record and SHA-256 of its public key.
    pub fn has(&self, id: &str, key_sha256: &[u8; 32]) -> bool {
        self.console.as_ref() == Some(key_sha256) || self.services.iter().any(|(_, other)| other == id)
    }

    /// All that use a request.
    pub fn of_request(&self, content: &Content) -> Vec<User> {
        let console = (self.console == Some(content.request.key_sha256)).then_some(User::Console);
        let services = self.services.iter().filter(|(_, id)| *id == content.record.id);
        let services = services.map(|(name, _)| User::Service { name: name.clone() });
        console.into_iter().chain(services).collect()
    }
}
