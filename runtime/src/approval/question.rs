//! What a person is shown before a call: what will happen, for whom, with which values.
//!
//! Values come from a model, so nothing of them may pass for part of the question: whatever does not print
//! as itself is written out, and long values are cut in sight of the reader.

use serde_json::{Value, json};

use crate::hidden::is_hidden;
use crate::tool::Spec;

/// Key of the one question.
pub(super) const KEY: &str = "approval";
/// Characters that all values may take together. Each has an equal share, so that none can push another out of sight.
const ALL_VALUES: usize = 4_000;

/// The question as a request of the protocol.
pub(super) fn elicitation(spec: &Spec, tenant: &str, arguments: &Value) -> Value {
    let schema = json!({
        "type": "object",
        "properties": {
            "approve": {"type": "boolean", "title": "Approve", "description": "Whether this call may be made, once"},
        },
        "required": ["approve"],
    });
    let params = json!({"mode": "form", "message": text(spec, tenant, arguments), "requestedSchema": schema});
    json!({KEY: {"method": "elicitation/create", "params": params}})
}

/// The user's answer among those that a client brings: whether the call may be made, or `None` where nothing can
/// be understood as either.
pub(super) fn answer(responses: &Value) -> Option<bool> {
    let response = responses.get(KEY)?;
    match response.get("action")?.as_str()? {
        "accept" => response.pointer("/content/approve")?.as_bool(),
        "decline" | "cancel" => Some(false),
        _ => None,
    }
}

/// The question in words. `arguments` is masked already.
fn text(spec: &Spec, tenant: &str, arguments: &Value) -> String {
    let mut lines = vec![
        format!("Approve this call? {} ({})", spec.title, spec.name),
        format!("It is a {} operation for tenant {}.", spec.effect.as_str(), visible(tenant)),
    ];
    let share = ALL_VALUES / arguments.as_object().map_or(1, |members| members.len().max(1));
    for (name, value) in arguments.as_object().into_iter().flatten() {
        let shown = match value {
            Value::String(text) => format!("\"{}\"", visible(text)),
            other => visible(&other.to_string()),
        };
        lines.push(format!("- {}: {}", visible(name), cut(&shown, share)));
    }
    lines.join("\n")
}

fn cut(text: &str, longest: usize) -> String {
    match text.chars().count().checked_sub(longest) {
        None | Some(0) => text.to_owned(),
        Some(more) => {
            format!("{}... ({more} more characters)", text.chars().take(longest).collect::<String>())
        }
    }
}

/// Text in which line breaks, control characters and those that print as nothing or turn the direction of
/// writing are written out.
pub(super) fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        if is_hidden(character) {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
        } else {
            out.push(character);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_reaches_the_person() {
        for (text, shown) in [
            ("plain, Größe 東京", "plain, Größe 東京"),
            ("two\nlines", "two\\u{a}lines"),
            ("left\u{202e}right", "left\\u{202e}right"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("esc\u{1b}[31m", "esc\\u{1b}[31m"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn what_is_cut_is_said_to_be_cut() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcdef... (1 more characters)");
    }
}
