//! The forms that a string can be asked to have, as JSON Schema names them.

use std::str::FromStr;

use email_address::EmailAddress;
use uuid::Uuid;

/// A form of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An e-mail address: `anna@example.com`.
    Email,
    /// A day of the calendar: `2026-07-28`.
    Date,
    /// A point in time with its offset, after RFC 3339: `2026-07-28T09:30:00Z`.
    DateTime,
    /// An absolute URI, after RFC 3986.
    Uri,
    /// A UUID with hyphens.
    Uuid,
}

impl Format {
    /// The form in words, with an example where the name alone does not say it.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Email => "an e-mail address",
            Self::Date => "a date such as 2026-07-28",
            Self::DateTime => "a date and time such as 2026-07-28T09:30:00Z",
            Self::Uri => "an absolute URI",
            Self::Uuid => "a UUID",
        }
    }

    pub(super) fn accepts(self, text: &str) -> bool {
        match self {
            // `email` is the ASCII mailbox of RFC 5321; the parser would take those of RFC 6531 as well.
            Self::Email => {
                text.is_ascii()
                    && EmailAddress::from_str(text).is_ok_and(|address| address.display_part().is_empty())
            }
            Self::Date => is_date(text),
            Self::DateTime => is_date_time(text),
            Self::Uri => fluent_uri::Uri::parse(text).is_ok(),
            Self::Uuid => text.len() == 36 && Uuid::try_parse(text).is_ok(),
        }
    }
}

/// Exactly `YYYY-MM-DD`, and a day that the calendar has.
fn is_date(text: &str) -> bool {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return false };
    let (Some(century), Some(year), Some(month), Some(day)) =
        (two_digits(y1, y2), two_digits(y3, y4), two_digits(m1, m2), two_digits(d1, d2))
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (year != 0 || century.is_multiple_of(4));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `date T time offset` after RFC 3339, leap seconds only where UTC can have them.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    if !is_date(date) {
        return false;
    }
    let &[h1, h2, b':', m1, m2, b':', s1, s2, ref rest @ ..] = time.as_bytes() else { return false };
    let (Some(hour), Some(minute), Some(second)) =
        (two_digits(h1, h2), two_digits(m1, m2), two_digits(s1, s2))
    else {
        return false;
    };
    let Some(offset) = after_fraction(rest).and_then(offset_minutes) else { return false };
    let utc_minute = (i32::from(hour) * 60 + i32::from(minute) - offset).rem_euclid(24 * 60);
    hour < 24 && minute < 60 && (second < 60 || (second == 60 && utc_minute == 23 * 60 + 59))
}

/// What follows an optional fraction of a second; `None` where a point has no digits after it.
fn after_fraction(rest: &[u8]) -> Option<&[u8]> {
    let Some(digits) = rest.strip_prefix(b".") else { return Some(rest) };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 { None } else { digits.get(length..) }
}

/// Minutes east of UTC.
fn offset_minutes(offset: &[u8]) -> Option<i32> {
    match *offset {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hour = two_digits(h1, h2).filter(|hour| *hour < 24)?;
            let minute = two_digits(m1, m2).filter(|minute| *minute < 60)?;
            let minutes = i32::from(hour) * 60 + i32::from(minute);
            Some(if sign == b'-' { -minutes } else { minutes })
        }
        _ => None,
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<u8> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
}
