//! What the tests of all crates share. Nothing of it is part of the product.

#[cfg(feature = "pebble")]
pub mod bind;
#[cfg(feature = "pebble")]
pub mod pebble;
mod port;
mod skip;
#[cfg(feature = "tls")]
mod tls;
mod until;

pub use port::free_port;
pub use skip::skip;
#[cfg(feature = "tls")]
pub use tls::accepting;
pub use until::until;
