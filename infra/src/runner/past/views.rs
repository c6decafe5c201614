//! The port for rows, answered as of one moment.

use std::sync::{Arc, OnceLock};

use domain::kernel::TenantId;
use domain::ports::{Future, Position};
use projections::activity_log::{ActivityLog, key_at};
use projections::projection::{Projection, Value};
use projections::views::{Condition, KEY, Question, Rows, Test, ViewError, Views};

use super::{Moment, PastError, Pasts};

/// The read models of one tenant at one moment.
pub(super) struct PastViews {
    pub(super) pasts: Arc<Pasts>,
    pub(super) moment: Moment,
    /// The first reason why it could not be asked.
    pub(super) failure: Arc<OnceLock<PastError>>,
}

impl PastViews {
    /// Everything of the activity log up to the moment is in the present one: each event is a row that never changes.
    fn happened(&self) -> Condition {
        let next = Position(self.moment.position.0.saturating_add(1));
        Condition { column: KEY, test: Test::Below(Value::Text(key_at(next))) }
    }

    fn is_index(projection: &str) -> bool {
        projection == ActivityLog::NAME
    }

    fn failed(&self, error: PastError) -> ViewError {
        let told = unavailable(&error);
        // The first one counts.
        let _ = self.failure.set(error);
        told
    }

    /// Nobody else has a past here.
    fn is_foreign(&self, tenant: TenantId) -> bool {
        tenant != self.moment.tenant
    }

    async fn answer<T: Send + 'static>(
        &self,
        projection: &'static str,
        ask: impl FnOnce(&super::frame::PastTable) -> T + Send + 'static,
    ) -> Result<T, ViewError> {
        let frame = self.pasts.frame(self.moment.tenant, self.moment.last).await;
        let frame = frame.map_err(|error| self.failed(error))?;
        let work = move || frame.table(projection).map(ask);
        let answer = tokio::task::spawn_blocking(work).await.map_err(|broken| unavailable(&broken))?;
        answer.ok_or_else(|| unavailable(&format!("no projection is called {projection}")))
    }
}

fn unavailable(why: &dyn std::fmt::Display) -> ViewError {
    ViewError::Unavailable(why.to_string())
}

impl Views for PastViews {
    fn get(
        &self,
        projection: &'static str,
        tenant: TenantId,
        keys: Vec<String>,
    ) -> Future<'_, Result<Rows, ViewError>> {
        Box::pin(async move {
            let position = self.moment.position;
            if self.is_foreign(tenant) {
                return Ok(Rows { position, ..Rows::default() });
            }
            if Self::is_index(projection) {
                let end = key_at(position);
                let keys = keys.into_iter().filter(|key| *key <= end).collect();
                let found = self.pasts.present.get(projection, tenant, keys).await?;
                return Ok(Rows { position, ..found });
            }
            let rows = self.answer(projection, move |table| table.get(tenant, keys)).await?;
            Ok(Rows { rows, more: false, position })
        })
    }

    fn ask(
        &self,
        projection: &'static str,
        tenant: TenantId,
        mut question: Question,
    ) -> Future<'_, Result<Rows, ViewError>> {
        Box::pin(async move {
            let position = self.moment.position;
            if self.is_foreign(tenant) {
                return Ok(Rows { position, ..Rows::default() });
            }
            let found = if Self::is_index(projection) {
                question.conditions.push(self.happened());
                self.pasts.present.ask(projection, tenant, question).await?
            } else {
                self.answer(projection, move |table| table.ask(tenant, &question)).await?
            };
            Ok(Rows { position, ..found })
        })
    }

    fn count(
        &self,
        projection: &'static str,
        tenant: TenantId,
        mut conditions: Vec<Condition>,
    ) -> Future<'_, Result<u64, ViewError>> {
        Box::pin(async move {
            if self.is_foreign(tenant) {
                return Ok(0);
            }
            if Self::is_index(projection) {
                conditions.push(self.happened());
                return self.pasts.present.count(projection, tenant, conditions).await;
            }
            self.answer(projection, move |table| table.count(&conditions)).await
        })
    }
}
