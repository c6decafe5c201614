//! What stands above the chart: what it is of, how it was made, its figures and a legend.

use domain::scheduling::solver::Preset;

use super::pen::{self, Box, Pen};
use super::{Chart, EDGE, LABEL, WIDE, under};
use crate::solve::gantt::colour::Colour;
use crate::solve::instance::Kind;
use crate::solve::units;

/// How a plan was made.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// What was asked to count, where that was said.
    pub preset: Option<Preset>,
    /// Everything as late as due dates allow.
    pub backward: bool,
    /// When, in words.
    pub at: String,
}

impl Made {
    fn told(&self, kind: Kind) -> String {
        let goal = match (self.preset, kind) {
            (Some(Preset::Makespan), _) | (None, Kind::Makespan) => "for the makespan",
            (Some(Preset::FewChangeovers), _) => "few changeovers",
            (Some(Preset::DoNotDisturb), _) => "do not disturb",
            (Some(Preset::OnTimeFirst), _) | (None, Kind::Shop) => "on time first",
            (None, Kind::Tardiness) => "for weighted tardiness",
        };
        let way = if self.backward { "backward from the due dates" } else { "forward" };
        format!("{goal} · planned {way} · {}", self.at)
    }
}

impl Chart<'_> {
    pub(super) fn head(&mut self, made: &Made) {
        let room = WIDE - 2.0 * EDGE;
        let title = pen::fitting(&self.instance.name, 17.0, room).unwrap_or_default();
        self.pen.text((EDGE, 28.0), "class=\"h\"", &title);
        self.pen.text((EDGE, 46.0), "class=\"s\"", &made.told(self.instance.kind));
        let figures = self.figures();
        self.pen.text((EDGE, 62.0), "class=\"s\"", &figures);
        self.legend();
    }

    fn figures(&self) -> String {
        let (jobs, operations) = (self.instance.problem.model().jobs.len(), self.instance.problem.len());
        let done = if self.axis.clock { units::instant(self.makespan) } else { units::grouped(self.makespan) };
        let late = match self.late.len() {
            _ if self.instance.kind == Kind::Makespan => String::new(),
            0 => " · none late".to_owned(),
            late => format!(" · {late} late"),
        };
        match self.lost.len() {
            0 => format!("{jobs} jobs · {operations} operations · all done at {done}{late}"),
            lost => {
                format!("{jobs} jobs · {operations} operations · {lost} without a place, the rest done at {done}{late}")
            }
        }
    }

    fn legend(&mut self) {
        let (mut x, sample) = (EDGE, Colour::of(0).hex());
        let mut entry = |pen: &mut Pen, draw: &dyn Fn(&mut Pen, Box), text: &str| {
            draw(pen, Box { x, y: 71.0, width: 22.0, height: 12.0 });
            pen.text((x + 28.0, 81.0), "class=\"s\"", text);
            x += 28.0 + pen::width(text, LABEL) + 22.0;
        };
        let run = |pen: &mut Pen, at: Box| pen.rect(at, &format!("rx=\"2\" fill=\"{sample}\""));
        entry(&mut self.pen, &run, "run, a colour for each job");
        if self.instance.kind == Kind::Shop {
            let hatched = |pen: &mut Pen, at: Box| {
                run(pen, at);
                pen.rect(at, "rx=\"2\" fill=\"url(#setup)\"");
            };
            entry(&mut self.pen, &hatched, "setup");
            entry(&mut self.pen, &|pen, at| pen.across(at.y + 6.0, (at.x, at.x + at.width), "p"), "paused");
            entry(&mut self.pen, &|pen, at| pen.rect(at, "fill=\"#e3e7ec\""), "closed");
            entry(&mut self.pen, &|pen, at| pen.down(at.x + 11.0, (at.y, at.y + at.height), "now"), "now");
        }
        if self.instance.kind != Kind::Makespan {
            let struck = |pen: &mut Pen, at: Box| {
                run(pen, at);
                under(pen, at);
            };
            entry(&mut self.pen, &struck, "of a late job; how late stands after its end");
        }
    }
}
