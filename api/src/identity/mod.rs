//! How people come in: sign-up, sign-in, second factors, sessions, passwords, invitations. What happened goes to the log, what proves it to the vault.
//!
//! Whoever is not signed in learns nothing from an answer: what exists and what does not is answered alike, after the same work.

mod api_tokens;
mod attempts;
mod authenticator;
mod client;
mod enrolment;
mod epoch;
mod errands;
mod feeds;
mod floor;
mod guest;
mod invitations;
mod links;
mod members;
mod passkeys;
mod passwords;
mod providers;
mod recovery;
mod relying_party;
mod second_factor;
mod sessions;
mod shut_out;
mod sign_in;
mod sign_up;
mod terminals;

use std::sync::Arc;

use domain::kernel::decider::Refusal;
use domain::kernel::text::BadText;
use domain::kernel::time::later;
use domain::kernel::{Action, ActorId, Caller, CommandId, DataClass, Personal, Role, SubjectId, TenantId, Timestamp};
use domain::ports::{Clock, IdSource, VaultError};
use domain::run::{Command, Commands, Done, Request, RunError};
use infra::identity::passwords::{PasswordError, Passwords, Unfit};
use infra::identity::providers::Providers;
use infra::mail::{Outbox, PublicUrl};
use infra::vault::Registry;
use infra::vault::secrets::{ChangeError, Secrets};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::api_tokens::NewApiToken;
pub use self::attempts::{DeviceKey, FailedSignIns};
pub use self::client::{Came, ClientDescription};
pub use self::enrolment::{Again, Enrolled, Enroller, NewAuthenticator};
pub use self::errands::{Errands, ErrandsToRun};
pub use self::feeds::{GoodFeed, NewFeed};
pub use self::floor::{AtWork, Shown, WaysIn};
pub use self::guest::Guest;
pub use self::invitations::{AcceptInvitation, InvitationSeen};
pub use self::members::Description;
pub use self::passkeys::{Ceremony, NewPasskey, OwnFactors, OwnPasskey, RemovePasskey, ShowPasskey};
pub use self::passwords::PasswordChange;
pub use self::providers::{AT_PROVIDER_SECONDS, Arrival, Arrived, BackFromProvider, Departure, ProviderRefusal};
pub use self::second_factor::{Entrance, Method, ShowSecondFactor, Step};
pub use self::sessions::{OpenSession, Renewed};
pub use self::shut_out::ShutOut;
pub use self::sign_in::{SignIn, SignedIn};
pub use self::sign_up::SignUp;
pub use self::terminals::{AtHand, PairingCode, TerminalSeen};
use crate::auth::{ApiTokens, MintError, TerminalSessions, TokenKeys};

/// What signing in stands on.
pub struct Identity {
    /// Where what happened goes.
    pub commands: Arc<Commands>,
    /// Where what proves it rests.
    pub secrets: Arc<dyn Secrets>,
    /// Hashes and compares.
    pub passwords: Passwords,
    /// With whom people may sign in.
    pub providers: Providers,
    /// What tenants and members are called.
    pub registry: Arc<dyn Registry>,
    /// Signs the tokens of sessions.
    pub tokens: Arc<TokenKeys>,
    /// The tokens of integrations.
    pub api_tokens: Arc<ApiTokens>,
    /// Who is signed in at terminals.
    pub at_terminals: Arc<TerminalSessions>,
    /// Tells devices that have signed in before.
    pub device_key: DeviceKey,
    /// How many sign-ins of one name may fail before the next one waits.
    pub free_failures: u32,
    /// What is done after the answer.
    pub errands: Errands,
    /// Who may come into the sample company, by the link that was printed.
    pub guest: Guest,
    /// Mails on their way.
    pub outbox: Outbox,
    /// Whether mails wait for somebody on this machine to read them, because no server takes them.
    pub shows_outbox: bool,
    /// Where links in mails lead.
    pub public_url: PublicUrl,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identities.
    pub ids: Arc<dyn IdSource>,
}

/// Why somebody is not let in, or what they ask is not done.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Something that they typed can't be.
    #[error("{message}")]
    Input {
        /// Which field, in the API's camelCase.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// Name or password is not right; which of them is not said.
    #[error("the e-mail address or the password is not right")]
    Credentials,
    /// Too many failed before.
    #[error("too many attempts failed; try again in {seconds} s")]
    Wait {
        /// How long.
        seconds: u32,
    },
    /// The link was used, has ended, or never was.
    #[error("this link can't be used any more; ask for a new one")]
    Link,
    /// The step of a sign-in was taken, has ended, or never was.
    #[error("this step was taken or has ended; begin again")]
    Step,
    /// The code is not right, or was used.
    #[error("the code is not right, or was used before; wait for the next one")]
    Code,
    /// The tablet was never paired, or was revoked.
    #[error("this tablet is not paired with a company; ask for a pairing code")]
    Terminal,
    /// PIN or badge is not right; why is not said.
    #[error("that was not right; try again")]
    Pin,
    /// The passkey is not known here, is not what was asked for, or another one has its key too.
    #[error("this passkey was not accepted; sign in another way")]
    Passkey,
    /// Browsers bind passkeys to a name.
    #[error(
        "passkeys need a name, and this Kilter is reached by an IP address: set public_url, such as https://kilter.example.com"
    )]
    NoPasskeys,
    /// There is one already.
    #[error("codes of an authenticator app are asked for already; remove that app first")]
    SecondFactorExists,
    /// The company lets nobody in without one.
    #[error("your company asks for a second factor; sign in again")]
    SecondFactorNeeded,
    /// The company lets nobody in from there.
    #[error("your company does not let anybody sign in from this network")]
    Network,
    /// The session has ended, or never was.
    #[error("the session has ended; sign in again")]
    Session,
    /// The provider lets nobody in.
    #[error(transparent)]
    Provider(#[from] ProviderRefusal),
    /// Their role or their way in may not. To them it does not exist.
    #[error("not found")]
    Denied,
    /// The domain refuses.
    #[error("{0}")]
    Rejected(Box<dyn Refusal>),
    /// Not now; later it may work.
    #[error("this can't be done right now; try again later")]
    Unavailable(String),
    /// Something is broken.
    #[error("something went wrong on our side")]
    Fault(String),
}

impl From<VaultError> for Refused {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Damaged(reason) => Self::Fault(reason),
            VaultError::Fenced(_) | VaultError::Unavailable(_) => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<ChangeError> for Refused {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Vault(error) => error.into(),
            ChangeError::Stale => Self::Unavailable(error.to_string()),
            ChangeError::Foreign => Self::Fault(error.to_string()),
        }
    }
}

impl From<RunError> for Refused {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Rejected(refusal) => Self::Rejected(refusal),
            RunError::Unavailable(_) | RunError::OutcomeUnknown(_) | RunError::Conflict { .. } => {
                Self::Unavailable(error.to_string())
            }
            RunError::Denied => Self::Denied,
            RunError::CommandIdReused(_) | RunError::Fault(_) => Self::Fault(error.to_string()),
        }
    }
}

impl From<PasswordError> for Refused {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Unfit(unfit) => unfit.into(),
            PasswordError::Busy => Self::Unavailable("too many passwords are being hashed".to_owned()),
            PasswordError::Damaged => Self::Fault("a stored password hash is none".to_owned()),
        }
    }
}

impl From<Unfit> for Refused {
    fn from(unfit: Unfit) -> Self {
        Self::Input { field: "password", message: unfit.to_string() }
    }
}

impl From<MintError> for Refused {
    fn from(error: MintError) -> Self {
        Self::Fault(error.to_string())
    }
}

/// Somebody's account in their company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Whose {
    tenant: TenantId,
    account: ActorId,
}

impl Whose {
    /// Looked up in the place of somebody for a name that nobody has: as much is done.
    const NOBODY: Self = Self { tenant: TenantId(Uuid::nil()), account: ActorId(Uuid::nil()) };

    /// As whom they do what is about themselves.
    const fn caller(self, role: Role) -> Caller {
        Caller::new(self.tenant, self.account, role)
    }

    const fn subject(self) -> SubjectId {
        SubjectId(self.account.0)
    }

    /// A personal value of theirs.
    const fn personal<T>(self, class: DataClass, value: T) -> Personal<T> {
        Personal::Clear { subject: self.subject(), class, value }
    }
}

impl Identity {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Runs a command under this name: run twice, it is run once.
    async fn run(&self, caller: &Caller, name: Uuid, command: Command) -> Result<Done, RunError> {
        self.commands.run(caller, Request { command_id: Some(CommandId(name)), ..Request::from(command) }).await
    }

    /// Runs a command of its own.
    async fn tell(&self, caller: &Caller, command: Command) -> Result<Done, RunError> {
        self.commands.run(caller, Request::from(command)).await
    }
}

/// Refuses who may not.
fn permit(caller: &Caller, action: Action) -> Result<(), Refused> {
    if caller.may(action) { Ok(()) } else { Err(Refused::Denied) }
}

/// A text that somebody typed into this field.
fn typed<T>(field: &'static str, parse: fn(&str) -> Result<T, BadText>, text: &str) -> Result<T, Refused> {
    parse(text).map_err(|bad| Refused::Input { field, message: bad.to_string() })
}

/// The same for what may be left out.
fn typed_option<T>(
    field: &'static str,
    parse: fn(&str) -> Result<T, BadText>,
    text: Option<&str>,
) -> Result<Option<T>, Refused> {
    text.map(|text| typed(field, parse, text)).transpose()
}
