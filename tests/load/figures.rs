//! Paces of interleaved runs, and the lines that hold them against their targets.

use std::fmt::{self, Display, Formatter};
use std::future::Future;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Runs per contender: the machine's speed changes by the minute, so they take turns.
pub(crate) const ROUNDS: usize = 3;

/// How fast something was: answers per second, and how long half and nearly all of them took at most.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Pace {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Pace {
    /// Of what could not be measured.
    pub(crate) const NONE: Self = Self { per_second: f64::NAN, p50_ms: f64::NAN, p99_ms: f64::NAN };

    /// Of answers that took so long each, in all that time.
    pub(crate) fn of(mut took: Vec<Duration>, elapsed: Duration) -> Self {
        took.sort_unstable();
        let at = |hundredth: usize| {
            took.get(took.len() * hundredth / 100).map_or(f64::NAN, |took| took.as_secs_f64() * 1000.0)
        };
        Self { per_second: per_second(took.len(), elapsed), p50_ms: at(50), p99_ms: at(99) }
    }

    fn median(paces: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(paces.iter().map(figure).collect());
        Self { per_second: of(|pace| pace.per_second), p50_ms: of(|pace| pace.p50_ms), p99_ms: of(|pace| pace.p99_ms) }
    }
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// So many in this time, per second.
pub(crate) fn per_second(count: usize, elapsed: Duration) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from) / elapsed.as_secs_f64()
}

/// Lets all run by turns, and gives the median of each.
pub(crate) fn by_turns<const N: usize>(contenders: [&mut dyn FnMut() -> Pace; N]) -> [Pace; N] {
    let mut paces: [Vec<Pace>; N] = std::array::from_fn(|_| Vec::new());
    let mut contenders = contenders;
    for _ in 0..ROUNDS {
        for (contender, paces) in contenders.iter_mut().zip(&mut paces) {
            paces.push(contender());
        }
    }
    paces.map(|paces| Pace::median(&paces))
}

/// The pace of all at once; each gives how long each of its answers took.
pub(crate) async fn at_once<T, F>(all: impl IntoIterator<Item = T>, one: impl Fn(T) -> F) -> Pace
where
    F: Future<Output = Vec<Duration>> + Send + 'static,
{
    let began = Instant::now();
    let mut running = JoinSet::new();
    for each in all {
        running.spawn(one(each));
    }
    let took = running.join_all().await.concat();
    Pace::of(took, began.elapsed())
}

/// As many threads as the machine that the targets are for has cores.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// What is asked of a figure.
#[derive(Clone, Copy)]
pub(crate) enum Wanted {
    AtLeast(f64),
    AtMost(f64),
    /// At least so many times what stands beside it.
    TimesAtLeast(f64),
    /// At most so many times what stands beside it.
    TimesAtMost(f64),
    /// It is only reported.
    Nothing,
}

impl Display for Wanted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(f, "≥ {}", short(*bound)),
            Self::AtMost(bound) => write!(f, "≤ {}", short(*bound)),
            Self::TimesAtLeast(bound) => write!(f, "≥ {bound} ×"),
            Self::TimesAtMost(bound) => write!(f, "≤ {bound} ×"),
            Self::Nothing => write!(f, "–"),
        }
    }
}

/// One figure against its target.
pub(crate) struct Line<'a> {
    /// Of the target.
    pub(crate) id: &'a str,
    pub(crate) what: &'a str,
    pub(crate) wanted: Wanted,
    pub(crate) measured: f64,
    pub(crate) unit: &'a str,
    /// The peer or the limit of the same run.
    pub(crate) beside: Option<(&'a str, f64)>,
}

impl Line<'_> {
    pub(crate) fn tell(&self) {
        let ratio = self.beside.map(|(_, figure)| self.measured / figure);
        let met = match self.wanted {
            Wanted::AtLeast(bound) => Some(self.measured >= bound),
            Wanted::AtMost(bound) => Some(self.measured <= bound),
            Wanted::TimesAtLeast(bound) => ratio.map(|ratio| ratio >= bound),
            Wanted::TimesAtMost(bound) => ratio.map(|ratio| ratio <= bound),
            Wanted::Nothing => None,
        };
        let met = met.map_or("", |met| if met { "met" } else { "MISSED" });
        let unit = self.unit;
        let beside = self.beside.map(|(peer, figure)| format!("{peer} {}{unit}", short(figure))).unwrap_or_default();
        let ratio = ratio.map(|ratio| format!("{ratio:.2} ×")).unwrap_or_default();
        let (wanted, measured) = (self.wanted.to_string(), format!("{}{unit}", short(self.measured)));
        println!("{:<4} {:<58} {wanted:>9} {measured:>12}  {beside:<32} {ratio:>8}  {met}", self.id, self.what);
    }
}

/// As many digits as say something.
fn short(figure: f64) -> String {
    match figure.abs() {
        large if large >= 100.0 => format!("{figure:.0}"),
        middle if middle >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
