//! Numbers at, beside and far from the bounds of a schema, in the many spellings that JSON has.

use serde_json::Value;

use super::super::random::Random;

/// Not zero, though whoever reads it as a double takes it for that.
const VANISHING: &str = "1e-400";
/// Numbers that every reader takes for what they are, none of them whole within 64 bits.
const ODD: [&str; 8] =
    ["1e300", "-1e300", "5e-324", VANISHING, "0.1", "1.7976931348623157e308", "-0.5", "2.5e0"];
/// Whole numbers beyond 64 bits: only where a bound says what becomes of them.
const HUGE: [&str; 4] = ["12345678901234567890", "1e19", "-99999999999999999999999", "1E+25"];

pub(super) fn any(random: &mut Random) -> String {
    if random.percent(50) { (*random.pick(&ODD)).to_owned() } else { respelled(random, "12") }
}

pub(super) fn good_integer(random: &mut Random, schema: &Value) -> String {
    let low = schema["minimum"].as_i64().unwrap_or(-1_000);
    let high = schema["maximum"].as_i64().unwrap_or(low.saturating_add(2_000));
    let span = usize::try_from(high.saturating_sub(low)).unwrap_or(0);
    let value = low + i64::try_from(random.below(span.saturating_add(1))).unwrap();
    respelled(random, &value.to_string())
}

pub(super) fn flawed_integer(random: &mut Random, schema: &Value) -> String {
    let bound = |keyword: &str| schema[keyword].as_i64();
    let near = |bound: i64| [bound.saturating_sub(1), bound, bound.saturating_add(1)];
    let bounds = [bound("minimum"), bound("maximum")];
    let mut values: Vec<i64> = bounds.into_iter().flatten().flat_map(near).collect();
    values.extend([-1, 0, 1]);
    match random.below(8) {
        0 => format!("{}.5", random.pick(&values)),
        // -0 is 0, in either spelling.
        1 => (*random.pick(&["-0", "-0.0", "-0e0"])).to_owned(),
        2 if bounds.iter().all(Option::is_some) => (*random.pick(&HUGE)).to_owned(),
        3 => {
            // Without bounds only what 64 bits hold, or what is no integer at all.
            let odd = if bounds.iter().all(Option::is_some) { &ODD[..] } else { &ODD[2..5] };
            (*random.pick(odd)).to_owned()
        }
        _ => {
            let value = random.pick(&values).to_string();
            respelled(random, &value)
        }
    }
}

pub(super) fn good_number(random: &mut Random, schema: &Value) -> String {
    let bound = |keyword: &str, exclusive: &str| schema[keyword].as_f64().or(schema[exclusive].as_f64());
    let low = bound("minimum", "exclusiveMinimum");
    let high = bound("maximum", "exclusiveMaximum");
    let (low, high) = match (low, high) {
        (Some(low), high) => (low, high.unwrap_or(low + 1_000.0)),
        (None, high) => (high.unwrap_or(1_000.0) - 2_000.0, high.unwrap_or(1_000.0)),
    };
    // Sixteenths between the bounds are exact, and never on a bound.
    let share = (1 + random.below(15)) as f64 / 16.0;
    (low + (high - low) * share).to_string()
}

pub(super) fn flawed_number(random: &mut Random, schema: &Value) -> String {
    let keywords = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    let bounds = keywords.into_iter().filter_map(|keyword| schema[keyword].as_f64());
    let near = |bound: f64| [bound - 1.0, bound - 1e-9, bound, bound + 1e-9, bound + 1.0];
    let mut values: Vec<String> = bounds.flat_map(near).map(|value| value.to_string()).collect();
    values.extend(["0", "-0", "-0.0", "0e10", "-1", "1"].map(str::to_owned));
    match random.below(4) {
        0 => (*random.pick(&ODD)).to_owned(),
        1 => (*random.pick(&HUGE)).to_owned(),
        _ => random.pick(&values).clone(),
    }
}

/// Whether a number looks like zero to the library, and is not.
pub(super) fn vanishes(spelled: &str) -> bool {
    spelled == VANISHING
}

/// The same whole number in another spelling.
pub(super) fn respelled(random: &mut Random, whole: &str) -> String {
    match random.below(8) {
        0 => format!("{whole}.0"),
        1 => format!("{whole}.000"),
        2 => format!("{whole}e0"),
        3 => format!("{whole}.0E+00"),
        4 if whole != "0" => format!("{whole}0e-1"),
        _ => whole.to_owned(),
    }
}
