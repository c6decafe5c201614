//! Tools and fixtures: how many there are, and what may be changed.

pub mod inputs;
pub mod mutations;

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::TenantId;
use domain::kernel::roles::Action;
use projections::projection::Value;
use projections::tools::{ToolRow, Tools};
use projections::views::{Condition, Sort, Test};

pub use mutations::ToolsMutation;

use super::connection::{Connection, Paging, page};
use super::references::rows;
use super::scalars::{Position, Revision};
use super::{GraphqlDeps, deps, find_id, permitted, settle};

/// A tool or fixture: operations that name its code take one of it, from their start to their end.
#[derive(SimpleObject)]
pub struct Tool {
    /// Its identity.
    id: ID,
    /// Its code, which operations name.
    code: String,
    /// Its name.
    name: String,
    /// How many there are while it is in use.
    count: u16,
    /// Why it is out of use, while it is: then there are none.
    retired: Option<String>,
    /// Its revision, for `expectedRevision`.
    revision: Revision,
    /// Position of the last event that touched it.
    position: Position,
}

impl From<ToolRow> for Tool {
    fn from(row: ToolRow) -> Self {
        Self {
            id: row.id.into(),
            code: row.code.to_string(),
            name: row.name.to_string(),
            count: row.count,
            retired: row.retired.as_ref().map(ToString::to_string),
            revision: Revision(row.revision),
            position: row.position.into(),
        }
    }
}

/// Which tools are wanted.
#[derive(Debug, Default, InputObject)]
pub struct ToolFilter {
    /// Those whose code contains this.
    code_contains: Option<String>,
    /// Those that are out of use as well.
    #[graphql(default)]
    include_retired: bool,
}

impl ToolFilter {
    fn conditions(self) -> Vec<Condition> {
        let code = self.code_contains.map(|text| Condition { column: "code", test: Test::Contains(text) });
        let in_use = Condition { column: "retired", test: Test::Is(Value::Integer(0)) };
        code.into_iter().chain((!self.include_retired).then_some(in_use)).collect()
    }
}

/// Questions about tools.
#[derive(Default)]
pub struct ToolsQuery;

#[Object]
impl ToolsQuery {
    /// Tools and fixtures by code. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn tools(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: ToolFilter,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Tool>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let (paging, sort) =
            (Paging::new(first, after, last, before), Sort { column: Some("code"), descending: false });
        let mut page = page::<Tools>(deps, caller.tenant, &paging, filter.conditions(), sort).await?;
        let nodes = page.take_rows().into_iter().map(Into::into).collect();
        Ok(page.connect(nodes))
    }

    /// One tool; null when there is none.
    async fn tool(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its identity.")] id: ID,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<Tool>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, min_position).await?;
        tool(deps(ctx)?, caller.tenant, find_id(&id)).await
    }
}

async fn tool(deps: &GraphqlDeps, tenant: TenantId, id: Option<uuid::Uuid>) -> Result<Option<Tool>, Error> {
    Ok(rows::<Tools>(deps, tenant, id.into_iter()).await?.pop().map(Into::into))
}
