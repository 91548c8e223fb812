//! Other services of the device: whether each has the certificate that its owner wants it to have.

use super::{Report, sentence};
use crate::config::Config;
use crate::deploy::{DeployError, behind};
use signet_store::Store;

/// Silent where the integrator has set nothing up.
pub(super) fn services(report: &mut Report, store: &Store, config: &Config) {
    let behind = match behind(store, &config.services) {
        Ok(behind) => behind,
        Err(DeployError::NotSetUp { .. }) => return,
        Err(error) => {
            report.attention("services", "services_unreadable", sentence(&error), error.fix()).file(&config.services);
            return;
        }
    };
    if behind.is_empty() {
        report.fine("services", "Every other service has what it should.");
        return;
    }
    for (service, lacks) in behind {
        let (code, what) = match lacks {
            Some(csr) => {
                ("service_behind", format!("The service {service} does not have the certificate of {csr} yet."))
            }
            None => ("service_copy_left", format!("The service {service} still has a copy that should be gone.")),
        };
        let fix = "`systemctl start signet-deploy.service` (or `signet deploy`, as root) does it, or says why not.";
        report.attention("services", code, what, fix).service(&service);
    }
}
