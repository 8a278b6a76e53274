//! YAML as people of this project write it: one line where it fits, and quotes only where they are needed.

use std::fmt::Write as _;

use serde_json::Value;

/// Longest line of what is written in one line.
const WIDTH: usize = 118;

/// A mapping that is about to be written, its keys in their order.
#[derive(Default)]
pub(super) struct Mapping {
    entries: Vec<(String, Entry)>,
}

enum Entry {
    /// Written as it is.
    Word(String),
    /// Prose, folded where it is long.
    Text(String),
    Mapping(Mapping),
    Items(Vec<String>),
}

impl Mapping {
    /// Adds a value that is YAML already.
    pub(super) fn word(&mut self, key: &str, word: &str) {
        self.entries.push((key.to_owned(), Entry::Word(word.to_owned())));
    }

    /// Adds prose.
    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.entries.push((key.to_owned(), Entry::Text(text.to_owned())));
    }

    /// Adds a mapping.
    pub(super) fn mapping(&mut self, key: &str, mapping: Mapping) {
        self.entries.push((key.to_owned(), Entry::Mapping(mapping)));
    }

    /// Adds a list with an item in each line.
    pub(super) fn items(&mut self, key: &str, items: impl Iterator<Item = String>) {
        self.entries.push((key.to_owned(), Entry::Items(items.collect())));
    }

    /// Puts what is short in front, then the description, then what has parts of its own.
    pub(super) fn arrange(mut self) -> Self {
        self.entries.sort_by_key(|(key, entry)| match entry {
            Entry::Mapping(_) => 2,
            _ if key == "description" => 1,
            _ => 0,
        });
        self
    }

    /// The whole as a document.
    pub(super) fn render(&self) -> String {
        let mut out = String::new();
        self.block(0, &mut out);
        out
    }

    fn block(&self, indent: usize, out: &mut String) {
        for (key, entry) in &self.entries {
            let start = format!("{:indent$}{}:", "", flow_text(key));
            // Writing to a String cannot fail.
            let _ = match entry {
                Entry::Word(word) => writeln!(out, "{start} {word}"),
                Entry::Text(text) => writeln!(out, "{start} {}", prose(text, indent, start.chars().count())),
                Entry::Items(items) => {
                    let items: String =
                        items.iter().map(|item| format!("{:indent$}  - {item}\n", "")).collect();
                    write!(out, "{start}\n{items}")
                }
                Entry::Mapping(mapping) => {
                    // Below the root each name gets a line of its own.
                    let line = mapping.flow().filter(|_| indent > 0 || mapping.entries.is_empty());
                    match line.filter(|line| start.chars().count() + 1 + line.chars().count() <= WIDTH) {
                        Some(line) => writeln!(out, "{start} {line}"),
                        None => {
                            let _ = writeln!(out, "{start}");
                            mapping.block(indent + 2, out);
                            Ok(())
                        }
                    }
                }
            };
        }
    }

    fn flow(&self) -> Option<String> {
        let entries = self.entries.iter().map(|(key, entry)| {
            let value = match entry {
                Entry::Word(word) => word.clone(),
                Entry::Text(text) => flow_text(text),
                Entry::Mapping(mapping) => mapping.flow()?,
                Entry::Items(_) => return None,
            };
            Some(format!("{}: {value}", flow_text(key)))
        });
        let entries: Option<Vec<String>> = entries.collect();
        entries.map(|entries| format!("{{{}}}", entries.join(", ")))
    }
}

/// A text of the document: in its line where it fits, else folded or line by line.
fn prose(text: &str, indent: usize, taken: usize) -> String {
    let one_line = flow_text(text);
    let printable = !text.chars().any(|c| c.is_control() && c != '\n');
    let trimmed = text.lines().all(|line| line.trim() == line) && !text.contains("\n\n\n");
    if taken + 1 + one_line.chars().count() <= WIDTH || !printable || !trimmed || text.contains('\u{feff}') {
        return one_line;
    }
    if text.contains('\n') {
        let lines: Vec<String> = text
            .lines()
            .map(|line| if line.is_empty() { String::new() } else { format!("{:indent$}  {line}", "") })
            .collect();
        return format!("|-\n{}", lines.join("\n"));
    }
    if text.contains("  ") {
        return one_line;
    }
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        if line.is_empty() {
            line.push_str(word);
        } else if indent + 3 + line.chars().count() + word.chars().count() <= WIDTH - 10 {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("{:indent$}  {line}", "")).collect();
    format!(">-\n{}", lines.join("\n"))
}

/// A value of JSON in one line.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => flow_text(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(key, value)| format!("{}: {}", flow_text(key), flow(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// A text in one line, plain if YAML reads it as this very text.
pub(super) fn flow_text(text: &str) -> String {
    let inner = |c: char| c.is_alphanumeric() || " _./()-".contains(c);
    let plain = text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && text.chars().all(inner)
        && !is_word_of_yaml(text);
    if plain {
        return text.to_owned();
    }
    // Sentences have commas and colons, which are plain only outside of flow style.
    if text.chars().any(char::is_control) || text.contains(['\u{2028}', '\u{2029}', '\u{feff}', '\u{85}']) {
        return Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Words that YAML takes for something other than text, in one version or another.
fn is_word_of_yaml(text: &str) -> bool {
    const WORDS: [&str; 11] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"];
    let text = text.to_lowercase();
    WORDS.contains(&text.as_str()) || text.starts_with("nan") || text.starts_with("inf")
}
