//! The sentences in which files and texts are refused: field, what is wrong, what to do. No two causes share them.
//!
//! Pages and the command line both print them, so they name neither buttons nor flags: "give" and "enter" fit both. Commands of
//! other programs are written as they are typed; `FILE`, `COPY`, `NEW.pem` and `NEW.p12` stand for the reader's own files.

mod certificate;
mod certified_key;
mod chain;
mod import;
mod key_file;
mod pem;
mod pkcs12;
pub(crate) mod serving;

pub use certificate::NEW_CERTIFICATE;

/// `1 byte`, `2 bytes`.
fn counted(count: impl TryInto<u64>, one: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}
