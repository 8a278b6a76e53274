//! JSON for people to read.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::canonical;

/// The value of a JSON text. A number with more digits than a float holds becomes text, as it was written, so that
/// nobody is shown another one; `None` for what is no JSON.
pub(crate) fn readable(text: &str) -> Option<Value> {
    let mut value = serde_json::from_str(text).ok()?;
    restore_numbers(&mut value, text)?;
    Some(value)
}

fn restore_numbers(value: &mut Value, text: &str) -> Option<()> {
    match value {
        Value::Object(members) => {
            let texts: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            members
                .iter_mut()
                .try_for_each(|(key, member)| restore_numbers(member, texts.get(key)?.get()))?;
        }
        Value::Array(items) => {
            let texts: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            items.iter_mut().zip(texts).try_for_each(|(item, text)| restore_numbers(item, text.get()))?;
        }
        Value::Number(number) if canonical(&number.to_string()) != canonical(text) => {
            *value = Value::String(text.to_owned());
        }
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::readable;

    #[test]
    fn numbers_are_shown_as_they_are() {
        let text = r#"{"a":[1,1.50,1e2,100000000000000000001],"b":{"c":0.30000000000000001,"d":"x"}}"#;
        let shown = json!({
            "a": [1, 1.5, 100.0, "100000000000000000001"], "b": {"c": "0.30000000000000001", "d": "x"},
        });
        assert_eq!(readable(text), Some(shown));
        assert_eq!(readable("{"), None);
    }
}
