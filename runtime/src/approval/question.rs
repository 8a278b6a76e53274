//! What a person is shown before a call: what will happen, for whom, with which values.
//!
//! Values come from a model, so nothing of them may pass for part of the question: whatever does not print
//! as itself is written out, and long values are cut in sight of the reader.

use serde_json::{Value, json};

use crate::tool::Spec;

/// Key of the one question.
pub(super) const KEY: &str = "approval";
/// Longest value shown, in characters.
const LONGEST_VALUE: usize = 300;
/// Longest question, in characters.
const LONGEST_QUESTION: usize = 4_000;

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

/// The question in words. `arguments` is masked already.
fn text(spec: &Spec, tenant: &str, arguments: &Value) -> String {
    let mut lines = vec![
        format!("Approve this call? {} ({})", spec.title, spec.name),
        format!("It is a {} operation for tenant {}.", spec.effect.as_str(), visible(tenant)),
    ];
    for (name, value) in arguments.as_object().into_iter().flatten() {
        let shown = match value {
            Value::String(text) => format!("\"{}\"", visible(text)),
            other => visible(&other.to_string()),
        };
        lines.push(format!("- {}: {}", visible(name), cut(&shown, LONGEST_VALUE)));
    }
    cut(&lines.join("\n"), LONGEST_QUESTION)
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

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
            | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
            | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
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
