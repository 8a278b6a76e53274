//! A file as answers show it, and its id.

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::tree::Found;
use crate::digest;
use crate::failure::Failure;
use crate::moment;

/// Types of files by the ends of their names.
const TYPES: [(&str, &str); 20] = [
    ("csv", "text/csv"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("gif", "image/gif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("log", "text/plain"),
    ("md", "text/markdown"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
];

/// The id of the file at this path. It tells nothing of the path, and leads to it only among the files that
/// are found in the tenant's folder.
pub(super) fn id_of(path: &str) -> String {
    let hash: String = digest::sha256(&["file", path]).chars().take(32).collect();
    format!("file_{hash}")
}

/// The file with this id among those that were found.
///
/// # Errors
/// No such file.
pub(super) fn find(found: Vec<Found>, id: &str) -> Result<Found, Failure> {
    found.into_iter().find(|found| id_of(&found.path) == id).ok_or_else(|| absent(id))
}

/// The failure that names a file nobody can find.
pub(super) fn absent(id: &str) -> Failure {
    Failure::NotFound(format!("there is no file {id:?}"))
}

// === impl Found ===

impl Found {
    /// The file as answers show it.
    pub(super) fn show(&self) -> Json {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        let media_type = TYPES.iter().find(|(known, _)| *known == ending).map(|(_, media_type)| *media_type);
        let modified = Timestamp::from_nanosecond(i128::from(self.modified_ns)).unwrap_or(Timestamp::MIN);
        json!({
            "type": "file",
            "id": id_of(&self.path),
            "name": name,
            "path": self.path,
            "size": self.size,
            "media_type": media_type.unwrap_or("application/octet-stream"),
            "modified_at": moment::text(modified),
        })
    }
}
