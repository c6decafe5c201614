//! `kilter serve` and `kilter demo`.

use std::net::SocketAddr;
use std::time::Duration;

use domain::kernel::Role;
use infra::config::Config;
use infra::telemetry;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::task::AbortOnDropHandle;

use super::args;
use super::failure::Failure;
use super::output;
use crate::demo;
use crate::http;
use crate::wiring::App;

/// How long the read models may take to catch up before it is said that they do.
const PATIENCE: Duration = Duration::from_hours(24);
const DEMO_TOKEN_SECONDS: u32 = 7 * 24 * 3600;

/// How long a start that is cut short may take to end in order.
const CUT_SHORT_WAIT: Duration = Duration::from_secs(2);

/// Serves until it is told to stop.
pub async fn serve(asked: args::Serve) -> Result<(), Failure> {
    run(&asked, Sample::None).await
}

/// The same with a sample company, and a token to try it.
pub async fn demo(asked: args::Serve) -> Result<(), Failure> {
    run(&asked, Sample::Company).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sample {
    None,
    Company,
}

async fn run(asked: &args::Serve, sample: Sample) -> Result<(), Failure> {
    // Before anything is opened: from here on whoever is told to stop ends in order.
    let mut stop = StopSignal::listen()?;
    let mut config = settings(asked)?;
    // Who tries Kilter reads the mails that it would send.
    config.outbox_page |= sample == Sample::Company;
    let telemetry = telemetry::start(&config).map_err(|error| Failure::Settings(error.to_string()))?;
    let Some(app) = opened(&config, &mut stop).await? else { return Ok(()) };
    let served = serve_app(&app, &config, sample, &mut stop).await;
    app.close().await;
    drop(telemetry);
    served
}

/// Opens everything; nothing, where the process is told to stop meanwhile.
async fn opened(config: &Config, stop: &mut StopSignal) -> Result<Option<App>, Failure> {
    let stores = config.stores.clone();
    // On its own: files that take long to open keep nobody from stopping.
    let mut opening = AbortOnDropHandle::new(tokio::spawn(async move { App::open(&stores).await }));
    if let Some(outcome) = stop.unless_told(&mut opening).await {
        return Ok(Some(outcome.map_err(|panic| Failure::Fault(panic.to_string()))??));
    }
    if let Ok(Ok(Ok(app))) = tokio::time::timeout(CUT_SHORT_WAIT, opening).await {
        app.close().await;
    }
    Ok(None)
}

async fn serve_app(app: &App, config: &Config, sample: Sample, stop: &mut StopSignal) -> Result<(), Failure> {
    // All that is there at the start only.
    let ready = Box::pin(Server::ready(app, config, sample));
    let Some(ready) = stop.unless_told(ready).await else { return Ok(()) };
    let (server, invited) = ready?;
    output::line(&format!("ready http://{}", server.address))?;
    let invited = invited.map_or(Ok(()), |invited| output::line(&invitation(server.address, &invited)));
    if let Err(error) = invited {
        // It serves all the same.
        output::note(&error.to_string());
    }
    http::serve(server.listener, server.state, stop.told()).await;
    Ok(())
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

/// What the guest of the sample company gets.
struct Invited {
    /// Lets a browser in, once.
    link: String,
    /// For programs.
    token: String,
}

fn invitation(address: SocketAddr, Invited { link, token }: &Invited) -> String {
    format!(
        "
The sample company \"{company}\" is loaded. This link lets one browser in, once; each start prints another one:

{link}

An admin's token for programs, good for a week:

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
        Ok(Self { listener, address, state: app.http(config, address).await? })
    }

    /// A server to which requests can be sent, with a token for the sample company where it is loaded.
    async fn ready(app: &App, config: &Config, sample: Sample) -> Result<(Self, Option<Invited>), Failure> {
        let guest = match sample {
            Sample::None => None,
            Sample::Company => {
                let (caller, _) = app.side.member(demo::TENANT, demo::USER, Role::Admin).await?;
                app.caught_up(PATIENCE).await?;
                demo::load(&app.side, &app.sight(), caller).await?;
                Some(caller)
            }
        };
        let server = Self::bind(app, config).await?;
        app.caught_up(PATIENCE).await?;
        let Some(guest) = guest else { return Ok((server, None)) };
        let broken = |error: String| Failure::Fault(error);
        let link = server.state.guest_link(&guest, demo::GUEST).await.map_err(|error| broken(error.to_string()))?;
        let minted = app.side.tokens()?.mint(guest, app.side.ids.next(), app.side.clock.now(), DEMO_TOKEN_SECONDS);
        let token = minted.map_err(|error| broken(error.to_string()))?;
        Ok((server, Some(Invited { link, token })))
    }
}

/// Ctrl-C or SIGTERM.
struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignal {
    /// From now on neither ends the process by itself.
    fn listen() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::Fault(format!("signals can't be heard: {error}"));
        let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate()).map_err(failed)? })
    }

    /// Comes true when the process is told to stop.
    async fn told(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// What comes of a part of the start; nothing, and a line that says so, where the process is told to stop before.
    async fn unless_told<T>(&mut self, part: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.told() => {
                output::note("told to stop before it was ready: stopped; the next start goes on from there");
                None
            }
            done = part => Some(done),
        }
    }
}
