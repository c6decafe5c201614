//! GraphQL as a command of the command line asks it: of a running server, or of a data folder opened for the purpose.

use std::time::Duration;

use async_graphql::{Request, Response, Variables};
use domain::kernel::{ActorId, Caller, Role, TenantId};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use infra::config::Stores;
use reqwest::StatusCode;
use serde_json::Value;

use super::failure::Failure;
use super::target::Target;
use crate::client::{self, Client};
use crate::graphql::errors::Damage;
use crate::wiring::{App, OpenError};

/// How long the read models may take to catch up with a folder that was not served for a while.
const PATIENCE: Duration = Duration::from_hours(1);
/// Who is said to have asked, without a token that says so.
const ACTOR: &str = "kilter command line";

/// Somewhere to ask.
pub enum Session {
    /// A data folder, opened by this process.
    Folder(Box<App>, Caller),
    /// A running server.
    Server(Client),
}

impl Session {
    /// Opens what is meant; a workspace that is named must exist there.
    pub async fn open(target: Target, tenant: Option<&str>) -> Result<Self, Failure> {
        match target {
            Target::Folder(stores) => Self::folder(&stores, tenant).await,
            Target::Server(client) => {
                if let Some(tenant) = tenant {
                    client.check_tenant(TenantId::from_name(tenant)).await?;
                }
                Ok(Self::Server(client))
            }
        }
    }

    async fn folder(stores: &Stores, tenant: Option<&str>) -> Result<Self, Failure> {
        if !stores.data.exists() {
            return Err(Failure::NoFolder(stores.data.clone()));
        }
        let app = App::open(stores).await?;
        match Self::caller(&app, tenant).await {
            Ok(caller) => Ok(Self::Folder(Box::new(app), caller)),
            Err(failure) => {
                app.close().await;
                Err(failure)
            }
        }
    }

    async fn caller(app: &App, tenant: Option<&str>) -> Result<Caller, Failure> {
        let known = match tenant {
            Some(name) => app.side.known(name).await?.ok_or_else(|| Failure::UnknownTenant(name.to_owned()))?,
            None => TenantId::installation(),
        };
        app.caught_up(PATIENCE).await?;
        Ok(Caller::new(known, ActorId::from_key(known, ACTOR), Role::Admin))
    }

    /// Executes a query or mutation and gives back its data.
    pub async fn execute(&self, query: &str, variables: Value) -> Result<Value, Failure> {
        match self {
            Self::Server(client) => Ok(client.execute(query, variables).await?),
            Self::Folder(app, caller) => read(&app.schema.execute(request(query, variables, *caller)).await),
        }
    }

    /// Executes a subscription and gives back the data of each message.
    pub async fn subscribe(
        &self,
        query: &str,
        variables: Value,
    ) -> Result<BoxStream<'static, Result<Value, Failure>>, Failure> {
        Ok(match self {
            Self::Server(client) => client.subscribe(query, variables).await?.map(|message| Ok(message?)).boxed(),
            Self::Folder(app, caller) => {
                let messages = app.schema.execute_stream(request(query, variables, *caller));
                messages.map(|response| read(&response)).boxed()
            }
        })
    }

    /// Closes what was opened for the purpose.
    pub async fn close(self) {
        if let Self::Folder(app, _) = self {
            app.close().await;
        }
    }
}

fn request(query: &str, variables: Value, caller: Caller) -> Request {
    Request::new(query).variables(Variables::from_json(variables)).data(caller)
}

fn read(response: &Response) -> Result<Value, Failure> {
    if let Some(Damage(what)) = response.errors.iter().find_map(|error| error.source::<Damage>()) {
        return Err(OpenError::StoreDamaged(what.clone()).into());
    }
    let body = serde_json::to_vec(response).map_err(|error| Failure::Fault(error.to_string()))?;
    Ok(client::data(StatusCode::OK, &body)?)
}
