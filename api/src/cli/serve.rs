//! `kilter serve` and `kilter demo`.

use std::net::SocketAddr;
use std::time::Duration;

use domain::kernel::Role;
use infra::config::Config;
use infra::telemetry;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::args;
use super::failure::Failure;
use super::output;
use crate::demo;
use crate::http;
use crate::wiring::App;

/// How long the read models may take to catch up before it is said that they do.
const PATIENCE: Duration = Duration::from_hours(24);
const DEMO_TOKEN_SECONDS: u32 = 7 * 24 * 3600;

/// Serves until it is told to stop.
pub async fn serve(asked: args::Serve) -> Result<(), Failure> {
    let config = settings(&asked)?;
    let telemetry = telemetry::start(&config).map_err(|error| Failure::Settings(error.to_string()))?;
    let app = App::open(&config.stores).await?;
    let server = Server::bind(&app, &config).await?;
    app.caught_up(PATIENCE).await?;
    server.announce()?;
    let served = server.run().await;
    app.close().await;
    drop(telemetry);
    served
}

/// The same with a sample company, and a token to try it.
pub async fn demo(asked: args::Serve) -> Result<(), Failure> {
    let config = settings(&asked)?;
    let telemetry = telemetry::start(&config).map_err(|error| Failure::Settings(error.to_string()))?;
    let app = App::open(&config.stores).await?;
    let (caller, _) = app.side.member(demo::TENANT, demo::USER, Role::Admin).await?;
    demo::load(&app.side, caller).await?;
    let server = Server::bind(&app, &config).await?;
    app.caught_up(PATIENCE).await?;
    let minted = app.side.tokens()?.mint(caller, app.side.ids.next(), app.side.clock.now(), DEMO_TOKEN_SECONDS);
    let token = minted.map_err(|error| Failure::Fault(error.to_string()))?;
    server.announce()?;
    if let Err(error) = output::line(&invitation(server.address, &token)) {
        // It serves all the same.
        output::note(&error.to_string());
    }
    let served = server.run().await;
    app.close().await;
    drop(telemetry);
    served
}

fn settings(asked: &args::Serve) -> Result<Config, Failure> {
    let mut config = Config::load(asked.config.as_deref()).map_err(|error| Failure::Settings(error.to_string()))?;
    config.stores.data = asked.data.clone().unwrap_or(config.stores.data);
    asked.servers.set(&mut config.stores).map_err(Failure::Settings)?;
    config.listen = asked.listen.unwrap_or(config.listen);
    if http::may_serve_plain(config.listen.ip(), config.behind_tls_proxy || asked.insecure_http) {
        Ok(config)
    } else {
        Err(Failure::PlainHttp(config.listen))
    }
}

fn invitation(address: SocketAddr, token: &str) -> String {
    format!(
        "
The sample company \"{company}\" is loaded. An admin's token, good for a week:

{token}

Ask which jobs are late:

curl http://{address}/graphql -H 'Content-Type: application/json' -H 'Authorization: Bearer {token}' \\
  -d '{question}'

Ctrl-C stops it; what was done stays.",
        company = demo::COMPANY,
        question = serde_json::json!({ "query": demo::QUESTION }),
    )
}

struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: http::HttpState,
}

impl Server {
    async fn bind(app: &App, config: &Config) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::Listen { address: config.listen, reason: error.to_string() };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, state: app.http(config).await? })
    }

    fn announce(&self) -> Result<(), Failure> {
        output::line(&format!("ready http://{}", self.address))
    }

    async fn run(self) -> Result<(), Failure> {
        let stop = stop_signal()?;
        http::serve(self.listener, self.state, stop).await;
        Ok(())
    }
}

/// Comes true on Ctrl-C or SIGTERM.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    let failed = |error: std::io::Error| Failure::Fault(format!("signals can't be heard: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
