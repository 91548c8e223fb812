//! What the tests of all crates share. Nothing of it is part of the product.

mod skip;

pub use skip::skip;
