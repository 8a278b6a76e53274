//! What the service is handed by the program that starts it.

use crate::clock::Clock;
use crate::fetch::Fetch;

/// The world outside, as far as the service needs it.
#[derive(Clone)]
pub struct Hooks {
    /// What tells the time.
    pub clock: Clock,
    /// What opens pages that users name; without it none is opened.
    pub fetch: Option<Fetch>,
}

// === impl Hooks ===

impl Default for Hooks {
    fn default() -> Self {
        Self { clock: Clock::machine(), fetch: None }
    }
}
