//! What stands below the chart: the late jobs, and what has no place, by reason.

use std::collections::BTreeMap;

use super::colour::Colour;
use super::pen::{self, Box};
use super::{Chart, EDGE, LABEL, WIDE};
use crate::solve::table::{self, Late};
use crate::solve::units;

/// Late jobs that are listed, in so many columns, and lines of operations of one reason.
const LATE: usize = 60;
const COLUMNS: usize = 3;
const COLUMN: f64 = 522.0;
const LINES: usize = 6;
const LINE: f64 = 16.0;

impl Chart<'_> {
    /// From `top` on; gives back where it ends.
    pub(super) fn foot(&mut self, top: f64) -> f64 {
        let bottom = self.list_of_lost(top);
        self.list_of_late(bottom)
    }

    fn list_of_lost(&mut self, top: f64) -> f64 {
        let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for it in self.lost {
            let (job, op) = self.instance.called(it.operation);
            by_reason.entry(table::reason(it.reason)).or_default().push(format!("{}·{op}", job.shown()));
        }
        if by_reason.is_empty() {
            return top;
        }
        let mut y = top + 26.0;
        self.pen.text(
            (EDGE, y),
            "class=\"n due\" font-weight=\"600\"",
            &format!("Without a place: {}", self.lost.len()),
        );
        for (reason, operations) in by_reason {
            y += LINE + 2.0;
            self.pen.text((EDGE, y), "class=\"t\"", &format!("{reason} ({})", operations.len()));
            for line in lines(&operations) {
                y += LINE;
                self.pen.text((EDGE + 14.0, y), "class=\"s\"", &line);
            }
        }
        y + 6.0
    }

    fn list_of_late(&mut self, top: f64) -> f64 {
        let late = self.late;
        if late.is_empty() {
            return top;
        }
        let y = top + 26.0;
        self.pen.text((EDGE, y), "class=\"n due\" font-weight=\"600\"", &format!("Late jobs: {}", late.len()));
        let rows = late.len().min(LATE).div_ceil(COLUMNS);
        let mut at = (EDGE, y);
        for (index, it) in late.iter().take(LATE).enumerate() {
            at = if index % rows == 0 {
                (EDGE + COLUMN * real_of(index / rows), y + LINE + 2.0)
            } else {
                (at.0, at.1 + LINE)
            };
            self.late_job(it, at);
        }
        let bottom = y + LINE * real_of(rows) + 8.0;
        if late.len() <= LATE {
            return bottom;
        }
        self.pen.text((EDGE, bottom + LINE - 4.0), "class=\"s\"", &format!("… and {} more", late.len() - LATE));
        bottom + LINE
    }

    fn late_job(&mut self, it: &Late, (x, y): (f64, f64)) {
        let job = &self.instance.problem.model().jobs[it.job.at()];
        let time = |at| if self.axis.clock { units::instant(at) } else { units::grouped(at) };
        let told = match it.end.zip(self.lateness(it)) {
            Some((end, by)) => format!("{by}: due {}, done {}", time(it.due), time(end)),
            None => format!("never done: due {}, {} without a place", time(it.due), it.lost.len()),
        };
        let colour = Colour::of(it.job.0).hex();
        self.pen.rect(Box { x, y: y - 9.0, width: 9.0, height: 9.0 }, &format!("rx=\"1.5\" fill=\"{colour}\""));
        let name = pen::fitting(&job.name, LABEL, 120.0).unwrap_or_default();
        self.pen.text((x + 16.0, y), "class=\"t\"", &name);
        self.pen.text((x + 140.0, y), "class=\"s\"", &format!("{told}, weight {}", job.weight));
    }
}

/// A small number as pixels.
fn real_of(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// As many as fit on each line, and how many more there are.
fn lines(words: &[String]) -> Vec<String> {
    let (mut lines, mut line, mut shown) = (Vec::new(), String::new(), 0);
    for word in words {
        if !line.is_empty() && pen::width(&line, LABEL) + pen::width(word, LABEL) > WIDE - 2.0 * EDGE - 160.0 {
            lines.push(std::mem::take(&mut line));
            if lines.len() == LINES {
                break;
            }
        }
        line.push_str(if line.is_empty() { "" } else { ", " });
        line.push_str(word);
        shown += 1;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if shown < words.len()
        && let Some(last) = lines.last_mut()
    {
        last.push_str(&format!(" … and {} more", words.len() - shown));
    }
    lines
}
