//! A device: the program that ships on it, over the data directory that a station made.

use super::console::{Ran, run};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// `signet` beside `signet-factory`: cargo builds the programs of a test's own package only, so it is asked for this one.
fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_BIN_EXE_signet-factory")).parent().unwrap();
        let profile = match folder.file_name().unwrap().to_str().unwrap() {
            "debug" => "dev",
            other => other,
        };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args([
            "build",
            "--quiet",
            "--locked",
            "--offline",
            "--workspace",
            "--bin",
            "signet",
            "--profile",
            profile,
        ]);
        run(build.current_dir(env!("CARGO_MANIFEST_DIR")), b"").worked();
        folder.join("signet")
    })
}

/// A command of the device, over this data directory.
pub fn signet(data: &Path, arguments: &[&str]) -> Ran {
    run(Command::new(program()).arg("--data").arg(data).args(arguments).env_remove("SIGNET_DATA"), b"")
}
