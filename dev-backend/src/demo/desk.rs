//! Conversations with the workflow services that have begun, one with each that keeps them.

use serde_json::json;

use super::script::Script;
use super::team::{MARA, TOM};

/// Who said what to which service, yesterday at this minute of the afternoon.
const MESSAGES: [(&str, &str, &str, i8); 4] = [
    ("support", TOM, "The milk foam is too thin; what should she try?", 0),
    ("marketing", MARA, "Draft three subject lines for the spring campaign.", 10),
    ("website", MARA, "Propose a shorter text for the page on machines.", 20),
    ("backoffice", MARA, "What is overdue, and how does the pipeline look?", 30),
];

/// The first turn of each.
pub(super) fn write(script: &mut Script) {
    for (service, actor, message, minute) in MESSAGES {
        script.workflow((-1, 16, minute), actor, service, json!({"message": message}));
    }
}
