//! Facts about the whole room, with OpenSSL's opinion.

mod combinations;
pub(in crate::pki) mod openssl;
mod request;
