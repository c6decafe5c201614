//! Somebody who follows a run, at a pace that people and networks can take.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::run::{Progress, Run, Stage};

/// Least time between two improvements that are told.
const PACE: Duration = Duration::from_millis(500);
/// How long a listener hears nothing at most: how long it has been at work is told again then.
const SILENCE: Duration = Duration::from_secs(10);

/// Somebody who follows a run. While there is one, the run does not end for want of them.
#[derive(Debug)]
pub struct Listener {
    run: Arc<Run>,
    told: Option<Told>,
}

#[derive(Debug)]
struct Told {
    progress: Progress,
    at: Instant,
}

impl Listener {
    /// Begins to listen.
    pub fn new(run: Arc<Run>) -> Self {
        run.listens();
        Self { run, told: None }
    }

    /// The run.
    pub const fn run(&self) -> &Arc<Run> {
        &self.run
    }

    /// How far it is: at once the first time, the first plan and every new stage as they come, better plans at most twice a
    /// second. `None` after its end was told.
    pub async fn next(&mut self) -> Option<Progress> {
        let progress = match &self.told {
            None => self.run.watch().borrow().clone(),
            Some(Told { progress, .. }) if matches!(progress.stage, Stage::Over(_)) => return None,
            Some(told) => self.news(told).await,
        };
        self.told = Some(Told { progress: progress.clone(), at: Instant::now() });
        Some(progress)
    }

    async fn news(&self, Told { progress: told, at }: &Told) -> Progress {
        let mut watched = self.run.watch();
        let presses = |now: &Progress| now.stage != told.stage || now.best.is_some() != told.best.is_some();
        if let Ok(Ok(now)) = timeout_at(*at + PACE, watched.wait_for(presses)).await {
            return now.clone();
        }
        let differs = |now: &Progress| !now.says(told);
        // Where nothing is new until then, it is told that it goes on.
        let _ = timeout_at(*at + SILENCE, watched.wait_for(differs)).await;
        watched.borrow().clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.run.listens_no_more();
    }
}
