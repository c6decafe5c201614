//! `kilter` itself, built beside the suites so that they can start and stop it as a process.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::cli::main()
}
