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
    /// Shows how far it is, in something else than rows.
    pub fn at(&self, position: u64, of: u64, what: &str) {
        self.0.get_or_init(|| bar(of, what)).set_position(position);
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = self.0.get() {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn total(&self, rows: u64) {
        // A second total is not expected; the first stays.
        let _ = self.0.set(bar(rows, "rows"));
    }

    fn row(&self) {
        if let Some(bar) = self.0.get() {
            bar.inc(1);
        }
    }
}

fn bar(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}, {{per_sec}}, {{eta}} left"));
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
