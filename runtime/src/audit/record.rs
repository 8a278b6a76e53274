//! The records that the log writes about itself.

use serde::Serialize;

use super::continuation::Repair;

/// A server has started, and found the end of the log like this.
#[derive(Serialize)]
pub(super) struct Start<'a> {
    pub(super) kind: &'static str,
    pub(super) version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repair: Option<&'a Repair>,
}

/// The log can be written again.
#[derive(Serialize)]
pub(super) struct Recovery<'a> {
    pub(super) kind: &'static str,
    /// Since when it could not.
    pub(super) since: String,
    /// What the system said.
    pub(super) cause: &'a str,
    /// Calls that were refused in between, for want of a line.
    pub(super) refused: u64,
}
