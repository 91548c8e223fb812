//! What the tests share: a server, stations, and a proxy that cuts.

pub mod proxy;
pub mod server;
pub mod station;
