//! What is written to the terminal: results to standard output, remarks to standard error.

use std::io::{self, Write};
use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::failure::Failure;
use crate::import::Progress;

/// A result.
pub fn line(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::Output(error.to_string()),
    })
}

/// A remark. Nobody may be listening: then it is lost.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A bar on standard error, where that is a terminal.
#[derive(Debug, Default)]
pub struct Bar(OnceLock<ProgressBar>);

impl Bar {
    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = self.0.get() {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn total(&self, rows: u64) {
        let bar = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr_with_hz(10));
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {per_sec}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        // A second total is not expected; the first stays.
        let _ = self.0.set(bar);
    }

    fn row(&self) {
        if let Some(bar) = self.0.get() {
            bar.inc(1);
        }
    }
}
