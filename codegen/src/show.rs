//! A tool in full: as an agent sees it, its policy, and what its service gets.

use std::fmt::Write as _;

use diagnostics::suggest;
use serde_json::{Value, json};

use crate::Checked;
use crate::emit::schema::{Objects, schema};
use crate::emit::tool::sensitive;
use crate::ir::{Effect, Roles, Target, Tool};
use crate::request::request;

impl Checked {
    /// The names of the tools, sorted.
    pub fn tool_names(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().map(|tool| tool.name.as_str())
    }

    /// A tool for people, by its name or one of its aliases; none if there is no such tool.
    #[must_use]
    pub fn show(&self, name: &str) -> Option<String> {
        self.find(name).map(text)
    }

    /// The tool that a name was probably meant for.
    #[must_use]
    pub fn suggest(&self, name: &str) -> Option<&str> {
        suggest(name, self.tool_names())
    }

    /// A tool as an agent sees it, before configuration adds to it.
    #[must_use]
    pub fn listing(&self, name: &str) -> Option<Value> {
        self.find(name).map(listing)
    }

    /// The request of each example of a tool, as `METHOD path?query` with its body.
    #[must_use]
    pub fn example_requests(&self, name: &str) -> Option<Vec<(String, Option<Value>)>> {
        let tool = self.find(name)?;
        let requests = tool.examples.iter().filter_map(|example| request(tool, example));
        Some(
            requests
                .map(|request| (format!("{} {}", request.method.word(), request.target), request.body))
                .collect(),
        )
    }

    fn find(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name || tool.aliases.iter().any(|alias| alias == name))
    }
}

fn listing(tool: &Tool) -> Value {
    json!({
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": schema(tool.properties(), Objects::Closed),
        "annotations": {
            "readOnlyHint": tool.effect == Effect::Read,
            "destructiveHint": tool.effect == Effect::Destructive,
            "idempotentHint": tool.effect == Effect::Read,
            "openWorldHint": tool.target.is_open_world(),
        },
    })
}

fn text(tool: &Tool) -> String {
    let mut out = format!("As an agent sees it\n\n{:#}\n\nPolicy\n\n", listing(tool));
    let list = |words: &[String]| words.join(", ");
    let sensitive = sensitive(tool.properties());
    let lines = [
        ("file", format!("{}/{}.yaml", tool.domain, tool.stem)),
        ("aliases", list(&tool.aliases)),
        ("effect", tool.effect.word().to_owned()),
        ("approval", if tool.approval { "required" } else { "none" }.to_owned()),
        (
            "roles",
            match &tool.roles {
                Roles::Default => "default".to_owned(),
                Roles::Only(roles) => list(roles),
            },
        ),
        ("timeout", format!("{} ms", tool.timeout.as_millis())),
        ("rate limit", tool.rate_limit.map_or("none of its own".to_owned(), |limit| limit.to_string())),
        ("sensitive", if sensitive.is_empty() { "nothing".to_owned() } else { list(&sensitive) }),
        (
            "goes to",
            match &tool.target {
                Target::Backend { service, method, path } => format!("{service}: {} {path}", method.word()),
                Target::Native { handler } => format!("the function `{handler}` of the runtime"),
            },
        ),
    ];
    for (name, value) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name:<11} {value}");
    }
    if let Some(output) = &tool.output {
        let _ = write!(out, "\nResult\n\n{:#}\n", schema(output.iter(), Objects::Open));
    }
    for (index, example) in tool.examples.iter().enumerate() {
        let _ = write!(out, "\nExample {}\n\n{example:#}\n", index + 1);
        if let Some(request) = request(tool, example) {
            let _ = write!(
                out,
                "\n`{}` gets, beside the context of the call:\n\n{}",
                request.service,
                request.text()
            );
        }
    }
    out
}
