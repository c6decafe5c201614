//! Work that does not wait its turn.

use domain::scheduling::solver::Seconds;
use domain::scheduling::solver::model::{Link, State, Transfer};

use super::{ConflictKind, Found, Placed};
use crate::planning::problem::Planning;

impl Found<'_> {
    pub(super) fn links(&mut self, placed: &[Option<Placed<'_>>]) {
        for link in &self.planning.problem.model().links {
            let Some(after) = &placed[link.after.at()] else { continue };
            if let Some(when) = self.planning.out_of_turn(link, placed[link.before.at()].as_ref(), after) {
                self.add(ConflictKind::Sequence, link.after, when, (None, Some(link.before)));
            }
        }
    }
}

impl Planning {
    /// From when to when it does not wait its turn, if it doesn't.
    fn out_of_turn(&self, link: &Link, before: Option<&Placed<'_>>, after: &Placed<'_>) -> Option<(Seconds, Seconds)> {
        let runs = after.at.run_start;
        let (made, end) = match (self.problem.operation(link.before).state, before) {
            (State::Done { end }, _) => (end, end),
            (_, Some(before)) => (self.first_batch(link, before), before.at.end),
            (_, None) => return Some((runs, runs)),
        };
        if runs < made + link.min_lag {
            return Some((runs, made + link.min_lag));
        }
        if let Some(latest) = link.max_lag.map(|most| end + most).filter(|latest| runs > *latest) {
            return Some((latest, runs));
        }
        // The last batch comes when all of it is made.
        let transfer = link.transfer?;
        let hours = self.open(&after.at);
        let last = share(hours.work((runs, after.at.end)), transfer);
        let comes = end + link.min_lag;
        hours.worked((comes, after.at.end), last).is_none().then_some((after.at.end.min(comes), comes))
    }

    /// When enough of what comes first is there: all of it, or a transfer batch.
    fn first_batch(&self, link: &Link, before: &Placed<'_>) -> Seconds {
        let Some(transfer) = link.transfer.filter(|_| !before.runs()) else { return before.at.end };
        let (hours, run) = (self.open(&before.at), (before.at.run_start, before.at.end));
        hours.worked(run, share(hours.work(run), transfer)).unwrap_or(before.at.end)
    }
}

/// The work for so many of so many pieces.
fn share(work: Seconds, transfer: Transfer) -> Seconds {
    let (first, of) = (i128::from(transfer.first), i128::from(transfer.of));
    Seconds::try_from((i128::from(work) * first + of - 1) / of).unwrap_or(work)
}
