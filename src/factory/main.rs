//! Arguments, then a command, then an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    signet::memory::keep_private();
    signet_factory::main()
}
