//! Slowing down who tries out tokens: so many bad ones a minute from one address, and then none is looked at.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

/// Bad tokens that an address may show in a row, and again in each minute after: never more than ten in any
/// minute.
const FAILURES: NonZeroU32 = NonZeroU32::new(5).unwrap();
/// What it then has to wait before the next one is looked at.
const PAUSE: Duration = Duration::from_secs(12);
/// Addresses that are remembered. Beyond that those that may try again are forgotten.
const MOST_ADDRESSES: usize = 10_000;

/// Remembers who has shown bad tokens.
#[derive(Debug)]
pub(crate) struct Throttle {
    failures: RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>,
    blocked: Mutex<HashMap<IpAddr, Instant>>,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        let failures = RateLimiter::keyed(Quota::per_minute(FAILURES)).with_middleware();
        Self { failures, blocked: Mutex::default() }
    }

    /// How long an address has to wait before a token of its is looked at.
    pub(crate) fn wait(&self, address: IpAddr) -> Option<Duration> {
        let mut blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        let until = *blocked.get(&address)?;
        let wait = until.checked_duration_since(Instant::now()).filter(|wait| !wait.is_zero());
        if wait.is_none() {
            blocked.remove(&address);
        }
        wait
    }

    /// Takes note of a bad token.
    pub(crate) fn failed(&self, address: IpAddr) {
        if self.failures.len() >= MOST_ADDRESSES {
            self.failures.retain_recent();
        }
        let wait = match self.failures.check_key(&address) {
            Ok(left) if left.remaining_burst_capacity() > 0 => return,
            Ok(_) => PAUSE,
            Err(exceeded) => exceeded.wait_time_from(DefaultClock::default().now()),
        };
        let mut blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        if blocked.len() >= MOST_ADDRESSES {
            let now = Instant::now();
            blocked.retain(|_, until| *until > now);
        }
        blocked.insert(address, Instant::now() + wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_fails_too_often_has_to_wait_and_others_do_not() {
        let throttle = Throttle::new();
        let (bad, good) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for attempt in 1..=5 {
            assert_eq!(throttle.wait(bad), None, "attempt {attempt}");
            throttle.failed(bad);
        }
        assert!(throttle.wait(bad).is_some_and(|wait| wait <= PAUSE));
        assert_eq!(throttle.wait(good), None);
    }
}
