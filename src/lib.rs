//! Signet, the certificate-request console of a NAS appliance.
//!
//! The layers, and who may know whom (`ARCHITECTURE.md` tells the way of a request):
//! `cli, net, web -> app -> pki, store -> domain`. Never upwards.

pub mod app;
pub mod cli;
pub mod clock;
pub mod domain;
pub mod pki;
pub mod secret;
pub mod store;
pub mod web;

pub use signet_net as net;
