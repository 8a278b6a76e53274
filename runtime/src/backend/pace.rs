//! How fast and how often at once a tenant's service is asked. Whoever comes too soon waits for its turn, first
//! come, first served, within the time that its call has anyway.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// What a service is asked at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PaceSettings {
    /// Requests per second.
    pub(crate) per_second: Option<NonZeroU32>,
    /// Requests at once.
    pub(crate) concurrent: Option<NonZeroU32>,
}

/// The pace at which one service of one tenant is asked.
#[derive(Debug)]
pub(super) struct Pace {
    rate: Option<Rate>,
    seats: Option<Semaphore>,
}

/// Requests one after the other, evenly over each second.
#[derive(Debug)]
struct Rate {
    limiter: RateLimiter<NotKeyed, InMemoryState, RuntimeClock, NoOpMiddleware<Duration>>,
    clock: RuntimeClock,
    /// Held by whoever is next, so that nobody can overtake.
    turn: Mutex<()>,
}

/// A request that may be sent; it is under way until this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'p> {
    _seat: Option<SemaphorePermit<'p>>,
}

impl Pace {
    /// `None` where there is nothing to keep to.
    pub(super) fn new(settings: PaceSettings) -> Option<Self> {
        let PaceSettings { per_second, concurrent } = settings;
        (settings != PaceSettings::default()).then(|| Self {
            rate: per_second.map(Rate::new),
            seats: concurrent.and_then(|most| Some(Semaphore::new(usize::try_from(most.get()).ok()?))),
        })
    }

    /// Waits until a request may be sent.
    pub(super) async fn turn(&self) -> Turn<'_> {
        // A seat first: what waits for one must not use up the turns of a second.
        let seat = match &self.seats {
            // It is never closed.
            Some(seats) => seats.acquire().await.ok(),
            None => None,
        };
        if let Some(rate) = &self.rate {
            rate.turn().await;
        }
        Turn { _seat: seat }
    }
}

impl Rate {
    fn new(per_second: NonZeroU32) -> Self {
        let clock = RuntimeClock(Instant::now());
        // A burst at once would be twice as many in the first second.
        let quota = Quota::per_second(per_second).allow_burst(NonZeroU32::MIN);
        Self { limiter: RateLimiter::direct_with_clock(quota, clock.clone()), clock, turn: Mutex::new(()) }
    }

    async fn turn(&self) {
        let _first = self.turn.lock().await;
        while let Err(early) = self.limiter.check() {
            tokio::time::sleep(early.wait_time_from(self.clock.now())).await;
        }
    }
}

/// The time of the runtime that the waiting is done on.
#[derive(Clone, Debug)]
struct RuntimeClock(Instant);

impl Clock for RuntimeClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn pace(per_second: Option<u32>, concurrent: Option<u32>) -> Arc<Pace> {
        let number = |number: Option<u32>| number.and_then(NonZeroU32::new);
        let settings = PaceSettings { per_second: number(per_second), concurrent: number(concurrent) };
        Arc::new(Pace::new(settings).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_requests_than_it_may_and_none_is_wasted() {
        let pace = pace(Some(50), None);
        let start = Instant::now();
        let waiting: Vec<_> = (0..200)
            .map(|number| {
                let pace = Arc::clone(&pace);
                tokio::spawn(async move {
                    let _turn = pace.turn().await;
                    (number, start.elapsed())
                })
            })
            .collect();
        let mut sent = Vec::new();
        for waiting in waiting {
            sent.push(waiting.await.unwrap());
        }
        let at: Vec<Duration> = sent.iter().map(|(_, at)| *at).collect();
        assert!(at.is_sorted(), "somebody was overtaken");
        for (first, later) in at.iter().zip(at.iter().skip(50)) {
            assert!(*later >= *first + Duration::from_secs(1), "51 requests from {first:?} to {later:?}");
        }
        assert!(at[199] < Duration::from_millis(4_200), "{:?}", at[199]);
    }

    #[tokio::test(start_paused = true)]
    async fn seats_are_given_in_the_order_of_asking_and_who_gives_up_frees_its_place() {
        let pace = pace(None, Some(2));
        let (first, _second) = (pace.turn().await, pace.turn().await);
        let third = {
            let pace = Arc::clone(&pace);
            tokio::spawn(
                async move { tokio::time::timeout(Duration::from_secs(1), pace.turn()).await.is_err() },
            )
        };
        assert!(third.await.unwrap(), "a third request was sent at once");
        drop(first);
        let again = tokio::time::timeout(Duration::from_secs(1), pace.turn()).await;
        assert!(again.is_ok(), "the place of who gave up was lost");
    }

    #[test]
    fn without_limits_there_is_no_pace() {
        assert!(Pace::new(PaceSettings::default()).is_none());
    }
}
