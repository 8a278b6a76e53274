//! What the texts of a manifest say: they describe a tool to an agent, and neither repeat its name nor give the
//! agent orders.

use diagnostics::{Diagnostic, Sink, Spanned};

use crate::manifest::property::Schema;
use crate::manifest::{Manifest, Property};
use crate::rules;

/// Words that say nothing of their own.
const FILLERS: [&str; 9] = ["a", "an", "the", "this", "its", "tool", "value", "parameter", "field"];

/// What only a text says that wants to steer an agent beyond its tool.
const COMMANDS: [&str; 20] = [
    "ignore all",
    "ignore any",
    "ignore previous",
    "ignore prior",
    "ignore the above",
    "ignore earlier",
    "disregard",
    "forget previous",
    "forget all",
    "override your",
    "you must",
    "you are now",
    "system prompt",
    "previous instructions",
    "do not tell",
    "do not inform",
    "do not mention",
    "without telling",
    "without asking the user",
    "before using any other tool",
];

/// Marks of a conversation's roles, which no description needs.
const MARKS: [&str; 6] = ["<important", "<system", "</system", "<|", "[inst]", "### instruction"];

/// Checks every text of a manifest; `name` is the listed name of the tool.
pub(super) fn check(manifest: &Manifest<'_>, name: Option<&str>, sink: &Sink) {
    let title = manifest.title.map(|title| title.value);
    if let Some(description) = manifest.description {
        let stem = name.and_then(|name| name.split_once('_')).map(|(_, stem)| stem);
        let repeats = |other: Option<&str>| other.is_some_and(|other| repeats(description.value, other));
        if repeats(title) || repeats(name) || repeats(stem) {
            let message = "the description repeats the name";
            let help = "say what the tool does, when to use it and what comes back";
            sink.push(Diagnostic::error(rules::REPEATED_NAME, description.span, message).with_help(help));
        }
    }
    for text in [manifest.title, manifest.description].into_iter().flatten() {
        orders(text, sink);
    }
    for param in manifest.params.iter().flatten() {
        let description = param.schema.as_ref().and_then(|schema| schema.description);
        if let Some(description) = description.filter(|text| repeats(text.value, param.name.value)) {
            let message = format!("the description of `{}` repeats its name", param.name.value);
            let help = "say what it means, or where its values come from";
            sink.push(Diagnostic::warning(rules::REPEATED_NAME, description.span, message).with_help(help));
        }
        property(param, sink);
    }
    let output = manifest.output.as_ref().ok().and_then(|output| output.as_ref());
    output.into_iter().flatten().for_each(|one| property(one, sink));
}

fn property(property: &Property<'_>, sink: &Sink) {
    if let Some(schema) = &property.schema {
        self::schema(schema, sink);
    }
}

fn schema(schema: &Schema<'_>, sink: &Sink) {
    if let Some(description) = schema.description {
        orders(description, sink);
    }
    if let Some(Some(item)) = schema.items.as_ref().ok() {
        self::schema(item, sink);
    }
    let inner = schema.properties.as_ref().ok().and_then(|inner| inner.value.as_ref());
    inner.into_iter().flatten().for_each(|one| property(one, sink));
}

/// Whether a text says no more than a name does. An empty one is reported as that.
pub(crate) fn repeats(text: &str, name: &str) -> bool {
    let bare = |text: &str| -> String {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !FILLERS.contains(word)).collect()
    };
    let text = bare(text);
    !text.is_empty() && text == bare(name)
}

fn orders(text: Spanned<&str>, sink: &Sink) {
    let flat: Vec<String> = text.value.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let flat = flat.join(" ");
    let mark = MARKS.iter().find(|mark| flat.contains(**mark));
    let command = COMMANDS.iter().find(|phrase| {
        flat.match_indices(**phrase).any(|(at, phrase)| {
            let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let (head, tail) = (flat.get(..at), flat.get(at + phrase.len()..));
            !letter(head.and_then(|head| head.chars().next_back()))
                && !letter(tail.and_then(|tail| tail.chars().next()))
        })
    });
    if let Some(phrase) = mark.or(command) {
        let message = format!("`{phrase}`: a text that gives the agent orders");
        let help = "say what the tool does; what an agent may do is its user's to say";
        sink.push(Diagnostic::error(rules::COMMANDS_AGENT, text.span, message).with_help(help));
    }
}
