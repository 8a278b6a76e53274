//! JSON that is passed on as it came.

pub(crate) mod guard;
mod text;
mod tree;
pub(crate) mod write;

pub(crate) use text::Text;
pub(crate) use tree::Tree;

/// A JSON value kept as its text, so that nothing of it is lost on the way to the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(Box<str>);

impl Json {
    /// Takes text that is known to be one JSON value.
    pub(crate) fn from_valid(text: &str) -> Self {
        Self(text.into())
    }

    /// The text of a value that the program itself made.
    pub fn from_value(value: &serde_json::Value) -> Self {
        Self(value.to_string().into())
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One text for all spellings of a JSON value. What is no JSON stands for itself.
pub(crate) fn canonical(text: &str) -> String {
    Tree::parse(text).map_or_else(|| text.to_owned(), |tree| tree.canonical())
}
