//! Keeping calls from a service that fails: its [`Circuit`], shared by all who ask it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::chance::chance;
use super::circuit::{Change, Circuit, Epoch};
use crate::clock::Clock;

/// The breaker of one service of one tenant. Its lock is held for a few additions, never while anybody waits.
#[derive(Debug)]
pub(super) struct Breaker {
    circuit: Mutex<Circuit>,
    clock: Clock,
}

/// A request that was let through. Dropped before it is settled, it was given up and says nothing.
#[derive(Debug)]
pub(super) struct Passage<'b> {
    breaker: &'b Breaker,
    epoch: Epoch,
    settled: bool,
}

impl Breaker {
    pub(super) fn new(clock: Clock) -> Self {
        Self { circuit: Mutex::new(Circuit::new()), clock }
    }

    pub(super) fn is_open(&self) -> bool {
        self.circuit().is_open()
    }

    /// How long nobody may ask; `None` where somebody may.
    pub(super) fn refusal(&self) -> Option<Duration> {
        self.circuit().refusal(self.clock.elapsed())
    }

    /// Lets a request through, or says for how long none is.
    pub(super) fn pass(&self) -> Result<Passage<'_>, Duration> {
        let epoch = self.circuit().admit(self.clock.elapsed())?;
        Ok(Passage { breaker: self, epoch, settled: false })
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        // Each change leaves it whole, so a panic elsewhere does not spoil it.
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Passage<'_> {
    /// Says how the request ended, as far as that is the service's doing.
    pub(super) fn settle(mut self, well: bool) -> Option<Change> {
        self.settled = true;
        let now = self.breaker.clock.elapsed();
        self.breaker.circuit().settle(self.epoch, now, well, chance)
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.breaker.circuit().give_up(self.epoch);
        }
    }
}
