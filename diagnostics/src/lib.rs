//! YAML documents whose every value knows its line and column, and reports about them.
//!
//! Manifests and the server's configuration are read through this crate, so that positions, the form of a
//! report and "did you mean" exist once. It knows nothing of tools, manifests, configuration or their rules:
//! a caller brings its own codes and its own checks.
//!
//! The path of a file: [`Sources::add`] -> [`yaml::parse`] -> a [`yaml::Node`] -> [`fields::Fields`] reads
//! it -> problems collect in a [`Sink`] -> [`Report`].

pub mod duration;
pub mod fields;
pub mod yaml;

mod diagnostic;
mod report;
mod source;
mod suggest;

pub use diagnostic::{Code, Diagnostic, Severity, Sink};
pub use report::{Report, Style};
pub use source::{FileId, Source, Sources, Span, Spanned};
pub use suggest::suggest;
