//! Counts of the last ten seconds, in as little room as one count a second takes.

use std::time::Duration;

/// How many seconds are counted, the one that is running among them.
const SECONDS: usize = 10;

/// How much happened of late, and how much of that was of the kind that matters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally([Second; SECONDS]);

/// Which second a count is of, and the count.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    number: u64,
    count: Count,
}

/// A count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) all: u32,
    /// Those of them that matter.
    pub(super) marked: u32,
}

impl Tally {
    /// Adds to the count of the second that is running.
    pub(super) fn add(&mut self, now: Duration, Count { all, marked }: Count) {
        let number = now.as_secs();
        let slot = usize::try_from(number % SECONDS as u64).unwrap_or_default();
        let Some(second) = self.0.get_mut(slot) else { return };
        // Two that read the clock before either adds may come in the wrong order; nothing is lost by that.
        if second.number < number {
            *second = Second { number, count: Count::default() };
        }
        second.count.all = second.count.all.saturating_add(all);
        second.count.marked = second.count.marked.saturating_add(marked);
    }

    /// The count of the last ten seconds.
    pub(super) fn recent(&self, now: Duration) -> Count {
        let recent = self.0.iter().filter(|second| second.number + SECONDS as u64 > now.as_secs());
        recent.fold(Count::default(), |sum, second| Count {
            all: sum.all.saturating_add(second.count.all),
            marked: sum.marked.saturating_add(second.count.marked),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against the plain definition: what was added in this second and the nine before it.
        #[test]
        fn it_counts_what_the_last_ten_seconds_had_and_nothing_else(
            steps in prop::collection::vec((0u64..6_000, any::<bool>()), 0..200),
        ) {
            let (mut tally, mut all, mut now) = (Tally::default(), Vec::new(), Duration::ZERO);
            for (pause, marked) in steps {
                now += Duration::from_millis(pause);
                tally.add(now, Count { all: 1, marked: u32::from(marked) });
                all.push((now.as_secs(), marked));
                let recent = all.iter().filter(|(second, _)| second + 10 > now.as_secs());
                let marked = recent.clone().filter(|(_, marked)| *marked).count();
                let expected = Count { all: recent.count() as u32, marked: marked as u32 };
                prop_assert_eq!(tally.recent(now), expected);
            }
        }
    }
}
