//! Numbers and their bounds, which the versions of OpenAPI write in two ways.

use diagnostics::yaml::Value;

use super::super::document::Parts;
use super::Schemas;
use crate::ir::{Number, Shape};

impl<'a> Schemas<'a, '_> {
    pub(super) fn integer(self, parts: &Parts<'a>) -> Shape {
        self.no_enum(parts);
        self.rest(parts, &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"]);
        let Number { minimum, maximum, exclusive_minimum, exclusive_maximum } = self.bounds(parts);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float beyond 64 bits becomes the last integer"
        )]
        let whole = |bound: f64| bound as i64;
        // A bound that is written as an integer stays exact.
        let exact = |key: &str| match parts.get(key).map(|node| &node.value) {
            Some(Value::Integer(bound)) => i64::try_from(*bound).ok(),
            _ => None,
        };
        let after = |bound: f64| whole(bound.floor()).saturating_add(1);
        let before = |bound: f64| whole(bound.ceil()).saturating_sub(1);
        let low = minimum.and_then(|bound| exact("minimum").or(Some(whole(bound.ceil()))));
        let high = maximum.and_then(|bound| exact("maximum").or(Some(whole(bound.floor()))));
        let small = parts.text("format") == Some("int32");
        Shape::Integer {
            minimum: low.or(exclusive_minimum.map(after)).or(small.then_some(i64::from(i32::MIN))),
            maximum: high.or(exclusive_maximum.map(before)).or(small.then_some(i64::from(i32::MAX))),
        }
    }

    pub(super) fn number(self, parts: &Parts<'a>) -> Shape {
        self.no_enum(parts);
        self.rest(parts, &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "format"]);
        Shape::Number(self.bounds(parts))
    }

    /// Bounds; before 3.1, an exclusive bound is a flag beside the other.
    fn bounds(self, parts: &Parts<'a>) -> Number {
        let number = |key: &str| match parts.get(key).map(|node| &node.value) {
            #[expect(clippy::cast_precision_loss, reason = "the nearest float is meant")]
            Some(Value::Integer(bound)) => Some(*bound as f64),
            Some(Value::Float(bound)) => Some(*bound),
            _ => None,
        };
        let side = |inclusive: &str, exclusive: &str, closer: fn(f64, f64) -> bool| {
            let (bound, open) = (number(inclusive), number(exclusive));
            match (bound, open) {
                (Some(bound), None) if parts.flag(exclusive) => (None, Some(bound)),
                (Some(bound), Some(open)) if closer(open, bound) => (None, Some(open)),
                (Some(bound), Some(_)) => (Some(bound), None),
                (bound, open) => (bound, open),
            }
        };
        let (minimum, exclusive_minimum) = side("minimum", "exclusiveMinimum", |open, bound| open >= bound);
        let (maximum, exclusive_maximum) = side("maximum", "exclusiveMaximum", |open, bound| open <= bound);
        Number { minimum, maximum, exclusive_minimum, exclusive_maximum }
    }
}
