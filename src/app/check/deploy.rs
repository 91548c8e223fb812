//! Other services of the device: whether each has the certificate that its owner wants it to have.

use super::{Report, sentence};
use crate::config::Config;
use crate::deploy::{DeployError, behind};
use crate::messages::{Said, check as say};
use signet_store::Store;

/// Silent where the integrator has set nothing up.
pub(super) fn services(report: &mut Report, store: &Store, config: &Config) {
    let behind = match behind(store, &config.services) {
        Ok(behind) => behind,
        Err(DeployError::NotSetUp { .. }) => return,
        Err(error) => {
            let said = Said::new(sentence(&error), error.fix());
            report.attention("services", "services_unreadable", said).file(&config.services);
            return;
        }
    };
    if behind.is_empty() {
        report.fine("services", say::SERVICES);
        return;
    }
    for (service, lacks) in behind {
        let (code, said) = match lacks {
            Some(csr) => ("service_behind", say::service_behind(service.as_str(), csr.as_str())),
            None => ("service_copy_left", say::service_copy_left(service.as_str())),
        };
        report.attention("services", code, said).service(&service);
    }
}
