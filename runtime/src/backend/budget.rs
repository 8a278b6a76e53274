//! How many requests may be sent again: a share of the calls, so that retries cannot multiply the load of a service
//! that is already in trouble.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::tally::{Count, Tally};

/// Of the calls of the last ten seconds, one in so many may be repeated.
const ONE_IN: u32 = 10;
/// Retries in ten seconds that there may be besides, so that a lone call can be repeated: one a second.
const FLOOR: u32 = 10;

/// The budget of one service of one tenant.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Calls, and retries among their requests.
    recent: Mutex<Tally>,
}

impl Budget {
    /// Counts a call.
    pub(super) fn called(&self, now: Duration) {
        self.change(|tally| tally.add(now, Count { all: 1, marked: 0 }));
    }

    /// Spends a retry. False where there is none left, and nothing is spent.
    pub(super) fn spend(&self, now: Duration) -> bool {
        self.change(|tally| {
            let Count { all: calls, marked: retries } = tally.recent(now);
            let left = retries < FLOOR + calls / ONE_IN;
            if left {
                tally.add(now, Count { all: 0, marked: 1 });
            }
            left
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Tally) -> T) -> T {
        // Counting leaves it whole, so a panic elsewhere does not spoil it.
        change(&mut self.recent.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_lone_call_can_be_repeated_twice_and_a_storm_only_in_part() {
        let (budget, now) = (Budget::default(), Duration::from_secs(100));
        budget.called(now);
        assert!(budget.spend(now) && budget.spend(now));
        for _ in 1..1_000 {
            budget.called(now);
        }
        let more = std::iter::repeat_with(|| budget.spend(now)).take(2_000).filter(|spent| *spent).count();
        assert_eq!(2 + more, 100 + 10);
        let later = now + Duration::from_secs(10);
        assert!(budget.spend(later), "what was spent ten seconds ago is past");
    }

    proptest! {
        /// Against the plain definition: a tenth of the calls of this second and the nine before, and ten.
        #[test]
        fn retries_are_given_exactly_while_they_are_within_the_share(
            steps in prop::collection::vec((0u64..900, 0u8..4), 0..300),
        ) {
            let (budget, mut now) = (Budget::default(), Duration::ZERO);
            let (mut calls, mut retries) = (Vec::new(), Vec::<u64>::new());
            for (pause, tries) in steps {
                now += Duration::from_millis(pause);
                budget.called(now);
                calls.push(now.as_secs());
                for _ in 0..tries {
                    let recent = |all: &[u64]| all.iter().filter(|second| **second + 10 > now.as_secs()).count();
                    let expected = recent(&retries) < 10 + recent(&calls) / 10;
                    prop_assert_eq!(budget.spend(now), expected);
                    if expected {
                        retries.push(now.as_secs());
                    }
                }
            }
        }
    }
}
