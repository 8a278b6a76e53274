//! Points in time as the answers write them: ISO 8601, UTC, milliseconds, `Z`. Such texts sort by time.

use jiff::{SignedDuration, Timestamp};

/// This moment.
pub(crate) fn now() -> String {
    text(Timestamp::now())
}

/// The moment so many minutes ago; the beginning of time where that is further back than the calendar.
pub(crate) fn minutes_ago(minutes: i64) -> String {
    let moment = Timestamp::now().checked_sub(SignedDuration::from_mins(minutes));
    text(moment.unwrap_or(Timestamp::MIN))
}

fn text(moment: Timestamp) -> String {
    format!("{moment:.3}")
}
