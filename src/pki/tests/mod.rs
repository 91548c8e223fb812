//! Facts about the whole room, with OpenSSL's opinion.

mod combinations;
mod openssl;
