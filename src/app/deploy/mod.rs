//! Handing certificate, chain and key to other services of the device.
//!
//! Two sides that trust each other little. The console, which is nobody, keeps the owner's word in a CSR's record and shows
//! what is set up. Root's side ([`run()`], `signet deploy`) reads the record, copies what belongs together into a folder of
//! root's, and reloads the service. Root's own list says where, as which user and by which command ([`services`]).

mod choose;
mod error;
mod files;
mod folder;
mod offer;
mod pair;
pub(crate) mod reload;
mod run;
pub mod services;
pub(crate) mod trusted;

pub use error::{DeployError, Distrust, Unfit};
pub(crate) use offer::is_free;
pub use offer::{Deploy, Offer, Use, behind, live_ids};
pub use run::{Became, Report, plan, run};
pub use trusted::read as trusted_text;
