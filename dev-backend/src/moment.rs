//! Points in time as the answers write them: ISO 8601, UTC, milliseconds, `Z`. Such texts sort by time.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;

/// The moment as text.
pub(crate) fn text(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// So many minutes before the moment; the beginning of time where that is further back than the calendar.
pub(crate) fn minutes_before(moment: Timestamp, minutes: i64) -> String {
    let before = moment.checked_sub(SignedDuration::from_mins(minutes));
    text(before.unwrap_or(Timestamp::MIN))
}

/// So many seconds after the moment; the end of time where that is further than the calendar.
pub(crate) fn seconds_after(moment: Timestamp, seconds: i64) -> String {
    let after = moment.checked_add(SignedDuration::from_secs(seconds));
    text(after.unwrap_or(Timestamp::MAX))
}

/// A caller's moment as text: ISO 8601 with an offset, or a day, which means its beginning in UTC.
///
/// # Errors
/// Anything else.
pub(crate) fn given(field: &str, given: &str) -> Result<String, Failure> {
    let trimmed = given.trim();
    let moment = trimmed.parse::<Timestamp>().or_else(|_| {
        trimmed
            .parse::<Date>()
            .ok()
            .filter(|day| day.to_string() == trimmed)
            .and_then(|day| day.to_zoned(TimeZone::UTC).ok())
            .map(|start| start.timestamp())
            .ok_or(())
    });
    moment.map(text).map_err(|()| {
        Failure::Meaningless(format!(
            "{field} {given:?} is no moment such as 2027-03-31T09:00:00Z (with Z or an offset)"
        ))
    })
}

/// A caller's day as text.
///
/// # Errors
/// Anything but `YYYY-MM-DD` with a day that exists.
pub(crate) fn day(field: &str, given: &str) -> Result<String, Failure> {
    let trimmed = given.trim();
    match trimmed.parse::<Date>() {
        Ok(date) if date.to_string() == trimmed => Ok(date.to_string()),
        _ => Err(Failure::Meaningless(format!("{field} {given:?} is no date such as 2027-03-31"))),
    }
}
