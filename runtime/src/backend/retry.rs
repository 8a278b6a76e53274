//! Whether a request that failed is sent again, and when.

use std::time::Duration;

use super::Failure;

/// Most requests that are sent again for one call.
const MOST: u32 = 2;
/// Longest wait before the first of them; before the second it is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// What may still be sent for one call.
#[derive(Debug)]
pub(super) struct Retries {
    left: u32,
    /// Longest wait before the next.
    wait: Duration,
}

impl Retries {
    /// For a call whose request may be sent again, or not: what changes something may not, unless the service does
    /// it once however often it comes.
    pub(super) fn new(repeatable: bool) -> Self {
        Self { left: if repeatable { MOST } else { 0 }, wait: FIRST_WAIT }
    }

    /// How long to wait before the request is sent again; `None` where it is not. `left` is the time that the call
    /// has left, and `chance` a random number from 0 to 1.
    pub(super) fn next(
        &mut self,
        failure: &Failure,
        left: Duration,
        chance: impl FnOnce() -> f64,
    ) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        if !failure.passes() {
            return None;
        }
        // From nothing to the longest, so that those who failed together do not come back together.
        let wait = self.wait.mul_f64(chance().clamp(0.0, 1.0)).max(failure.retry_after().unwrap_or_default());
        self.wait = self.wait.saturating_mul(2);
        (wait < left).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: fn() -> f64 = || 1.0;

    fn status(status: u16, retry_after: Option<u64>) -> Failure {
        Failure::of_status("crm", status, retry_after.map(Duration::from_secs))
    }

    /// The waits of a call whose every request fails so.
    fn waits(repeatable: bool, failure: &Failure, left_ms: u64, chance: fn() -> f64) -> Vec<u128> {
        let mut retries = Retries::new(repeatable);
        let left = Duration::from_millis(left_ms);
        std::iter::from_fn(|| Some(retries.next(failure, left, chance)?.as_millis())).take(10).collect()
    }

    #[test]
    fn what_may_pass_is_sent_again_twice_and_all_else_never() {
        for passing in [502, 503, 504] {
            assert_eq!(waits(true, &status(passing, None), 10_000, LONG), [50, 100]);
            assert_eq!(waits(true, &status(passing, None), 10_000, || 0.0), [0, 0]);
            assert!(waits(false, &status(passing, None), 10_000, LONG).is_empty());
        }
        for lasting in [301, 400, 401, 403, 404, 409, 413, 422, 429, 500, 501, 505] {
            assert!(waits(true, &status(lasting, None), 10_000, LONG).is_empty(), "{lasting}");
        }
        for failure in [
            Failure::timeout("crm", Duration::from_secs(1)),
            Failure::of_content("crm", 200, "it is no JSON"),
            Failure::of_circuit("crm", Duration::from_secs(1)),
            Failure::of_queue("crm"),
        ] {
            assert!(waits(true, &failure, 10_000, LONG).is_empty(), "{failure:?}");
        }
    }

    #[test]
    fn no_wait_is_begun_that_the_deadline_would_cut_off() {
        assert!(waits(true, &status(503, None), 50, LONG).is_empty());
        assert_eq!(waits(true, &status(503, None), 51, LONG), [50]);
        assert_eq!(waits(true, &status(503, None), 101, LONG), [50, 100]);
    }

    #[test]
    fn a_service_that_says_when_to_come_back_is_left_alone_for_so_long() {
        for told in [429, 503] {
            assert_eq!(waits(true, &status(told, Some(2)), 10_000, LONG), [2_000, 2_000], "{told}");
            assert!(waits(true, &status(told, Some(2)), 2_000, LONG).is_empty(), "{told}");
        }
        assert!(waits(true, &status(400, Some(1)), 10_000, LONG).is_empty());
    }
}
