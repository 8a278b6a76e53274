//! The section `idempotency`: where it is kept which calls were made under a key.

use std::path::PathBuf;

use diagnostics::fields::{Field, Key};

use super::read::{BAD_VALUE, Reading};

/// Where keys and the outcomes of their calls are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencySection {
    /// Whether they outlive the process.
    pub(crate) durable: bool,
    pub(crate) path: PathBuf,
}

impl Default for IdempotencySection {
    fn default() -> Self {
        Self { durable: true, path: PathBuf::from("logs/idempotency.journal") }
    }
}

/// Reads the section; `None` where a file has none.
pub(super) fn read(reading: &Reading<'_>, key: Key<'_>) -> Option<IdempotencySection> {
    let Field::Is(mut fields) = key.fields() else { return None };
    let mut section = IdempotencySection::default();
    reading.flag(fields.key("durable"), &mut section.durable);
    let mut path = String::new();
    if let Some(span) = reading.text(fields.key("path"), &mut path) {
        section.path = PathBuf::from(&path);
        if path.ends_with('/') || section.path.file_name().is_none() {
            let message = "expected the path of a file, such as logs/idempotency.journal";
            reading.problem(BAD_VALUE, span, message, None);
        }
    }
    fields.finish();
    Some(section)
}
