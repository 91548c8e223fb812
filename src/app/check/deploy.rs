//! Other services of the device: whether each has the certificate that its owner wants it to have.

use super::{Report, State, sentence};
use crate::config::Config;
use crate::deploy::{DeployError, behind};
use signet_store::Store;

/// Silent where the integrator has set nothing up.
pub(super) fn services(report: &mut Report, store: &Store, config: &Config) {
    let behind = match behind(store, &config.services) {
        Ok(behind) => behind,
        Err(DeployError::NotSetUp { .. }) => return,
        Err(error) => return report.add("services", State::Attention, sentence(&error), error.fix()),
    };
    if behind.is_empty() {
        return report.fine("services", "Every other service has what it should.");
    }
    for (service, lacks) in behind {
        let what = match lacks {
            Some(csr) => format!("The service {service} does not have the certificate of {csr} yet."),
            None => format!("The service {service} still has a copy that should be gone."),
        };
        let fix = "`systemctl start signet-deploy.service` (or `signet deploy`, as root) does it, or says why not.";
        report.add("services", State::Attention, what, fix);
    }
}
