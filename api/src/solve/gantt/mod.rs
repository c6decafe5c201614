//! A plan as a picture: a Gantt chart by machine and by operator, one SVG that any browser shows.

mod axis;
mod colour;
mod lanes;
mod pen;

use std::collections::HashMap;

use domain::scheduling::solver::model::JobIndex;
use domain::scheduling::solver::{Plan, Seconds};

use self::axis::Axis;
use self::colour::Colour;
use self::lanes::{Bar, Lane};
use self::pen::{Box, Pen};
use super::instance::{Instance, Kind};
use super::table::{self, Late};
use super::units::{self, real};

/// Pixels of a level of a machine's lane, of an operator's lane, and of what stands around the lanes.
const MACHINE: f64 = 26.0;
const OPERATOR: f64 = 20.0;
const HEAD: f64 = 92.0;
const FOOT: f64 = 16.0;
const NAMES: f64 = 132.0;
const EDGE: f64 = 24.0;
/// Narrowest and widest chart; between them the usual bar is as wide as its label.
const NARROW: f64 = 1_180.0;
const WIDE: f64 = 6_000.0;
const USUAL: f64 = 44.0;
/// More levels than this are drawn over one another.
const MOST_LEVELS: u32 = 12;
const LABEL: f64 = 11.0;

const STYLE: &str = "text{font:11px Inter,'Segoe UI',Roboto,'DejaVu Sans',Arial,sans-serif;fill:#1f2328;\
font-variant-numeric:tabular-nums}.h{font-size:17px;font-weight:600}.s{fill:#57606a}.n{font-size:12px}\
.g{stroke:#d8dee4;stroke-width:1}.d{stroke:#afb8c1;stroke-width:1}.l{stroke:#eaeef2;stroke-width:1}\
.p{stroke:#57606a;stroke-width:1.5;stroke-dasharray:2 2}.now{stroke:#0550ae;stroke-width:1.5}\
.late{fill:#cf222e;stroke:#fff;stroke-width:1}.due{fill:#cf222e}.b text{font-size:11px;pointer-events:none}";

/// The chart.
pub fn svg(instance: &Instance, plan: &Plan) -> String {
    Chart::new(instance, plan).draw()
}

struct Chart<'a> {
    instance: &'a Instance,
    machines: Vec<Lane>,
    operators: Vec<Lane>,
    axis: Axis,
    late: HashMap<JobIndex, Late>,
    makespan: Seconds,
    /// How many operations have no place.
    left: usize,
    /// What jobs are called on their bars.
    called: Vec<String>,
    pen: Pen,
}

impl<'a> Chart<'a> {
    fn new(instance: &'a Instance, plan: &Plan) -> Self {
        let problem = &instance.problem;
        let (machines, operators) = (lanes::machines(problem, plan), lanes::operators(problem, plan));
        let placed = || plan.assignments.iter().flatten();
        let to = placed().map(|it| it.end).max().unwrap_or(problem.model().now + 1);
        let from = placed().map(|it| it.start).min().unwrap_or(problem.model().now).min(problem.model().now);
        let mut lengths: Vec<Seconds> = placed().map(|it| it.end - it.start).filter(|length| *length > 0).collect();
        lengths.sort_unstable();
        let usual = lengths.get(lengths.len() / 3).copied().unwrap_or(1);
        let width = (USUAL * real((to - from).max(1)) / real(usual)).clamp(NARROW, WIDE);
        let axis = Axis { from, to: to.max(from + 1), left: EDGE + NAMES, width, clock: instance.kind == Kind::Shop };
        let late = table::late_jobs(instance, plan).into_iter().map(|late| (late.job, late)).collect();
        let called = called(problem.model().jobs.iter().map(|job| job.name.as_str()).collect());
        let left = plan.unplaced.len();
        Self { instance, machines, operators, axis, late, makespan: to, left, called, pen: Pen::default() }
    }

    fn draw(mut self) -> String {
        let height = |lanes: &[Lane], level: f64| lanes.iter().map(|lane| tall(lane, level)).sum::<f64>();
        let machines = height(&self.machines, MACHINE);
        let people = if self.operators.is_empty() { 0.0 } else { 34.0 + height(&self.operators, OPERATOR) };
        let (wide, high) = (2.0 * EDGE + 2.0 * NAMES + self.axis.width, HEAD + machines + people + FOOT + 24.0);
        self.pen.raw(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide:.0}\" height=\"{high:.0}\" \
             viewBox=\"0 0 {wide:.0} {high:.0}\" role=\"img\"><style>{STYLE}</style><defs>\
             <pattern id=\"setup\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect width=\"2.2\" height=\"5\" fill=\"#fff\" fill-opacity=\".62\"/>\
             </pattern></defs>"
        ));
        self.pen.rect(Box { x: 0.0, y: 0.0, width: wide, height: high }, "fill=\"#fff\"");
        self.head(wide);
        let (machine_lanes, operator_lanes) = (std::mem::take(&mut self.machines), std::mem::take(&mut self.operators));
        let bottom = self.part(&machine_lanes, HEAD, MACHINE);
        if !operator_lanes.is_empty() {
            self.pen.text((EDGE, bottom + 24.0), "class=\"n\" font-weight=\"600\"", "Operators");
            self.part(&operator_lanes, bottom + 34.0, OPERATOR);
        }
        self.pen.raw("</svg>\n");
        self.pen.0
    }

    /// Title, figures and legend.
    fn head(&mut self, wide: f64) {
        let name = self.instance.name.clone();
        let title = pen::fitting(&name, 17.0, wide - 2.0 * EDGE).unwrap_or_default();
        self.pen.text((EDGE, 30.0), "class=\"h\"", &title);
        let jobs = self.instance.problem.model().jobs.len();
        let done = if self.axis.clock { units::instant(self.makespan) } else { units::grouped(self.makespan) };
        let late = match self.late.len() {
            _ if self.instance.kind == Kind::Makespan => String::new(),
            0 => " · none late".to_owned(),
            late => format!(" · {late} late"),
        };
        let operations = self.instance.problem.len();
        let figures = match self.left {
            0 => format!("{jobs} jobs · {operations} operations · all done at {done}{late}"),
            left => {
                format!("{jobs} jobs · {operations} operations · {left} without a place, the rest done at {done}{late}")
            }
        };
        self.pen.text((EDGE, 48.0), "class=\"s\"", &figures);
        let mut x = EDGE;
        let sample = Colour::of(0).hex();
        let shop = self.instance.kind == Kind::Shop;
        let mut entry = |pen: &mut Pen, draw: &dyn Fn(&mut Pen, Box), text: &str| {
            draw(pen, Box { x, y: 57.0, width: 22.0, height: 12.0 });
            pen.text((x + 28.0, 67.0), "class=\"s\"", text);
            x += 28.0 + pen::width(text, LABEL) + 22.0;
        };
        entry(
            &mut self.pen,
            &|pen, at| pen.rect(at, &format!("rx=\"2\" fill=\"{sample}\"")),
            "run, a colour for each job",
        );
        if shop {
            let hatched = |pen: &mut Pen, at: Box| {
                pen.rect(at, &format!("rx=\"2\" fill=\"{sample}\""));
                pen.rect(at, "rx=\"2\" fill=\"url(#setup)\"");
            };
            entry(&mut self.pen, &hatched, "setup");
            entry(&mut self.pen, &|pen, at| pen.across(at.y + 6.0, (at.x, at.x + at.width), "p"), "paused");
            entry(&mut self.pen, &|pen, at| pen.rect(at, "fill=\"#e3e7ec\""), "closed");
            entry(&mut self.pen, &|pen, at| pen.down(at.x + 11.0, (at.y, at.y + at.height), "now"), "now");
        }
        if self.instance.kind != Kind::Makespan {
            let struck = |pen: &mut Pen, at: Box| {
                pen.rect(at, &format!("rx=\"2\" fill=\"{sample}\""));
                under(pen, at);
            };
            entry(&mut self.pen, &struck, "of a late job; how late stands after its end");
        }
    }

    /// Lanes from here on; gives back where they end.
    fn part(&mut self, lanes: &[Lane], top: f64, level: f64) -> f64 {
        let bottom = top + lanes.iter().map(|lane| tall(lane, level)).sum::<f64>();
        let mut y = top;
        for lane in lanes {
            self.closed(lane, y, tall(lane, level));
            y += tall(lane, level);
        }
        for mark in self.axis.marks() {
            self.pen.down(mark.x, (top - 4.0, bottom), if mark.strong { "d" } else { "g" });
            let weight = if mark.strong { "font-weight=\"600\"" } else { "class=\"s\"" };
            self.pen.text((mark.x + 3.0, top - 6.0), weight, &mark.text);
        }
        let mut y = top;
        for lane in lanes {
            let high = tall(lane, level);
            let right = self.axis.left + self.axis.width;
            self.pen.across(y + high, (EDGE, right + NAMES), "l");
            let name = pen::fitting(&lane.name, 12.0, NAMES - 12.0).unwrap_or_default();
            let middle = y + high / 2.0 + 4.0;
            self.pen.text((self.axis.left - 8.0, middle), "class=\"n\" text-anchor=\"end\"", &name);
            self.pen.text((right + 8.0, middle), "class=\"n s\"", &name);
            for (index, bar) in lane.bars.iter().enumerate() {
                let next = lane.bars[index + 1..].iter().find(|next| next.level == bar.level);
                self.bar(bar, next.map(|next| next.from), (y, level));
            }
            y += high;
        }
        let now = self.instance.problem.model().now;
        if self.axis.clock && (self.axis.from..=self.axis.to).contains(&now) {
            self.pen.down(self.axis.x(now), (top - 4.0, bottom), "now");
        }
        bottom
    }

    /// Shades when nothing is open.
    fn closed(&mut self, lane: &Lane, y: f64, height: f64) {
        let mut from = self.axis.from;
        let after = [(self.axis.to, self.axis.to)];
        for (opens, closes) in lane.open.intervals().chain(after) {
            if opens > from && closes >= self.axis.from {
                let (x, to) = (self.axis.x(from), self.axis.x(opens));
                if to - x >= 0.3 {
                    self.pen.rect(Box { x, y, width: to - x, height }, "fill=\"#e3e7ec\"");
                }
            }
            from = from.max(closes);
            if from >= self.axis.to {
                break;
            }
        }
    }

    /// `next` is where the next bar of the lane begins.
    fn bar(&mut self, bar: &Bar, next: Option<Seconds>, (lane, level): (f64, f64)) {
        let colour = Colour::of(bar.job.0);
        let y = lane + f64::from(bar.level.min(MOST_LEVELS - 1)) * level + 2.0;
        let height = level - 4.0;
        let (hex, late) = (colour.hex(), self.late.get(&bar.job).copied());
        self.pen.raw("<g class=\"b\">");
        self.pen.title(&self.told(bar));
        if bar.pieces.len() > 1 {
            self.pen.across(y + height / 2.0, (self.axis.x(bar.from), self.axis.x(bar.to)), "p");
        }
        for &(from, to, setup) in &bar.pieces {
            let x = self.axis.x(from);
            // A hair between neighbours; a short one is seen all the same.
            let width = (self.axis.x(to) - x - 0.5).max(1.0);
            let at = Box { x, y, width, height };
            self.pen.rect(at, &format!("rx=\"1.5\" fill=\"{hex}\""));
            if setup {
                self.pen.rect(at, "rx=\"1.5\" fill=\"url(#setup)\"");
            }
            if late.is_some() {
                under(&mut self.pen, at);
            }
        }
        self.label(bar, colour, y + height / 2.0 + 3.0);
        if let Some(late) = late.filter(|late| late.end == bar.to && level >= MACHINE) {
            let (x, text) = (self.axis.x(bar.to) + 4.0, self.lateness(&late));
            if next.is_none_or(|next| self.axis.x(next) >= x + pen::width(&text, LABEL)) {
                self.pen.text((x, y + height / 2.0 + 4.0), "class=\"due\"", &text);
            }
        }
        self.pen.raw("</g>");
    }

    fn lateness(&self, late: &Late) -> String {
        let by = late.end - late.due;
        format!("+{}", if self.axis.clock { units::length(by) } else { units::grouped(by) })
    }

    /// Job and operation on the longest piece of the run, as far as there is room.
    fn label(&mut self, bar: &Bar, colour: Colour, y: f64) {
        let widest = bar.pieces.iter().filter(|piece| !piece.2).max_by_key(|piece| piece.1 - piece.0);
        let Some(&(from, to, _)) = widest else { return };
        let (x, room) = (self.axis.x(from) + 3.0, self.axis.across(to - from) - 5.0);
        let job = self.called[bar.job.at()].as_str();
        let both = format!("{job}·{}", self.instance.places[bar.operation.at()]);
        let choices = [both.as_str(), job];
        if let Some(text) = choices.into_iter().find(|text| pen::width(text, LABEL) <= room) {
            self.pen.text((x, y), &format!("style=\"fill:{}\"", colour.text()), text);
        }
    }

    /// Everything about it, in words.
    fn told(&self, bar: &Bar) -> String {
        let model = self.instance.problem.model();
        let (data, job) = (self.instance.problem.operation(bar.operation), &model.jobs[bar.job.at()]);
        let time = |at: Seconds| if self.axis.clock { units::instant(at) } else { units::grouped(at) };
        let late = self.late.get(&bar.job).map_or_else(String::new, |late| format!(", late {}", self.lateness(late)));
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
    pen.rect(Box { x, y: y + height - 4.0, width, height: 4.0 }, "class=\"late\"");
}

fn tall(lane: &Lane, level: f64) -> f64 {
    f64::from(lane.levels.min(MOST_LEVELS)) * level
}

#[cfg(test)]
mod tests;
