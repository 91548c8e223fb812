//! What the tests of all crates share. Nothing of it is part of the product.

mod skip;
#[cfg(feature = "tls")]
mod tls;

pub use skip::skip;
#[cfg(feature = "tls")]
pub use tls::accepting;
