//! Sign-in with a provider: `OpenID` Connect by discovery, by a code with PKCE and a nonce.
//!
//! A provider is believed as far as its keys sign what it says, for us, for this one question, and not longer than it says. What it is
//! asked over the network has a time, a size and no redirects; what it says of itself and its keys is kept for an hour at most.

mod ask;

use std::sync::Arc;
use std::time::Duration;

use domain::identity::account::Issuer;
use domain::kernel::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
    CoreGenderClaim, CoreGrantType, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{
    AccessToken, AdditionalProviderMetadata, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, EmptyAdditionalClaims, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenVerifier,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, SubjectIdentifier, TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use self::ask::Asker;
use crate::config::ProviderSettings;
use crate::mail::PublicUrl;

/// How long what a provider says of itself is believed.
const LIFE: Duration = Duration::from_hours(1);
/// How often it is asked anew for keys that it has not named.
const OTHER_KEYS_AFTER: Duration = Duration::from_mins(1);
/// How long it is left alone after it has not answered.
const REST: Duration = Duration::from_secs(5);
/// The longest name of an account that a provider may give (`OpenID` Connect Core, 2).
const LONGEST_SUBJECT: usize = 255;
/// What may sign. None that takes a secret for its key: what both sides know proves nothing.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Why a provider is of no use. The reason is for the log, and holds nothing of what the provider said of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer, or not as a provider does.
    #[error("the provider can't be used: {0}")]
    Unavailable(String),
    /// What it answers proves nothing.
    #[error("the provider's answer proves nothing: {0}")]
    Refused(String),
}

/// What somebody goes to a provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// To sign in: who they are there is enough.
    SignIn,
    /// To link that account to theirs: its e-mail address must be verified.
    Link,
}

/// What is kept, sealed, while somebody is at a provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    errand: Errand,
    nonce: String,
    verifier: String,
}

/// What a browser brings back.
pub struct Brought {
    /// Good once, for the provider.
    pub code: String,
    /// Who says so (RFC 9207).
    pub issuer: Option<String>,
}

/// An account at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderAccount {
    /// What the provider calls it, for ever.
    pub subject: String,
    /// Whether the provider says that its e-mail address is the person's; asked only for linking.
    pub has_verified_email: bool,
}

/// Whether it puts its name to what a browser brings back.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct NamesItself {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for NamesItself {}

type Metadata = ProviderMetadata<
    NamesItself,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What is known of a provider, and when it was last asked in vain.
#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Instant)>,
    asked_for_keys: Option<Instant>,
    failed: Option<Instant>,
}

/// All providers that people may sign in with.
#[derive(Default)]
pub struct Providers(Vec<Provider>);

impl Providers {
    /// Those of the settings; people come back to pages of this address.
    pub fn new(settings: &[ProviderSettings], public_url: &PublicUrl) -> Result<Self, ProviderError> {
        settings.iter().map(|settings| Provider::new(settings.clone(), public_url)).collect::<Result<_, _>>().map(Self)
    }

    /// Each of them.
    pub fn all(&self) -> &[Provider] {
        &self.0
    }

    /// The one that is called so in addresses.
    pub fn find(&self, id: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.id() == id)
    }
}

/// One provider.
pub struct Provider {
    settings: ProviderSettings,
    redirect: RedirectUrl,
    issuer: IssuerUrl,
    asker: Asker,
    known: Mutex<Known>,
}

impl Provider {
    fn new(settings: ProviderSettings, public_url: &PublicUrl) -> Result<Self, ProviderError> {
        let unusable = |error: &dyn std::error::Error| ProviderError::Unavailable(error.to_string());
        let back = public_url.page(&format!("auth/oidc/{}/return", settings.id), None);
        let redirect = RedirectUrl::new(back.as_str().to_owned()).map_err(|error| unusable(&error))?;
        let issuer = IssuerUrl::new(settings.issuer.as_str().to_owned()).map_err(|error| unusable(&error))?;
        let asker = Asker::new(issuer.url()).map_err(|error| unusable(&error))?;
        Ok(Self { settings, redirect, issuer, asker, known: Mutex::default() })
    }

    /// What it is called in addresses.
    pub fn id(&self) -> &str {
        &self.settings.id
    }

    /// What stands on its button.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Who vouches.
    pub const fn issuer(&self) -> &Issuer {
        &self.settings.issuer
    }

    /// Where to send a browser that is known by this state, and what to keep until it comes back.
    pub async fn begin(&self, state: &str, errand: Errand) -> Result<(String, Begun), ProviderError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = Nonce::new_random();
        let begun = Begun { errand, nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
        let state = CsrfToken::new(state.to_owned());
        let request = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce);
        let request = match errand {
            Errand::SignIn => request,
            Errand::Link => request.add_scope(Scope::new("email".to_owned())),
        };
        let (url, ..) = request.set_pkce_challenge(challenge).url();
        if !self.asker.may_ask(&url) {
            return Err(self.unavailable("its page for signing in is not reached by https".to_owned()));
        }
        Ok((url.into(), begun))
    }

    /// Whose the account is that a browser brings a code of, at this time.
    pub async fn finish(
        &self,
        brought: Brought,
        begun: Begun,
        now: Timestamp,
    ) -> Result<ProviderAccount, ProviderError> {
        let metadata = self.metadata().await?;
        self.check_name(&metadata, brought.issuer.as_deref())?;
        let client = self.client(&metadata);
        let exchange = client.exchange_code(AuthorizationCode::new(brought.code));
        let exchange = exchange.map_err(|_| self.unavailable("it names no token endpoint".to_owned()))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(begun.verifier));
        let answer = exchange.request_async(&self.asker).await.map_err(|error| self.no_token(error))?;
        let token = answer.id_token().ok_or_else(|| self.refused("no ID token"))?;
        let nonce = Nonce::new(begun.nonce);
        let claims = match self.verify(&metadata, token, &nonce, now) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let metadata = self.metadata_with_other_keys(&metadata).await?;
                self.verify(&metadata, token, &nonce, now)
            }
            verified => verified,
        };
        let claims = claims.map_err(|error| self.refused(kind(&error)))?;
        if claims.authorized_party().is_some_and(|party| party.as_str() != self.settings.client_id) {
            return Err(self.refused("the token was made for another party"));
        }
        let subject = claims.subject().as_str().to_owned();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
            return Err(self.refused("the account has no name that can be one"));
        }
        let has_verified_email = match begun.errand {
            Errand::SignIn => false,
            Errand::Link if claims.email().is_some() => claims.email_verified() == Some(true),
            Errand::Link => self.asks_email(&client, answer.access_token(), claims.subject()).await?,
        };
        Ok(ProviderAccount { subject, has_verified_email })
    }

    /// Refuses an answer that another provider has given (RFC 9207).
    fn check_name(&self, metadata: &Metadata, named: Option<&str>) -> Result<(), ProviderError> {
        let must = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match named {
            Some(named) if named == self.settings.issuer.as_str() => Ok(()),
            None if !must => Ok(()),
            _ => Err(self.refused("the browser came from another provider")),
        }
    }

    fn verify<'token>(
        &self,
        metadata: &Metadata,
        token: &'token CoreIdToken,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<&'token CoreIdTokenClaims, ClaimsVerificationError> {
        let client_id = ClientId::new(self.settings.client_id.clone());
        let seconds = Duration::from_secs(u64::try_from(now.as_seconds()).unwrap_or_default());
        // As a public client, whatever it is: so no secret is ever taken for a key.
        let verifier = IdTokenVerifier::new_public_client(client_id, self.issuer.clone(), metadata.jwks().clone())
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || (std::time::UNIX_EPOCH + seconds).into());
        token.claims(&verifier, nonce)
    }

    /// Whether it says, asked apart, that the address of this account is verified: many don't write it into the token.
    async fn asks_email(
        &self,
        client: &Client,
        token: &AccessToken,
        of: &SubjectIdentifier,
    ) -> Result<bool, ProviderError> {
        let Ok(request) = client.user_info(token.clone(), Some(of.clone())) else { return Ok(false) };
        let said: Result<UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim>, _> =
            request.request_async(&self.asker).await;
        let said = said.map_err(|_| self.refused("no answer about the e-mail address"))?;
        Ok(said.email().is_some() && said.email_verified() == Some(true))
    }

    fn client(&self, metadata: &Metadata) -> Client {
        let secret = self.settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.to_string()));
        let client_id = ClientId::new(self.settings.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), client_id, secret);
        let methods = metadata.token_endpoint_auth_methods_supported();
        let in_header = methods.is_none_or(|methods| methods.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth = if in_header { AuthType::BasicAuth } else { AuthType::RequestBody };
        client.set_redirect_uri(self.redirect.clone()).set_auth_type(auth)
    }

    async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        let mut known = self.known.lock().await;
        match &known.metadata {
            Some((metadata, at)) if at.elapsed() < LIFE => Ok(Arc::clone(metadata)),
            _ => self.discover(&mut known).await,
        }
    }

    /// What it says now, when its keys as they were seen lack one. Whoever sends made-up keys does not make us ask at each of them.
    async fn metadata_with_other_keys(&self, seen: &Arc<Metadata>) -> Result<Arc<Metadata>, ProviderError> {
        let mut known = self.known.lock().await;
        let may_ask = known.asked_for_keys.is_none_or(|at| at.elapsed() >= OTHER_KEYS_AFTER);
        match &known.metadata {
            Some((metadata, _)) if !may_ask || !Arc::ptr_eq(metadata, seen) => Ok(Arc::clone(metadata)),
            _ => {
                known.asked_for_keys = Some(Instant::now());
                self.discover(&mut known).await
            }
        }
    }

    async fn discover(&self, known: &mut Known) -> Result<Arc<Metadata>, ProviderError> {
        if known.failed.is_some_and(|at| at.elapsed() < REST) {
            return Err(ProviderError::Unavailable("it did not answer some seconds ago".to_owned()));
        }
        match Metadata::discover_async(self.issuer.clone(), &self.asker).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                (known.metadata, known.failed) = (Some((Arc::clone(&metadata), Instant::now())), None);
                Ok(metadata)
            }
            Err(error) => {
                known.failed = Some(Instant::now());
                Err(self.unavailable(reason(&error)))
            }
        }
    }

    fn no_token<T: openidconnect::ErrorResponse + 'static>(
        &self,
        error: RequestTokenError<ask::NoAnswer, T>,
    ) -> ProviderError {
        match error {
            RequestTokenError::Request(error) => self.unavailable(error.to_string()),
            RequestTokenError::ServerResponse(_) => self.refused("the token endpoint takes the code for none"),
            RequestTokenError::Parse(..) => self.refused("the token endpoint's answer is none"),
            RequestTokenError::Other(_) => self.refused("the token endpoint answers with no token"),
        }
    }

    fn unavailable(&self, reason: String) -> ProviderError {
        tracing::warn!(event = "provider.unavailable", provider = self.id(), %reason);
        ProviderError::Unavailable(reason)
    }

    fn refused(&self, reason: &str) -> ProviderError {
        tracing::warn!(event = "provider.refused", provider = self.id(), %reason);
        ProviderError::Refused(reason.to_owned())
    }
}

/// With what lies beneath, cut short: some of it is the provider's own words.
fn reason(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut beneath = error.source();
    while let Some(error) = beneath {
        told = format!("{told}: {error}");
        beneath = error.source();
    }
    told.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// What is wrong with a token, without what stands in it.
const fn kind(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "the token has expired",
        ClaimsVerificationError::InvalidAudience(_) => "the token is for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "the token is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "the token answers another question",
        ClaimsVerificationError::SignatureVerification(_) => "the token's signature proves nothing",
        _ => "the token is not one that is understood",
    }
}
