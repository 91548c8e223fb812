//! The data directory: atomic, durable, locked. No HTML, no HTTP, no ASN.1.
