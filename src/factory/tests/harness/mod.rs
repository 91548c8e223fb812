//! What the tests share: a server, stations, a proxy that cuts, CAs, and devices.

pub mod device;
pub mod proxy;
pub mod server;
pub mod station;

// CAs as the tests of the device's program start them.
pub mod console;
#[path = "../../../../tests/integration/harness/est.rs"]
pub mod est;
#[allow(dead_code, reason = "the device's tests use more of it")]
#[path = "../../../../tests/integration/harness/openbao.rs"]
pub mod openbao;
#[allow(dead_code, reason = "the device's tests use more of it")]
#[path = "../../../../tests/integration/harness/python.rs"]
pub mod python;
