//! Asking a provider over the network: in time, in size, and nobody else.

use std::time::Duration;

use domain::ports::Future;
use openidconnect::http::{Response, response};
use openidconnect::url::Url;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;

use crate::config::providers::is_loopback;

/// How long one answer may take.
const TIME: Duration = Duration::from_secs(5);
/// How large it may be.
const MOST_BYTES: usize = 256 * 1024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    /// The network's reasons.
    #[error("{}", if .0.is_timeout() { "it takes too long" } else { "it can't be reached" })]
    Network(#[from] reqwest::Error),
    /// Too much of one.
    #[error("its answer has more than {MOST_BYTES} bytes")]
    Huge,
    /// It would be asked in the clear.
    #[error("it names an address that is not https")]
    Plain,
    /// No answer can be made of it.
    #[error("its answer is none")]
    Malformed(#[from] openidconnect::http::Error),
}

/// Asks one provider.
pub(super) struct Asker {
    client: reqwest::Client,
    /// Whether the provider is on this machine and may be asked there without TLS.
    plain: bool,
}

impl<'a> AsyncHttpClient<'a> for Asker {
    type Error = NoAnswer;
    type Future = Future<'a, Result<HttpResponse, NoAnswer>>;

    fn call(&'a self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

impl Asker {
    pub(super) fn new(issuer: &Url) -> reqwest::Result<Self> {
        // Who follows redirects can be led to what only this machine reaches.
        let client = reqwest::Client::builder().redirect(Policy::none()).timeout(TIME).connect_timeout(TIME);
        Ok(Self { client: client.build()?, plain: issuer.scheme() == "http" })
    }

    /// Whether this address may be asked, or a browser sent there.
    pub(super) fn may_ask(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.plain && url.scheme() == "http" && is_loopback(url))
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let request = reqwest::Request::try_from(request)?;
        if !self.may_ask(request.url()) {
            return Err(NoAnswer::Plain);
        }
        let mut answer = self.client.execute(request).await?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await? {
            if body.len() + part.len() > MOST_BYTES {
                return Err(NoAnswer::Huge);
            }
            body.extend_from_slice(&part);
        }
        let mut response: response::Builder = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        Ok(response.body(body)?)
    }
}
