//! Why a moment can't be asked, as the caller is told.

use async_graphql::{Error, ErrorExtensions as _, Pos, ServerError};
use infra::runner::past::PastError;

use crate::graphql::{GraphqlDeps, errors};

/// An error of the whole request.
pub(super) fn server_error(error: Error) -> ServerError {
    let mut error = error.into_server_error(Pos::default());
    error.locations.clear();
    error
}

/// What the caller is told.
pub(super) fn told(deps: &GraphqlDeps, error: &PastError) -> ServerError {
    let text = || error.to_string();
    server_error(match error {
        PastError::Future => errors::failure(errors::AS_OF_IN_FUTURE, text()),
        PastError::NotReady { at, of } => {
            errors::failure(errors::AS_OF_NOT_READY, text()).extend_with(|_, extensions| {
                extensions.set("position", at.to_string());
                extensions.set("of", of.to_string());
            })
        }
        PastError::Busy => errors::failure(errors::AS_OF_NOT_READY, text()),
        PastError::TooLarge { .. } => errors::failure(errors::AS_OF_TOO_LARGE, text()),
        PastError::Log(cause) => errors::read_failure(deps)(cause.clone()),
        PastError::Fold(_) | PastError::Thread(_) | PastError::Broken(_) => errors::fault(deps, error),
    })
}
