//! Values that a step takes from the input and from the steps before it: `{input.email}`, `{contact.id}`.
//! A text that is nothing but one such name becomes the value itself, whatever its type, and is left out
//! where there is none. What is put in is never looked through for names again.

use serde_json::{Map, Value as Json};

/// What names stand for: `input`, and the steps that are over by their keys.
pub(super) struct Values<'v> {
    pub(super) input: &'v Map<String, Json>,
    /// The ids of what steps have made.
    pub(super) made: &'v Map<String, Json>,
}

/// A piece of a template.
enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// The template with its names replaced; nothing where all of it is a name without a value.
pub(super) fn fill(template: &Json, values: &Values<'_>) -> Option<Json> {
    match template {
        Json::String(text) => fill_text(text, values),
        Json::Array(items) => Some(items.iter().filter_map(|item| fill(item, values)).collect()),
        Json::Object(members) => {
            let filled =
                members.iter().filter_map(|(key, member)| Some((key.clone(), fill(member, values)?)));
            Some(Json::Object(filled.collect()))
        }
        other => Some(other.clone()),
    }
}

/// The names in a template.
#[cfg(test)]
pub(super) fn names(template: &Json) -> Vec<String> {
    let of_text = |text: &str| {
        let names = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.to_owned()),
            Piece::Text(_) => None,
        });
        names.collect()
    };
    match template {
        Json::String(text) => of_text(text),
        Json::Array(items) => items.iter().flat_map(names).collect(),
        Json::Object(members) => members.values().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

fn fill_text(text: &str, values: &Values<'_>) -> Option<Json> {
    let pieces = pieces(text);
    if let [Piece::Name(name)] = pieces.as_slice() {
        return values.get(name).cloned();
    }
    let mut filled = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Name(name) => match values.get(name) {
                Some(Json::String(text)) => filled.push_str(text),
                Some(other) => filled.push_str(&other.to_string()),
                None => {}
            },
        }
    }
    Some(Json::String(filled))
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Name(name));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

// === impl Values ===

impl Values<'_> {
    /// What a name stands for, where there is something.
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        match name.split_once('.')? {
            ("input", field) => self.input.get(field),
            (step, "id") => self.made.get(step),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_become_their_values_and_values_stay_what_they_are() {
        let input = json!({"amount": 12.5, "name": "{input.amount} {contact.id}", "empty": ""});
        let made = json!({"contact": "con_1"});
        let values = Values { input: input.as_object().unwrap(), made: made.as_object().unwrap() };
        let cases = [
            (json!("{input.amount}"), Some(json!(12.5))),
            (json!("{contact.id}: {input.amount} EUR"), Some(json!("con_1: 12.5 EUR"))),
            (json!("{input.name}"), Some(json!("{input.amount} {contact.id}"))),
            (json!("<{input.name}>"), Some(json!("<{input.amount} {contact.id}>"))),
            (json!("{input.missing}"), None),
            (json!("a{input.missing}b{contact.name}"), Some(json!("ab"))),
            (
                json!({"a": "{input.missing}", "b": ["{input.missing}", "{input.empty}"], "c": 7}),
                Some(json!({"b": [""], "c": 7})),
            ),
            (json!("no { name"), Some(json!("no { name"))),
        ];
        for (template, expected) in cases {
            assert_eq!(fill(&template, &values), expected, "{template}");
        }
    }
}
