//! A plan as a picture: a Gantt chart by machine and by operator, one SVG that any browser shows.

mod axis;
mod colour;
mod foot;
mod head;
mod lanes;
mod pen;

use std::collections::HashMap;

use domain::scheduling::solver::model::JobIndex;
use domain::scheduling::solver::plan::Unplaced;
use domain::scheduling::solver::{Plan, Seconds};

use self::axis::Axis;
use self::colour::Colour;
use self::lanes::{Bar, Lane};
use self::pen::{Box, Pen};
use super::instance::{Instance, Kind};
use super::table::{self, Late};
use super::units;

pub use self::head::Made;

/// Pixels across: the whole, what is left free around it, and the names of the lanes.
const WIDE: f64 = 1_600.0;
const EDGE: f64 = 16.0;
const NAMES: f64 = 112.0;
/// Room to the right of the lanes, for what stands after the last bar.
const AFTER: f64 = 48.0;
/// Pixels down: a level of a machine's lane, of an operator's lane, the head, and the title of a stretch with its axis.
const MACHINE: f64 = 22.0;
const OPERATOR: f64 = 17.0;
const HEAD: f64 = 92.0;
const TITLE: f64 = 40.0;
const AXIS: f64 = 22.0;
/// How wide a bar of the usual length should be: as wide as its label.
const USUAL: f64 = 26.0;
/// More levels than this are drawn over one another.
const MOST_LEVELS: u32 = 12;
const LABEL: f64 = 11.0;
/// Of a stretch, what is shorter than one part of so many is not seen.
const FINE: Seconds = 3_500;

const STYLE: &str = "svg{max-width:100%;height:auto}\
text{font:11px Inter,'Segoe UI',Roboto,'DejaVu Sans',Arial,sans-serif;fill:#1f2328;\
font-variant-numeric:tabular-nums}.h{font-size:17px;font-weight:600}.s{fill:#57606a}.n{font-size:12px}.t{font-weight:600}\
.g{stroke:#d8dee4;stroke-width:1}.d{stroke:#afb8c1;stroke-width:1}.l{stroke:#eaeef2;stroke-width:1}\
.p{stroke:#57606a;stroke-width:1.5;stroke-dasharray:2 2}.now{stroke:#0550ae;stroke-width:1.5}\
.late{fill:#cf222e;stroke:#fff;stroke-width:1}.due{fill:#cf222e}.b text{font-size:11px;pointer-events:none}";

/// The chart.
pub fn svg(instance: &Instance, plan: &Plan, made: &Made) -> String {
    let late = table::late_jobs(instance, plan);
    Chart::new(instance, plan, &late).draw(made)
}

struct Chart<'a> {
    instance: &'a Instance,
    machines: Vec<Lane<'a>>,
    operators: Vec<Lane<'a>>,
    /// Of the stretch that is drawn.
    axis: Axis,
    stretches: Vec<Axis>,
    /// Late jobs, those that count most first; and by job.
    late: &'a [Late],
    late_by_job: HashMap<JobIndex, &'a Late>,
    makespan: Seconds,
    /// What has no place.
    lost: &'a [Unplaced],
    /// What jobs are called on their bars.
    called: Vec<String>,
    pen: Pen,
}

impl<'a> Chart<'a> {
    fn new(instance: &'a Instance, plan: &'a Plan, late: &'a [Late]) -> Self {
        let problem = &instance.problem;
        let (machines, operators) = (lanes::machines(problem, plan), lanes::operators(problem, plan));
        let placed = || plan.assignments.iter().flatten();
        let to = placed().map(|it| it.end).max().unwrap_or(problem.model().now + 1);
        let from = placed().map(|it| it.start).min().unwrap_or(problem.model().now).min(problem.model().now);
        let mut lengths: Vec<Seconds> = placed().map(|it| it.end - it.start).filter(|length| *length > 0).collect();
        lengths.sort_unstable();
        let usual = lengths.get(lengths.len() / 3).copied().unwrap_or(1);
        let (left, clock) = (EDGE + NAMES, instance.kind == Kind::Shop);
        let axis = Axis { from, to: to.max(from + 1), left, width: WIDE - left - AFTER - EDGE, clock };
        let late_by_job = late.iter().map(|late| (late.job, late)).collect();
        let called = called(problem.model().jobs.iter().map(|job| job.name.as_str()).collect());
        let (stretches, pen) = (axis.stretches(usual, USUAL), Pen::default());
        Self {
            instance,
            machines,
            operators,
            axis,
            stretches,
            late,
            late_by_job,
            makespan: to,
            lost: &plan.unplaced,
            called,
            pen,
        }
    }

    fn draw(mut self, made: &Made) -> String {
        self.head(made);
        let lanes = [(std::mem::take(&mut self.machines), MACHINE), (std::mem::take(&mut self.operators), OPERATOR)];
        let mut y = HEAD;
        let stretches = std::mem::take(&mut self.stretches);
        for axis in &stretches {
            self.axis = *axis;
            y = self.stretch(&lanes, y, stretches.len() == 1);
        }
        let high = self.foot(y) + 20.0;
        let background = format!("<rect width=\"{WIDE}\" height=\"{high:.0}\" fill=\"#fff\"/>");
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDE}\" height=\"{high:.0}\" \
             viewBox=\"0 0 {WIDE} {high:.0}\" role=\"img\"><style>{STYLE}</style><defs>\
             <pattern id=\"setup\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect width=\"2.2\" height=\"5\" fill=\"#fff\" fill-opacity=\".62\"/>\
             </pattern></defs>{background}{}</svg>\n",
            self.pen.0
        )
    }

    /// A stretch of time, from `top` on; gives back where it ends. Lanes without anything are named only, unless it is the whole time.
    fn stretch(&mut self, lanes: &[(Vec<Lane<'_>>, f64); 2], top: f64, whole: bool) -> f64 {
        let (axis, mut y) = (self.axis, top + TITLE - AXIS);
        self.pen.text((EDGE, y + 2.0), "class=\"n\" font-weight=\"600\"", &axis.told());
        let mut idle = Vec::new();
        for (lanes, level) in lanes {
            let busy = |lane: &&Lane<'_>| whole || lane.bars.iter().any(|bar| axis.shows(bar.from, bar.to));
            let (busy, free): (Vec<&Lane<'_>>, Vec<&Lane<'_>>) = lanes.iter().partition(busy);
            idle.extend(free.iter().map(|lane| lane.name.as_str()));
            if !busy.is_empty() {
                y = self.part((&busy, *level), y + AXIS);
            }
        }
        if !idle.is_empty() {
            y += AXIS - 4.0;
            let told = format!("nothing for {}", idle.join(", "));
            let told = pen::fitting(&told, LABEL, WIDE - 2.0 * EDGE).unwrap_or_default();
            self.pen.text((EDGE, y), "class=\"s\"", &told);
        }
        y + 8.0
    }

    /// Lanes from here on; gives back where they end.
    fn part(&mut self, (lanes, level): (&[&Lane<'_>], f64), top: f64) -> f64 {
        let right = self.axis.left + self.axis.width;
        let bottom = top + lanes.iter().map(|lane| tall(lane, level)).sum::<f64>();
        let mut y = top;
        for lane in lanes {
            self.closed(lane, y, tall(lane, level));
            y += tall(lane, level);
        }
        for mark in self.axis.marks() {
            self.pen.down(mark.x, (top - 4.0, bottom), if mark.strong { "d" } else { "g" });
            let weight = if mark.strong { "class=\"t\"" } else { "class=\"s\"" };
            self.pen.text((mark.x + 3.0, top - 6.0), weight, &mark.text);
        }
        let mut y = top;
        for lane in lanes {
            let high = tall(lane, level);
            self.pen.across(y + high, (EDGE, right), "l");
            let name = pen::fitting(&lane.name, 12.0, NAMES - 8.0).unwrap_or_default();
            self.pen.text((self.axis.left - 8.0, y + high / 2.0 + 4.0), "class=\"n\" text-anchor=\"end\"", &name);
            let axis = self.axis;
            for (index, bar) in lane.bars.iter().enumerate().filter(|(_, bar)| axis.shows(bar.from, bar.to)) {
                let next = lane.bars[index + 1..].iter().find(|next| next.level == bar.level);
                self.bar(bar, next.map(|next| next.from), (y, level));
            }
            y += high;
        }
        let now = self.instance.problem.model().now;
        if self.axis.clock && self.axis.shows(now, now) {
            self.pen.down(self.axis.x(now), (top - 4.0, bottom), "now");
        }
        bottom
    }

    /// Shades when nothing is open, as far as it is seen.
    fn closed(&mut self, lane: &Lane<'_>, y: f64, height: f64) {
        let (mut from, seen) = (self.axis.from, self.seen());
        while from < self.axis.to {
            let (opens, closes) = lane.open.opening(from).unwrap_or((self.axis.to, self.axis.to));
            if opens - from >= seen {
                let (x, to) = (self.axis.x(from), self.axis.x(opens));
                self.pen.rect(Box { x, y, width: to - x, height }, "fill=\"#e3e7ec\"");
            }
            // What opens for less than is seen is passed over.
            from = closes.max(from + seen);
        }
    }

    /// The shortest time that is seen.
    fn seen(&self) -> Seconds {
        ((self.axis.to - self.axis.from) / FINE).max(1)
    }

    /// `next` is where the next bar of the lane begins.
    fn bar(&mut self, bar: &Bar, next: Option<Seconds>, (lane, level): (f64, f64)) {
        let colour = Colour::of(bar.job.0);
        let y = lane + f64::from(bar.level.min(MOST_LEVELS - 1)) * level + 2.0;
        let height = level - 4.0;
        let (hex, late) = (colour.hex(), self.late_by_job.contains_key(&bar.job));
        self.pen.raw("<g class=\"b\">");
        self.pen.title(&self.told(bar));
        if bar.pieces.len() > 1 {
            self.pen.across(y + height / 2.0, (self.axis.x(bar.from), self.axis.x(bar.to)), "p");
        }
        for (from, to, setup) in self.drawn(bar) {
            let x = self.axis.x(from);
            // A hair between neighbours; a short one is seen all the same.
            let width = (self.axis.x(to) - x - 0.5).max(1.0);
            let at = Box { x, y, width, height };
            self.pen.rect(at, &format!("rx=\"1.5\" fill=\"{hex}\""));
            if setup {
                self.pen.rect(at, "rx=\"1.5\" fill=\"url(#setup)\"");
            }
            if late {
                under(&mut self.pen, at);
            }
        }
        self.label(bar, colour, y + height / 2.0 + 4.0);
        let late = self.late_by_job.get(&bar.job).filter(|late| late.end == Some(bar.to) && bar.to <= self.axis.to);
        if let Some(text) = late.filter(|_| level >= MACHINE).and_then(|late| self.lateness(late)) {
            let x = self.axis.x(bar.to) + 4.0;
            if next.is_none_or(|next| self.axis.x(next) >= x + pen::width(&text, LABEL)) {
                self.pen.text((x, y + height / 2.0 + 4.0), "class=\"due\"", &text);
            }
        }
        self.pen.raw("</g>");
    }

    /// The pieces of a bar on this stretch; those that are not seen apart are one.
    fn drawn(&self, bar: &Bar) -> Vec<(Seconds, Seconds, bool)> {
        let (seen, mut drawn) = (self.seen(), Vec::<(Seconds, Seconds, bool)>::new());
        for &(from, to, setup) in bar.pieces.iter().filter(|piece| self.axis.shows(piece.0, piece.1)) {
            match drawn.last_mut() {
                Some(last) if last.2 == setup && from - last.1 < seen => last.1 = to,
                _ => drawn.push((from, to, setup)),
            }
        }
        drawn
    }

    /// How late, where it is ever done.
    fn lateness(&self, late: &Late) -> Option<String> {
        let by = late.end? - late.due;
        Some(format!("+{}", if self.axis.clock { units::length(by) } else { units::grouped(by) }))
    }

    /// Job and operation on the longest piece of the run that is seen, as far as there is room.
    fn label(&mut self, bar: &Bar, colour: Colour, y: f64) {
        let inside = |piece: &&(Seconds, Seconds, bool)| !piece.2 && self.axis.shows(piece.0, piece.1);
        let across = |piece: &(Seconds, Seconds, bool)| (self.axis.x(piece.0), self.axis.x(piece.1));
        let widths = bar.pieces.iter().filter(inside).map(across);
        let Some((from, to)) = widths.max_by(|one, other| (one.1 - one.0).total_cmp(&(other.1 - other.0))) else {
            return;
        };
        let room = to - from - 4.0;
        let job = self.called[bar.job.at()].as_str();
        let both = format!("{job}·{}", self.instance.places[bar.operation.at()]);
        let choices = [both.as_str(), job];
        if let Some(text) = choices.into_iter().find(|text| pen::width(text, LABEL) <= room) {
            self.pen.text((from + 3.0, y), &format!("style=\"fill:{}\"", colour.text()), text);
        }
    }

    /// Everything about it, in words.
    fn told(&self, bar: &Bar) -> String {
        let model = self.instance.problem.model();
        let (data, job) = (self.instance.problem.operation(bar.operation), &model.jobs[bar.job.at()]);
        let time = |at: Seconds| if self.axis.clock { units::instant(at) } else { units::grouped(at) };
        let late = self.late_by_job.get(&bar.job).map_or_else(String::new, |late| match self.lateness(late) {
            Some(by) => format!(", late {by}"),
            None => ", of a job that is never done".to_owned(),
        });
        format!("job {}, operation {}: {} – {}{late}", job.name, data.name, time(bar.from), time(bar.to))
    }
}

/// Names without the leading zeros of their number, which say nothing, unless two jobs would be called the same.
fn called(names: Vec<&str>) -> Vec<String> {
    let short = names.iter().map(|name| {
        let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
        let zeros = digits.len() - digits.trim_start_matches('0').len();
        // A number that is zero keeps its last one.
        let kept = usize::from(!digits[zeros..].starts_with(|c: char| c.is_ascii_digit()));
        format!("{}{}", &name[..name.len() - digits.len()], &digits[zeros.saturating_sub(kept)..])
    });
    let short: Vec<String> = short.collect();
    let different: std::collections::HashSet<&String> = short.iter().collect();
    if different.len() == names.len() { short } else { names.into_iter().map(str::to_owned).collect() }
}

/// The mark of a late job.
fn under(pen: &mut Pen, Box { x, y, width, height }: Box) {
    pen.rect(Box { x, y: y + height - 3.5, width, height: 3.5 }, "class=\"late\"");
}

fn tall(lane: &Lane<'_>, level: f64) -> f64 {
    f64::from(lane.levels.min(MOST_LEVELS)) * level
}

#[cfg(test)]
mod tests;
