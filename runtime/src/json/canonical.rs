//! One text for all spellings of a JSON value.

use serde_json::Value;

use super::write;

/// The value with sorted keys, no spaces and each number spelled one way.
///
/// Two texts have the same canonical form exactly when they mean the same value, except that numbers which no
/// float can tell apart count as equal only when written the same.
pub(crate) fn canonical(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    match serde_json::from_str::<Value>(text) {
        Ok(value) => append(&mut out, &value),
        // Only well-formed text comes here; anything else stands for itself.
        Err(_) => return text.to_owned(),
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn append(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Number(number) if number.is_f64() => write::number(out, number.as_f64().unwrap_or_default()),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                append(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| key.as_str());
            out.push(b'{');
            for (index, (key, member)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write::value(out, key);
                out.push(b':');
                append(out, member);
            }
            out.push(b'}');
        }
        scalar => write::value(out, scalar),
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn key_order_spaces_and_number_spelling_do_not_matter() {
        let expected = r#"{"a":[1,100,0.5],"b":{"x":null,"y":"é"}}"#;
        for text in [
            r#"{"a":[1,100,0.5],"b":{"x":null,"y":"é"}}"#,
            r#"{ "b" : {"y":"\u00e9","x":null}, "a" : [1.0, 1e2, 5e-1] }"#,
        ] {
            assert_eq!(canonical(text), expected);
        }
    }

    #[test]
    fn different_values_stay_different() {
        for (one, other) in [("1", "\"1\""), ("[1,2]", "[2,1]"), ("{}", "[]"), ("0", "null")] {
            assert_ne!(canonical(one), canonical(other));
        }
    }
}
