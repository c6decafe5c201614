//! Operators: who they are, what they can do, what they are doing now, and what may be changed.

pub mod absences;
pub mod day;
pub mod inputs;
pub mod mutations;

use async_graphql::{Context, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{OperatorId, TenantId};
use projections::operators::{OperatorRow, Operators};
use projections::projection::Value;
use projections::views::{Condition, Sort, Test};

pub use day::OperatorDayQuery;
pub use mutations::WorkforceMutation;

use super::connection::{Connection, Paging, page};
use super::references::{AtWork, Labels, Reference, Wanted, opened, rows};
use super::scalars::{DateTime, Position, Revision};
use super::{GraphqlDeps, deps, errors, find_id, permitted, settle};

/// How well, and until when, a person has a skill.
#[derive(Debug, Clone, SimpleObject)]
pub struct SkillHeld {
    /// The skill.
    skill: String,
    /// 1 (learning) to 5 (teaches it).
    level: u8,
    /// When it lapses; null means never.
    expires: Option<DateTime>,
}

/// A person on the floor.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Operator {
    /// Identity.
    id: ID,
    /// Badge or staff number.
    code: String,
    /// Full name; null when it was never given, or when it was erased.
    name: Option<String>,
    /// Identity of their user account, where they have one.
    user_id: Option<ID>,
    /// Whether they work here now.
    active: bool,
    /// Why they do not work here any more.
    reason: Option<String>,
    /// What they can do.
    skills: Vec<SkillHeld>,
    /// When they work; as the company does where there is none.
    calendar: Option<Reference>,
    /// What they are doing now.
    at_work: Vec<AtWork>,
    /// Revision, for `expectedRevision`.
    revision: Revision,
    /// Position of the last event that touched this row.
    position: Position,
    #[graphql(skip)]
    row: OperatorRow,
}

impl Operator {
    fn new(row: OperatorRow, name: Option<String>, labels: &Labels) -> Self {
        let held = |grant: &domain::workforce::operator::SkillGrant| SkillHeld {
            skill: grant.skill.to_string(),
            level: grant.level,
            expires: grant.expires.map(Into::into),
        };
        Self {
            id: row.id.into(),
            code: row.code.to_string(),
            name,
            user_id: row.user.map(Into::into),
            active: row.active,
            reason: row.reason.as_ref().map(ToString::to_string),
            skills: row.skills.iter().map(held).collect(),
            calendar: row.calendar.map(|calendar| labels.of(calendar.0)),
            at_work: row.at_work.iter().map(|work| labels.work(work)).collect(),
            revision: Revision(row.revision),
            position: row.position.into(),
            row,
        }
    }
}

/// Dresses rows of operators.
pub(super) async fn dress(
    deps: &GraphqlDeps,
    tenant: TenantId,
    rows: Vec<OperatorRow>,
) -> Result<Vec<Operator>, Error> {
    let mut wanted = Wanted::default();
    rows.iter().flat_map(|row| &row.at_work).for_each(|work| wanted.work(work));
    wanted.calendars.extend(rows.iter().filter_map(|row| row.calendar));
    let labels = wanted.look_up(deps, tenant).await?;
    let mut nodes = Vec::with_capacity(rows.len());
    for row in rows {
        let name = opened(deps, tenant, row.name.as_ref()).await?;
        nodes.push(Operator::new(row, name, &labels));
    }
    Ok(nodes)
}

async fn operator(deps: &GraphqlDeps, tenant: TenantId, id: Option<uuid::Uuid>) -> Result<Option<Operator>, Error> {
    let rows = rows::<Operators>(deps, tenant, id.into_iter()).await?;
    Ok(dress(deps, tenant, rows).await?.pop())
}

/// Which operators are wanted.
#[derive(Debug, Default, InputObject)]
pub struct OperatorFilter {
    /// Those whose code contains this.
    code_contains: Option<String>,
    /// Those who work here no more as well.
    #[graphql(default)]
    include_inactive: bool,
}

impl OperatorFilter {
    fn conditions(self) -> Vec<Condition> {
        let code = self.code_contains.map(|text| Condition { column: "code", test: Test::Contains(text) });
        let active = Condition { column: "active", test: Test::Is(Value::Integer(1)) };
        code.into_iter().chain((!self.include_inactive).then_some(active)).collect()
    }
}

/// Questions about operators.
#[derive(Default)]
pub struct WorkforceQuery;

#[Object]
impl WorkforceQuery {
    /// Operators by code, with what they are doing now. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn operators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: OperatorFilter,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Operator>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        let by_code = Sort { column: Some("code"), descending: false };
        let mut page = page::<Operators>(deps, caller.tenant, &paging, filter.conditions(), by_code).await?;
        let nodes = dress(deps, caller.tenant, page.take_rows()).await?;
        Ok(page.connect(nodes))
    }

    /// One operator, by identity or code; null when there is none.
    async fn operator(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Identity; give this or `code`.")] id: Option<ID>,
        #[graphql(desc = "Badge or staff number; give this or `id`.")] code: Option<String>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<Operator>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        let id = named(caller.tenant, id.as_ref(), code.as_deref())?;
        settle(ctx, min_position).await?;
        operator(deps(ctx)?, caller.tenant, id).await
    }
}

/// The operator that is named by one of the two; `None` when the text is no identity.
fn named(tenant: TenantId, id: Option<&ID>, code: Option<&str>) -> Result<Option<uuid::Uuid>, Error> {
    match (id, code) {
        (Some(id), None) => Ok(find_id(id)),
        (None, Some(code)) => Ok(Some(OperatorId::from_key(tenant, code.trim()).0)),
        _ => Err(errors::failure(errors::BAD_REFERENCE, "give either the identity or the code")),
    }
}
