//! Reading a wish to be reminded: "remind me to call Ada on 2027-01-05".

use jiff::ToSpan;
use jiff::civil::Date;

use super::message::{Message, excerpt};
use crate::failure::Failure;
use crate::moment;

/// What begins such a wish.
const OPENERS: &[&str] = &[
    "remind me to ",
    "remind us to ",
    "remind me ",
    "create a task to ",
    "create a task: ",
    "add a task to ",
    "add a task: ",
    "todo: ",
    "to do: ",
];

/// What may stand before a day.
const BEFORE_A_DAY: &[&str] = &["on", "by", "until", "before", "due"];

/// How much of the wish is the subject of its task, in characters.
const LONGEST_SUBJECT: usize = 200;

/// Somebody's wish to be reminded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reminder {
    /// What of; blank where nothing is said.
    pub(super) subject: String,
    pub(super) day: Day,
}

/// When somebody wants to be reminded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Day {
    /// No day is said.
    Any,
    On(Date),
    /// What looks like a day and is none.
    Impossible(String),
}

// === impl Reminder ===

impl Reminder {
    /// The wish in a message, where there is one: on the first line that begins one.
    pub(super) fn read(message: &Message, today: Date) -> Option<Self> {
        message.text.lines().find_map(|line| Self::in_line(line, today))
    }

    /// The moment that its task is due: nine o'clock in UTC.
    pub(super) fn due_at(day: Date) -> Result<String, Failure> {
        moment::given("due_at", &format!("{day}T09:00:00Z"))
    }

    fn in_line(line: &str, today: Date) -> Option<Self> {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        let day = take_day(&mut words, today);
        let line = words.join(" ");
        // The same bytes stand at the same places in both.
        let lower = line.to_ascii_lowercase();
        let begins = |opener: &&str| {
            let start = lower.find(opener.trim_end())?;
            let opens = start == 0 || lower.as_bytes().get(start - 1) == Some(&b' ');
            let behind = lower.get(start + opener.trim_end().len()..)?;
            (opens && (behind.is_empty() || behind.starts_with(' '))).then(|| line.len() - behind.len())
        };
        let rest = line.get(OPENERS.iter().find_map(begins)?..)?.trim_matches(['.', '!', '?', ',', ' ']);
        let rest = rest.strip_prefix("to ").unwrap_or(rest);
        Some(Self { subject: excerpt(rest, LONGEST_SUBJECT), day })
    }
}

/// Takes the first day out of the words, with what leads to it: a date, today, tomorrow, in so many days or weeks.
fn take_day(words: &mut Vec<&str>, today: Date) -> Day {
    for place in 0..words.len() {
        let bare = |place: usize| words.get(place).map(|word| word.trim_matches(['.', '!', '?', ',']));
        let Some(word) = bare(place) else { break };
        let (day, length) = match word.to_ascii_lowercase().as_str() {
            "today" => (Day::On(today), 1),
            "tomorrow" => (after(today, 1), 1),
            "in" => match (bare(place + 1).and_then(|number| number.parse().ok()), bare(place + 2)) {
                (Some(days), Some("day" | "days")) => (after(today, days), 3),
                (Some(weeks), Some("week" | "weeks")) => (after(today, weeks * 7), 3),
                _ => continue,
            },
            date if is_like_a_date(date) => {
                (date.parse().map_or(Day::Impossible(date.to_owned()), Day::On), 1)
            }
            _ => continue,
        };
        let leads = place.checked_sub(1).and_then(bare).map(str::to_ascii_lowercase);
        let is_led = leads.is_some_and(|word| BEFORE_A_DAY.contains(&word.as_str()));
        words.drain(place - usize::from(is_led)..place + length);
        return day;
    }
    Day::Any
}

fn after(today: Date, days: u16) -> Day {
    today.checked_add(i64::from(days).days()).map_or(Day::Impossible(format!("in {days} days")), Day::On)
}

/// Whether a word is written as `2027-01-05` is.
fn is_like_a_date(word: &str) -> bool {
    let shape: String =
        word.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    shape == "0000-00-00"
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn wishes_are_read_with_their_days() {
        let on = |year, month, day| Day::On(date(year, month, day));
        let cases = [
            ("Remind me to call Ada on 2027-01-05.", Some(("call Ada", on(2027, 1, 5)))),
            ("remind me on 2027-01-05 to call Ada", Some(("call Ada", on(2027, 1, 5)))),
            ("Hello!\nPlease remind us to pay by tomorrow", Some(("pay", on(2026, 12, 1)))),
            ("ToDo: order paper in 2 weeks", Some(("order paper", on(2026, 12, 14)))),
            ("create a task to file papers", Some(("file papers", Day::Any))),
            ("remind me to x on 2027-02-30", Some(("x", Day::Impossible("2027-02-30".to_owned())))),
            ("remind me to book 12 rooms in Rome today", Some(("book 12 rooms in Rome", on(2026, 11, 30)))),
            ("Remind me to İ'; DROP TABLE task; --", Some(("İ'; DROP TABLE task; --", Day::Any))),
            ("remind me", Some(("", Day::Any))),
            ("nobody should remind meadows to grow", None),
            ("Which invoices are due on 2027-01-05?", None),
        ];
        for (text, expected) in cases {
            let message = Message::read(text.to_owned()).unwrap();
            let expected = expected.map(|(subject, day)| Reminder { subject: subject.to_owned(), day });
            assert_eq!(Reminder::read(&message, date(2026, 11, 30)), expected, "{text}");
        }
    }
}
