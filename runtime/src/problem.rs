//! What is wrong with one argument, in words that an agent can act on.

use serde::{Deserialize, Serialize};

/// One bad argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Path of the argument, such as `limit` or `stages[2].name`.
    pub argument: String,
    /// What was expected and what came, as a fragment without a full stop.
    pub message: String,
}

impl Problem {
    /// A problem with the argument at `argument`.
    pub fn new(argument: impl Into<String>, message: impl Into<String>) -> Self {
        Self { argument: argument.into(), message: message.into() }
    }
}
