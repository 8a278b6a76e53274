//! What a test wants otherwise than the quick start has it.

use std::path::Path;

/// Takes away the limits of a configuration.
pub(crate) fn without_limits(folder: &Path) {
    change_config(
        folder,
        &[("per_minute: 120", "per_minute: 1000000000"), ("per_minute: 60", "per_minute: 1000000000")],
    );
}

/// Replaces parts of a configuration.
pub(crate) fn change_config(folder: &Path, parts: &[(&str, &str)]) {
    let path = folder.join("config/server.yaml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (part, by) in parts {
        assert!(text.contains(part), "{part}");
        text = text.replace(part, by);
    }
    std::fs::write(&path, text).unwrap();
}
