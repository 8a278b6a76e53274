//! When a service that fails is left alone, and when it is tried again: a plain machine over a given time.
//!
//! Closed, all may ask. Once at least half of the requests of the last ten seconds have failed, and they were no
//! fewer than twenty, the circuit opens and nobody may. After a pause one request is let through as a probe:
//! if it goes well all may ask again, and if not the next pause is longer. Pauses are at most four seconds, so that
//! a service that is well again is soon found to be, and of random length, so that many gateways do not probe at
//! the same moment.

use std::time::Duration;

use super::tally::{Count, Tally};

/// Requests of the last ten seconds below which nothing is concluded.
const FEWEST: u32 = 20;
/// Longest pause after the first failure in a row; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause of all, and longest wait for the outcome of a probe before there is another.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// The state of one circuit.
#[derive(Debug)]
pub(super) struct Circuit {
    phase: Phase,
    /// Counts the changes of phase and the probes, so that the outcome of a request which was let through under
    /// other circumstances is not taken for news.
    epoch: Epoch,
}

#[derive(Debug)]
enum Phase {
    /// Of the requests that have ended, those that failed.
    Closed(Tally),
    Open {
        /// Before this nobody may ask.
        until: Duration,
        /// Pauses there have been in a row.
        pauses: u32,
    },
}

/// Under which circumstances a request was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Epoch(u64);

/// A change that somebody may want to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Opened,
    Closed,
}

impl Circuit {
    pub(super) fn new() -> Self {
        Self { phase: Phase::Closed(Tally::default()), epoch: Epoch(0) }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. })
    }

    /// How long nobody may ask; `None` where somebody may.
    pub(super) fn refusal(&self, now: Duration) -> Option<Duration> {
        match self.phase {
            Phase::Closed(_) => None,
            Phase::Open { until, .. } => until.checked_sub(now).filter(|wait| !wait.is_zero()),
        }
    }

    /// Lets a request through, or says for how long none is.
    pub(super) fn admit(&mut self, now: Duration) -> Result<Epoch, Duration> {
        if let Some(wait) = self.refusal(now) {
            return Err(wait);
        }
        if let Phase::Open { until, .. } = &mut self.phase {
            // A probe. One that hangs must not keep a service that is well again from being asked.
            *until = now + LONGEST_PAUSE;
            self.epoch = self.epoch.next();
        }
        Ok(self.epoch)
    }

    /// Takes the outcome of a request. `chance` is a random number from 0 to 1.
    pub(super) fn settle(
        &mut self,
        epoch: Epoch,
        now: Duration,
        well: bool,
        chance: impl FnOnce() -> f64,
    ) -> Option<Change> {
        if epoch != self.epoch {
            return None;
        }
        match &mut self.phase {
            Phase::Closed(tally) => {
                tally.add(now, Count { all: 1, marked: u32::from(!well) });
                let Count { all, marked } = tally.recent(now);
                let fails = !well && all >= FEWEST && marked.saturating_mul(2) >= all;
                fails.then(|| {
                    self.turn_to(Phase::Open { until: now + pause(0, chance()), pauses: 1 });
                    Change::Opened
                })
            }
            Phase::Open { .. } if well => {
                self.turn_to(Phase::Closed(Tally::default()));
                Some(Change::Closed)
            }
            Phase::Open { until, pauses } => {
                *until = now + pause(*pauses, chance());
                *pauses = pauses.saturating_add(1);
                None
            }
        }
    }

    /// Takes note of a request that was given up before anything was known of it: it says nothing of the service,
    /// and where it was the probe the next request is.
    pub(super) fn give_up(&mut self, epoch: Epoch) {
        if let Phase::Open { until, .. } = &mut self.phase
            && epoch == self.epoch
        {
            *until = Duration::ZERO;
        }
    }

    fn turn_to(&mut self, phase: Phase) {
        self.phase = phase;
        self.epoch = self.epoch.next();
    }
}

impl Epoch {
    fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// A pause after so many before it: half of it fixed, half by chance.
fn pause(before: u32, chance: f64) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << before.min(8)).min(LONGEST_PAUSE);
    longest.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests;
