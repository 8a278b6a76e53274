//! A tool made by hand, of the least that a tool is; tests make theirs from it.

use std::time::Duration;

use runtime::{Args, Effect, Method, RequestParts, Roles, Spec, Target, ToolInput};

/// Takes no arguments.
#[derive(Debug)]
pub struct Nothing;

impl ToolInput for Nothing {
    fn decode(_: &mut Args<'_>) -> Option<Self> {
        Some(Self)
    }

    fn encode(&self, _: &mut RequestParts) {}
}

/// Reads at the service `notes`, with time enough.
pub const READ: Spec = Spec {
    name: "notes_read",
    aliases: &[],
    title: "Notes",
    description: "A tool of the tests",
    effect: Effect::Read,
    approval: false,
    roles: Roles::Default,
    target: Target::Backend { service: "notes", method: Method::Get, path: "/read" },
    timeout: Duration::from_secs(30),
    rate_limit: None,
    input_schema: r#"{"type":"object","properties":{}}"#,
    output_schema: None,
    sensitive: &[],
    examples: &[],
};

/// Changes something at the service `notes`, with time enough.
pub const WRITE: Spec = Spec {
    name: "notes_write",
    effect: Effect::Write,
    target: Target::Backend { service: "notes", method: Method::Post, path: "/write" },
    ..READ
};
