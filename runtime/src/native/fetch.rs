//! Fetching a public web page.
//!
//! Nothing is fetched yet: until every address a name resolves to can be judged before a connection is made,
//! the tool refuses, for a fetch without that judgement would let a model reach inside the network.

use super::{Answer, CallError, NativeAnswer, NativeCall};
use crate::tool_error::ToolError;

/// What to fetch.
#[derive(Debug)]
pub struct Arguments {
    /// Absolute URL of the page.
    pub url: String,
    /// Longest text to return, in characters.
    pub max_chars: i64,
    /// Longest time the whole fetch may take, in seconds.
    pub timeout_seconds: f64,
    /// `markdown`, `text` or `raw`.
    pub format: &'static str,
}

/// Refuses with status 501.
pub fn run(_: NativeCall, _: Arguments) -> NativeAnswer {
    let refusal = ToolError::backend(501, "fetching web pages is not available in this version");
    Box::pin(async move { Err::<Answer, _>(CallError::Tool(refusal)) })
}
