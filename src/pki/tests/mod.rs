//! Facts about the whole crate, with OpenSSL's opinion.

pub(crate) mod authority;
mod cases;
mod combinations;
mod deep;
mod keys;
pub(crate) mod made;
mod ml_dsa;
pub(crate) mod openssl;
pub(crate) mod request;
mod unusual;
