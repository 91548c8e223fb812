//! Facts about the whole crate, with OpenSSL's opinion.

pub(crate) mod authority;
mod combinations;
mod keys;
pub(crate) mod openssl;
pub(crate) mod request;
