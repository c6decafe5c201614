//! The command line.

pub mod args;
pub mod backup;
pub mod carry;
pub mod doctor;
pub mod failure;
pub mod import;
pub mod migrate;
pub mod output;
pub mod progress;
pub mod rebuild;
pub mod replay;
pub mod restore;
pub mod serve;
pub mod session;
pub mod solve;
pub mod target;
pub mod token;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use self::args::{Cli, Command, Import};
use self::failure::{Failure, exit};

/// After so many tasks at most the runtime looks for those woken from outside: the event store and the projections have
/// threads of their own, and what they answer should not wait behind everything that is new.
const SOON: u32 = 5;

/// How long work that nobody waits for any more may hold up the end.
const LEFT_BEHIND: Duration = Duration::from_secs(1);

/// Runs what the command line says, on a runtime of its own.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way as well.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::OK });
        }
    };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.global_queue_interval(SOON).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(run(cli.command));
            runtime.shutdown_timeout(LEFT_BEHIND);
            outcome
        }
        Err(error) => Err(Failure::Fault(format!("no runtime: {error}"))),
    };
    let Err(failure) = outcome else { return ExitCode::from(exit::OK) };
    output::note(&format!("error {}: {failure}", failure.code()));
    if let Some(advice) = failure.advice() {
        output::note(advice);
    }
    ExitCode::from(failure.exit())
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Token(asked) => token::run(asked).await,
        Command::Import { what: Import::Eventlog(asked) } => import::run(*asked).await,
        Command::Serve(asked) => serve::serve(asked).await,
        Command::Demo(asked) => serve::demo(asked).await,
        Command::Schema => output::line(crate::graphql::sdl().trim_end()),
        Command::Solve(asked) => solve::run(*asked).await,
        Command::Replay(asked) => replay::run(asked).await,
        Command::Rebuild(asked) => rebuild::run(asked).await,
        Command::Migrate(asked) => migrate::run(asked).await,
        Command::Backup(asked) => backup::run(asked).await,
        Command::Doctor(asked) => doctor::run(asked).await,
        Command::Restore(asked) => restore::run(asked).await,
    }
}
