//! Arguments made from a schema: about half of them good, the others with a flaw somewhere, or next to one.

mod number;
mod pattern;
pub(super) mod text;

use serde_json::Value;

use super::document::{Document, is_required};
use super::random::Random;

/// Values of every JSON type, and texts that look like another type.
const OF_ANY_TYPE: [&str; 14] = [
    "null", "true", "false", "0", "1", "1.5", "-7", "\"\"", "\"text\"", "\"5\"", "\"true\"", "[]", "[null]",
    "{}",
];
/// Arrays longer than this are not built.
const LONGEST_LIST: u64 = 260;

/// Makes arguments.
pub(super) struct Generator {
    random: Random,
}

impl Generator {
    pub(super) fn new(random: Random) -> Self {
        Self { random }
    }

    /// Arguments for a tool with this input schema.
    pub(super) fn arguments(&mut self, schema: &Value) -> Document {
        match self.random.below(100) {
            0..48 => self.good(schema),
            48..98 => self.flawed(schema),
            // Something that is no object at all.
            _ => Document::spelled(*self.random.pick(&OF_ANY_TYPE)),
        }
    }

    /// Arguments, or what they hold, that the schema takes.
    pub(super) fn good(&mut self, schema: &Value) -> Document {
        match schema["type"].as_str() {
            Some("object") if schema.get("properties").is_some() => Document::Object(self.members(schema)),
            Some("object") => self.free_object(2),
            Some("array") => Document::List(self.items(schema)),
            Some("string") => Document::Spelled(text::good(&mut self.random, schema)),
            Some("integer") => Document::Spelled(number::good_integer(&mut self.random, schema)),
            Some("number") => Document::Spelled(number::good_number(&mut self.random, schema)),
            Some("boolean") => Document::spelled(*self.random.pick(&["true", "false"])),
            None => self.anything(2),
            Some(other) => panic!("no values are made for type {other}"),
        }
    }

    /// A value that is wrong in one place, or just not.
    fn flawed(&mut self, schema: &Value) -> Document {
        match schema["type"].as_str() {
            Some("object") if schema.get("properties").is_some() => self.flawed_object(schema),
            Some("array") => self.flawed_list(schema),
            // One flaw in six is another type.
            _ if self.random.below(6) == 0 => Document::spelled(*self.random.pick(&OF_ANY_TYPE)),
            Some("string") => Document::Spelled(text::flawed(&mut self.random, schema)),
            Some("integer") => Document::Spelled(number::flawed_integer(&mut self.random, schema)),
            Some("number") => Document::Spelled(number::flawed_number(&mut self.random, schema)),
            _ => self.anything(3),
        }
    }

    fn members(&mut self, schema: &Value) -> Vec<(String, Document)> {
        let mut members = Vec::new();
        for (name, property) in properties(schema) {
            if is_required(schema, name) || self.random.percent(50) {
                members.push((name.clone(), self.good(property)));
            } else if self.random.percent(15) {
                members.push((name.clone(), Document::spelled("null")));
            }
        }
        let turn = self.random.below(members.len());
        members.rotate_left(turn);
        members
    }

    fn flawed_object(&mut self, schema: &Value) -> Document {
        let mut members = self.members(schema);
        // What has parts has more to get wrong.
        let weight = |property: &Value| {
            if property["type"] == "array" || property["type"] == "object" { 3 } else { 1 }
        };
        let names: Vec<&String> = properties(schema)
            .flat_map(|(name, property)| std::iter::repeat_n(name, weight(property)))
            .collect();
        if self.random.percent(65) && !names.is_empty() {
            let name = *self.random.pick(&names);
            let flawed = self.flawed(&schema["properties"][name]);
            members.retain(|(member, _)| member != name);
            members.push((name.clone(), flawed));
            return Document::Object(members);
        }
        let at = self.random.below(members.len());
        match self.random.below(5) {
            0 if !members.is_empty() => {
                members.remove(at);
            }
            1 if !members.is_empty() => members[at].1 = Document::spelled("null"),
            2 if !members.is_empty() => members[at].0 = self.misspelt(&members[at].0.clone()),
            3 => return Document::spelled(*self.random.pick(&OF_ANY_TYPE)),
            _ => {
                let unknown = ["tenant_id", "user_approved", "extra", "", "Ä\u{1F600}", "__proto__"];
                let name = (*self.random.pick(&unknown)).to_owned();
                let value = self.anything(1);
                members.push((name, value));
            }
        }
        Document::Object(members)
    }

    /// A name that is nearly the one given. It ends in what no declared name has, so none is met by chance.
    fn misspelt(&mut self, name: &str) -> String {
        match self.random.below(3) {
            0 => name.to_uppercase() + " ",
            1 => format!("{name} "),
            _ => format!("{name}\u{301}"),
        }
    }

    fn items(&mut self, schema: &Value) -> Vec<Document> {
        let fewest = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX).min(fewest + 3);
        let count = fewest + self.random.below(usize::try_from(most - fewest + 1).unwrap()) as u64;
        (0..count).map(|_| self.good(&schema["items"])).collect()
    }

    fn flawed_list(&mut self, schema: &Value) -> Document {
        let mut items = self.items(schema);
        let limit = |keyword: &str| schema[keyword].as_u64().filter(|limit| *limit < LONGEST_LIST);
        match self.random.below(8) {
            0 => return Document::spelled(*self.random.pick(&OF_ANY_TYPE)),
            1..=3 if schema["uniqueItems"] == true => self.repeat(&mut items),
            4 => items.truncate(usize::try_from(limit("minItems").unwrap_or(1).saturating_sub(1)).unwrap()),
            5 if limit("maxItems").is_some() => {
                let most = usize::try_from(schema["maxItems"].as_u64().unwrap()).unwrap();
                let count = most + self.random.below(2);
                while items.len() < count {
                    items.push(self.good(&schema["items"]));
                }
            }
            _ => {
                let flawed = self.flawed(&schema["items"]);
                let at = self.random.below(items.len() + 1);
                match items.get_mut(at) {
                    Some(item) => *item = flawed,
                    None => items.push(flawed),
                }
            }
        }
        if schema["uniqueItems"] == true {
            items.retain(|item| !matches!(item, Document::Spelled(text) if number::vanishes(text)));
        }
        Document::List(items)
    }

    /// Adds an item that is there already, perhaps in another spelling.
    fn repeat(&mut self, items: &mut Vec<Document>) {
        if items.is_empty() {
            return;
        }
        let again = match self.random.pick(items).clone() {
            Document::Spelled(number) if number.parse::<i64>().is_ok() => {
                Document::Spelled(number::respelled(&mut self.random, &number))
            }
            Document::Object(mut members) => {
                members.reverse();
                Document::Object(members)
            }
            other => other,
        };
        items.push(again);
    }

    fn anything(&mut self, depth: usize) -> Document {
        match self.random.below(if depth == 0 { 3 } else { 5 }) {
            0 => Document::spelled(*self.random.pick(&OF_ANY_TYPE)),
            1 => Document::Spelled(number::any(&mut self.random)),
            2 => Document::Spelled(text::any(&mut self.random)),
            3 => Document::List((0..self.random.below(4)).map(|_| self.anything(depth - 1)).collect()),
            _ => self.free_object(depth - 1),
        }
    }

    fn free_object(&mut self, depth: usize) -> Document {
        let names = ["a", "b", "properties", "Ünïcode", "\u{1F600}"];
        let count = self.random.below(names.len() + 1);
        let members = names.iter().take(count).map(|name| ((*name).to_owned(), self.anything(depth)));
        Document::Object(members.collect())
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}
