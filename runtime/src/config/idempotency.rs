//! The section `idempotency`: where it is kept which calls were made under a key.

use std::path::PathBuf;

use diagnostics::fields::{Field, Key};

use super::Config;
use super::reading::{BAD_VALUE, Reading};

/// Where keys and the outcomes of their calls are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencySection {
    /// Whether they outlive the process.
    pub(crate) durable: bool,
    /// The file; `None` for the one beside the audit log.
    pub(crate) path: Option<PathBuf>,
}

impl Default for IdempotencySection {
    fn default() -> Self {
        Self { durable: true, path: None }
    }
}

impl Config {
    /// The file in which idempotency keys outlive the process, if they are to. Servers that have audit logs of their
    /// own have journals of their own by that.
    pub(crate) fn journal(&self) -> Option<PathBuf> {
        let section = self.idempotency.as_ref().filter(|section| section.durable)?;
        let beside = || self.audit.clone().unwrap_or_default().path.with_extension("idempotency");
        Some(section.path.clone().unwrap_or_else(beside))
    }
}

/// Reads the section; `None` where a file has none.
pub(super) fn read(reading: &Reading<'_>, key: Key<'_>) -> Option<IdempotencySection> {
    let Field::Is(mut fields) = key.fields() else { return None };
    let mut section = IdempotencySection::default();
    reading.flag(fields.key("durable"), &mut section.durable);
    let mut path = String::new();
    if let Some(span) = reading.text(fields.key("path"), &mut path) {
        let file = PathBuf::from(&path);
        if path.ends_with('/') || file.file_name().is_none() {
            let message = "expected the path of a file, such as logs/audit.idempotency";
            reading.problem(BAD_VALUE, span, message, None);
        }
        section.path = Some(file);
    }
    fields.finish();
    Some(section)
}
