//! Durations as people write them: `10s`, `500ms`, `2m`, `24h`.

use std::time::Duration;

/// Reads a whole number and a unit, with nothing between: `ms`, `s`, `m` or `h`.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_number_and_a_unit_and_nothing_else() {
        for (text, expected) in [
            ("10s", Some(10_000)),
            ("500ms", Some(500)),
            ("2m", Some(120_000)),
            ("24h", Some(86_400_000)),
            ("10", None),
            ("10 s", None),
            ("s", None),
            ("-1s", None),
            ("1.5s", None),
            ("10S", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
            ("１s", None),
        ] {
            assert_eq!(parse(text), expected.map(Duration::from_millis), "{text}");
        }
    }
}
