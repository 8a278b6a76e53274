//! A diff for people, for a pull request and for machines.

use serde_json::{Map, Value, json};

use super::{Change, Class, Diff};

impl Diff {
    /// How many changes have this class.
    #[must_use]
    pub fn count(&self, class: Class) -> usize {
        self.changes.iter().filter(|change| change.class == class).count()
    }

    /// A table for people.
    #[must_use]
    pub fn text(&self) -> String {
        let width = |cell: fn(&Change) -> usize| self.changes.iter().map(cell).max().unwrap_or_default();
        let (tool, at) =
            (width(|change| change.tool.chars().count()), width(|change| change.at.chars().count()));
        let mut out = String::new();
        for change in &self.changes {
            let Change { class, tool: name, at: key, what } = change;
            out.push_str(&format!("{:<10}  {name:<tool$}  {key:<at$}  {}\n", class.word(), one_line(what)));
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&self.summary());
        out.push('\n');
        out.push_str(&self.note());
        out
    }

    /// A table in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!("**Tools:** {}\n", self.summary());
        if !self.changes.is_empty() {
            out.push_str("\n| Class | Tool | Key | Change |\n|---|---|---|---|\n");
        }
        for change in &self.changes {
            let key = if change.at.is_empty() { String::new() } else { format!("`{}`", change.at) };
            let what = one_line(&change.what).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;");
            let class = match change.class {
                Class::Breaking | Class::Loosening => format!("**{}**", change.class.word()),
                _ => change.class.word().to_owned(),
            };
            out.push_str(&format!("| {class} | `{}` | {key} | {what} |\n", change.tool));
        }
        let note = self.note();
        if !note.is_empty() {
            out.push_str(&format!("\n{note}"));
        }
        out
    }

    /// The same for machines.
    #[must_use]
    pub fn json(&self) -> Value {
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|change| {
                json!({"class": change.class.word(), "tool": change.tool, "at": change.at, "change": change.what})
            })
            .collect();
        let counts: Map<String, Value> =
            Class::ALL.iter().map(|class| (class.word().to_owned(), json!(self.count(*class)))).collect();
        json!({"summary": counts, "changes": changes, "not_compared": self.not_compared})
    }

    fn summary(&self) -> String {
        let counts: Vec<String> = Class::ALL
            .iter()
            .filter(|class| self.count(**class) > 0)
            .map(|class| format!("{} {}", self.count(*class), class.word()))
            .collect();
        if counts.is_empty() { "no tool changed".to_owned() } else { counts.join(", ") }
    }

    fn note(&self) -> String {
        if self.not_compared.is_empty() {
            return String::new();
        }
        format!(
            "not compared, because today's rules cannot read what was: {}\n",
            self.not_compared.join(", ")
        )
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
