//! The network's other side: HTTPS to certificate authorities (CAs), ACME (RFC 8555), EST (RFC 7030), DNS updates (RFC 2136), and the steps of an order.
//!
//! It is given a request (CSR) as DER and gives back a certificate chain. It knows neither the device's keys nor its files:
//! what has to outlive a power cut is handed to a [`Keeper`]. Pages never use it; the console calls nobody.

pub mod acme;
pub mod dns;
pub mod enrollment;
pub mod error;
pub mod est;
pub mod https;
mod messages;
#[cfg(test)]
mod tests;

pub use acme::Acme;
pub use acme::account::{Account, AccountKey, ExternalAccount};
pub use acme::directory::{Directory, Meta};
pub use acme::problem::Problem;
pub use acme::wire::Identifier;
pub use enrollment::{Enrollment, Keeper, Outcome, Progress, Step};
pub use error::{ClientError, Failure, Kind};
pub use est::Est;
pub use https::{Client, Https, Proxy, Roots};
