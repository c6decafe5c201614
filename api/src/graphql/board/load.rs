//! How much of each day is open, and how much of it is planned.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{Context, Enum, Error, SimpleObject};
use domain::kernel::{TenantId, Timestamp};
use domain::ports;
use domain::scheduling::placement::Placement;
use jiff::civil::Date as Day;
use jiff::tz::TimeZone;
use jiff::{ToSpan, civil};
use projections::local_days;
use projections::planning::{self, DayLoad, Options, Planning, Shop};
use projections::schedule_board::Planned;
use uuid::Uuid;

use super::bar::placed;
use super::lane::{BoardLanes, Lanes};
use super::sight;
use super::window::Window;
use crate::graphql::connection::{PageInfo, Paging};
use crate::graphql::references::{Labels, Reference, Wanted};
use crate::graphql::row::Rows;
use crate::graphql::scalars::{Date, DateTime, Position, Seconds};
use crate::graphql::{deps, errors};

/// The most days.
const MOST_DAYS: i64 = 400;
/// The most days of all lanes of a page.
const MOST_CELLS: usize = 20_000;
/// How far back and ahead of now hours are told.
const REACH_SECONDS: i64 = 800 * DAY_SECONDS;
const DAY_SECONDS: i64 = 86_400;

/// What a lane of a load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum LoadBy {
    /// A machine.
    Machine,
    /// A work center, with all its machines.
    WorkCenter,
    /// A person.
    Operator,
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum LoadBucket {
    /// A local day.
    #[default]
    Day,
    /// A week from Monday on, as far as it lies in the time asked for.
    Week,
    /// A month, as far as it lies in the time asked for.
    Month,
}

impl LoadBucket {
    /// The first day of the bucket that a day lies in.
    fn of(self, day: Day) -> Day {
        match self {
            Self::Day => day,
            Self::Week => {
                let since_monday = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(since_monday.days()).unwrap_or(day)
            }
            Self::Month => day.first_of_month(),
        }
    }
}

/// Days of the company's zone, half-open.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    from: Day,
    until: Day,
}

impl Days {
    /// Forwards, and not too many.
    pub fn new(from: Day, until: Day) -> Result<Self, Error> {
        let days = from.until(until).map_or(-1, |span| i64::from(span.get_days()));
        if (0..=MOST_DAYS).contains(&days) {
            return Ok(Self { from, until });
        }
        let rule = format!("until must not be before from, nor more than {MOST_DAYS} days after it");
        Err(errors::failure(errors::BAD_RANGE, rule))
    }

    /// From the first midnight to the last.
    fn window(self, zone: &TimeZone) -> Result<local_days::Window, Error> {
        let midnight = |day: Day| local_days::Window::of_day(day, zone).map(|day| day.from);
        let window = midnight(self.from).zip(midnight(self.until));
        let ends = || errors::failure(errors::BAD_RANGE, "the calendar ends there");
        window.map(|(from, to)| local_days::Window { from, to }).ok_or_else(ends)
    }
}

/// What is asked for.
pub struct Asked {
    /// Of which days.
    pub days: Days,
    /// Of what kind of lanes; of what is named, or of machines.
    pub by: Option<LoadBy>,
    /// In what pieces.
    pub bucket: LoadBucket,
    /// Of which lanes.
    pub lanes: BoardLanes,
    /// Of which page of lanes.
    pub paging: Paging,
}

/// How much of a time is open, and how much of it is planned.
#[derive(Debug, Clone, SimpleObject)]
pub struct LoadSpan {
    /// Its first day.
    date: Date,
    /// Its first instant.
    from: DateTime,
    /// The first instant after it.
    until: DateTime,
    /// Open time, as often as the lane takes work at once.
    open_seconds: Seconds,
    /// Open time that setups take. Of work outside all hours all of its time counts.
    setup_seconds: Seconds,
    /// The same of runs.
    run_seconds: Seconds,
    /// Of setup and run: of operations of which nobody said how long they run, or how many are to be made.
    assumed_seconds: Seconds,
    /// Setup and run against open time, percent: over 100 is overload. Null where nothing is open.
    percent: Option<f64>,
    /// More is planned than is open.
    overloaded: bool,
}

/// The load of one lane.
#[derive(SimpleObject)]
pub struct LoadLane {
    /// Stands at this lane, for `after`.
    cursor: String,
    /// The machine, with `by: MACHINE`.
    machine: Option<Reference>,
    /// The work center, with `by: WORK_CENTER`.
    work_center: Option<Reference>,
    /// The person, with `by: OPERATOR`.
    operator: Option<Reference>,
    /// Whether its hours are known, of all its machines. Where nobody said, it counts as open around the clock.
    hours_known: bool,
    /// In order, without a gap.
    spans: Rows<LoadSpan>,
}

/// How much is open, and how much of it is planned.
#[derive(SimpleObject)]
pub struct Load {
    /// The zone that days are counted in.
    zone: String,
    /// A page of lanes by code. What is out of use is left out, unless something is planned on it.
    lanes: Rows<LoadLane>,
    /// Where this page lies.
    page_info: PageInfo,
    /// How many lanes there are on all pages.
    total_count: usize,
    /// How far in the history the answer had come.
    position: Position,
}

/// Which lanes are wanted.
pub enum Named {
    /// All.
    All,
    /// These.
    These(BTreeSet<Uuid>),
    /// The machines of these work centers.
    MachinesOf(BTreeSet<Uuid>),
}

/// A lane with the machines or the person that it counts.
struct Lane {
    id: Uuid,
    members: Vec<planning::Lane>,
}

/// A page of the load of lanes.
pub(super) async fn load(ctx: &Context<'_>, tenant: TenantId, asked: Asked) -> Result<Load, Error> {
    let deps = deps(ctx)?;
    let position: ports::Position = deps.live.position();
    let shop = sight::shop(ctx).await?;
    let local_days::Window { from, to } = asked.days.window(&shop.zone)?;
    let window = Window::new(from.into(), to.into())?;
    let options = options((from, to), deps.clock.now())?;
    let (_, planned) = placed(deps, tenant, (window, &Lanes::All)).await?;
    // What is over, or never will be, takes nobody's time any more.
    let now = deps.clock.now();
    let loads = |planned: &Planned| !planned.done || planned.placement.end <= now;
    let planned = planned.into_iter().map(|(planned, _)| planned).filter(loads);
    let planned: Vec<Placement> = planned.map(|planned| planned.placement).collect();
    let Asked { days, by, bucket, lanes: named, paging } = asked;
    let (by, named) = named.of_load(by)?;
    let lanes = lanes(&shop, by, (&named, &planned));
    let total_count = lanes.len();
    let (page, page_info) = paging.of_list(lanes)?;
    let (shop, planning) = sight::seen_with(ctx, options).await?;
    let wanted = wanted(by, &page);
    let asked = sight::work(ctx, move || {
        let counted = Counted { shop: &shop, planning: &planning, days, bucket };
        let zone = shop.zone.iana_name().unwrap_or("UTC").to_owned();
        Ok::<_, Error>((zone, counted.lanes(page, &planned)?))
    });
    let (zone, counted) = asked.await??;
    let labels = wanted.look_up(deps, tenant).await?;
    let lanes = counted.into_iter().map(|lane| dress(by, lane, &labels)).collect();
    Ok(Load { zone, lanes, page_info, total_count, position: position.into() })
}

/// Hours are told for the whole time that is asked for.
fn options((from, to): (Timestamp, Timestamp), now: Timestamp) -> Result<Options, Error> {
    let usual = Options::default();
    let (back, ahead) = (now.seconds_since(from) + DAY_SECONDS, to.seconds_since(now) + DAY_SECONDS);
    if back > REACH_SECONDS || ahead > REACH_SECONDS {
        let rule = format!("the load is told {} days back and ahead", REACH_SECONDS / DAY_SECONDS - 1);
        return Err(errors::failure(errors::BAD_RANGE, rule));
    }
    Ok(Options { back: usual.back.max(back), ahead: usual.ahead.max(ahead), ..usual })
}

/// Lanes by code; their codes are their keys.
fn lanes(shop: &Shop, by: LoadBy, (named, planned): (&Named, &[Placement])) -> Vec<(String, Lane)> {
    let machines: BTreeSet<_> = planned.iter().filter_map(|it| it.machine).collect();
    let operators: BTreeSet<_> = planned.iter().filter_map(|it| it.operator).collect();
    let used = shop.machines.values().filter(|it| it.is_in_use() || machines.contains(&it.id));
    let mut lanes: Vec<(String, Lane)> = match by {
        LoadBy::Machine => used
            .map(|it| (it.code.to_string(), Lane { id: it.id.0, members: vec![planning::Lane::Machine(it.id)] }))
            .collect(),
        LoadBy::WorkCenter => {
            let mut members: BTreeMap<_, Vec<planning::Lane>> = BTreeMap::new();
            used.for_each(|it| members.entry(it.work_center).or_default().push(planning::Lane::Machine(it.id)));
            let centers = shop.work_centers.iter().filter(|(id, it)| !it.retired || members.contains_key(id));
            let lane = |id: &domain::kernel::WorkCenterId| Lane {
                id: id.0,
                members: members.get(id).cloned().unwrap_or_default(),
            };
            centers.map(|(id, it)| (it.code.to_string(), lane(id))).collect()
        }
        LoadBy::Operator => {
            let people = shop.operators.values().filter(|it| it.active || operators.contains(&it.id));
            people
                .map(|it| (it.code.to_string(), Lane { id: it.id.0, members: vec![planning::Lane::Operator(it.id)] }))
                .collect()
        }
    };
    let center = |lane: &Lane| shop.machines.get(&domain::kernel::MachineId(lane.id)).map(|it| it.work_center.0);
    lanes.retain(|(_, lane)| match named {
        Named::All => true,
        Named::These(ids) => ids.contains(&lane.id),
        Named::MachinesOf(centers) => center(lane).is_some_and(|center| centers.contains(&center)),
    });
    lanes.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    lanes
}

fn wanted(by: LoadBy, page: &[(String, Lane)]) -> Wanted {
    let ids = page.iter().map(|(_, lane)| lane.id);
    match by {
        LoadBy::Machine => Wanted { machines: ids.map(domain::kernel::MachineId).collect(), ..Wanted::default() },
        LoadBy::WorkCenter => {
            Wanted { work_centers: ids.map(domain::kernel::WorkCenterId).collect(), ..Wanted::default() }
        }
        LoadBy::Operator => Wanted { operators: ids.map(domain::kernel::OperatorId).collect(), ..Wanted::default() },
    }
}

/// Days by lane.
type Loads = BTreeMap<planning::Lane, Vec<DayLoad>>;

/// What a lane comes to.
struct Sum {
    cursor: String,
    id: Uuid,
    hours_known: bool,
    spans: Vec<LoadSpan>,
}

/// Counts lanes together.
struct Counted<'s> {
    shop: &'s Shop,
    planning: &'s Planning,
    days: Days,
    bucket: LoadBucket,
}

impl Counted<'_> {
    fn lanes(&self, page: Vec<(String, Lane)>, planned: &[Placement]) -> Result<Vec<Sum>, Error> {
        let Days { from, until } = self.days;
        let days: Vec<civil::Date> = from.series(1.day()).take_while(|day| *day < until).collect();
        if days.len() * page.len() > MOST_CELLS {
            let told = format!("{} days of {} lanes are more than {MOST_CELLS}", days.len(), page.len());
            return Err(errors::failure(errors::BAD_RANGE, format!("{told}: ask for fewer lanes, or less time")));
        }
        let members: Vec<planning::Lane> = page.iter().flat_map(|(_, lane)| lane.members.iter().copied()).collect();
        let within = (&self.shop.zone, from, until);
        let all = self.planning.load(planned, &members, within);
        let assumed = planned.iter().filter(|it| self.planning.is_assumed(it.of()));
        let assumed = self.planning.load(assumed, &members, within);
        let sum = |(cursor, lane): (String, Lane)| Sum {
            cursor,
            id: lane.id,
            hours_known: !lane.members.is_empty() && lane.members.iter().all(|it| self.shop.keeps_hours(*it)),
            spans: self.spans(&days, (&lane, &all, &assumed)),
        };
        Ok(page.into_iter().map(sum).collect())
    }

    fn spans(&self, days: &[Day], (lane, all, assumed): (&Lane, &Loads, &Loads)) -> Vec<LoadSpan> {
        let mut spans: Vec<LoadSpan> = Vec::new();
        let mut bucket = None;
        for (at, day) in days.iter().enumerate() {
            let Some(window) = local_days::Window::of_day(*day, &self.shop.zone) else { continue };
            let of = |loads: &Loads| -> Vec<DayLoad> {
                let members = lane.members.iter();
                members.filter_map(|it| loads.get(it)?.get(at).copied()).collect()
            };
            let (all, assumed) = (of(all), of(assumed));
            let day_of = self.bucket.of(*day);
            if bucket != Some(day_of) {
                bucket = Some(day_of);
                spans.push(LoadSpan::empty(*day, window));
            }
            let Some(span) = spans.last_mut() else { continue };
            span.until = window.to.into();
            span.open_seconds.0 += all.iter().map(|it| it.open).sum::<i64>();
            span.setup_seconds.0 += all.iter().map(|it| it.setup).sum::<i64>();
            span.run_seconds.0 += all.iter().map(|it| it.run).sum::<i64>();
            span.assumed_seconds.0 += assumed.iter().map(DayLoad::planned).sum::<i64>();
        }
        spans.iter_mut().for_each(LoadSpan::judge);
        spans
    }
}

impl LoadSpan {
    fn empty(day: Day, window: local_days::Window) -> Self {
        Self {
            date: Date(day),
            from: window.from.into(),
            until: window.to.into(),
            open_seconds: Seconds(0),
            setup_seconds: Seconds(0),
            run_seconds: Seconds(0),
            assumed_seconds: Seconds(0),
            percent: None,
            overloaded: false,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds of a few years are exact")]
    fn judge(&mut self) {
        let (open, planned) = (self.open_seconds.0, self.setup_seconds.0 + self.run_seconds.0);
        self.percent = (open > 0).then(|| (planned as f64 * 1_000.0 / open as f64).round() / 10.0);
        self.overloaded = planned > open;
    }
}

fn dress(by: LoadBy, lane: Sum, labels: &Labels) -> LoadLane {
    let of = |wanted: LoadBy| (by == wanted).then(|| labels.of(lane.id));
    let (machine, work_center, operator) = (of(LoadBy::Machine), of(LoadBy::WorkCenter), of(LoadBy::Operator));
    let Sum { cursor, hours_known, spans, .. } = lane;
    LoadLane { cursor, machine, work_center, operator, hours_known, spans: spans.into_iter().collect() }
}
