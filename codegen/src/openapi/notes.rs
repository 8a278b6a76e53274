//! What an import reports: each kind has a code that `explain` knows.

use crate::rules::Rule;

/// The document is not OpenAPI 3.0 or 3.1, or not YAML at all.
pub(super) const NOT_OPENAPI: &str = "O001";
/// An operation became no tool.
pub(super) const LEFT_OUT: &str = "O002";
/// Something of an operation is not in its manifest.
pub(super) const NOT_EXPRESSED: &str = "O003";
/// A manifest says what the document does not.
pub(super) const ADDED: &str = "O004";

/// All kinds of notes of an import, in the order of their codes.
pub static NOTES: &[Rule] = &[
    Rule {
        code: NOT_OPENAPI,
        title: "not a document of OpenAPI",
        explanation: "Documents of OpenAPI 3.0 and 3.1 are read, as JSON or as YAML without anchors and tags.",
    },
    Rule {
        code: LEFT_OUT,
        title: "an operation became no tool",
        explanation: "The operation needs what a manifest cannot say, such as a body that is no JSON object or a required cookie, or its manifest would not pass the check. Write that tool by hand, or change the service.",
    },
    Rule {
        code: NOT_EXPRESSED,
        title: "a part of the document is not in the manifest",
        explanation: "The manifest language is small, because every agent has to read its schemas. The tool works without this part; read whether it matters, and say it in a description where it does.",
    },
    Rule {
        code: ADDED,
        title: "the manifest says more than the document",
        explanation: "Every tool and parameter has a name of its own and a description, and what changes something asks for approval. Where the document is silent or cannot be taken over, the import decides; look it through.",
    },
];
