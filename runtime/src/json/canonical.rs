//! One text for all spellings of a JSON value.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::write;

/// The value with sorted keys, no spaces and each number spelled one way.
///
/// Two texts have the same canonical form exactly when they mean the same value. Numbers are compared by their
/// digits and not as floats, for which the long numbers of two accounts can be the same.
pub(crate) fn canonical(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    match append(&mut out, text.trim_ascii()) {
        Ok(()) => String::from_utf8(out).unwrap_or_else(|_| text.to_owned()),
        // Only well-formed text comes here; anything else stands for itself.
        Err(_) => text.to_owned(),
    }
}

fn append(out: &mut Vec<u8>, text: &str) -> Result<(), serde_json::Error> {
    match text.bytes().next() {
        Some(b'{') => {
            out.push(b'{');
            for (index, (key, member)) in
                serde_json::from_str::<BTreeMap<String, &RawValue>>(text)?.iter().enumerate()
            {
                if index > 0 {
                    out.push(b',');
                }
                write::value(out, key);
                out.push(b':');
                append(out, member.get())?;
            }
            out.push(b'}');
        }
        Some(b'[') => {
            out.push(b'[');
            for (index, item) in serde_json::from_str::<Vec<&RawValue>>(text)?.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                append(out, item.get())?;
            }
            out.push(b']');
        }
        Some(b'"') => write::value(out, &serde_json::from_str::<String>(text)?),
        Some(b'-' | b'0'..=b'9') => append_number(out, text),
        _ => out.extend_from_slice(text.as_bytes()),
    }
    Ok(())
}

/// Appends a number as its digits without zeros at either end, and the power of ten that they count.
fn append_number(out: &mut Vec<u8>, text: &str) {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_matches('0');
    let zeros = digits.len() - digits.trim_end_matches('0').len();
    let exponent = exponent.parse::<i64>().ok().and_then(|exponent| {
        exponent.checked_add(i64::try_from(zeros).ok()?)?.checked_sub(i64::try_from(fraction.len()).ok()?)
    });
    let number = match exponent {
        _ if significant.is_empty() => "0".to_owned(),
        Some(0) => format!("{sign}{significant}"),
        Some(exponent) => format!("{sign}{significant}e{exponent}"),
        // Nobody spells one number in two ways that far out.
        None => text.to_owned(),
    };
    out.extend_from_slice(number.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn key_order_spaces_and_number_spelling_do_not_matter() {
        let expected = r#"{"a":[1,1e2,5e-1,-125e-1,0,1000000000000000000001],"b":{"x":null,"y":"é"}}"#;
        for text in [
            r#"{"a":[1,100,0.5,-12.5,0,1000000000000000000001],"b":{"x":null,"y":"é"}}"#,
            r#" { "b" : {"y":"\u00e9","x":null}, "a" : [1.0, 1e2, 5e-1, -0.125E+2, -0.00e7, 100000000000000000000.1e1] } "#,
        ] {
            assert_eq!(canonical(text), expected);
        }
    }

    #[test]
    fn different_values_stay_different() {
        for (one, other) in [
            ("1", "\"1\""),
            ("[1,2]", "[2,1]"),
            ("{}", "[]"),
            ("0", "null"),
            ("1", "-1"),
            ("1", "10"),
            ("100000000000000000001", "100000000000000000002"),
            ("0.3", "0.30000000000000001"),
            ("1e-400", "0"),
            ("1e99999999999999999999", "2e99999999999999999999"),
        ] {
            assert_ne!(canonical(one), canonical(other));
        }
    }
}
