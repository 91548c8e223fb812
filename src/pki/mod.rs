//! Keys, signatures, requests and certificates as bytes. No files, no HTTP.
