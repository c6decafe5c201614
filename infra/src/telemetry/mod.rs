//! Logs, traces and metrics. None of them holds personal data: events and commands are named by their ids and stored names.
//!
//! Log lines go to standard error, so that standard output stays for what a command was asked for.

mod metrics;
mod traces;

use domain::ports::Clock as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub use metrics::{LiveSubscription, Metrics, OpenSocket};

use crate::clock::SystemClock;
use crate::config::{Config, LogFormat};

/// Who has nothing to say unless the settings ask for it: what the pool of connections says of a lost one, Kilter says in its own
/// words where it matters.
const QUIET: &str = "deadpool=off";

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter of log lines can't be read.
    #[error("log_filter: {0}")]
    Filter(String),
    /// The exporter of traces can't be made.
    #[error("otlp_endpoint: {0}")]
    Exporter(String),
    /// It was started before, in this process.
    #[error("logging was started twice: {0}")]
    Twice(String),
}

/// Flushes the last traces when it is dropped; to be kept until the end of `main`.
#[derive(Debug, Default)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Starts writing log lines, and sending traces where that is configured (needs a running Tokio runtime then).
pub fn start(config: &Config) -> Result<Telemetry, TelemetryError> {
    let filter = format!("{QUIET},{}", config.log_filter);
    let filter = EnvFilter::try_new(filter).map_err(|error| TelemetryError::Filter(error.to_string()))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_timer(WallClock);
    let lines = match config.log_format {
        LogFormat::Pretty => lines.with_target(true).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let traces = config.otlp_endpoint.as_deref().map(traces::exporting_to).transpose()?;
    let spans = traces.as_ref().map(|traces| tracing_opentelemetry::layer().with_tracer(traces.tracer("kilter")));
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .with(spans)
        .try_init()
        .map_err(|error| TelemetryError::Twice(error.to_string()))?;
    Ok(Telemetry { traces })
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = self.traces.take() {
            // Nobody is left to be told.
            let _ = traces.shutdown();
        }
    }
}

/// Times of log lines come from where all times come from.
struct WallClock;

impl tracing_subscriber::fmt::time::FormatTime for WallClock {
    fn format_time(&self, writer: &mut tracing_subscriber::fmt::format::Writer<'_>) -> std::fmt::Result {
        write!(writer, "{}", SystemClock.now())
    }
}
