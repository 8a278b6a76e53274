//! The time, from where tests can set it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Says what time it is, and how much of it has passed.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    /// Time since some moment, which never goes back whatever happens to the calendar.
    elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        let start = Instant::now();
        Self { now: Arc::new(SystemTime::now), elapsed: Arc::new(move || start.elapsed()) }
    }

    /// The time that a function says it is.
    pub fn from_fn(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        let now: Arc<dyn Fn() -> SystemTime + Send + Sync> = Arc::new(now);
        let elapsed = Arc::clone(&now);
        let elapsed = Arc::new(move || elapsed().duration_since(UNIX_EPOCH).unwrap_or_default());
        Self { now, elapsed }
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.now)()
    }

    pub(crate) fn elapsed(&self) -> Duration {
        (self.elapsed)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

/// A time as it is shown: ISO 8601 in UTC.
pub(crate) fn iso(time: SystemTime) -> String {
    jiff::Timestamp::try_from(time).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}
