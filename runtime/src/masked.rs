//! Arguments that may be shown: those that a manifest calls sensitive are masked.

use serde_json::Value;

/// What stands in the place of a sensitive value.
pub(crate) const MASK: &str = "***";

/// Masks the values at `paths`, such as `secret` or `keys[].token`, whatever they are.
pub(crate) fn mask(arguments: &mut Value, paths: &[&str]) {
    for path in paths {
        mask_path(arguments, path);
    }
}

fn mask_path(value: &mut Value, path: &str) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let (name, of_list) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
    let Some(value) = value.get_mut(name) else { return };
    let values = match value {
        Value::Array(items) if of_list => items.as_mut_slice(),
        other => std::slice::from_mut(other),
    };
    for value in values {
        match rest {
            Some(rest) if value.is_object() => mask_path(value, rest),
            // What has not the form that the path leads through may hold the secret anywhere.
            Some(_) | None => *value = Value::String(MASK.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::mask;

    #[test]
    fn masks_what_the_paths_lead_to_and_nothing_else() {
        let mut value = json!({
            "name": "n", "secret": "s", "keys": [{"token": "t", "id": 1}, {"id": 2}], "list": ["a", "b"], "deep": {"x": {"y": 1}},
        });
        mask(&mut value, &["secret", "keys[].token", "list[]", "deep.x", "absent.path"]);
        let expected = json!({
            "name": "n", "secret": "***", "keys": [{"token": "***", "id": 1}, {"id": 2}], "list": ["***", "***"],
            "deep": {"x": "***"},
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn what_has_not_the_form_that_the_path_leads_through_is_masked_whole() {
        for wrong in [json!("t"), json!(["t"]), json!([[{"token": "t"}]]), json!(5)] {
            let mut value = json!({"keys": wrong});
            mask(&mut value, &["keys[].token"]);
            assert!(!value.to_string().contains('t') && !value.to_string().contains('5'), "{value}");
        }
    }
}
