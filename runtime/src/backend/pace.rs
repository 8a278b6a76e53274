//! How fast and how often at once a tenant's service is asked. Whoever comes too soon waits for its turn, first
//! come, first served, within the time that its call has anyway. Only so many wait: one service that hangs must not
//! hold what calls of the others need.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Requests at once where the configuration does not say how many.
const SEATS: usize = 256;
/// Calls that may wait for a seat.
const PLACES: usize = 1024;

/// What a service is asked at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PaceSettings {
    /// Requests per second.
    pub(crate) per_second: Option<NonZeroU32>,
    /// Requests at once; 256 where nothing is said.
    pub(crate) concurrent: Option<NonZeroU32>,
}

/// The pace at which one service of one tenant is asked.
#[derive(Debug)]
pub(super) struct Pace {
    rate: Option<Rate>,
    seats: Seats,
    /// Places of those who wait for a seat.
    places: Seats,
}

/// Things of which there are so many.
#[derive(Debug)]
struct Seats {
    most: usize,
    free: Semaphore,
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

/// There is no place left to wait in.
#[derive(Debug)]
pub(super) struct Full;

impl Pace {
    pub(super) fn new(PaceSettings { per_second, concurrent }: PaceSettings) -> Self {
        let seats = concurrent.and_then(|most| NonZeroUsize::try_from(most).ok());
        Self {
            rate: per_second.map(Rate::new),
            seats: Seats::new(seats.map_or(SEATS, NonZeroUsize::get)),
            places: Seats::new(PLACES),
        }
    }

    /// Waits until a request may be sent. Dropped while it waits, it leaves its place to others.
    pub(super) async fn turn(&self) -> Result<Turn<'_>, Full> {
        // A seat first: what waits for one must not use up the turns of a second.
        let seat = match self.seats.free.try_acquire() {
            Ok(seat) => Some(seat),
            Err(_) => {
                let _place = self.places.free.try_acquire().map_err(|_| Full)?;
                // It is never closed.
                self.seats.free.acquire().await.ok()
            }
        };
        if let Some(rate) = &self.rate {
            rate.turn().await;
        }
        Ok(Turn { _seat: seat })
    }

    /// Requests that are under way, or next but for the rate.
    pub(super) fn under_way(&self) -> usize {
        self.seats.taken()
    }

    /// Calls that wait for a seat.
    pub(super) fn waiting(&self) -> usize {
        self.places.taken()
    }
}

impl Seats {
    fn new(most: usize) -> Self {
        Self { most, free: Semaphore::new(most) }
    }

    fn taken(&self) -> usize {
        self.most.saturating_sub(self.free.available_permits())
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

    use futures_util::FutureExt;

    use super::*;

    fn pace(per_second: Option<u32>, concurrent: Option<u32>) -> Arc<Pace> {
        let number = |number: Option<u32>| number.and_then(NonZeroU32::new);
        let settings = PaceSettings { per_second: number(per_second), concurrent: number(concurrent) };
        Arc::new(Pace::new(settings))
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_requests_than_it_may_and_none_is_wasted() {
        let pace = pace(Some(50), None);
        let start = Instant::now();
        let waiting: Vec<_> = (0..200)
            .map(|number| {
                let pace = Arc::clone(&pace);
                tokio::spawn(async move {
                    let _turn = pace.turn().await.unwrap();
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

    #[tokio::test]
    async fn who_finds_no_place_to_wait_in_is_told_at_once_and_places_are_given_back() {
        let pace = pace(None, Some(1));
        let first = pace.turn().await.unwrap();
        let mut waiting: Vec<_> = (0..PLACES).map(|_| Box::pin(pace.turn())).collect();
        for turn in &mut waiting {
            assert!(turn.now_or_never().is_none());
        }
        assert_eq!((pace.under_way(), pace.waiting()), (1, PLACES));
        assert!(pace.turn().await.is_err(), "one more than there are places for");
        waiting.pop();
        drop(first);
        let mut last = Box::pin(pace.turn());
        assert!((&mut last).now_or_never().is_none(), "somebody was overtaken");
        drop((waiting, last));
        assert_eq!((pace.under_way(), pace.waiting()), (0, 0));
    }
}
