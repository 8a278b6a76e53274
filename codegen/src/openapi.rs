//! Tools as OpenAPI and back.
//!
//! What this language says beyond OpenAPI is exported under `x-tool` and its like, so that a document of our own
//! is imported without loss. Of a document of others, what the language cannot express is reported with its
//! place, and nothing is dropped in silence.

mod document;
mod export;
mod import;
mod names;
mod notes;
mod operation;
mod params;
mod schema;

pub use import::{Import, ImportOptions, import_openapi};
pub use notes::NOTES;
