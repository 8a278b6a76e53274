//! The tools that the protocol's conformance suite expects a server to have, on the product's own runtime.
//!
//! They are built by hand because they want what no manifest offers: images, progress, questions to the user,
//! schemas that use all of JSON Schema. None of them is in the product.

mod content;
mod input;

use std::time::Duration;

use runtime::native::{Answer, CallError, NativeAnswer};
use runtime::{Effect, Product, Roles, Spec, Target, Tool};
use serde_json::{Value, json};

use crate::gateway::NO_LIMITS;

/// A product of nothing but the suite's tools.
pub fn product() -> Product {
    Product { tools: TOOLS, services: &["none"], dev_backend: None }
}

/// A configuration for [`product`], on a port of loopback.
pub fn config_text(port: u16) -> String {
    let server =
        format!("server: {{name: conformance, port: {port}}}\ntenants: {{default: {{services: {{}}}}}}\n");
    server + NO_LIMITS
}

static TOOLS: &[&Tool] = &[
    &content::SCHEMA_2020_12,
    &content::AUDIO,
    &content::EMBEDDED_RESOURCE,
    &content::ERROR_HANDLING,
    &content::IMAGE,
    &input::CAPABILITIES,
    &input::ELICITATION,
    &input::LIST_ROOTS,
    &input::MULTIPLE_INPUTS,
    &input::MULTI_ROUND,
    &input::REQUEST_STATE,
    &input::SAMPLING,
    &input::TAMPERED_STATE,
    &content::LOGGING,
    &content::MISSING_CAPABILITY,
    &content::MULTIPLE_CONTENT,
    &content::MIRRORED_HEADERS,
    &content::SIMPLE_TEXT,
    &input::STREAMING_ELICITATION,
    &content::PROGRESS,
];

/// What all fixtures have in common.
const fn spec(name: &'static str, input_schema: &'static str) -> Spec {
    Spec {
        name,
        aliases: &[],
        title: name,
        description: "Fixture of the conformance suite",
        effect: Effect::Read,
        approval: false,
        roles: Roles::Default,
        target: Target::Native { open_world: false },
        timeout: Duration::from_secs(10),
        rate_limit: None,
        input_schema,
        output_schema: None,
        sensitive: &[],
        examples: &[],
    }
}

/// Declares a tool without arguments that an async block answers.
macro_rules! fixture {
    ($tool:ident, $input:ident, $name:literal, $call:ident => $answer:expr) => {
        $crate::conformance::fixture!($tool, $input, $name, r#"{"type":"object","properties":{}}"#, $call => $answer);
    };
    ($tool:ident, $input:ident, $name:literal, $schema:expr, $call:ident => $answer:expr) => {
        struct $input;

        impl runtime::ToolInput for $input {
            fn decode(args: &mut runtime::Args<'_>) -> Option<Self> {
                for name in ["name", "address", "contactMethod", "phone", "email", "region", "priority", "urgent"] {
                    args.optional(name, &runtime::AnyJson)?;
                }
                Some(Self)
            }

            fn encode(&self, _: &mut runtime::RequestParts) {}
        }

        impl runtime::native::NativeInput for $input {
            fn run(self, $call: runtime::native::NativeCall) -> runtime::native::NativeAnswer {
                $answer
            }
        }

        pub(super) static $tool: runtime::Tool =
            runtime::Tool::native::<$input>(&$crate::conformance::spec($name, $schema));
    };
}
use fixture;

/// An answer of content blocks.
fn content(blocks: Vec<Value>) -> NativeAnswer {
    Box::pin(async move { Ok(Answer::Content { blocks, is_error: false }) })
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// An answer that is known already.
fn now(result: Result<Answer, CallError>) -> NativeAnswer {
    Box::pin(async move { result })
}
