//! Arguments that may be shown: those that a manifest calls sensitive are masked.

use serde_json::Value;

use crate::problem::Problem;

/// What stands in the place of a sensitive value.
pub(crate) const MASK: &str = "***";
/// What stands in a problem between what was expected and what was given.
const GOT: &str = ", got ";

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

/// What is wrong with arguments, without what was given for those at `paths`, or for what holds them.
pub(crate) fn mask_problems(mut problems: Vec<Problem>, paths: &[&str]) -> Vec<Problem> {
    for problem in &mut problems {
        let place = without_positions(&problem.argument);
        if paths.iter().any(|path| is_within(path, &place) || is_within(&place, path))
            && let Some((expected, _)) = problem.message.split_once(GOT)
        {
            problem.message = expected.to_owned();
        }
    }
    problems
}

/// Whether the place `inner` is `outer` or a part of it.
fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// `keys[].token` of `keys[3].token`.
fn without_positions(place: &str) -> String {
    let mut in_brackets = false;
    let kept = |character: &char| {
        in_brackets = *character == '[' || in_brackets && *character != ']';
        !in_brackets || *character == '['
    };
    place.chars().filter(kept).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{mask, mask_problems};
    use crate::problem::Problem;

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
    fn a_problem_with_a_sensitive_argument_does_not_repeat_it() {
        let paths = ["secret", "keys[].token"];
        for (argument, shown) in [
            ("secret", false),
            ("keys[12].token", false),
            ("keys[0]", false),
            ("keys", false),
            ("keys[0].id", true),
            ("secrets", true),
            ("name", true),
        ] {
            let problem = Problem::new(argument, "expected a number, got \"s, got t\"");
            let message = mask_problems(vec![problem.clone()], &paths).remove(0).message;
            assert_eq!(
                message,
                if shown { problem.message } else { "expected a number".to_owned() },
                "{argument}"
            );
        }
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
