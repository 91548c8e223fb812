//! Facts about the whole room, with OpenSSL's opinion.

pub(in crate::pki) mod authority;
mod combinations;
mod keys;
pub(in crate::pki) mod openssl;
pub(in crate::pki) mod request;
