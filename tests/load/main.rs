//! `bench`: parts by name, each prints its figures beside the peer's or the limit's of the same run.

mod append;
mod as_of;
mod command;
mod copy;
mod fanout;
mod figures;
mod graphql;
mod guessing;
mod http;
mod import;
mod live;
mod peers;
mod ping;
mod planning;
mod replay;
mod sockets;
mod start;

use std::process::ExitCode;

/// The same allocator as in `kilter`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A measurement with its name.
type Part = (&'static str, fn());

const PARTS: &[Part] = &[
    ("append", append::run),
    ("asof", as_of::run),
    ("command", command::run),
    ("copy", copy::run),
    ("fanout", fanout::run),
    ("graphql", graphql::run),
    ("guessing", guessing::run),
    ("import", import::run),
    ("live", live::run),
    ("planning", planning::run),
    ("replay", replay::run),
    ("start", start::run),
];

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if asked == ["ping"] {
        ping::serve();
    }
    if let Some(unknown) = asked.iter().find(|name| !PARTS.iter().any(|(known, _)| known == name)) {
        let known: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        println!("no part is called {unknown}; there are: {}", known.join(", "));
        return ExitCode::from(2);
    }
    for (name, part) in PARTS {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            println!("## {name}");
            part();
        }
    }
    ExitCode::SUCCESS
}
