//! Numbers and truth values.

use super::{Place, Rule, unexpected};
use crate::problem::Problem;

/// A whole number. As in JSON Schema, `5.0` and `5e0` are 5.
#[derive(Debug, Default)]
pub struct Integer {
    minimum: Option<i64>,
    maximum: Option<i64>,
}

impl Integer {
    /// Any whole number of 64 bits.
    pub const fn new() -> Self {
        Self { minimum: None, maximum: None }
    }

    /// Not below this.
    pub const fn minimum(mut self, minimum: i64) -> Self {
        self.minimum = Some(minimum);
        self
    }

    /// Not above this.
    pub const fn maximum(mut self, maximum: i64) -> Self {
        self.maximum = Some(maximum);
        self
    }
}

impl Rule for Integer {
    type Value = i64;

    fn expected(&self) -> String {
        match (self.minimum, self.maximum) {
            (None, None) => "an integer".to_owned(),
            (Some(min), None) => format!("an integer of at least {min}"),
            (None, Some(max)) => format!("an integer of at most {max}"),
            (Some(min), Some(max)) => format!("an integer from {min} to {max}"),
        }
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<i64> {
        let value = whole(text).filter(|value| {
            self.minimum.is_none_or(|min| *value >= min) && self.maximum.is_none_or(|max| *value <= max)
        });
        if value.is_none() {
            problems.push(unexpected(place, &self.expected(), text));
        }
        value
    }
}

/// The whole number that `text` spells in any of JSON's ways.
fn whole(text: &str) -> Option<i64> {
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    let value: f64 = serde_json::from_str(text).ok()?;
    // Both bounds are exact as floats; within them the conversion loses nothing of a whole number.
    #[allow(clippy::cast_possible_truncation)]
    (value.fract() == 0.0 && (-(2f64.powi(63))..2f64.powi(63)).contains(&value)).then_some(value as i64)
}

/// A number.
#[derive(Debug, Default)]
pub struct Number {
    minimum: Option<f64>,
    maximum: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
}

impl Number {
    /// Any finite number.
    pub const fn new() -> Self {
        Self { minimum: None, maximum: None, above: None, below: None }
    }

    /// Not below this.
    pub const fn minimum(mut self, minimum: f64) -> Self {
        self.minimum = Some(minimum);
        self
    }

    /// Not above this.
    pub const fn maximum(mut self, maximum: f64) -> Self {
        self.maximum = Some(maximum);
        self
    }

    /// Above this, and not equal to it.
    pub const fn exclusive_minimum(mut self, bound: f64) -> Self {
        self.above = Some(bound);
        self
    }

    /// Below this, and not equal to it.
    pub const fn exclusive_maximum(mut self, bound: f64) -> Self {
        self.below = Some(bound);
        self
    }

    fn accepts(&self, value: f64) -> bool {
        value.is_finite()
            && self.minimum.is_none_or(|min| value >= min)
            && self.maximum.is_none_or(|max| value <= max)
            && self.above.is_none_or(|bound| value > bound)
            && self.below.is_none_or(|bound| value < bound)
    }
}

impl Rule for Number {
    type Value = f64;

    fn expected(&self) -> String {
        let bounds: Vec<String> = [
            self.minimum.map(|bound| format!("at least {bound}")),
            self.above.map(|bound| format!("above {bound}")),
            self.maximum.map(|bound| format!("at most {bound}")),
            self.below.map(|bound| format!("below {bound}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        format!("a number {}", bounds.join(" and ")).trim_end().to_owned()
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<f64> {
        let value = serde_json::from_str::<f64>(text).ok().filter(|value| self.accepts(*value));
        if value.is_none() {
            problems.push(unexpected(place, &self.expected(), text));
        }
        value
    }
}

/// True or false.
#[derive(Debug)]
pub struct Flag;

impl Rule for Flag {
    type Value = bool;

    fn expected(&self) -> String {
        "true or false".to_owned()
    }

    fn read(&self, text: &str, place: &Place<'_>, problems: &mut Vec<Problem>) -> Option<bool> {
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                problems.push(unexpected(place, &self.expected(), text));
                None
            }
        }
    }
}
