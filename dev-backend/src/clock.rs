//! Where the time comes from. Everything here asks a clock that was handed in, so that a test can move
//! the time instead of waiting for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// A clock: the machine's own, or one that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    Machine,
    /// Milliseconds since 1970.
    Standing(Arc<AtomicI64>),
}

// === impl Clock ===

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn machine() -> Self {
        Self(Source::Machine)
    }

    /// A clock that stands at this moment; its clones move together with it.
    #[must_use]
    pub fn standing_at(moment: SystemTime) -> Self {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(Source::Standing(Arc::new(AtomicI64::new(milliseconds(since)))))
    }

    /// Moves a standing clock forward. The machine's clock moves by itself and not by this.
    pub fn advance(&self, by: Duration) {
        if let Source::Standing(moment) = &self.0 {
            moment.fetch_add(milliseconds(by), Ordering::SeqCst);
        }
    }

    /// This moment.
    pub(crate) fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Machine => Timestamp::now(),
            Source::Standing(moment) => {
                Timestamp::from_millisecond(moment.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
            }
        }
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
