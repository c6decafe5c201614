//! The board: who and what is planned to work when, and what became of it.

pub mod adherence;
pub mod bar;
pub mod conflicts;
pub mod lane;
pub mod load;
pub mod questions;
pub mod ready;
pub mod sight;
pub mod unplanned;
pub mod why;
pub mod window;

use async_graphql::{Context, Error, Object, SimpleObject};
use domain::kernel::roles::Action;

use self::bar::{BoardBar, bars, mark, placed};
use self::lane::{BoardBy, BoardLane, BoardLanes, Wish, lanes};
use self::unplanned::JobToPlan;
use self::window::Window;
use super::connection::{Connection, PageInfo, Paging};
use super::row::Rows;
use super::scalars::{DateTime, Position};
use super::{calendars, deps, permitted, settle};

/// What is planned in a time, and how far it is.
#[derive(SimpleObject)]
pub struct Board {
    /// The first instant of it.
    from: DateTime,
    /// The first instant after it.
    until: DateTime,
    /// The lanes of this page, by code.
    lanes: Rows<BoardLane>,
    /// Where this page of lanes lies.
    page_info: PageInfo,
    /// What these lanes have in that time, by start: any of it lies in `[from, until)`.
    bars: Rows<BoardBar>,
    /// What no lane has, by start: outside the house, or with `by: OPERATOR` with nobody named. Only on the first page of all lanes.
    elsewhere: Rows<BoardBar>,
    /// How far in the history the answer had come: `after` of `boardChanged` goes on from here.
    position: Position,
}

/// Bars with their conflicts, where these are asked for: they take a look at the whole shop.
async fn marked(ctx: &Context<'_>, mut bars: Vec<BoardBar>) -> Result<Vec<BoardBar>, Error> {
    let asks = |list: &str| ctx.look_ahead().field(list).field("conflicts").exists();
    if asks("bars") || asks("elsewhere") {
        let conflicts = sight::ask(ctx, |shop, planning| planning.conflicts(shop.plan.placements.values())).await?;
        mark(&mut bars, &conflicts);
    }
    Ok(bars)
}

/// Questions about the board.
#[derive(Default)]
pub struct BoardQuery;

#[Object]
impl BoardQuery {
    /// What is planned between two instants, at most 400 days, on a page of lanes; at most 20,000 bars.
    #[expect(clippy::too_many_arguments, reason = "a window, lanes, and the arguments of a page")]
    async fn board(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this instant on.")] from: DateTime,
        #[graphql(desc = "Up to this instant, without it.")] until: DateTime,
        #[graphql(desc = "What a lane is; a machine when absent, or a person where people are named.")] by: Option<
            BoardBy,
        >,
        #[graphql(desc = "Which lanes; all when absent.", default)] lanes: BoardLanes,
        #[graphql(desc = "So many lanes, 1 to 100.", default = 100)] first: i32,
        #[graphql(desc = "Continue after the lane at this cursor.")] after: Option<String>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Board, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        let window = Window::new(from, until)?;
        settle(ctx, min_position).await?;
        let asks_hours = ctx.look_ahead().field("lanes").field("open").exists();
        let open = asks_hours.then(|| calendars::window(from, until)).transpose()?;
        let by = by.unwrap_or(lanes.by());
        let wish = Wish { by, lanes, paging: Paging::new(Some(first), after, None, None), open };
        let found = self::lanes(deps, caller.tenant, wish).await?;
        let (planned_at, planned) = placed(deps, caller.tenant, (window, &found.on)).await?;
        let (jobs_at, bars) = bars(deps, caller.tenant, &planned).await?;
        let bars = marked(ctx, bars).await?;
        let (elsewhere, bars) = bars.into_iter().partition::<Vec<_>, _>(|bar| bar.is_on_no_lane(by));
        Ok(Board {
            from,
            until,
            lanes: found.lanes.into_iter().collect(),
            page_info: found.page,
            bars: bars.into_iter().collect(),
            elsewhere: elsewhere.into_iter().collect(),
            position: planned_at.min(jobs_at).into(),
        })
    }

    /// Jobs with operations that are still to be done and have no place in the plan, by due date; jobs without one come first. Give
    /// `first` or `last`, 1 to 100. What the optimiser alone can find out, such as that no opening is long enough, its runs tell.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn unplanned(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<JobToPlan>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        unplanned::page_of(ctx, caller.tenant, (deps, &paging)).await
    }
}
