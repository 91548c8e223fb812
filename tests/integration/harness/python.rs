//! The opinion of Python's `cryptography`, a second parser.

use super::console::run;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The interpreter that has `cryptography`.
pub fn python() -> Command {
    Command::new(std::env::var_os("SIGNET_PYTHON").unwrap_or_else(|| "python3".into()))
}

/// What the second parser reads in each file that holds a request (`second_parser.py` says what).
pub fn read_requests<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/second_parser.py");
    let mut command = python();
    command.arg(script);
    for file in files {
        command.arg(file.as_ref());
    }
    let ran = run(&mut command, b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_slice(&ran.out).unwrap()
}

/// The same for one request as PEM or DER.
pub fn read_request(request: &[u8]) -> Value {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), request).unwrap();
    read_requests([file.path()]).remove(0)
}
