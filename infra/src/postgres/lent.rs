//! Questions and changes over the connections of a pool, each told before whose rows it may see.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Object, Pool};
use domain::ports::Scope;
use futures_util::future::{try_join, try_join_all};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Statement};

use super::{POOLED, Postgres};

/// How long one question or change may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// What the policies of the tables go by, until the next question of the connection.
const FENCE: &str = "SELECT set_config('kilter.scope', $1, false)";

pub(crate) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Postgres {
    /// The rows that answer this question, of those in `scope`.
    pub(crate) async fn ask(&self, scope: Scope, query: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, Failure> {
        let answers = self.ask_all(&[Question { scope, query, parameters }]).await?;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// The rows that answer each of these questions, all in one trip.
    pub(crate) async fn ask_all(&self, questions: &[Question<'_>]) -> Result<Vec<Vec<Row>>, Failure> {
        insist(|| self.ask_once(questions)).await
    }

    async fn ask_once(&self, questions: &[Question<'_>]) -> Result<Vec<Vec<Row>>, Failure> {
        let lent = self.lend(&self.readers).await?;
        let rows = {
            let fence = lent.prepare_cached(FENCE).await?;
            let mut asking = Vec::with_capacity(questions.len());
            for question in questions {
                let query = lent.prepare_cached(question.query).await?;
                asking.push(question.ask(&lent, &fence, query));
            }
            try_join_all(asking).await?
        };
        lent.give_back();
        Ok(rows)
    }

    /// The same for a question that is put together anew each time: it leaves nothing on the connection.
    pub(crate) async fn ask_unprepared(
        &self,
        scope: Scope,
        query: &str,
        parameters: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, Failure> {
        insist(|| async {
            let lent = self.lend(&self.readers).await?;
            // At hand before the question is sent: else the question would be sent first, and see no rows.
            let fence = lent.prepare_cached(FENCE).await?;
            let scope = named(scope);
            let scope: Parameters<'_> = &[&scope];
            let rows = try_join(lent.execute(&fence, scope), lent.query_typed(query, parameters)).await?.1;
            lent.give_back();
            Ok(rows)
        })
        .await
    }

    /// A connection that can change something.
    pub(crate) async fn lend_to_change(&self) -> Result<Lent, Failure> {
        self.lend(&self.writers).await
    }

    async fn lend(&self, pool: &Pool) -> Result<Lent, Failure> {
        let lent = pool.get().await.map_err(|error| Failure::Lending(self.says(&error)))?;
        Ok(Lent(Some(lent)))
    }

    /// What went wrong, in words that name the server.
    pub(crate) fn explains(&self, failure: &Failure) -> String {
        match failure {
            Failure::Lending(reason) => reason.clone(),
            Failure::Sql(error) => self.says(error),
            Failure::NoAnswer => format!("{}: no answer", self.name()),
        }
    }
}

/// What is asked of the rows in a scope.
pub(crate) struct Question<'a> {
    pub(crate) scope: Scope,
    pub(crate) query: &'a str,
    pub(crate) parameters: Parameters<'a>,
}

impl Question<'_> {
    /// The first poll sends fence and query one right after the other: no other question's fence comes between them.
    async fn ask(&self, lent: &Lent, fence: &Statement, query: Statement) -> Result<Vec<Row>, tokio_postgres::Error> {
        let scope = named(self.scope);
        let scope: Parameters<'_> = &[&scope];
        Ok(try_join(lent.execute(fence, scope), lent.query(&query, self.parameters)).await?.1)
    }
}

/// Does it over another connection where the one at hand turns out to be dead: each of the pool may be. Only for what does no harm
/// when it is done twice.
pub(crate) async fn insist<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    E: From<Failure>,
    for<'e> &'e E: Into<Option<&'e Failure>>,
    F: Future<Output = Result<T, E>>,
{
    let mut left = POOLED;
    loop {
        match tokio::time::timeout(PATIENCE, attempt()).await {
            Ok(Err(error)) if left > 0 && (&error).into().is_some_and(Failure::is_of_connection) => left -= 1,
            Ok(outcome) => return outcome,
            Err(_) => return Err(Failure::NoAnswer.into()),
        }
    }
}

/// What went wrong, before the server is named.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No connection.
    Lending(String),
    /// What the server or the driver said.
    Sql(tokio_postgres::Error),
    /// It took too long.
    NoAnswer,
}

impl Failure {
    fn is_of_connection(&self) -> bool {
        matches!(self, Self::Sql(error) if is_of_connection(error))
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Sql(error)
    }
}

/// Whether it is about the connection, not the question: another one may do.
pub(crate) fn is_of_connection(error: &tokio_postgres::Error) -> bool {
    // Class 57 is the server's own doing: stopping, restarting, ending a session; but not a question that took too long.
    error.code().is_none_or(|code| code.code().starts_with("57P") || code.code().starts_with("08"))
}

/// Whether the server says that what it stores is damaged.
pub(crate) fn is_damage(failure: &Failure) -> bool {
    let Failure::Sql(error) = failure else { return false };
    error.code().is_some_and(|code| *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED)
}

fn named(scope: Scope) -> String {
    match scope {
        Scope::System => "system".to_owned(),
        Scope::Tenant(tenant) => tenant.0.to_string(),
    }
}

/// A connection that goes back into its pool only after an answer: of any other nobody knows what it is still busy with.
pub(crate) struct Lent(Option<Object>);

impl Lent {
    /// From now on only the rows of this scope are in sight.
    pub(crate) async fn fence(&self, scope: Scope) -> Result<(), Failure> {
        let fence = self.prepare_cached(FENCE).await?;
        self.execute(&fence, &[&named(scope)]).await?;
        Ok(())
    }

    /// It has answered.
    pub(crate) fn give_back(mut self) {
        drop(self.0.take());
    }
}

#[expect(clippy::expect_used, reason = "it is there until it is given back, which consumes this")]
impl Deref for Lent {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        self.0.as_ref().expect("not given back yet")
    }
}

#[expect(clippy::expect_used, reason = "it is there until it is given back, which consumes this")]
impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut ClientWrapper {
        self.0.as_mut().expect("not given back yet")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(Object::take(connection));
        }
    }
}
