//! The section `audit`: where it is kept what was called, and how well.

use std::path::PathBuf;
use std::time::Duration;

use diagnostics::fields::{Field, Key};

use super::reading::{BAD_VALUE, Reading};
use crate::audit::Rotation;

/// What has to be true of a line before its call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// It is in the file; a loss of power may lose it.
    Written,
    /// If its call changes something, it is on the disk.
    Fsync,
}

/// The audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuditSection {
    pub(crate) path: PathBuf,
    pub(crate) durability: Durability,
    pub(crate) rotation: Rotation,
}

impl Default for AuditSection {
    fn default() -> Self {
        Self {
            path: PathBuf::from("logs/audit.log"),
            durability: Durability::Fsync,
            rotation: Rotation { bytes: 64 * 1024 * 1024, age: Duration::from_secs(24 * 60 * 60), keep: 30 },
        }
    }
}

/// Reads the section; `None` where a file has none.
pub(super) fn read(reading: &Reading<'_>, key: Key<'_>) -> Option<AuditSection> {
    let Field::Is(mut fields) = key.fields() else { return None };
    let mut section = AuditSection::default();
    let mut path = String::new();
    if let Some(span) = reading.text(fields.key("path"), &mut path) {
        section.path = PathBuf::from(&path);
        let extension = section.path.extension().unwrap_or_default();
        let taken = ["head", "key", "idempotency"].into_iter().any(|own| extension == own);
        if path.ends_with('/') || section.path.file_name().is_none() || taken {
            let message = "expected the path of a file, such as logs/audit.log";
            let help = "beside it the server keeps files that end in .head, .key and .idempotency";
            reading.problem(BAD_VALUE, span, message, Some(help));
        }
    }
    if let Field::Is(durability) = fields.key("durability").text() {
        match durability.value {
            "written" => section.durability = Durability::Written,
            "fsync" => section.durability = Durability::Fsync,
            _ => reading.problem(BAD_VALUE, durability.span, "expected written or fsync", None),
        }
    }
    let count = |key: Key<'_>, least: u64, most: u64, what: &str| {
        let count = key.integer().ok()?;
        let value = u64::try_from(count.value).ok().filter(|value| (least..=most).contains(value));
        if value.is_none() {
            let message = format!("expected {what} from {least} to {most}");
            reading.problem(BAD_VALUE, count.span, message, None);
        }
        value
    };
    let rotation = &mut section.rotation;
    if let Some(bytes) = count(fields.key("rotate_bytes"), 4096, 1 << 40, "bytes") {
        rotation.bytes = bytes;
    }
    if let Some(hours) = count(fields.key("rotate_hours"), 1, 24 * 366, "hours") {
        rotation.age = Duration::from_secs(hours * 60 * 60);
    }
    if let Some(files) = count(fields.key("keep_files"), 1, 100_000, "kept files") {
        rotation.keep = usize::try_from(files).unwrap_or(usize::MAX);
    }
    fields.finish();
    Some(section)
}
